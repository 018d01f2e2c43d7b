#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/timetext.h"
#include "cli/progress.h"

#define SHOW_AFTER_MS 1000
#define REDRAW_MS 100
#define BAR_COLUMNS 30

void
progress_start(struct progress *p, const char *what)
{
	memset(p, 0, sizeof(*p));
	p->what = what;
	p->terminal = isatty(STDERR_FILENO) != 0;
	p->started_ms = time_steady_ms();
}

void
progress_update(double share, void *arg)
{
	static const char full[] = "##############################";
	struct progress *p = arg;
	int64_t now;
	int done;

	if (!p->terminal)
		return;
	now = time_steady_ms();
	if (now - p->started_ms < SHOW_AFTER_MS || now - p->drawn_ms < REDRAW_MS)
		return;
	share = share > 1 ? 1 : share >= 0 ? share : 0;
	done = (int)(share * BAR_COLUMNS);
	fprintf(stderr, "\r%s [%-*.*s] %3d %%", p->what, BAR_COLUMNS, done, full, (int)(share * 100));
	fflush(stderr);
	p->drawn_ms = now;
	p->shown = true;
}

void
progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
