#include "config.h"

#include "fuzz.h"

#include "base/buf.h"
#include "engine/settings.h"

/* The input is a configuration file.  What was understood of it, written as a file, must be understood the
 * same.
 */

static void
write_config(struct buf *b, const struct config *c)
{
	const struct config_key *keys;
	size_t n;

	buf_init(b, BUF_NO_LIMIT);
	keys = config_keys(&n);
	for (size_t i = 0; i < n; i++) {
		if (keys[i].type != CONFIG_SITES)
			buf_addf(b, "%s = ", keys[i].name);
		config_value(c, &keys[i], b);
		buf_add_char(b, '\n');
	}
	CHECK(buf_ok(b));
}

static void
check_ranges(const struct config *c)
{
	CHECK(c->listen.n <= CONFIG_LISTEN_MAX && c->socket_group != NULL);
	CHECK(c->socket_mode >= 0 && c->socket_mode <= 0777);
	CHECK(c->workers >= 0 && c->workers <= 64);
	CHECK(c->max_body >= 1024 && c->max_body <= 67108864);
	CHECK(c->idle_timeout_ms >= 1000 && c->idle_timeout_ms <= 3600000);
	CHECK(c->discard_threshold >= 0 && c->discard_threshold <= 1);
	CHECK(c->synchronous == CONFIG_FULL || c->synchronous == CONFIG_NORMAL);
	CHECK(c->log_level >= LOG_ERROR && c->log_level <= LOG_DEBUG);
}

static int
load(struct config *c, struct slice text, struct err *err)
{
	char path[FUZZ_PATH_BYTES];

	fuzz_file(text, path);
	return config_load(c, path, err);
}

static void
check_again(const struct config *c)
{
	struct config again, copy;
	struct err err;
	size_t i = 0;
	struct buf b;

	write_config(&b, c);
	CHECK(load(&again, buf_slice(&b), &err) == 0);
	CHECK(config_difference(c, &again, &i) == NULL);
	CHECK(config_copy(&copy, c, &err) == 0);
	CHECK(config_apply_reloadable(&again, &copy, &err) == 0);
	config_fini(&copy);
	config_fini(&again);
	buf_fini(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config c;
	struct err err;

	if (load(&c, fuzz_slice(data, size), &err) == 0) {
		check_ranges(&c);
		check_again(&c);
		config_fini(&c);
	} else {
		CHECK(err.code == ERR_INPUT || err.code == ERR_LIMIT || err.code == ERR_NOT_FOUND);
		CHECK(strncmp(err.text, "/proc/self/fd/", 14) == 0);
	}
	return 0;
}
