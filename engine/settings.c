#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/settings_impl.h"

#define AT(field) offsetof(struct config, field)
#define NUMBER(field, value, min, max, unit) CONFIG_INT, AT(field), value, NULL, min, max, unit
#define SPAN(part, value) CONFIG_SPAN, AT(privacy.retain_ms[part]), value, NULL, 0, 0, "span"
#define SECONDS(field, value, min, max) CONFIG_SECONDS, AT(field), value, NULL, min, max, "seconds"

static const struct config_key keys[] = {
	{ "listen", CONFIG_LIST, AT(listen), "", NULL, 0, 0, "ADDR:PORT", false,
	    "TCP addresses to answer on besides the Unix sockets, such as { \"127.0.0.1:8095\", "
	    "\"[::1]:8095\" }.  None "
	    "means no TCP.  Whoever can reach them needs a site's key." },
	{ "socket_mode", CONFIG_OCTAL, AT(socket_mode), "0660", NULL, 0, 0777, "octal", false,
	    "Permissions of hamlet.sock.  Who may open it may have comments judged for the site "
	    "\"default\"." },
	{ "socket_group", CONFIG_TEXT, AT(socket_group), "", NULL, 0, 0, "", false,
	    "Group that hamlet.sock belongs to, such as \"www-data\".  Empty: the daemon's own group." },
	{ "blogspam_listen", CONFIG_LIST, AT(blogspam_listen), "", NULL, 0, 0, "ADDR:PORT", false,
	    "TCP addresses, such as { \"127.0.0.1:9999\" }, for clients of blogspam.net, which can send no "
	    "key: "
	    "whoever can reach them may have comments judged, and say what they were, for the site that "
	    "blogspam_site names.  Nothing else is answered there.  None means that those clients need a key "
	    "too." },
	{ "blogspam_site", CONFIG_TEXT, AT(blogspam_site), "default", NULL, 0, 0, "", true,
	    "The site that calls on blogspam_listen belong to." },
	{ "metrics_listen", CONFIG_LIST, AT(metrics_listen), "", NULL, 0, 0, "ADDR:PORT", false,
	    "TCP addresses, such as { \"127.0.0.1:9464\" }, where /metrics, /healthz and /readyz are "
	    "answered "
	    "without a key, and nothing else.  None means that /metrics is on the admin socket only." },
	{ "workers", NUMBER(workers, "0", 0, 64, "threads"), false,
	    "Threads that answer requests.  0 means one for each core." },
	{ "max_body", NUMBER(max_body, "1048576", 1024, 67108864, "bytes"), false,
	    "Largest request body.  A larger one gets status 413." },
	{ "max_header_bytes", NUMBER(max_header_bytes, "32768", 1024, 1048576, "bytes"), false,
	    "Largest request line and header lines together.  Larger ones get status 431." },
	{ "max_headers", NUMBER(max_headers, "100", 8, 1000, "lines"), false,
	    "Most header lines of a request." },
	{ "max_form_fields", NUMBER(max_form_fields, "2000", 32, 100000, "fields"), true,
	    "Most fields of a form.  WordPress sends about fifty, and with those of the commenter's form as "
	    "many "
	    "as PHP's max_input_vars (1000) and the key." },
	{ "max_connections", NUMBER(max_connections, "2048", 1, 100000, "connections"), false,
	    "Most connections open at once.  One more gets status 503." },
	{ "idle_timeout", SECONDS(idle_timeout_ms, "60", 1, 3600), false,
	    "How long a connection may stay open without a request." },
	{ "request_timeout", SECONDS(request_timeout_ms, "20", 0.1, 600), false,
	    "How long a request may take to arrive in whole, from its first byte to its last.  After that it "
	    "gets status 408." },
	{ "write_timeout", SECONDS(write_timeout_ms, "20", 0.1, 600), false,
	    "How long a client may take to accept an answer." },
	{ "queue_max", NUMBER(queue_max, "1024", 1, 1000000, "requests"), false,
	    "Most requests that wait to be recorded, and as many to be looked at.  Past it the answer is "
	    "status 503 "
	    "at once." },
	{ "batch_max", NUMBER(batch_max, "256", 1, 10000, "requests"), false,
	    "Most requests recorded in one transaction." },
	{ "busy_timeout", SECONDS(busy_timeout_ms, "5", 0, 60), false,
	    "How long to wait for a lock that another process holds on the database." },
	{ "synchronous", CONFIG_CHOICE, AT(synchronous), "full", "full|normal", 0, 0, "", false,
	    "With \"full\" an answered verdict survives a power cut; with \"normal\" the last ones may be "
	    "lost in one." },
	{ "strict_fields", CONFIG_BOOL, AT(strict_fields), "on", NULL, 0, 0, "", true,
	    "Answer an Akismet comment-check without \"blog\" or \"user_ip\" with an error, as Akismet does. "
	    " Off: judge it." },
	{ "unsure_as", CONFIG_CHOICE, AT(unsure_as), "ham", "ham|spam", 0, 0, "", true,
	    "What clients that know only ham and spam are told of a comment the classifier is unsure "
	    "about." },
	{ "discard_threshold", CONFIG_REAL, AT(discard_threshold), "0", NULL, 0, 1, "probability", true,
	    "Tell clients to drop, unseen, spam that is at least this probable, such as 0.9999.  0: never." },
	{ "max_blocked_ham", CONFIG_REAL, AT(max_blocked_ham), "0.005", NULL, 0.00001, 0.2, "share", true,
	    "Most of the good comments that may be called spam: a retrained model's threshold is chosen by "
	    "it." },
	{ "max_flips", CONFIG_REAL, AT(max_flips), "0.02", NULL, 0, 1, "share", true,
	    "Most of the last 7 days' verdicts that a retrained model may change; one that would change more "
	    "is built, but not made current.  0: any." },
	{ "learn_interval", SECONDS(learn_interval_ms, "1", 0.1, 3600), true,
	    "Least time between two models learnt from corrections." },
	{ "flood_guard", CONFIG_BOOL, AT(flood_guard), "on", NULL, 0, 0, "", true,
	    "Count it as evidence when the same text, linked host or address arrives in bursts across "
	    "sites." },
	{ "flood_slots", NUMBER(flood_slots, "65536", 1024, 16777216, "keys"), false,
	    "How many texts, hosts and addresses the flood guard remembers, 56 bytes each." },
	{ "flood_window", SECONDS(flood_window_ms, "3600", 1, 604800), false,
	    "How long the flood guard remembers them: at least this long, at most twice as long." },
	{ "log_level", CONFIG_CHOICE, AT(log_level), "info", "error|warn|info|debug", 0, 0, "", true,
	    "How much to log.  What commenters wrote, keys and request bodies are never logged." },
	{ "retain_content", SPAN(RETAINED_CONTENT, "90d"), true,
	    "How long the text of a judged comment is kept, with its page, title, date and language: as long "
	    "as a wrong verdict may still be found and put right, or a new model tried on it." },
	{ "retain_person", SPAN(RETAINED_PERSON, "30d"), true,
	    "How long name, e-mail and web address of the commenter are kept.  They are part of what a "
	    "correction teaches, and most corrections come within days." },
	{ "retain_addresses", SPAN(RETAINED_ADDRESS, "7d"), true,
	    "How long IP address, browser name and referring page are kept, also of examples.  Nothing is "
	    "learnt from them; they help to see through an attack while it lasts." },
	{ "retain_evidence", SPAN(RETAINED_EVIDENCE, "30d"), true,
	    "How long it is kept on which words and signs a verdict rests.  The words are the commenter's, "
	    "some "
	    "of them from name, e-mail and web address: once these are gone nobody can tell whose they were, "
	    "and "
	    "\"hamlet person erase\" finds them no more." },
	{ "contact", CONFIG_TEXT, AT(privacy.contact), "", NULL, 0, 0, "", true,
	    "Whom to ask for what is held of oneself, or to have it erased: an e-mail or web address, or "
	    "words.  "
	    "Shown on the page /privacy." },
	{ "site", CONFIG_SITES, AT(sites), NULL, NULL, 0, 0, "section", true,
	    "A section for one site, with the keys retain_content, retain_person, retain_addresses, "
	    "retain_evidence and contact as they are to be there." },
};

