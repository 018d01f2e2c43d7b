#include "config.h"

#include "corpus_fixture.h"

/* Ways in for the formats other than JSON Lines. */

static int
setup_csv(void **state)
{
	int rc = setup(state);

	((struct fixture *)*state)->options.format = CORPUS_CSV;
	return rc;
}

static int
setup_wxr(void **state)
{
	int rc = setup(state);

	((struct fixture *)*state)->options.format = CORPUS_WXR;
	return rc;
}

static int
setup_mbox(void **state)
{
	int rc = setup(state);

	((struct fixture *)*state)->options.format = CORPUS_MBOX;
	return rc;
}

static int
setup_text(void **state)
{
	int rc = setup(state);

	((struct fixture *)*state)->options.format = CORPUS_TEXT;
	return rc;
}

static void
csv_reads_rows(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_text(f,
			     "\xef\xbb\xbf"
			     "COMMENT_ID,Author,DATE,CONTENT,CLASS,website,note\r\n"
			     "a1,Ann,2014-01-02,\"one, \"\"two\"\"\nthree\",1,,x\r\n"
			     "\r\n"
			     "a2,\"\",,caf\xe9,ham,http://b.example/,y"),
	    0);
	assert_int_equal(f->corpus.n, 2);
	assert_int_equal(f->corpus.rows[0].label, LABEL_SPAM);
	assert_int_equal(f->corpus.rows[0].line, 2);
	assert_slice(f->corpus.rows[0].id, "a1");
	assert_field(f, 0, COMMENT_AUTHOR, "Ann");
	assert_field(f, 0, COMMENT_CONTENT, "one, \"two\"\nthree");
	assert_null(f->corpus.rows[0].comment.field[COMMENT_URL].p);
	assert_int_equal(f->corpus.rows[1].label, LABEL_HAM);
	assert_int_equal(f->corpus.rows[1].line, 5);
	assert_field(f, 1, COMMENT_AUTHOR, "");
	assert_field(f, 1, COMMENT_CONTENT, "caf\xc3\xa9");
	assert_field(f, 1, COMMENT_URL, "http://b.example/");
}

static void
csv_filters_by_any_column(void **state)
{
	static const char rows[] = "text;label;Topic\na;spam;x\nb;wrong;y\nc;ham;x\n";
	struct fixture *f = *state;

	assert_int_equal(read_bytes(f, rows, strlen(rows), ":topic=x"), 0);
	assert_int_equal(f->corpus.n, 2);
	assert_int_equal(read_bytes(f, rows, strlen(rows), ":topic=x:label=ham"), 0);
	assert_int_equal(f->corpus.n, 3);
	assert_field(f, 2, COMMENT_CONTENT, "c");
}

static void
csv_reads_wordpress_tables(void **state)
{
	static const char rows[] =
	    "comment_date\tcomment_date_gmt\tcomment_approved\tcomment_content\n"
	    "2020\t2021\t1\ta\n2020\t2021\tspam\tb\n2020\t2021\t0\tc\n2020\t2021\ttrash\td\n";
	struct fixture *f = *state;

	assert_int_equal(read_text(f, rows), 0);
	assert_int_equal(f->corpus.n, 2);
	assert_int_equal(f->corpus.rows[1].label, LABEL_SPAM);
	assert_field(f, 1, COMMENT_DATE, "2021");
	assert_int_equal(f->corpus.skipped, 2);
	f->options.unlabelled_ok = true;
	assert_int_equal(read_text(f, rows), 0);
	assert_int_equal(f->corpus.n, 6);
	f->options = (struct corpus_options){ .format = CORPUS_CSV, .label = LABEL_HAM };
	assert_int_equal(read_bytes(f, rows, strlen(rows), ":comment_approved=trash"), 0);
	assert_int_equal(f->corpus.n, 6);
	assert_int_equal(f->corpus.skipped, 3);
}

