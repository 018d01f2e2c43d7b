#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "engine/rules_impl.h"

#define SYSTEM_DIR "/etc/hamlet"
#define ARENA_BYTES ((size_t)256 << 20)
#define SITE_FILES_MAX 10000
#define WEIGHT_DIGITS 12
#define SUFFIX ".conf"

const char *
rule_action_name(enum rule_action action)
{
	static const char *const names[] = { "allow", "block", "hold", "evidence" };

	return names[action];
}

static int
rules_new(struct rules **out, struct err *err)
{
	struct rules *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for the rules");
	atomic_init(&r->references, 1);
	r->end = &r->first;
	r->arena = arena_new(ARENA_BYTES);
	r->digesting = digest_begin();
	if (r->arena == NULL || r->digesting == NULL) {
		rules_unref(r);
		return err_set(err, ERR_NOMEM, "out of memory for the rules");
	}
	*out = r;
	return 0;
}

struct rules *
rules_ref(struct rules *r)
{
	atomic_fetch_add_explicit(&r->references, 1, memory_order_relaxed);
	return r;
}

void
rules_unref(struct rules *r)
{
	struct digest unused;

	if (r == NULL || atomic_fetch_sub_explicit(&r->references, 1, memory_order_acq_rel) != 1)
		return;
	for (struct rule *rule = r->first; rule != NULL; rule = rule->next) {
		for (struct condition *c = rule->conditions; c != NULL; c = c->next)
			condition_fini(c);
	}
	if (r->digesting != NULL)
		digest_end(r->digesting, &unused);
	arena_free(r->arena);
	free(r->v);
	free(r->sites);
	free(r);
}

/* Note whose rule number I is; the rules of a site stand together. */
static void
note_site(struct rules *r, size_t i)
{
	const char *site = r->v[i]->site;

	if (site == NULL) {
		r->nshared++;
		return;
	}
	if (r->nsites == 0 || r->sites[r->nsites - 1].site != site)
		r->sites[r->nsites++] = (struct site_rules){ site, i, 0 };
	r->sites[r->nsites - 1].n++;
}