#define NKEYS (sizeof(keys) / sizeof(keys[0]))

#define SITE_AT(field) offsetof(struct config_site, privacy.field)
#define SITE_SPAN(part) CONFIG_SPAN, SITE_AT(retain_ms[part]), NULL, NULL, 0, 0, "span", true

static const struct config_key site_keys[] = {
	{ "retain_content", SITE_SPAN(RETAINED_CONTENT), "" },
	{ "retain_person", SITE_SPAN(RETAINED_PERSON), "" },
	{ "retain_addresses", SITE_SPAN(RETAINED_ADDRESS), "" },
	{ "retain_evidence", SITE_SPAN(RETAINED_EVIDENCE), "" },
	{ "contact", CONFIG_TEXT, SITE_AT(contact), NULL, NULL, 0, 0, "", true, "" },
};

#define NSITE_KEYS (sizeof(site_keys) / sizeof(site_keys[0]))

const struct config_key *
config_keys(size_t *n)
{
	*n = NKEYS;
	return keys;
}

const struct config_key *
config_site_keys(size_t *n)
{
	*n = NSITE_KEYS;
	return site_keys;
}

static const struct config_key *
find(const struct config_key *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	}
	return NULL;
}

static void *
field(void *base, const struct config_key *key)
{
	return (char *)base + key->offset;
}