/* A chunk of the file may end anywhere in a row, also where all of the row so far is white space. */
static void
csv_takes_rows_across_chunks(void **state)
{
	enum { CHUNK = 65536 };
	static const char header[] = "author\tnote\tlabel\ttext\n",
			  row[] = " \t\tham\tthe row at the boundary\n";
	struct fixture *f = *state;
	char *p = malloc(CHUNK + sizeof(row));

	for (size_t before = 0; before <= 4; before++) {
		size_t end = CHUNK - before; /* of the row before; then comes this one */

		memset(p, 'q', end);
		memcpy(p, header, sizeof(header) - 1);
		memcpy(p + sizeof(header) - 1, "\t\tham\t", 6);
		p[end - 1] = '\n';
		memcpy(p + end, row, sizeof(row));
		assert_int_equal(read_bytes(f, p, end + sizeof(row) - 1, ""), 0);
		assert_int_equal(f->corpus.n, 2 * (before + 1));
		assert_field(f, f->corpus.n - 1, COMMENT_CONTENT, "the row at the boundary");
		assert_int_equal(f->corpus.rows[f->corpus.n - 1].line, 3);
	}
	free(p);
}

/* A line of nothing but delimiters is a row; one of other white space, and any before the header, is not. */
static void
csv_passes_over_blank_lines(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_text(f, " \t \n\nlabel\ttext\n  \n\r\nham\tx\n \nspam\ty\n  "), 0);
	assert_int_equal(f->corpus.n, 2);
	assert_int_equal(f->corpus.rows[1].line, 8);
	assert_refused(f, "label\ttext\nham\tx\n\t\n", ERR_INPUT, "line 3 column 1: the label is missing");
}

