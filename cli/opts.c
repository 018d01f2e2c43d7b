#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/timetext.h"
#include "cli/opts.h"

/* What getopt_long returns for the options that every verb takes, and for the verb's own: OPT_OWN + place. */
enum { OPT_ARGUMENT = 1, OPT_STATE = 256, OPT_JSON, OPT_HELP, OPT_OWN };

static void
add_value(struct opts *o, size_t list, const char *value)
{
	o->lists[list * o->cap + o->counts[list]++] = value;
}

static int
start(struct opts *o, const struct opt *defs, int argc, struct option **table, struct err *err)
{
	size_t i;

	memset(o, 0, sizeof(*o));
	o->defs = defs;
	while (defs[o->ndefs].name != NULL)
		o->ndefs++;
	o->cap = (size_t)argc + 1;
	o->lists = calloc((o->ndefs + 1) * o->cap, sizeof(*o->lists));
	o->counts = calloc(o->ndefs + 1, sizeof(*o->counts));
	*table = calloc(o->ndefs + 4, sizeof(**table));
	if (o->lists == NULL || o->counts == NULL || *table == NULL) {
		free(*table);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	(*table)[0] = (struct option){ "state", required_argument, NULL, OPT_STATE };
	(*table)[1] = (struct option){ "json", no_argument, NULL, OPT_JSON };
	(*table)[2] = (struct option){ "help", no_argument, NULL, OPT_HELP };
	for (i = 0; i < o->ndefs; i++)
		(*table)[3 + i] = (struct option){ defs[i].name,
			defs[i].value != NULL ? required_argument : no_argument, NULL, OPT_OWN + (int)i };
	return 0;
}

/* Take what getopt_long returned; *LIST is where arguments go. */
static int
take(struct opts *o, int c, char **argv, size_t *list, struct err *err)
{
	switch (c) {
	case OPT_ARGUMENT:
		add_value(o, *list, optarg);
		return 0;
	case OPT_STATE:
		o->state = optarg;
		break;
	case OPT_JSON:
		o->json = true;
		break;
	case OPT_HELP:
		o->help = true;
		break;
	case ':':
		return err_set(err, ERR_INPUT, "option '%.80s' needs a value", argv[optind - 1]);
	case '?':
		/* getopt knows the option and sets optopt when only its value is wrong. */
		if (optopt >= OPT_STATE)
			return err_set(err, ERR_INPUT, "option '%.80s' takes no value", argv[optind - 1]);
		if (optopt != 0)
			return err_set(err, ERR_INPUT, "unknown option '-%c'", optopt);
		return err_set(err, ERR_INPUT, "unknown option '%.80s'", argv[optind - 1]);
	default:
		add_value(o, (size_t)(c - OPT_OWN), optarg);
		*list = o->defs[c - OPT_OWN].several ? (size_t)(c - OPT_OWN) : o->ndefs;
		return 0;
	}
	*list = o->ndefs;
	return 0;
}

/* Return a copy of ARGV in which standard input with filters, "-:key=value", isn't taken for options. */
static char **
without_dash(int argc, char **argv)
{
	char **copy = calloc((size_t)argc + 1, sizeof(*copy));

	for (int i = 0; copy != NULL && i < argc; i++)
		copy[i] = argv[i] + (strncmp(argv[i], "-:", 2) == 0);
	return copy;
}

/* Read options and arguments into O by TABLE. */
static int
parse(struct opts *o, const struct option *table, int argc, char **argv, struct err *err)
{
	char **seen = without_dash(argc, argv);
	size_t list = o->ndefs;
	int c, rc = 0;

	if (seen == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	opterr = 0;
	optind = 0; /* glibc: start afresh */
	while (rc == 0 && (c = getopt_long(argc, seen, "-:", table, NULL)) != -1) {
		if (optarg != NULL && optarg == seen[optind - 1])
			optarg = argv[optind - 1];
		rc = take(o, c, argv, &list, err);
	}
	for (; rc == 0 && optind < argc; optind++)
		add_value(o, o->ndefs, argv[optind]);
	free(seen);
	return rc;
}

int
opts_parse(struct opts *o, const struct opt *defs, int argc, char **argv, struct err *err)
{
	struct option *table;
	int rc;

	if (start(o, defs, argc, &table, err) == -1)
		return -1;
	rc = parse(o, table, argc, argv, err);
	free(table);
	return rc;
}

void
opts_fini(struct opts *o)
{
	free(o->lists);
	free(o->counts);
	o->lists = NULL;
	o->counts = NULL;
}

bool
opts_given(const struct opts *o, size_t k)
{
	return o->counts[k] > 0;
}

const char *
opts_value(const struct opts *o, size_t k)
{
	return o->counts[k] > 0 ? o->lists[k * o->cap + o->counts[k] - 1] : NULL;
}

const char *const *
opts_values(const struct opts *o, size_t k, size_t *n)
{
	*n = o->counts[k];
	return o->lists + k * o->cap;
}

const char *const *
opts_arguments(const struct opts *o, size_t *n)
{
	return opts_values(o, o->ndefs, n);
}

int
opts_integer(const struct opts *o, size_t k, int64_t min, int64_t max, int64_t *out, struct err *err)
{
	const char *text = opts_value(o, k);
	long long n;
	char *end;

	if (text == NULL)
		return 0;
	errno = 0;
	n = strtoll(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0 || n < min || n > max)
		return err_set(err, ERR_INPUT, "--%s: '%.40s' is not a whole number from %lld to %lld",
		    o->defs[k].name, text, (long long)min, (long long)max);
	*out = n;
	return 0;
}

int
opts_share(const struct opts *o, size_t k, double *out, struct err *err)
{
	const char *text = opts_value(o, k);
	double x;
	char *end;

	if (text == NULL)
		return 0;
	x = strtod(text, &end);
	if (end != text && strcmp(end, "%") == 0) {
		x /= 100;
		end++;
	}
	if (end == text || *end != '\0' || !(x > 0 && x < 1))
		return err_set(err, ERR_INPUT, "--%s: '%.40s' is not a share such as 0.005 or 0.5%%",
		    o->defs[k].name, text);
	*out = x;
	return 0;
}

int
opts_time(const struct opts *o, size_t k, int64_t now_ms, int64_t *out, struct err *err)
{
	const char *text = opts_value(o, k);

	if (text == NULL)
		return 0;
	if (time_parse(out, text, now_ms, err) == -1)
		return err_prefix(err, "--%s", o->defs[k].name);
	return 0;
}

int
opts_period(const struct opts *o, size_t since, size_t until, int64_t now_ms, int64_t *since_ms,
    int64_t *until_ms, struct err *err)
{
	if (opts_time(o, since, now_ms, since_ms, err) == -1 ||
	    opts_time(o, until, now_ms, until_ms, err) == -1)
		return -1;
	if (opts_given(o, since) && opts_given(o, until) && *until_ms <= *since_ms)
		return err_set(
		    err, ERR_INPUT, "--%s: that is not after --%s", o->defs[until].name, o->defs[since].name);
	return 0;
}
