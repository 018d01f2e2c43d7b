#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "classifier/entity.h"

#define NAME_MAX_BYTES 8

struct entity {
	char name[NAME_MAX_BYTES + 1];
	unsigned short code;
};

/* The references of HTML 4 that occur in comments, in the order of strcmp(). */
static const struct entity entities[] = {
	{ "AElig", 198 },
	{ "Aacute", 193 },
	{ "Acirc", 194 },
	{ "Agrave", 192 },
	{ "Alpha", 913 },
	{ "Aring", 197 },
	{ "Atilde", 195 },
	{ "Auml", 196 },
	{ "Beta", 914 },
	{ "Ccedil", 199 },
	{ "Eacute", 201 },
	{ "Ecirc", 202 },
	{ "Egrave", 200 },
	{ "Euml", 203 },
	{ "Iacute", 205 },
	{ "Icirc", 206 },
	{ "Ntilde", 209 },
	{ "Oacute", 211 },
	{ "Ocirc", 212 },
	{ "Oslash", 216 },
	{ "Otilde", 213 },
	{ "Ouml", 214 },
	{ "Uacute", 218 },
	{ "Uuml", 220 },
	{ "aacute", 225 },
	{ "acirc", 226 },
	{ "acute", 180 },
	{ "aelig", 230 },
	{ "agrave", 224 },
	{ "alpha", 945 },
	{ "amp", '&' },
	{ "apos", '\'' },
	{ "aring", 229 },
	{ "atilde", 227 },
	{ "auml", 228 },
	{ "bdquo", 8222 },
	{ "beta", 946 },
	{ "brvbar", 166 },
	{ "bull", 8226 },
	{ "ccedil", 231 },
	{ "cent", 162 },
	{ "copy", 169 },
	{ "dagger", 8224 },
	{ "darr", 8595 },
	{ "deg", 176 },
	{ "divide", 247 },
	{ "eacute", 233 },
	{ "ecirc", 234 },
	{ "egrave", 232 },
	{ "emsp", 8195 },
	{ "ensp", 8194 },
	{ "euml", 235 },
	{ "euro", 8364 },
	{ "frac12", 189 },
	{ "frac14", 188 },
	{ "frasl", 8260 },
	{ "gt", '>' },
	{ "harr", 8596 },
	{ "hearts", 9829 },
	{ "hellip", 8230 },
	{ "iacute", 237 },
	{ "icirc", 238 },
	{ "iexcl", 161 },
	{ "igrave", 236 },
	{ "iquest", 191 },
	{ "iuml", 239 },
	{ "laquo", 171 },
	{ "larr", 8592 },
	{ "ldquo", 8220 },
	{ "le", 8804 },
	{ "lrm", 8206 },
	{ "lsaquo", 8249 },
	{ "lsquo", 8216 },
	{ "lt", '<' },
	{ "mdash", 8212 },
	{ "micro", 181 },
	{ "middot", 183 },
	{ "minus", 8722 },
	{ "mu", 956 },
	{ "nbsp", 160 },
	{ "ndash", 8211 },
	{ "ne", 8800 },
	{ "not", 172 },
	{ "ntilde", 241 },
	{ "oacute", 243 },
	{ "ocirc", 244 },
	{ "oelig", 339 },
	{ "ograve", 242 },
	{ "omega", 969 },
	{ "ordm", 186 },
	{ "oslash", 248 },
	{ "otilde", 245 },
	{ "ouml", 246 },
	{ "para", 182 },
	{ "permil", 8240 },
	{ "pi", 960 },
	{ "plusmn", 177 },
	{ "pound", 163 },
	{ "quot", '"' },
	{ "raquo", 187 },
	{ "rarr", 8594 },
	{ "rdquo", 8221 },
	{ "reg", 174 },
	{ "rlm", 8207 },
	{ "rsaquo", 8250 },
	{ "rsquo", 8217 },
	{ "sbquo", 8218 },
	{ "scaron", 353 },
	{ "sect", 167 },
	{ "shy", 173 },
	{ "sup2", 178 },
	{ "sup3", 179 },
	{ "szlig", 223 },
	{ "thinsp", 8201 },
	{ "tilde", 732 },
	{ "times", 215 },
	{ "trade", 8482 },
	{ "uacute", 250 },
	{ "uarr", 8593 },
	{ "ucirc", 251 },
	{ "ugrave", 249 },
	{ "uuml", 252 },
	{ "yacute", 253 },
	{ "yen", 165 },
	{ "yuml", 255 },
	{ "zwj", 8205 },
	{ "zwnj", 8204 },
};

static int
compare(const void *key, const void *entry)
{
	return strcmp(key, ((const struct entity *)entry)->name);
}

static int
digit_value(char c, unsigned base)
{
	int v = c >= '0' && c <= '9' ? c - '0'
	    : c >= 'a' && c <= 'f'   ? c - 'a' + 10
	    : c >= 'A' && c <= 'F'   ? c - 'A' + 10
				     : 99;

	return v < (int)base ? v : -1;
}

static size_t
numeric(const char *p, size_t n, unsigned *code)
{
	unsigned base = n > 2 && (p[2] == 'x' || p[2] == 'X') ? 16 : 10, c = 0;
	size_t first = base == 16 ? 3 : 2, i;

	for (i = first; i < n && i < first + 8 && digit_value(p[i], base) >= 0; i++)
		c = c * base + (unsigned)digit_value(p[i], base);
	if (i == first || c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	*code = c;
	return i < n && p[i] == ';' ? i + 1 : i;
}

size_t
entity_decode(const char *p, size_t n, unsigned *code)
{
	char name[NAME_MAX_BYTES + 1];
	const struct entity *e;
	size_t i;

	if (n > 2 && p[1] == '#')
		return numeric(p, n, code);
	for (i = 1; i < n && i <= NAME_MAX_BYTES && p[i] != ';'; i++)
		name[i - 1] = p[i];
	if (i >= n || p[i] != ';')
		return 0;
	name[i - 1] = '\0';
	e = bsearch(name, entities, sizeof(entities) / sizeof(entities[0]), sizeof(entities[0]), compare);
	if (e == NULL)
		return 0;
	*code = e->code;
	return i + 1;
}