static void
csv_refuses_bad_rows(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", "line 1 column 1: the file has no header line" },
		{ "label,words\nham,x\n",
		    "line 1 column 1: the header names no column content, comment, text, message or body" },
		{ "content\nx\n", "line 1 column 1: the header names no column label, class or spam" },
		{ "content,label\nx,ham\ny,2\n", "line 3 column 2: the label is none of spam, ham, 1, 0" },
		{ "content,label\nx,\n", "line 2 column 2: the label is missing" },
		{ "content,label\nx,ham\ny\n", "line 3 column 1: the row has 1 fields, the header 2" },
		{ "content,label\n\nx,ham,z\n", "line 3 column 3: the row has 3 fields, the header 2" },
		{ "content,label\nx\"y,ham\n", "line 2 column 1: a quotation mark stands where none can" },
		{ "content,label\na,ham\n\"x\ny,ham\nz,spam\n",
		    "line 3 column 1: a quotation mark is never closed" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_refused(f, bad[i].text, ERR_INPUT, bad[i].why);
	f->options.skip_bad = true;
	assert_int_equal(read_text(f, "content,label\nx\"y,ham\ny,2\ny\nz,spam\n\"x"), 0);
	assert_int_equal(f->corpus.n, 2);
	assert_int_equal(f->corpus.skipped, 3);
	assert_field(f, 0, COMMENT_CONTENT, "x\"y");
}

static void
csv_bounds_rows(void **state)
{
	const size_t n = 2 * (size_t)CORPUS_MAX_LINE;
	struct fixture *f = *state;
	char *p = malloc(n), wide[2048] = "content,label";

	memset(p, 'x', n);
	memcpy(p, "content,label\n\"", 15);
	assert_int_equal(read_bytes(f, p, n, ""), -1);
	assert_non_null(strstr(f->err.text, "line 2 column 1: the row is longer than 4194304 bytes"));
	free(p);
	memset(wide + 13, ',', sizeof(wide) - 14);
	wide[sizeof(wide) - 1] = '\0';
	assert_refused(f, wide, ERR_INPUT, "line 1 column 1: the row has over 256 fields or 4194304 bytes");
}

#define WXR_HEAD                                                                                             \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss "                                                  \
	"xmlns:wp=\"http://wordpress.org/export/1.2/\"><channel>\n"                                          \
	"<title>Blog</title><link>https://blog.example</link>\n<item><title>A &amp; B</title>"               \
	"<link>https://blog.example/a-b</link>\n"
#define WXR_TAIL "</item></channel></rss>\n"
#define WXR_COMMENT(id, approved, text)                                                                      \
	"<wp:comment><wp:comment_id>" id                                                                     \
	"</wp:comment_id><wp:comment_author><![CDATA[Ann]]></wp:comment_author>"                             \
	"<wp:comment_author_email>ann@a.example</wp:comment_author_email>"                                   \
	"<wp:comment_author_url>https://a.example</wp:comment_author_url>"                                   \
	"<wp:comment_author_IP>192.0.2.1</wp:comment_author_IP>"                                             \
	"<wp:comment_date>2024-03-14 04:57:50</wp:comment_date>"                                             \
	"<wp:comment_date_gmt>2024-03-14 03:57:50</wp:comment_date_gmt>"                                     \
	"<wp:comment_content>" text "</wp:comment_content><wp:comment_approved>" approved                    \
	"</wp:comment_approved>"                                                                             \
	"<wp:comment_type>pingback</wp:comment_type><wp:commentmeta><wp:comment_content>no</"                \
	"wp:comment_content>"                                                                                \
	"</wp:commentmeta></wp:comment>\n"

static void
wxr_reads_comments(void **state)
{
	static const char text[] = WXR_HEAD WXR_COMMENT("1", "1", "<![CDATA[<b>x</b> & y]]> &lt;")
	    WXR_COMMENT("2", "spam", "") WXR_COMMENT("3", "0", "z")
		WXR_COMMENT("4", "trash", "z") "</item><item><wp:comment><wp:comment_approved>1</"
					       "wp:comment_approved></wp:comment>" WXR_TAIL;
	struct fixture *f = *state;

	assert_int_equal(read_text(f, text), 0);
	assert_int_equal(f->corpus.n, 3);
	assert_int_equal(f->corpus.rows[0].label, LABEL_HAM);
	assert_int_equal(f->corpus.rows[0].line, 5);
	assert_slice(f->corpus.rows[0].id, "1");
	assert_field(f, 0, COMMENT_AUTHOR, "Ann");
	assert_field(f, 0, COMMENT_EMAIL, "ann@a.example");
	assert_field(f, 0, COMMENT_URL, "https://a.example");
	assert_field(f, 0, COMMENT_IP, "192.0.2.1");
	assert_field(f, 0, COMMENT_DATE, "2024-03-14T03:57:50Z");
	assert_field(f, 0, COMMENT_CONTENT, "<b>x</b> & y <");
	assert_field(f, 0, COMMENT_TYPE, "pingback");
	assert_field(f, 0, COMMENT_TITLE, "A & B");
	assert_field(f, 0, COMMENT_PERMALINK, "https://blog.example/a-b");
	assert_int_equal(f->corpus.rows[1].label, LABEL_SPAM);
	assert_field(f, 1, COMMENT_CONTENT, "");
	assert_null(f->corpus.rows[2].comment.field[COMMENT_TITLE].p);
	assert_null(f->corpus.rows[2].comment.field[COMMENT_AUTHOR].p);
	assert_int_equal(f->corpus.skipped, 2);
	f->options.label = LABEL_HAM;
	assert_int_equal(read_bytes(f, text, strlen(text), ":id=4"), 0);
	assert_int_equal(f->corpus.n, 3);
	assert_int_equal(f->corpus.skipped, 3);
	f->options.label = LABEL_NONE;
	f->options.unlabelled_ok = true;
	assert_int_equal(read_bytes(f, text, strlen(text), ":label=spam"), 0);
	assert_int_equal(f->corpus.n, 4);
	assert_int_equal(read_text(f, text), 0);
	assert_int_equal(f->corpus.n, 9);
}

static void
wxr_refuses_what_is_not_well_formed(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, WXR_HEAD WXR_COMMENT("1", "1", "x") "</itm>", ERR_INPUT,
	    "line 6 column 3: not well-formed XML: mismatched tag");
	assert_refused(f, WXR_HEAD WXR_COMMENT("1", "1", "x"), ERR_INPUT,
	    "line 6 column 1: not well-formed XML: no element found");
	assert_refused(f, "", ERR_INPUT, "line 1 column 1: not well-formed XML: no element found");
	f->options.skip_bad = true;
	assert_refused(f, WXR_HEAD "\xff", ERR_INPUT,
	    "line 5 column 1: not well-formed XML: not well-formed (invalid token)");
}

