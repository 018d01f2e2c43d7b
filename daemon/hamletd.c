#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/timetext.h"
#include "daemon/first_world.h"
#include "daemon/hamletd.h"
#include "daemon/keeper.h"
#include "daemon/listen.h"
#include "daemon/options.h"
#include "daemon/peer.h"
#include "daemon/route.h"
#include "daemon/systemd.h"
#include "engine/folders.h"
#include "engine/init.h"

#define DRAIN_MS 10000
#define READER_QUEUE_MAX 256
#define ARENA_FIXED_BYTES (16u << 20) /* what a request may need besides copies of its body */
#define ARENA_BODIES 24 /* how many times its body */
#define SPARE_FILES 192

enum exit_code { EXIT_DONE = 0, EXIT_NO = 1, EXIT_USAGE = 2, EXIT_STATE = 4 };

/* The parts of a running daemon that only this file knows. */
struct running {
	struct hamletd d;
	struct options options;
	char *dir;
	struct worker *workers;
	void **locals;
	size_t nworkers;
	struct listen listen;
};

int
hamletd_config(struct hamletd *d, struct config *config, char **used, struct err *err)
{
	if (config_find(config, d->config_file, d->paths.dir, used, err) == -1)
		return -1;
	if (d->nlisten > 0)
		config_clear(config, "listen");
	for (size_t i = 0; i < d->nlisten; i++) {
		if (config_set(config, "listen", d->listen[i], err) == -1) {
			config_fini(config);
			if (used != NULL) {
				free(*used);
				*used = NULL;
			}
			return -1;
		}
	}
	return 0;
}

static int
print_config(void)
{
	struct buf b;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	config_sample(&b);
	rc = buf_ok(&b) && fputs(buf_str(&b), stdout) >= 0 && fflush(stdout) == 0 ? EXIT_DONE : EXIT_NO;
	buf_fini(&b);
	return rc;
}

static int
check_config(struct hamletd *d)
{
	struct config config;
	struct rules *rules;
	struct err err;
	char *used;
	int rc;

	if (hamletd_config(d, &config, &used, &err) == -1) {
		fprintf(stderr, "hamletd: %s\n", err.text);
		return EXIT_NO;
	}
	rc = listen_check(&config, &err);
	if (rc == 0)
		printf("%s: in order\n", used != NULL ? used : "no configuration file; the defaults");
	config_fini(&config);
	free(used);
	if (rc == 0)
		rc = rules_load(&rules, d->paths.dir, &err);
	if (rc == -1) {
		fprintf(stderr, "hamletd: %s\n", err.text);
		return EXIT_NO;
	}
	if (rules_count(rules) > 0)
		printf("%zu rules: in order\n", rules_count(rules));
	rules_unref(rules);
	return EXIT_DONE;
}

/* Let the process have as many descriptors as its connections need, as far as it may. */
static void
allow_files(const struct config *config)
{
	rlim_t need = (rlim_t)config->max_connections + SPARE_FILES;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1 || limit.rlim_cur >= need)
		return;
	limit.rlim_cur = limit.rlim_max < need ? limit.rlim_max : need;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* Make the state directory if this is the first start there, or if making it was interrupted. */
static int
first_start(struct hamletd *d, struct err *err)
{
	const struct log lg = hamletd_log(d);
	char id[MODEL_ID_BYTES];
	struct err why = { .code = ERR_NONE };

	if (access(d->paths.db, F_OK) == 0 && engine_current_id(&d->paths, id, err) == 0)
		return 0;
	if (engine_init_default(d->paths.dir, &lg, &why) == 0 || why.code == ERR_REFUSED)
		return 0; /* refused: it has had a model, so what is missing now is for the first look at it
			     to say */
	return err_set(err, why.code, "%s", why.text);
}

