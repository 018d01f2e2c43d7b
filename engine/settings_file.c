#include "config.h"

#include <confuse.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/settings.h"

#define KEYS_MAX 64
#define FILE_MAX_BYTES 1048576
#define SYSTEM_FILE "/etc/hamlet/hamlet.conf"

/*
 * libconfuse hands its error callback nothing of ours, so where to report hangs on an option whose name no
 * file can write: its "simple value" points here.
 */
#define CONTEXT_NAME " "

struct context {
	char *unused; /* what libconfuse takes for the option's value */
	const char *path;
	struct config *config;
	struct err *err;
	bool failed; /* *ERR already says why: the first complaint counts */
};

static struct context *
context_of(cfg_t *cfg)
{
	return (struct context *)(void *)cfg_getopt(cfg, CONTEXT_NAME)->simple_value.string;
}

static void __attribute__((format(printf, 2, 0))) complain(cfg_t *cfg, const char *fmt, va_list ap)
{
	struct context *ctx = context_of(cfg);
	char text[256];

	if (ctx->failed)
		return;
	ctx->failed = true;
	vsnprintf(text, sizeof(text), fmt, ap);
	err_set(ctx->err, ERR_INPUT, "%s:%d: %s", ctx->path, cfg->line, text);
}

/* Apply what stands in the file, or in a section of it: then CFG has the site's name for a title. */
static int
apply(cfg_t *cfg, cfg_opt_t *opt)
{
	struct context *ctx = context_of(cfg);
	struct err why = { .code = ERR_NONE };
	const char *site = cfg_title(cfg);
	int rc = 0;

	if (site == NULL)
		config_clear(ctx->config, opt->name);
	for (unsigned i = 0; i < cfg_opt_size(opt) && rc == 0; i++)
		rc = config_set_for(ctx->config, site, opt->name, cfg_opt_getnstr(opt, i), &why);
	if (rc == -1)
		cfg_error(cfg, "%s", why.text);
	return rc;
}

/* Note that the section that just ended is there, with whatever it says. */
static int
apply_site(cfg_t *cfg, cfg_opt_t *opt)
{
	struct context *ctx = context_of(cfg);
	cfg_t *section = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
	struct err why = { .code = ERR_NONE };
	int rc = config_set_for(ctx->config, cfg_title(section), "", "", &why);

	if (rc == -1)
		cfg_error(cfg, "%s", why.text);
	return rc;
}

/* Return how long the comment at P is; 0 if there is none.  SPACED: a blank or nothing stands before P. */
static size_t
comment_length(const char *p, bool spaced)
{
	const char *end;

	if (*p == '#' || (p[0] == '/' && p[1] == '/' && spaced))
		return strcspn(p, "\n");
	if (p[0] != '/' || p[1] != '*')
		return 0;
	end = strstr(p + 2, "*/");
	return end == NULL ? strlen(p) : (size_t)(end + 2 - p);
}

/* Return how long the quoted text at P is; 0 if there is none. */
static size_t
quoted_length(const char *p)
{
	size_t n = 1;

	if (*p != '"' && *p != '\'')
		return 0;
	while (p[n] != '\0' && p[n] != *p)
		n += p[n] == '\\' && p[n + 1] != '\0' ? 2 : 1;
	return n + (p[n] != '\0');
}

static int
line_of(const char *text, const char *p)
{
	int line = 1;

	for (; text < p; text++)
		line += *text == '\n';
	return line;
}

/* Return whether the N characters of quoted or plain text at P name an environment variable, whose value
 * libconfuse would put there. */
static bool
names_variable(const char *p, size_t n)
{
	if (*p == '\'')
		return false;
	for (size_t i = 0; i + 1 < n; i++) {
		if (p[i] == '\\')
			i++;
		else if (p[i] == '$' && p[i + 1] == '{')
			return true;
	}
	return false;
}