static int
number(double *out, const struct config_key *key, const char *text, struct err *err)
{
	bool whole = key->type == CONFIG_INT || key->type == CONFIG_OCTAL;
	char *end;

	errno = 0;
	*out = whole ? (double)strtoll(text, &end, key->type == CONFIG_OCTAL ? 8 : 10) : strtod(text, &end);
	if (*text == '\0' || *end != '\0' || errno != 0 || !isfinite(*out))
		return err_set(err, ERR_INPUT, "%s: \"%s\" is not a%s number", key->name, text,
		    key->type == CONFIG_OCTAL ? "n octal"
			: whole		      ? " whole"
					      : "");
	if (*out < key->min || *out > key->max) {
		if (key->type == CONFIG_OCTAL)
			return err_set(err, ERR_INPUT, "%s: %s is more than 0777", key->name, text);
		return err_set(err, ERR_INPUT, "%s: %s is not between %.10g and %.10g %s", key->name, text,
		    key->min, key->max, key->unit);
	}
	return 0;
}

static int
truth(bool *out, const struct config_key *key, const char *text, struct err *err)
{
	static const char *const words[] = { "off", "on", "false", "true", "no", "yes" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i], text) == 0) {
			*out = i % 2 == 1;
			return 0;
		}
	}
	return err_set(err, ERR_INPUT, "%s: \"%s\" is neither \"on\" nor \"off\"", key->name, text);
}

/* Return the place of TEXT among CHOICES, or -1. */
static int
choice_find(const char *choices, const char *text)
{
	size_t n = strlen(text), len;

	for (int i = 0; *choices != '\0'; i++) {
		len = strcspn(choices, "|");
		if (len == n && memcmp(choices, text, n) == 0)
			return i;
		choices += len + (choices[len] == '|');
	}
	return -1;
}

static int
choice(int *out, const struct config_key *key, const char *text, struct err *err)
{
	*out = choice_find(key->choices, text);
	if (*out == -1)
		return err_set(err, ERR_INPUT, "%s: \"%s\" is none of %s", key->name, text, key->choices);
	return 0;
}