static void
wxr_refuses_dangerous_entities(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_text(f,
			     "<!DOCTYPE rss [<!ENTITY nbsp \"&#160;\">]><rss><item><wp:comment>"
			     "<wp:comment_content>a&nbsp;b</wp:comment_content>"
			     "<wp:comment_approved>1</wp:comment_approved></wp:comment></item></rss>"),
	    0);
	assert_field(f, 0, COMMENT_CONTENT,
	    "a\xc2\xa0"
	    "b");
	assert_refused(f,
	    "<!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\">\n<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><r>&b;</r>",
	    ERR_INPUT, "line 2 column 12: entity 'b' is made of other entities");
	assert_refused(f, "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><r>&x;</r>", ERR_INPUT,
	    "line 1 column 52: entity 'x' is external");
	assert_refused(f, "<!DOCTYPE r [<!ENTITY % x SYSTEM \"http://a.example/\"> %x;]><r/>", ERR_INPUT,
	    "line 1 column 53: entity 'x' is a parameter entity");
}

/* A document of HEAD, N times PIECE, and TAIL, to be freed. */
static char *
repeated(const char *head, const char *piece, size_t n, const char *tail)
{
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	buf_add_str(&b, head);
	for (size_t i = 0; i < n; i++)
		buf_add_str(&b, piece);
	buf_add_str(&b, tail);
	return buf_detach(&b);
}

static void
wxr_bounds(void **state)
{
	struct fixture *f = *state;
	char kilo[1025], *p;

	p = repeated("", "<a>", 100000, "");
	assert_refused(f, p, ERR_INPUT, "line 1 column 193: elements nested deeper than 64");
	free(p);
	memset(kilo, 'x', 1024);
	kilo[1024] = '\0';
	p = repeated(WXR_HEAD "<wp:comment><wp:comment_content>", kilo, 5000,
	    "</wp:comment_content></wp:comment>\n" WXR_COMMENT("2", "1", "y") WXR_TAIL);
	assert_refused(f, p, ERR_INPUT, "line 5 column 1: wp:comment_content is longer than 4194304 bytes");
	f->options.skip_bad = true;
	assert_int_equal(read_text(f, p), 0);
	assert_int_equal(f->corpus.n, 1);
	assert_int_equal(f->corpus.skipped, 1);
	free(p);
	p = repeated(
	    "<!DOCTYPE r [<!ENTITY e \"0123456789012345678901234567890123456789\">]><rss><item><wp:comment>"
	    "<wp:comment_content>",
	    "&e;", 400000,
	    "</wp:comment_content><wp:comment_approved>1</wp:comment_approved></wp:comment></item></rss>");
	assert_int_equal(read_text(f, p), 0);
	assert_int_equal(f->corpus.n, 1);
	assert_int_equal(f->corpus.skipped, 2);
	free(p);
}