/* Return what is wrong with what begins at P, or NULL; QUOTED: how long the quoted text there is, or 0. */
static const char *
fault_at(const char *p, size_t quoted)
{
	if (quoted == 1 || (quoted > 0 && p[quoted - 1] != *p))
		return "a quotation mark without its second";
	if (names_variable(p, quoted > 0 ? quoted : 2))
		return "environment variables aren't read; write ${ in single quotation marks";
	if (quoted == 0 && p[0] == '/' && p[1] == '*' && strstr(p + 2, "*/") == NULL)
		return "a comment without its end";
	return NULL;
}

/*
 * Make TEXT ready for libconfuse 3.3: blank out the comments, whose line ends it counts twice, so that its
 * errors name the wrong line; and find what it would take in silence, such as anything that the end of the
 * file ends.  Return NULL, or what is wrong at *AT.
 */
static const char *
make_ready(char *text, const char **at)
{
	const char *fault;
	char *p = text;
	int depth = 0;
	size_t n;

	while (*p != '\0') {
		n = quoted_length(p);
		fault = fault_at(p, n);
		if (fault != NULL) {
			*at = p;
			return fault;
		}
		if (n == 0) {
			n = comment_length(p, p == text || strchr(" \t\r\n", p[-1]) != NULL);
			for (size_t i = 0; i < n; i++)
				p[i] = p[i] == '\n' ? '\n' : ' ';
		}
		if (*p == '{' && depth++ == 0)
			*at = p;
		depth -= *p == '}';
		p += n > 0 ? n : 1;
	}
	return depth > 0 ? "a brace without its second" : NULL;
}

/* Fill OPTS, of KEYS_MAX + 2, with what libconfuse is to know of KEYS. */
static int
describe(cfg_opt_t *opts, const struct config_key *keys, size_t n, cfg_opt_t *site, struct context *ctx)
{
	if (n > KEYS_MAX)
		return err_set(ctx->err, ERR_LIMIT, "more than %d keys", KEYS_MAX);
	for (size_t i = 0; i < n; i++) {
		cfg_opt_t one = CFG_STR(keys[i].name, NULL, CFGF_NODEFAULT);
		cfg_opt_t list = CFG_STR_LIST(keys[i].name, NULL, CFGF_NODEFAULT);
		cfg_opt_t section = CFG_SEC(
		    keys[i].name, site, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);

		opts[i] = keys[i].type == CONFIG_LIST ? list : keys[i].type == CONFIG_SITES ? section : one;
		opts[i].validcb = keys[i].type == CONFIG_SITES ? apply_site : apply;
	}
	opts[n] = (cfg_opt_t)CFG_SIMPLE_STR(CONTEXT_NAME, (char **)(void *)ctx);
	opts[n + 1] = (cfg_opt_t)CFG_END();
	return 0;
}

static int
parse_text(struct config *c, const char *path, const char *text, struct err *err)
{
	struct context ctx = { .path = path, .config = c, .err = err };
	cfg_opt_t opts[KEYS_MAX + 2], site[KEYS_MAX + 2];
	const struct config_key *keys, *site_keys;
	size_t nkeys, nsite;
	cfg_t *cfg;
	int rc;

	keys = config_keys(&nkeys);
	site_keys = config_site_keys(&nsite);
	if (describe(site, site_keys, nsite, NULL, &ctx) == -1 ||
	    describe(opts, keys, nkeys, site, &ctx) == -1)
		return -1;
	cfg = cfg_init(opts, CFGF_NONE);
	if (cfg == NULL)
		return err_set(err, ERR_NOMEM, "%s: out of memory", path);
	cfg_set_error_function(cfg, complain);
	rc = cfg_parse_buf(cfg, text);
	if (rc != CFG_SUCCESS && !ctx.failed)
		err_set(err, ERR_INPUT, "%s: not a configuration file", path);
	cfg_free(cfg);
	return rc == CFG_SUCCESS ? 0 : -1;
}

