#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "engine/settings_impl.h"

/* -- Writing -- */

static void
choice_name(const char *choices, int i, struct buf *b)
{
	for (; i > 0; i--)
		choices += strcspn(choices, "|") + 1;
	buf_addf(b, "\"%.*s\"", (int)strcspn(choices, "|"), choices);
}

static void
put_text(const char *s, struct buf *b)
{
	buf_add_char(b, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\' || *s == '$')
			buf_add_char(b, '\\');
		buf_add_char(b, *s);
	}
	buf_add_char(b, '"');
}

static void
put_list(const struct config_list *list, struct buf *b)
{
	buf_add_str(b, "{ ");
	for (size_t i = 0; i < list->n; i++) {
		put_text(list->item[i], b);
		buf_add_str(b, i + 1 < list->n ? ", " : " ");
	}
	buf_add_char(b, '}');
}

void
settings_put(const void *base, const struct config_key *key, struct buf *b)
{
	const void *p = (const char *)base + key->offset;

	switch (key->type) {
	case CONFIG_INT:
		buf_addf(b, "%lld", (long long)*(const int64_t *)p);
		break;
	case CONFIG_OCTAL:
		buf_addf(b, "%04llo", (unsigned long long)*(const int64_t *)p);
		break;
	case CONFIG_SECONDS:
		buf_addf(b, "%.10g", (double)*(const int64_t *)p / 1000);
		break;
	case CONFIG_SPAN:
		span_put(*(const int64_t *)p, b);
		break;
	case CONFIG_REAL:
		buf_addf(b, "%.10g", *(const double *)p);
		break;
	case CONFIG_BOOL:
		buf_add_str(b, *(const bool *)p ? "on" : "off");
		break;
	case CONFIG_CHOICE:
		choice_name(key->choices, *(const int *)p, b);
		break;
	case CONFIG_TEXT:
		put_text(*(char *const *)p, b);
		break;
	case CONFIG_LIST:
		put_list(p, b);
		break;
	case CONFIG_SITES:
		settings_sites_put(p, b);
		break;
	}
}

void
config_value(const struct config *c, const struct config_key *key, struct buf *b)
{
	settings_put(c, key, b);
}

const struct config_key *
config_difference(const struct config *a, const struct config *b, size_t *i)
{
	size_t nkeys;
	const struct config_key *keys = config_keys(&nkeys);
	struct buf x, y;
	bool same = true;

	buf_init(&x, BUF_NO_LIMIT);
	buf_init(&y, BUF_NO_LIMIT);
	for (; *i < nkeys && same; ++*i) {
		buf_clear(&x);
		buf_clear(&y);
		config_value(a, &keys[*i], &x);
		config_value(b, &keys[*i], &y);
		same = slice_equal(buf_slice(&x), buf_slice(&y));
	}
	buf_fini(&x);
	buf_fini(&y);
	return same ? NULL : &keys[*i - 1];
}

/* -- Copying -- */

static void
list_free(struct config_list *list)
{
	while (list->n > 0)
		free(list->item[--list->n]);
}

void
settings_free(void *base, const struct config_key *key)
{
	void *p = (char *)base + key->offset;

	if (key->type == CONFIG_LIST) {
		list_free(p);
	} else if (key->type == CONFIG_SITES) {
		settings_sites_free(p);
	} else if (key->type == CONFIG_TEXT) {
		free(*(char **)p);
		*(char **)p = NULL;
	}
}

static int
list_copy(struct config_list *to, const struct config_list *from, struct err *err)
{
	struct config_list copy = { .n = 0 };

	for (; copy.n < from->n; copy.n++) {
		copy.item[copy.n] = strdup(from->item[copy.n]);
		if (copy.item[copy.n] == NULL) {
			list_free(&copy);
			return err_set(err, ERR_NOMEM, "out of memory");
		}
	}
	list_free(to);
	*to = copy;
	return 0;
}

static int
text_copy(char **to, const char *from, struct err *err)
{
	char *copy = from == NULL ? NULL : strdup(from);

	if (from != NULL && copy == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	free(*to);
	*to = copy;
	return 0;
}

int
settings_copy(void *to, const void *from, const struct config_key *key, struct err *err)
{
	static const size_t size[] = {
		[CONFIG_INT] = sizeof(int64_t),
		[CONFIG_OCTAL] = sizeof(int64_t),
		[CONFIG_SECONDS] = sizeof(int64_t),
		[CONFIG_SPAN] = sizeof(int64_t),
		[CONFIG_REAL] = sizeof(double),
		[CONFIG_BOOL] = sizeof(bool),
		[CONFIG_CHOICE] = sizeof(int),
	};
	const void *p = (const char *)from + key->offset;
	void *q = (char *)to + key->offset;

	if (key->type == CONFIG_TEXT)
		return text_copy(q, *(char *const *)p, err);
	if (key->type == CONFIG_LIST)
		return list_copy(q, p, err);
	if (key->type == CONFIG_SITES)
		return settings_sites_copy(q, p, err);
	memcpy(q, p, size[key->type]);
	return 0;
}

void
config_fini(struct config *c)
{
	size_t nkeys;
	const struct config_key *keys = config_keys(&nkeys);

	for (size_t i = 0; i < nkeys; i++)
		settings_free(c, &keys[i]);
}

int
config_copy(struct config *out, const struct config *c, struct err *err)
{
	size_t nkeys;
	const struct config_key *keys = config_keys(&nkeys);

	*out = (struct config){ .workers = 0 };
	for (size_t i = 0; i < nkeys; i++) {
		if (settings_copy(out, c, &keys[i], err) == -1) {
			config_fini(out);
			return -1;
		}
	}
	return 0;
}

int
config_apply_reloadable(struct config *now, const struct config *later, struct err *err)
{
	size_t nkeys;
	const struct config_key *keys = config_keys(&nkeys);

	for (size_t i = 0; i < nkeys; i++) {
		if (keys[i].reloadable && settings_copy(now, later, &keys[i], err) == -1)
			return -1;
	}
	return 0;
}