static int
make_workers(struct running *r, const struct config *config, struct err *err)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	r->nworkers = config->workers > 0 ? (size_t)config->workers : cores > 0 ? (size_t)cores : 1;
	if (r->nworkers > LISTEN_WORKERS_MAX)
		r->nworkers = LISTEN_WORKERS_MAX;
	r->workers = calloc(r->nworkers, sizeof(r->workers[0]));
	r->locals = calloc(r->nworkers, sizeof(r->locals[0]));
	if (r->workers == NULL || r->locals == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < r->nworkers; i++) {
		r->locals[i] = &r->workers[i];
		r->workers[i].d = &r->d;
		if (classifier_new(&r->workers[i].classifier, err) == -1)
			return -1;
	}
	return 0;
}

static bool
admit(enum http_socket socket, int fd)
{
	return socket != HTTP_ADMIN || peer_is_admin(fd);
}

/* Have a worker that nobody asks anything come up to date: what it holds of the old world is large. */
static void
follow(void *local)
{
	struct worker *w = local;

	world_follow(&w->d->world, &w->world, &w->world_seen);
}

static int
start_http(struct running *r, const struct config *c, struct err *err)
{
	const struct http_options options = {
		.limits = { (size_t)c->max_header_bytes, (size_t)c->max_headers, (size_t)c->max_body },
		.workers = r->nworkers,
		.max_connections = (size_t)c->max_connections,
		.idle_timeout_ms = c->idle_timeout_ms,
		.request_timeout_ms = c->request_timeout_ms,
		.write_timeout_ms = c->write_timeout_ms,
		.arena_max = ARENA_FIXED_BYTES + ARENA_BODIES * (size_t)c->max_body,
		.local = r->locals,
		.handle = route_request,
		.refuse = route_refuse,
		.tick = follow,
		.admit = admit,
	};
	struct http_server *server;

	if (listen_open(&r->listen, &r->d.paths, c, r->nworkers, err) == -1)
		return -1;
	if (http_server_start(&server, &options, r->listen.v, r->listen.n, err) == -1)
		return -1;
	atomic_store(&r->d.http, server);
	return 0;
}

static int
start_threads(struct running *r, const struct config *c, struct err *err)
{
	struct hamletd *d = &r->d;
	const struct recorder_options options = {
		.queue_max = (size_t)c->queue_max,
		.batch_max = (size_t)c->batch_max,
		.busy_ms = (int)c->busy_timeout_ms,
		.synchronous_normal = c->synchronous == CONFIG_NORMAL,
	};

	d->backlog_max = options.queue_max / r->nworkers + 1;
	if (rate_new(&d->rate, err) == -1 || recorder_start(&d->recorder, d->paths.db, &options, err) == -1)
		return -1;
	if (reader_start(&d->reader, d->paths.dir, (int)c->busy_timeout_ms, READER_QUEUE_MAX, err) == -1)
		return -1;
	if (keeper_start(&d->keeper, d, err) == -1)
		return -1;
	return start_http(r, c, err);
}

/* Say that those whom the socket is for can't get to it: the directory was made before they were named, and
 * may hold files that its owner has left open because it was closed. */
static void
warn_shut_in(struct running *r, const struct config *config)
{
	const char *dir = r->d.paths.dir;
	struct buf remedy;

	if (!listen_shut_in(&r->listen, &r->d.paths, config))
		return;
	buf_init(&remedy, BUF_NO_LIMIT);
	buf_addf(&remedy, "chmod a+x %s", dir);
	hamletd_event(&r->d, LOG_WARN, "socket_out_of_reach", LOG_STR("group", config->socket_group),
	    LOG_STR("closed", dir), LOG_STR("remedy", buf_str(&remedy)));
	buf_fini(&remedy);
}