static int
parse(struct config *c, const char *path, struct err *err)
{
	const char *fault, *at = NULL;
	char *text;
	size_t n;
	int rc;

	if (file_read(&text, &n, path, FILE_MAX_BYTES, err) == -1)
		return -1;
	if (memchr(text, '\0', n) != NULL) {
		free(text);
		return err_set(err, ERR_INPUT, "%s: holds a NUL byte", path);
	}
	fault = make_ready(text, &at);
	if (fault != NULL)
		rc = err_set(err, ERR_INPUT, "%s:%d: %s", path, line_of(text, at), fault);
	else
		rc = n == 0 ? 0 : parse_text(c, path, text, err);
	free(text);
	return rc;
}

int
config_load(struct config *c, const char *path, struct err *err)
{
	if (config_defaults(c, err) == -1)
		return -1;
	if (parse(c, path, err) == -1) {
		config_fini(c);
		return -1;
	}
	return 0;
}

int
config_find(struct config *c, const char *file, const char *dir, char **used, struct err *err)
{
	char *path = file == NULL ? path_join(dir, "hamlet.conf") : strdup(file);
	int rc;

	if (used != NULL)
		*used = NULL;
	if (path != NULL && file == NULL && access(path, F_OK) == -1 && errno == ENOENT) {
		free(path);
		if (access(SYSTEM_FILE, F_OK) == -1 && errno == ENOENT)
			return config_defaults(c, err);
		path = strdup(SYSTEM_FILE);
	}
	if (path == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = config_load(c, path, err);
	if (rc == 0 && used != NULL)
		*used = path;
	else
		free(path);
	return rc;
}

/* Append TEXT as comment lines of at most 80 columns. */
static void
put_comment(const char *text, struct buf *b)
{
	size_t column = 0, n;

	for (; *text != '\0'; text += n + strspn(text + n, " ")) {
		n = strcspn(text, " ");
		if (column == 0 || column + 1 + n > 80) {
			buf_addf(b, "%s# %.*s", column == 0 ? "" : "\n", (int)n, text);
			column = 2 + n;
		} else {
			buf_addf(b, " %.*s", (int)n, text);
			column += 1 + n;
		}
	}
	buf_add_char(b, '\n');
}

static void
put_key(const struct config_key *key, struct buf *b)
{
	bool ranged = key->max > 0 && key->type != CONFIG_OCTAL;

	put_comment(key->help, b);
	if (ranged)
		buf_addf(b, "# %s, %.10g to %.10g", key->unit, key->min, key->max);
	else if (key->type == CONFIG_CHOICE)
		buf_addf(b, "# %s", key->choices);
	else if (key->type == CONFIG_BOOL)
		buf_add_str(b, "# on|off");
	else if (key->type == CONFIG_SPAN)
		buf_add_str(b, "# such as 36h, 90d, 4w, forever");
	else
		buf_addf(b, "# %s", *key->unit != '\0' ? key->unit : "text");
	buf_addf(b, "; %s\n", key->reloadable ? "reloadable" : "needs a restart");
	if (key->type == CONFIG_LIST)
		buf_addf(b, "%s = {}\n", key->name);
	else if (key->type == CONFIG_SITES)
		buf_addf(b, "# %s \"NAME\" { retain_content = \"30d\" }\n", key->name);
	else if (key->type == CONFIG_SPAN)
		buf_addf(b, "%s = \"%s\"\n", key->name, key->value);
	else if (key->type == CONFIG_TEXT || key->type == CONFIG_CHOICE)
		buf_addf(b, "%s = \"%s\"\n", key->name, key->value);
	else
		buf_addf(b, "%s = %s\n", key->name, key->value);
}

void
config_sample(struct buf *b)
{
	const struct config_key *keys;
	size_t nkeys;

	put_comment("Hamlet's configuration.  Every key is shown at its default; see hamlet.conf(5).", b);
	keys = config_keys(&nkeys);
	for (size_t i = 0; i < nkeys; i++) {
		buf_add_char(b, '\n');
		put_key(&keys[i], b);
	}
}
