#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/timetext.h"
#include "daemon/flood_keep.h"
#include "daemon/http.h"
#include "daemon/world.h"

#define LOOK_EVERY_MS 60000

static int
save(struct flood_keep *k, struct hamletd *d, struct err *err)
{
	unsigned long long noted = flood_noted(d->flood);

	if (flood_save(d->flood, d->paths.flood, time_now_ms(), err) == -1)
		return -1;
	k->noted = noted;
	k->saved_ms = http_clock_ms();
	return 0;
}

/* Carry out the order of person_erase(); it is taken away only when the file has forgotten too. */
static int
forget(struct flood_keep *k, struct hamletd *d, struct err *err)
{
	flood_forget(d->flood);
	if (save(k, d, err) == -1)
		return -1;
	if (unlink(d->paths.flood_forget) == -1 && errno != ENOENT)
		return err_set(err, ERR_IO, "%s: %s", d->paths.flood_forget, strerror(errno));
	hamletd_event(d, LOG_INFO, "flood_forgotten", LOG_STR("why", "a person was erased"));
	return 0;
}

int
flood_keep_round(struct flood_keep *k, struct hamletd *d, bool now, struct err *err)
{
	int64_t ms = http_clock_ms();
	bool old = k->saved_ms == 0 || ms - k->saved_ms >= flood_window_ms(d->flood);

	if (access(d->paths.flood_forget, F_OK) == 0)
		return forget(k, d, err);
	if (!now && k->looked_ms != 0 && ms - k->looked_ms < LOOK_EVERY_MS)
		return 0; /* the first time is soon after the start: what went meanwhile goes from the file */
	k->looked_ms = ms;
	return old || flood_noted(d->flood) != k->noted ? save(k, d, err) : 0;
}
