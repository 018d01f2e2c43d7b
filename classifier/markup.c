#include "config.h"

#include <string.h>
#include <strings.h>

#include "classifier/markup.h"

bool
markup_begins(struct slice s, const char *with)
{
	size_t n = strlen(with);

	return s.n >= n && strncasecmp(s.p, with, n) == 0;
}

struct slice
markup_attribute(struct slice tag, const char *name)
{
	size_t skip = strlen(name), i, end;
	char quote;

	for (i = 0; i + skip < tag.n; i++) {
		if (strncasecmp(tag.p + i, name, skip) == 0)
			break;
	}
	if (i + skip >= tag.n)
		return (struct slice){ NULL, 0 };
	i += skip;
	while (i < tag.n && tag.p[i] == '\\') /* WordPress sends quotes with a backslash before them */
		i++;
	quote = tag.p[i] == '"' || tag.p[i] == '\'' ? tag.p[i++] : '\0';
	for (end = i; end < tag.n && tag.p[end] != '\\'; end++) {
		if (quote != '\0' ? tag.p[end] == quote : tag.p[end] == ' ' || tag.p[end] == ']')
			break;
	}
	return (struct slice){ tag.p + i, end - i };
}

bool
markup_is_bbcode(struct slice tag)
{
	static const char *const names[] = { "url", "link", "img", "b", "i", "u", "quote", "code", "size",
		"color", "list" };

	if (tag.n > 0 && tag.p[0] == '/')
		tag = (struct slice){ tag.p + 1, tag.n - 1 };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i]);

		if (markup_begins(tag, names[i]) && (tag.n == n || tag.p[n] == '='))
			return true;
	}
	return false;
}

const char *
markup_end(struct markup *m, struct slice in)
{
	char close = in.p[0] == '<' ? '>' : ']';
	const char **from = close == '>' ? &m->no_tag_end : &m->no_bbcode_end;
	const char *most = in.p + (in.n < MARKUP_MAX_BYTES ? in.n : MARKUP_MAX_BYTES), *end;

	if (*from == NULL || *from < in.p)
		*from = in.p;
	if (*from >= most)
		return NULL;
	m->looked_at += (size_t)(most - *from);
	end = memchr(*from, close, (size_t)(most - *from));
	m->looked_at -= end == NULL ? 0 : (size_t)(most - end);
	*from = end == NULL ? most : end;
	return end;
}