static void
log_start(struct running *r)
{
	struct hamletd *d = &r->d;
	struct world *w = world_get(&d->world);

	hamletd_event(d, LOG_INFO, "listening", LOG_STR("address", d->paths.service_socket));
	hamletd_event(d, LOG_INFO, "listening", LOG_STR("address", d->paths.admin_socket));
	for (size_t i = 0; i < r->listen.naddress; i++)
		hamletd_event(d, LOG_INFO, "listening", LOG_STR("address", r->listen.address[i]));
	hamletd_event(d, LOG_INFO, "started", LOG_STR("version", PACKAGE_VERSION), LOG_INT("pid", getpid()),
	    LOG_INT("workers", r->nworkers), LOG_STR("state", d->paths.dir),
	    LOG_STR("model", model_info(w->model)->id));
	warn_shut_in(r, w->config);
	world_unref(w);
}

/* The flood guard remembers what it knew; what it has forgotten is no reason not to start.  And the first
 * look for a group loads libraries, which needn't wait until the sockets are there. */
static void *
start_beside(void *arg)
{
	struct hamletd *d = arg;
	struct err why;
	gid_t gid;

	if (flood_load(d->flood, d->paths.flood, time_now_ms(), &why) == -1 && why.code != ERR_NOT_FOUND)
		hamletd_event(d, LOG_WARN, "flood_state_ignored", LOG_STR("why", why.text));
	peer_group(&gid, PEER_ADMIN_GROUP);
	return NULL;
}

/* Make the flood guard and the first world.  What the one remembers is read on a thread of its own while the
 * database is opened, which keeps no core busy. */
static int
start_guard_and_world(struct hamletd *d, struct config *config, struct err *err)
{
	pthread_t thread;
	bool beside;
	int rc;

	if (flood_new(&d->flood, (size_t)config->flood_slots, config->flood_window_ms, err) == -1) {
		config_fini(config);
		return -1;
	}
	beside = pthread_create(&thread, NULL, start_beside, d) == 0;
	if (!beside)
		start_beside(d);
	rc = first_world(d, config, err);
	if (beside)
		pthread_join(thread, NULL);
	return rc;
}

/* Bring everything up; what is up on failure stop_all() takes down. */
static int
start_all(struct running *r, struct err *err)
{
	struct hamletd *d = &r->d;
	struct config config;
	struct world *w;
	int rc;

	if (hamletd_config(d, &config, NULL, err) == -1)
		return -1;
	atomic_store(&d->log_level, config.log_level);
	allow_files(&config);
	if (first_start(d, err) == -1) {
		config_fini(&config);
		return -1;
	}
	if (start_guard_and_world(d, &config, err) == -1)
		return -1;
	w = world_get(&d->world);
	ulid_start_after(&r->d.feedback_ids, r->d.newest_id);
	ulid_start_after(&r->d.ids, r->d.newest_id);
	pthread_mutex_init(&r->d.ids_lock, NULL);
	rc = make_workers(r, w->config, err);
	if (rc == 0)
		rc = start_threads(r, w->config, err);
	world_unref(w);
	return rc;
}

/* Take down what is up, in an order that lets every request in flight be recorded and answered. */
static void
stop_all(struct running *r)
{
	struct hamletd *d = &r->d;
	struct http_server *http = atomic_load(&d->http);

	if (http != NULL)
		http_server_close_door(http, DRAIN_MS);
	listen_close(&r->listen);
	if (http != NULL)
		http_server_join(http);
	keeper_stop(d->keeper);
	engine_close(d->engine);
	d->engine = NULL;
	d->keeper = NULL; /* what is still recorded from here on has nobody to wake */
	reader_stop(d->reader);
	recorder_stop(d->recorder);
	atomic_store(&d->http, NULL);
	http_server_free(http);
	for (size_t i = 0; i < r->nworkers && r->workers != NULL; i++) {
		classifier_free(r->workers[i].classifier);
		world_unref(r->workers[i].world);
	}
	free(r->workers);
	free(r->locals);
	rate_free(d->rate);
	flood_free(d->flood);
}

/* Wait for signals until one ends the daemon. */
static void
serve(struct hamletd *d, const sigset_t *signals)
{
	int signal = 0;

	while (signal != SIGTERM && signal != SIGINT) {
		if (sigwait(signals, &signal) != 0)
			signal = 0;
		if (signal == SIGHUP)
			keeper_reload(d->keeper, NULL);
	}
	systemd_stopping();
	hamletd_event(d, LOG_INFO, "stopping", LOG_INT("signal", signal));
}