/* Return whether TEXT is "ADDR:PORT", "[ADDR]:PORT" or "*:PORT" by its looks. */
static bool
is_address(const char *text)
{
	const char *colon = strrchr(text, ':');
	char *end;
	long port;

	if (colon == NULL || colon == text || colon[1] < '0' || colon[1] > '9')
		return false;
	port = strtol(colon + 1, &end, 10);
	if (*end != '\0' || port < 0 || port > 65535)
		return false;
	if (*text == '[')
		return colon[-1] == ']';
	return memchr(text, ':', (size_t)(colon - text)) == NULL;
}

static int
list_add(struct config_list *list, const struct config_key *key, const char *text, struct err *err)
{
	if (!is_address(text))
		return err_set(
		    err, ERR_INPUT, "%s: \"%s\" is not ADDR:PORT (IPv6: [ADDR]:PORT)", key->name, text);
	if (list->n == CONFIG_LISTEN_MAX)
		return err_set(err, ERR_LIMIT, "%s: more than %d addresses", key->name, CONFIG_LISTEN_MAX);
	list->item[list->n] = strdup(text);
	if (list->item[list->n] == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	list->n++;
	return 0;
}

static int
text_set(char **out, const char *text, struct err *err)
{
	char *copy = strdup(text);

	if (copy == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	free(*out);
	*out = copy;
	return 0;
}

/* Set KEY, a field of the struct at BASE. */
static int
set(void *base, const struct config_key *key, const char *text, struct err *err)
{
	double x;

	switch (key->type) {
	case CONFIG_INT:
	case CONFIG_OCTAL:
	case CONFIG_SECONDS:
		if (number(&x, key, text, err) == -1)
			return -1;
		*(int64_t *)field(base, key) = llround(key->type == CONFIG_SECONDS ? x * 1000 : x);
		return 0;
	case CONFIG_SPAN:
		return span_parse(field(base, key), key->name, text, err);
	case CONFIG_REAL:
		return number(field(base, key), key, text, err);
	case CONFIG_BOOL:
		return truth(field(base, key), key, text, err);
	case CONFIG_CHOICE:
		return choice(field(base, key), key, text, err);
	case CONFIG_TEXT:
		return text_set(field(base, key), text, err);
	case CONFIG_LIST:
		return list_add(field(base, key), key, text, err);
	case CONFIG_SITES:
		return err_set(err, ERR_INPUT,
		    "%s: a section with a site's name is needed: %s \"NAME\" { ... }", key->name, key->name);
	}
	return 0;
}

int
config_set(struct config *c, const char *key, const char *text, struct err *err)
{
	const struct config_key *k = find(keys, NKEYS, key);

	return k == NULL ? err_set(err, ERR_NOT_FOUND, "%s: no such key", key) : set(c, k, text, err);
}

int
config_set_for(struct config *c, const char *name, const char *key, const char *text, struct err *err)
{
	const struct config_key *k = find(site_keys, NSITE_KEYS, key);
	struct config_site *site;

	if (name == NULL)
		return config_set(c, key, text, err);
	if (k == NULL && *key != '\0')
		return err_set(err, ERR_NOT_FOUND, "%s: no such key for a site", key);
	site = settings_site(&c->sites, name, err);
	if (site == NULL)
		return -1;
	return k == NULL ? 0 : set(site, k, text, err);
}

void
config_clear(struct config *c, const char *key)
{
	const struct config_key *k = find(keys, NKEYS, key);

	if (k != NULL && k->type == CONFIG_LIST)
		settings_free(c, k);
}

int
config_defaults(struct config *c, struct err *err)
{
	*c = (struct config){ .workers = 0 };
	for (size_t i = 0; i < NKEYS; i++) {
		if (keys[i].type != CONFIG_LIST && keys[i].type != CONFIG_SITES &&
		    set(c, &keys[i], keys[i].value, err) == -1) {
			config_fini(c);
			return -1;
		}
	}
	return 0;
}
