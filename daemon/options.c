#include "config.h"

#include <string.h>

#include "daemon/options.h"

const char *
options_help(void)
{
	return "usage: hamletd [--state DIR] [--config FILE] [--listen ADDR:PORT]... [--foreground]\n"
	       "       hamletd --check-config | --print-config | --help | --version\n"
	       "\n"
	       "Judge comments for the blog software of this machine, over DIR/hamlet.sock and, where asked "
	       "to, TCP.\n"
	       "\n"
	       "  --state DIR         the state directory (default: $HAMLET_STATE, else /var/lib/hamlet, "
	       "...)\n"
	       "  --config FILE       the configuration (default: DIR/hamlet.conf, else "
	       "/etc/hamlet/hamlet.conf)\n"
	       "  --listen ADDR:PORT  answer on this TCP address, instead of those in the configuration; may "
	       "be repeated\n"
	       "  --check-config      say whether the configuration is in order, and end\n"
	       "  --print-config      print every setting with its default and meaning, and end\n"
	       "  --foreground        stay in the foreground, which hamletd always does\n"
	       "\n"
	       "SIGHUP loads configuration, sites and model again; SIGTERM ends it when what is in flight is "
	       "answered.\n"
	       "See hamletd(8).\n";
}

static int
add_listen(struct options *o, const char *value, struct err *err)
{
	struct config config;
	int rc;

	if (o->nlisten == CONFIG_LISTEN_MAX)
		return err_set(err, ERR_INPUT, "--listen: more than %d addresses", CONFIG_LISTEN_MAX);
	/* Whether it is an address is for the configuration to say; here it is wrong usage if it isn't. */
	if (config_defaults(&config, err) == -1)
		return -1;
	rc = config_set(&config, "listen", value, err);
	config_fini(&config);
	o->listen[o->nlisten++] = value;
	return rc;
}

/* Take the option called NAME (N bytes, without the dashes) that wants VALUE.  Return 1 if there is none of
 * that name. */
static int
take_value(struct options *o, const char *name, size_t n, const char *value, struct err *err)
{
	static const char *const names[] = { "state", "config", "listen" };
	size_t i;

	for (i = 0; i < 3 && (strlen(names[i]) != n || memcmp(names[i], name, n) != 0); i++)
		;
	if (i == 3)
		return 1;
	if (value == NULL || *value == '\0')
		return err_set(err, ERR_INPUT, "--%s: needs a value", names[i]);
	if (i == 2)
		return add_listen(o, value, err);
	*(i == 0 ? &o->state : &o->config) = value;
	return 0;
}

static bool
take_flag(struct options *o, const char *name)
{
	static const char *const names[] = { "check-config", "print-config", "help", "version",
		"foreground" };
	bool ignored;
	bool *flags[] = { &o->check_config, &o->print_config, &o->help, &o->version, &ignored };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0) {
			*flags[i] = true;
			return true;
		}
	}
	return false;
}

int
options_parse(struct options *o, int argc, char **argv, struct err *err)
{
	*o = (struct options){ .state = NULL };
	for (int i = 1; i < argc; i++) {
		const char *name = argv[i], *equals;
		size_t n;
		int rc;

		if (strcmp(name, "-h") == 0)
			name = "--help";
		if (strncmp(name, "--", 2) != 0)
			return err_set(err, ERR_INPUT, "%s: no such option", name);
		name += 2;
		if (take_flag(o, name))
			continue;
		n = strcspn(name, "=");
		equals = name[n] == '=' ? name + n + 1 : NULL;
		rc = take_value(o, name, n, equals != NULL ? equals : argv[i + 1], err);
		if (rc == -1)
			return -1;
		if (rc == 1)
			return err_set(err, ERR_INPUT, "--%s: no such option", name);
		i += equals == NULL;
	}
	return 0;
}