static void
mbox_reads_mail(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	    read_text(f,
		"From ann@a.example Thu Jan  1 00:00:00 2004\r\n"
		"From: \"Ann, B.\" <ann@a.example>\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe_aus?=\r\n"
		" =?ISO-8859-1?B?TfxuY2hlbg==?= & so\r\nDate: Thu, 1 Jan 2004 00:00:00 +0000\r\n"
		"X-Label: spam\r\nMessage-ID: <1@a.example>\r\n"
		"Content-Type: text/plain; charset=\"iso-8859-1\"\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
		"caf=E9 =\r\nau lait =3D 100%=zz\r\n>From here\r\n\r\n"
		"From x\nfrom: b@b.example (Bea)\nX-Spam-Status: No, score=1\n\nhello"),
	    0);
	assert_int_equal(f->corpus.n, 2);
	assert_int_equal(f->corpus.rows[0].label, LABEL_SPAM);
	assert_slice(f->corpus.rows[0].id, "<1@a.example>");
	assert_field(f, 0, COMMENT_AUTHOR, "Ann, B.");
	assert_field(f, 0, COMMENT_EMAIL, "ann@a.example");
	assert_field(f, 0, COMMENT_DATE, "Thu, 1 Jan 2004 00:00:00 +0000");
	assert_field(f, 0, COMMENT_CONTENT,
	    "Gr\xc3\xbc\xc3\x9f"
	    "e ausM\xc3\xbcnchen & so\n\ncaf\xc3\xa9 au lait = 100%=zz\nFrom here");
	assert_int_equal(f->corpus.rows[1].label, LABEL_HAM);
	assert_int_equal(f->corpus.rows[1].line, 15);
	assert_field(f, 1, COMMENT_AUTHOR, "Bea");
	assert_field(f, 1, COMMENT_EMAIL, "b@b.example");
	assert_field(f, 1, COMMENT_CONTENT, "hello");
}

static void
mbox_finds_the_text(void **state)
{
	struct fixture *f = *state;

	f->options.label = LABEL_HAM;
	assert_int_equal(read_text(f,
			     "From 1\nContent-Type: multipart/mixed; boundary=\"b 1\"\n\npreamble\n--b 1\n"
			     "Content-Type: multipart/alternative;\n\tboundary=in\n\n--in\nContent-Type: "
			     "text/html\n\n<p>no\n"
			     "--in\nContent-Type: text/plain; charset=windows-1252\n"
			     "Content-Transfer-Encoding: BASE64\n\nk2hplCAyMDI0\n--in--\n--b 1--\n"
			     "From 2\nContent-Type: multipart/alternative; boundary=x\n\n--x\n"
			     "Content-Type: text/plain\nContent-Disposition: attachment\n\nno\n--x\n"
			     "Content-Type: text/html\n\n<p>yes</p>\n--x--\nepilogue\n"
			     "From 3\nContent-Transfer-Encoding: base64\n\naGVsbG8gd29yb\n"
			     "From 4\nContent-Type: multipart/mixed; boundary=never\n\ntext\n"
			     "From 5\n"),
	    0);
	assert_int_equal(f->corpus.n, 5);
	assert_field(f, 0, COMMENT_CONTENT,
	    "\xe2\x80\x9c"
	    "hi\xe2\x80\x9d 2024");
	assert_field(f, 1, COMMENT_CONTENT, "<p>yes</p>");
	assert_field(f, 2, COMMENT_CONTENT, "hello wor");
	assert_field(f, 4, COMMENT_CONTENT, "");
}

static void
mbox_needs_labels(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, "From 1\nX-Spam: yes\n\nx\nFrom 2\n\ny\n", ERR_INPUT,
	    "line 5 column 1: the message has no X-Label or X-Spam header, and no label is given");
	assert_refused(
	    f, "\nDear Sir\n", ERR_INPUT, "line 2 column 1: not a mailbox: it doesn't begin with \"From \"");
	f->options.skip_bad = true;
	assert_int_equal(read_text(f, "From 1\nX-Spam: yes\n\nx\nFrom 2\n\ny\n"), 0);
	assert_int_equal(f->corpus.skipped, 1);
	f->options.unlabelled_ok = true;
	assert_int_equal(read_text(f, "From 2\n\ny\n"), 0);
	assert_int_equal(f->corpus.rows[1].label, LABEL_NONE);
	f->options.label = LABEL_HAM;
	assert_int_equal(read_text(f, "From 2\nX-Spam: yes\n\ny\n"), 0);
	assert_int_equal(f->corpus.rows[2].label, LABEL_HAM);
	assert_int_equal(read_text(f, ""), 0);
}