static int
exit_code(const struct err *err)
{
	return err->code == ERR_DAMAGED ? EXIT_STATE : EXIT_NO;
}

/* Hold the lock on the state directory and run in it. */
static int
run_locked(struct running *r, const sigset_t *signals, struct err *err)
{
	struct hamletd *d = &r->d;
	int rc;

	rc = start_all(r, err);
	if (rc == 0) {
		log_start(r);
		systemd_ready();
		serve(d, signals);
	}
	stop_all(r);
	if (rc == 0)
		hamletd_event(d, LOG_INFO, "stopped", { NULL, NULL, 0 });
	return rc == 0 ? EXIT_DONE : exit_code(err);
}

/* Make the folder of the state directory if it isn't there: where the configuration names others for the
 * socket, they must get to it. */
static int
make_folder(struct hamletd *d, struct err *err)
{
	mode_t mode = FOLDERS_CLOSED;
	struct config config;
	struct err why; /* who reads the configuration to go by it says so */

	if (access(d->paths.dir, F_OK) == -1 && hamletd_config(d, &config, NULL, &why) == 0) {
		mode = *config.socket_group != '\0' ? FOLDERS_PASSAGE : FOLDERS_CLOSED;
		config_fini(&config);
	}
	return folders_make(d->paths.dir, mode, NULL, err);
}

static int
run(struct running *r, struct err *err)
{
	struct hamletd *d = &r->d;
	sigset_t signals;
	int rc;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &signals, NULL); /* threads started from here on leave them to this one */
	if (crypto_init(err) == -1 || make_folder(d, err) == -1 ||
	    file_lock(&d->lock_fd, d->paths.daemon_lock, 0, err) == -1)
		return exit_code(err);
	rc = run_locked(r, &signals, err);
	close(d->lock_fd);
	return rc;
}

static int
run_as_asked(struct running *r)
{
	struct err err = { .code = ERR_NONE };
	int rc;

	r->dir = r->options.state != NULL ? NULL : engine_default_dir();
	if (engine_paths_init(&r->d.paths, r->options.state != NULL ? r->options.state : r->dir, &err) ==
	    -1) {
		fprintf(stderr, "hamletd: %s\n", err.text);
		return EXIT_NO;
	}
	rc = r->options.check_config ? check_config(&r->d) : run(r, &err);
	if (rc != EXIT_DONE && err.code != ERR_NONE)
		fprintf(stderr, "hamletd: %s\n", err.text);
	engine_paths_fini(&r->d.paths);
	return rc;
}

int
hamletd_run(const struct options *options)
{
	struct running *r;
	int rc;

	if (options->help)
		return fputs(options_help(), stdout) >= 0 ? EXIT_DONE : EXIT_NO;
	if (options->version)
		return printf("hamletd %s\n", PACKAGE_VERSION) > 0 ? EXIT_DONE : EXIT_NO;
	if (options->print_config)
		return print_config();
	r = calloc(1, sizeof(*r));
	if (r == NULL) {
		fprintf(stderr, "hamletd: out of memory\n");
		return EXIT_NO;
	}
	r->options = *options;
	r->d.config_file = options->config;
	r->d.listen = r->options.listen;
	r->d.nlisten = options->nlisten;
	r->d.started_ms = time_now_ms();
	atomic_init(&r->d.log_level, LOG_INFO);
	atomic_init(&r->d.rules_unrecorded, true);
	world_slot_init(&r->d.world);
	pthread_mutex_init(&r->d.probe.lock, NULL);
	metrics_init(&r->d.metrics);
	rc = run_as_asked(r);
	world_slot_fini(&r->d.world);
	pthread_mutex_destroy(&r->d.probe.lock);
	metrics_fini(&r->d.metrics);
	free(r->dir);
	free(r);
	return rc;
}
