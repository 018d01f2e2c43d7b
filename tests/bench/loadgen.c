#include "config.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tests/bench/load.h"

#define REQUESTS_MAX 1e9
#define CONNECTIONS_MAX 20000
#define US 1000.0

static const char usage[] =
    "usage: loadgen (--unix PATH | --tcp ADDRESS:PORT) [OPTION]... FILE.jsonl...\n"
    "Send real comments to a server and print how fast it answers, as NAME=VALUE.\n"
    "  --as akismet|rspamd|spamc   what to send (akismet)\n"
    "  --path PATH       where to post it (/1.1/comment-check)\n"
    "  --key KEY         the site's key\n"
    "  --connections N   how many connections, at most (64)\n"
    "  --rate R          requests a second, come what may; else as fast as answers come\n"
    "  --warm-up S       seconds before counting begins (0.2)\n"
    "  --seconds S       seconds to count for (1)\n"
    "  --requests N      stop after as many\n"
    "  --wait S          seconds to wait for the last answers (2)\n"
    "  --window S        print figures so often\n"
    "  --seed N          which unique words to use (by default by the clock)\n";

struct settings {
	struct load_options load;
	enum form_protocol protocol;
	const char *path, *key;
	char host[64];
};

static int
set_tcp(struct settings *s, const char *text, struct err *err)
{
	const char *colon = strrchr(text, ':');
	double port;

	if (colon == NULL || (size_t)(colon - text) >= sizeof(s->host))
		return err_set(err, ERR_INPUT, "--tcp %s: not ADDRESS:PORT", text);
	if (number_parse(&port, "tcp", colon + 1, 1, 65535, err) == -1)
		return -1;
	memcpy(s->host, text, (size_t)(colon - text));
	s->host[colon - text] = '\0';
	s->load.host = s->host;
	s->load.port = (int)port;
	return 0;
}

static int
set_protocol(struct settings *s, const char *name, struct err *err)
{
	static const char *const names[] = { "akismet", "rspamd", "spamc" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0) {
			s->protocol = (enum form_protocol)i;
			return 0;
		}
	}
	return err_set(err, ERR_INPUT, "--as %s: akismet, rspamd or spamc", name);
}

static int
set_number(struct settings *s, int option, const char *text, struct err *err)
{
	struct load_options *o = &s->load;
	double x = 0;
	int rc = 0;

	switch (option) {
	case 'c':
		rc = number_parse(&x, "connections", text, 1, CONNECTIONS_MAX, err);
		o->connections = (int)x;
		break;
	case 'r':
		rc = number_parse(&o->rate, "rate", text, 0.1, 1e6, err);
		break;
	case 'w':
		rc = number_parse(&o->warm_up_s, "warm-up", text, 0, 60, err);
		break;
	case 's':
		rc = number_parse(&o->seconds, "seconds", text, 0.01, 600, err);
		break;
	case 'n':
		rc = number_parse(&x, "requests", text, 1, REQUESTS_MAX, err);
		o->requests = (uint64_t)x;
		break;
	case 'W':
		rc = number_parse(&o->wait_s, "wait", text, 0, 60, err);
		break;
	case 'i':
		rc = number_parse(&o->window_s, "window", text, 0.01, 60, err);
		break;
	case 'S':
		rc = number_parse(&x, "seed", text, 0, 1e15, err);
		o->seed = (uint64_t)x;
		break;
	}
	return rc;
}

static int
set_option(struct settings *s, int option, const char *text, struct err *err)
{
	switch (option) {
	case 'u':
		s->load.unix_path = text;
		return 0;
	case 't':
		return set_tcp(s, text, err);
	case 'a':
		return set_protocol(s, text, err);
	case 'p':
		s->path = text;
		return 0;
	case 'k':
		s->key = text;
		return 0;
	case '?':
		return err_set(err, ERR_INPUT, "unknown option");
	}
	return set_number(s, option, text, err);
}

