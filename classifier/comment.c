#include "config.h"

#include "classifier/comment.h"

static const char *const names[COMMENT_FIELDS] = {
	[COMMENT_AUTHOR] = "author",
	[COMMENT_EMAIL] = "email",
	[COMMENT_URL] = "url",
	[COMMENT_CONTENT] = "content",
	[COMMENT_IP] = "ip",
	[COMMENT_USER_AGENT] = "user_agent",
	[COMMENT_REFERRER] = "referrer",
	[COMMENT_PERMALINK] = "permalink",
	[COMMENT_TYPE] = "type",
	[COMMENT_DATE] = "date",
	[COMMENT_LANG] = "lang",
	[COMMENT_TITLE] = "title",
	[COMMENT_HONEYPOT] = "honeypot",
	[COMMENT_USER_ROLE] = "user_role",
	[COMMENT_CONTEXT] = "context",
};

const char *
comment_field_name(enum comment_field field)
{
	return names[field];
}

int
comment_field_find(enum comment_field *field, const char *name, size_t n)
{
	for (int i = 0; i < COMMENT_FIELDS; i++) {
		if (slice_is((struct slice){ name, n }, names[i])) {
			*field = (enum comment_field)i;
			return 0;
		}
	}
	return -1;
}

const char *
label_name(enum label label)
{
	switch (label) {
	case LABEL_HAM:
		return "ham";
	case LABEL_SPAM:
		return "spam";
	case LABEL_NONE:
		return "none";
	}
	return "none";
}

int
label_parse(enum label *label, const char *name, size_t n)
{
	struct slice s = { name, n };

	if (slice_is(s, "ham"))
		*label = LABEL_HAM;
	else if (slice_is(s, "spam"))
		*label = LABEL_SPAM;
	else
		return -1;
	return 0;
}