/* Put the rules that were read into the list that is searched. */
static int
seal(struct rules *r, struct err *err)
{
	size_t i = 0;

	for (const struct rule *rule = r->first; rule != NULL; rule = rule->next)
		r->n++;
	r->v = calloc(r->n + 1, sizeof(*r->v));
	r->sites = calloc(r->n + 1, sizeof(*r->sites));
	if (r->v == NULL || r->sites == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for the rules");
	for (const struct rule *rule = r->first; rule != NULL; rule = rule->next, i++) {
		r->v[i] = rule;
		note_site(r, i);
	}
	qsort(r->sites, r->nsites, sizeof(*r->sites), by_site);
	digest_end(r->digesting, &r->digest);
	r->digesting = NULL;
	return 0;
}

/* -- Finding the files -- */

int
rules_note_file(struct rules *r, const char *path, const char *text, size_t n, struct err *err)
{
	struct rule_file *file = arena_alloc(r->arena, sizeof(*file));

	if (file != NULL)
		file->path = arena_copy(r->arena, path, strlen(path));
	if (file == NULL || file->path == NULL)
		return err_set(err, ERR_NOMEM, "%s: out of memory", path);
	file->next = r->files;
	r->files = file;
	digest_add(r->digesting, path, strlen(path) + 1);
	digest_add(r->digesting, text, n + 1);
	return 0;
}

static bool
is_there(const char *path)
{
	return access(path, F_OK) == 0 || errno != ENOENT;
}

/* Set *OUT to NAME in DIR, else in SYSTEM_DIR, whichever is there; NULL if neither is. */
static int
find_file(char **out, const char *dir, const char *name, struct err *err)
{
	const char *const dirs[] = { dir, SYSTEM_DIR };

	for (size_t i = 0; i < 2; i++) {
		*out = path_join(dirs[i], name);
		if (*out == NULL)
			return err_set(err, ERR_NOMEM, "out of memory");
		if (is_there(*out))
			return 0;
		free(*out);
	}
	*out = NULL;
	return 0;
}

/* Return whether NAME is "SITE.conf", with a name that a site can have. */
static int
is_site_file(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name), suffix = sizeof(SUFFIX) - 1;

	return n > suffix && n <= 64 + suffix && entry->d_name[0] != '.' &&
	    strcmp(entry->d_name + n - suffix, SUFFIX) == 0 &&
	    strspn(entry->d_name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == n;
}

static int
load_site(struct rules *r, const char *folder, const char *name, struct err *err)
{
	const char *site = arena_copy(r->arena, name, strlen(name) - (sizeof(SUFFIX) - 1));
	char *path = path_join(folder, name);
	int rc;

	if (site == NULL || path == NULL)
		rc = err_set(err, ERR_NOMEM, "out of memory for the rules");
	else
		rc = rules_parse(r, path, site, err);
	free(path);
	return rc;
}

static int
load_sites(struct rules *r, const char *folder, struct err *err)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, is_site_file, alphasort), rc = 0;

	if (n == -1)
		return err_set(err, ERR_IO, "%s: %s", folder, strerror(errno));
	if (n > SITE_FILES_MAX)
		rc = err_set(err, ERR_LIMIT, "%s: more than %d files", folder, SITE_FILES_MAX);
	for (int i = 0; i < n; i++) {
		if (rc == 0)
			rc = load_site(r, folder, entries[i]->d_name, err);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

/* Read all rules for DIR; the shared ones from SHARED where that is given. */
static int
load(struct rules *r, const char *dir, const char *shared, struct err *err)
{
	char *path = NULL;
	int rc = 0;

	if (shared == NULL && find_file(&path, dir, "rules.conf", err) == -1)
		return -1;
	if (shared != NULL || path != NULL)
		rc = rules_parse(r, shared != NULL ? shared : path, NULL, err);
	free(path);
	if (rc == -1 || find_file(&path, dir, "rules", err) == -1)
		return -1;
	if (path != NULL)
		rc = load_sites(r, path, err);
	free(path);
	return rc;
}

int
rules_load(struct rules **out, const char *dir, struct err *err)
{
	return rules_load_trial(out, dir, NULL, err);
}

int
rules_load_trial(struct rules **out, const char *dir, const char *shared, struct err *err)
{
	struct rules *r;

	if (rules_new(&r, err) == -1)
		return -1;
	if (load(r, dir, shared, err) == -1 || seal(r, err) == -1) {
		rules_unref(r);
		return -1;
	}
	*out = r;
	return 0;
}

int
rules_load_file(struct rules **out, const char *path, struct err *err)
{
	struct rules *r;

	if (rules_new(&r, err) == -1)
		return -1;
	if (rules_parse(r, path, NULL, err) == -1 || seal(r, err) == -1) {
		rules_unref(r);
		return -1;
	}
	*out = r;
	return 0;
}

/* -- Asking -- */

int
rules_each_file(const struct rules *r, int (*each)(const char *path, void *arg), void *arg)
{
	int rc = 0;

	for (const struct rule_file *file = r->files; file != NULL && rc == 0; file = file->next)
		rc = each(file->path, arg);
	return rc;
}

size_t
rules_count(const struct rules *r)
{
	return r->n;
}

struct rule_info
rule_info(const struct rule *rule)
{
	return (struct rule_info){ rule->name, rule->site, rule->action, rule->weight, rule->file, rule->line,
		atomic_load_explicit(&rule->counts->hits, memory_order_relaxed),
		atomic_load_explicit(&rule->counts->given_up, memory_order_relaxed) };
}

struct rule_info
rules_info(const struct rules *r, size_t i)
{
	return rule_info(r->v[i]);
}

const struct digest *
rules_digest(const struct rules *r)
{
	return &r->digest;
}

static void
put_count(struct buf *b, const char *key, bool known, unsigned long long n)
{
	json_key(b, key);
	if (known)
		json_put_int(b, (int64_t)n);
	else
		json_put_str(b, NULL);
}

void
rule_info_json(const struct rule_info *info, bool hits, struct buf *b)
{
	json_open(b, '{');
	json_key(b, "name");
	json_put_str(b, info->name);
	json_key(b, "action");
	json_put_str(b, rule_action_name(info->action));
	json_key(b, "site");
	json_put_str(b, info->site);
	if (info->action == RULE_EVIDENCE) {
		json_key(b, "weight");
		json_put_double(b, info->weight, WEIGHT_DIGITS);
	}
	json_key(b, "file");
	json_put_str(b, info->file);
	json_key(b, "line");
	json_put_int(b, info->line);
	put_count(b, "hits", hits, info->hits);
	put_count(b, "given_up", hits, info->given_up);
	json_close(b, '}');
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

void
rules_keep_hits(struct rules *r, const struct rules *before)
{
	for (size_t i = 0; i < r->n; i++) {
		for (size_t k = 0; k < before->n; k++) {
			const struct rule *rule = r->v[i], *old = before->v[k];

			if (!same_text(rule->site, old->site) || strcmp(rule->name, old->name) != 0)
				continue;
			atomic_store(&rule->counts->hits, atomic_load(&old->counts->hits));
			atomic_store(&rule->counts->given_up, atomic_load(&old->counts->given_up));
		}
	}
}

void
rules_count_hits(const struct rule_hits *hits)
{
	for (size_t i = 0; i < hits->n; i++)
		atomic_fetch_add_explicit(&hits->v[i].rule->counts->hits, 1, memory_order_relaxed);
	for (size_t i = 0; i < hits->ngiven_up; i++)
		atomic_fetch_add_explicit(&hits->given_up[i]->counts->given_up, 1, memory_order_relaxed);
}