static int
read_options(struct settings *s, int argc, char **argv, struct err *err)
{
	static const struct option options[] = { { "unix", 1, NULL, 'u' }, { "tcp", 1, NULL, 't' },
		{ "as", 1, NULL, 'a' }, { "path", 1, NULL, 'p' }, { "key", 1, NULL, 'k' },
		{ "connections", 1, NULL, 'c' }, { "rate", 1, NULL, 'r' }, { "warm-up", 1, NULL, 'w' },
		{ "seconds", 1, NULL, 's' }, { "requests", 1, NULL, 'n' }, { "wait", 1, NULL, 'W' },
		{ "window", 1, NULL, 'i' }, { "seed", 1, NULL, 'S' }, { NULL, 0, NULL, 0 } };
	int option;

	*s = (struct settings){
		.load = { .connections = 64,
		    .warm_up_s = 0.2,
		    .seconds = 1,
		    .requests = (uint64_t)REQUESTS_MAX,
		    .wait_s = 2,
		    .seed = (uint64_t)clock_ns() },
		.path = "/1.1/comment-check",
		.key = "",
	};
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (set_option(s, option, optarg, err) == -1)
			return -1;
	}
	if ((s->load.unix_path == NULL) == (s->load.host == NULL))
		return err_set(err, ERR_INPUT, "one of --unix and --tcp is needed");
	return 0;
}

static void
allow_files(int connections)
{
	struct rlimit limit;
	rlim_t need = (rlim_t)connections + 32;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1 || limit.rlim_cur >= need)
		return;
	limit.rlim_cur = limit.rlim_max < need ? limit.rlim_max : need;
	setrlimit(RLIMIT_NOFILE, &limit); /* if it isn't enough, connections will be found broken */
}

static void
print_window(const struct load_window *w, void *arg)
{
	(void)arg;
	printf("window=%.2f served=%" PRIu64 " refused=%" PRIu64 " p50_us=%.1f p99_us=%.1f\n", w->at_s,
	    w->answers, w->refusals, (double)times_quantile(w->served, 0.5) / US,
	    (double)times_quantile(w->served, 0.99) / US);
}

static void
print_figures(const struct load_figures *f)
{
	printf("rps=%.1f p50_us=%.1f p99_us=%.1f max_us=%.1f seconds=%.3f served=%" PRIu64 " due=%" PRIu64
	       " unsent=%" PRIu64 " unfinished=%" PRIu64 " unopened=%" PRIu64 " broken=%" PRIu64
	       " refused=%" PRIu64 " refused_p99_us=%.1f yes=%" PRIu64 " no=%" PRIu64,
	    f->seconds > 0 ? (double)f->served.n / f->seconds : 0,
	    (double)times_quantile(&f->served, 0.5) / US, (double)times_quantile(&f->served, 0.99) / US,
	    (double)f->served.longest / US, f->seconds, f->served.n, f->due, f->unsent, f->unfinished,
	    f->unopened, f->broken, f->refused.n, (double)times_quantile(&f->refused, 0.99) / US, f->yes,
	    f->no);
	for (int i = 0; i < LOAD_STATUSES; i++) {
		if (f->status[i] > 0)
			printf(" status_%d=%" PRIu64, i, f->status[i]);
	}
	printf("\n");
}

static int
run(const struct settings *s, char **files, int n, struct load_figures *f, struct err *err)
{
	struct corpus corpus;
	struct forms forms;
	int rc;

	corpus_init(&corpus);
	rc = comments_read(&corpus, files, n, err);
	if (rc == 0)
		rc = forms_make(&forms, &corpus, s->protocol, s->path, s->key, s->load.seed, err);
	if (rc == 0) {
		rc = load_run(&s->load, &forms, print_window, NULL, f, err);
		forms_free(&forms);
	}
	corpus_fini(&corpus);
	return rc;
}

int
main(int argc, char **argv)
{
	static struct load_figures figures;
	struct settings s;
	struct err err;

	if (read_options(&s, argc, argv, &err) == -1) {
		fprintf(stderr, "loadgen: %s\n%s", err.text, usage);
		return 2;
	}
	allow_files(s.load.connections);
	if (run(&s, argv + optind, argc - optind, &figures, &err) == -1) {
		fprintf(stderr, "loadgen: %s\n", err.text);
		return 1;
	}
	print_figures(&figures);
	return 0;
}
