#include "config.h"

#include <string.h>
#include <strings.h>

#include "corpus/mime.h"
#include "corpus/reader.h"

/* A mail being read, and what it becomes. */
struct mail {
	size_t line; /* where it begins; 0 before the first */
	union {
		struct {
			struct buf raw; /* as far as CORPUS_MAX_LINE */
			struct buf header, author, email, date, id, content;
		};
		struct buf all[7];
	};
};

#define MAIL_BUFS (sizeof(((struct mail *)NULL)->all) / sizeof(struct buf))

static struct slice
trim(struct slice s)
{
	while (s.n > 0 && strchr(" \t\r\n\"", *s.p) != NULL) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && strchr(" \t\r\n\"", s.p[s.n - 1]) != NULL)
		s.n--;
	return s;
}

/* Read "Name <address>", "address (Name)" or "address". */
static void
take_sender(struct mail *m)
{
	struct slice from = buf_slice(&m->header), name = from, address = from;
	const char *open, *close;

	if (from.n == 0)
		return;
	if ((open = memrchr(from.p, '<', from.n)) != NULL) {
		close = memchr(open, '>', (size_t)(from.p + from.n - open));
		name.n = (size_t)(open - from.p);
		address = (struct slice){ open + 1,
			(size_t)((close == NULL ? from.p + from.n : close) - open - 1) };
	} else if ((open = memchr(from.p, '(', from.n)) != NULL) {
		close = memrchr(open, ')', (size_t)(from.p + from.n - open));
		address.n = (size_t)(open - from.p);
		name = (struct slice){ open + 1,
			(size_t)((close == NULL ? from.p + from.n : close) - open - 1) };
	} else {
		name.n = 0;
	}
	mime_words(&m->author, trim(name));
	buf_add_slice(&m->email, trim(address));
}

/* Set *LABEL from a header such as "X-Label: spam", "X-Spam: yes" or "X-Spam-Status: No, score=0.1". */
static int
label_in_header(struct mail *m, struct slice head, enum label *label)
{
	static const char *const headers[] = { "X-Label", "X-Spam", "X-Spam-Flag", "X-Spam-Status" };
	static const char *const spam[] = { "spam", "yes", "true", "1" },
				 *const ham[] = { "ham", "no", "false", "0" };

	for (size_t h = 0; h < sizeof(headers) / sizeof(headers[0]); h++) {
		const char *value;
		size_t n;

		if (!mime_header(&m->header, head, headers[h]))
			continue;
		value = buf_str(&m->header);
		n = strcspn(value, " ,;\t\r");
		for (size_t i = 0; i < sizeof(spam) / sizeof(spam[0]); i++) {
			if (n == strlen(spam[i]) && strncasecmp(value, spam[i], n) == 0)
				*label = LABEL_SPAM;
			else if (n == strlen(ham[i]) && strncasecmp(value, ham[i], n) == 0)
				*label = LABEL_HAM;
			else
				continue;
			return 0;
		}
	}
	return -1;
}

static void
take_content(struct mail *m, struct slice head, struct slice body)
{
	if (mime_header(&m->header, head, "Subject")) {
		mime_words(&m->content, buf_slice(&m->header));
		buf_add_str(&m->content, "\n\n");
	}
	mime_text(&m->content, head, body);
	while (m->content.n > 0 && strchr("\r\n \t", m->content.p[m->content.n - 1]) != NULL)
		m->content.n--;
}

static struct slice
if_there(const struct buf *b)
{
	return b->n == 0 ? (struct slice){ NULL, 0 } : buf_slice(b);
}

/* Read the headers and the text of the mail that has been collected. */
static int
take_mail(struct mail *m, struct slice head, struct slice body)
{
	bool ok = true;

	if (mime_header(&m->header, head, "From"))
		take_sender(m);
	if (mime_header(&m->header, head, "Date"))
		buf_add_slice(&m->date, buf_slice(&m->header));
	if (mime_header(&m->header, head, "Message-ID"))
		buf_add_slice(&m->id, buf_slice(&m->header));
	take_content(m, head, body);
	for (size_t i = 0; i < MAIL_BUFS; i++)
		ok &= buf_ok(&m->all[i]);
	return ok ? 0 : -1;
}

static int
end_mail(struct reader *r, struct mail *m, struct err *err)
{
	struct slice head, body;
	struct example row = { .label = r->options->label };

	if (m->line == 0)
		return 0;
	mime_split(m->raw.p == NULL ? slice_of("") : buf_slice(&m->raw), &head, &body);
	if (take_mail(m, head, body) == -1)
		return reader_nomem(r, err);
	row.comment.field[COMMENT_AUTHOR] = if_there(&m->author);
	row.comment.field[COMMENT_EMAIL] = if_there(&m->email);
	row.comment.field[COMMENT_DATE] = if_there(&m->date);
	row.comment.field[COMMENT_CONTENT] = m->content.p == NULL ? slice_of("") : buf_slice(&m->content);
	row.id = if_there(&m->id);
	if (row.label == LABEL_NONE && label_in_header(m, head, &row.label) == -1 &&
	    !r->options->unlabelled_ok)
		return reader_bad(
		    r, m->line, 1, err, "the message has no X-Label or X-Spam header, and no label is given");
	return reader_wants(r, example_has, &row) ? reader_add(r, &row, m->line, err) : 0;
}

static void
begin_mail(struct mail *m, size_t line)
{
	for (size_t i = 0; i < MAIL_BUFS; i++)
		buf_clear(&m->all[i]);
	m->line = line;
}

/* Return whether S is ">From ", ">>From " and so on: a line of text that begins with "From ", disguised. */
static bool
is_disguised_from(struct slice s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] == '>')
		n++;
	return n > 0 && s.n - n >= 5 && memcmp(s.p + n, "From ", 5) == 0;
}

static void
add_line(struct mail *m, struct slice line)
{
	size_t skip = is_disguised_from(line), room = m->raw.max - m->raw.n;

	line = (struct slice){ line.p + skip, line.n - skip };
	if (line.n + 1 > room)
		return;
	buf_add_slice(&m->raw, line);
	buf_add_char(&m->raw, '\n');
}

static int
read_mails(struct reader *r, struct mail *m, struct err *err)
{
	struct slice line;
	int more;

	while ((more = input_line(&r->in, &line, err)) == 1) {
		if (line.n >= 5 && memcmp(line.p, "From ", 5) == 0) {
			if (end_mail(r, m, err) == -1)
				return -1;
			begin_mail(m, r->in.line);
		} else if (m->line != 0) {
			add_line(m, line);
		} else if (!slice_blank(line)) {
			return reader_fatal(
			    r, r->in.line, 1, err, "not a mailbox: it doesn't begin with \"From \"");
		}
	}
	return more == -1 ? -1 : end_mail(r, m, err);
}

int
mbox_read(struct reader *r, struct err *err)
{
	struct mail m = { 0 };
	int rc;

	for (size_t i = 0; i < MAIL_BUFS; i++)
		buf_init(&m.all[i], BUF_NO_LIMIT);
	m.raw.max = CORPUS_MAX_LINE;
	rc = read_mails(r, &m, err);
	for (size_t i = 0; i < MAIL_BUFS; i++)
		buf_fini(&m.all[i]);
	return rc;
}