static void
mbox_bounds(void **state)
{
	struct fixture *f = *state;
	char *p;

	f->options.label = LABEL_HAM;
	p = repeated("From 1\nContent-Type: multipart/mixed; boundary=b\n",
	    "\n--b\nContent-Type: multipart/mixed; boundary=b\n", 50000, "");
	assert_int_equal(read_text(f, p), 0);
	free(p);
	p = repeated("From 1\nSubject: a\n", " =?utf-8?q?=41?=\n", 50000, "\nx\n");
	assert_int_equal(read_text(f, p), 0);
	assert_true(f->corpus.rows[1].comment.field[COMMENT_CONTENT].n < 10000);
	free(p);
	p = repeated("From 1\n\n", "0123456789abcde\n", 500000, "");
	assert_int_equal(read_text(f, p), 0);
	assert_true(f->corpus.rows[2].comment.field[COMMENT_CONTENT].n <= CORPUS_MAX_LINE);
	free(p);
	assert_int_equal(f->corpus.n, 3);
}

static void
text_reads_lines(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, "a\n", ERR_INPUT, "line 1 column 1: plain text doesn't say its label; give one");
	f->options.label = LABEL_SPAM;
	assert_int_equal(read_text(f, "\xef\xbb\xbfone\r\n\n  \ncaf\xe9"), 0);
	assert_int_equal(f->corpus.n, 2);
	assert_field(f, 0, COMMENT_CONTENT, "one");
	assert_field(f, 1, COMMENT_CONTENT, "caf\xc3\xa9");
	assert_int_equal(f->corpus.rows[1].label, LABEL_SPAM);
	assert_int_equal(f->corpus.rows[1].line, 4);
	assert_int_equal(read_bytes(f, "a\0b\n", 4, ""), 0);
	assert_int_equal(f->corpus.rows[2].comment.field[COMMENT_CONTENT].n, 3);
	f->options.label = LABEL_NONE;
	f->options.unlabelled_ok = true;
	assert_int_equal(read_text(f, "x"), 0);
	assert_int_equal(f->corpus.rows[3].label, LABEL_NONE);
	assert_int_equal(read_text(f, "\x80\x93\x94"), 0);
	assert_field(f, 4, COMMENT_CONTENT, "€“”"); /* nothing becomes longer */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(csv_reads_rows, setup_csv, teardown),
		cmocka_unit_test_setup_teardown(csv_filters_by_any_column, setup_csv, teardown),
		cmocka_unit_test_setup_teardown(csv_reads_wordpress_tables, setup_csv, teardown),
		cmocka_unit_test_setup_teardown(csv_takes_rows_across_chunks, setup_csv, teardown),
		cmocka_unit_test_setup_teardown(csv_passes_over_blank_lines, setup_csv, teardown),
		cmocka_unit_test_setup_teardown(csv_refuses_bad_rows, setup_csv, teardown),
		cmocka_unit_test_setup_teardown(csv_bounds_rows, setup_csv, teardown),
		cmocka_unit_test_setup_teardown(wxr_reads_comments, setup_wxr, teardown),
		cmocka_unit_test_setup_teardown(wxr_refuses_what_is_not_well_formed, setup_wxr, teardown),
		cmocka_unit_test_setup_teardown(wxr_refuses_dangerous_entities, setup_wxr, teardown),
		cmocka_unit_test_setup_teardown(wxr_bounds, setup_wxr, teardown),
		cmocka_unit_test_setup_teardown(mbox_reads_mail, setup_mbox, teardown),
		cmocka_unit_test_setup_teardown(mbox_finds_the_text, setup_mbox, teardown),
		cmocka_unit_test_setup_teardown(mbox_needs_labels, setup_mbox, teardown),
		cmocka_unit_test_setup_teardown(mbox_bounds, setup_mbox, teardown),
		cmocka_unit_test_setup_teardown(text_reads_lines, setup_text, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
