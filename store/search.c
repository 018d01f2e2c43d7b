#include "config.h"

#include <string.h>

#include "store/search.h"

static unsigned char
lower(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 'A' && u <= 'Z' ? (unsigned char)(u + 'a' - 'A') : u;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
occurs(struct slice word, struct slice text)
{
	size_t i, j;

	for (i = 0; i + word.n <= text.n; i++) {
		for (j = 0; j < word.n && lower(text.p[i + j]) == lower(word.p[j]); j++)
			;
		if (j == word.n)
			return true;
	}
	return false;
}

bool
search_match(struct slice words, const struct slice *fields, size_t n)
{
	struct slice word;
	size_t i = 0, f;

	for (;;) {
		while (i < words.n && is_space(words.p[i]))
			i++;
		if (i == words.n)
			return true;
		word = (struct slice){ words.p + i, 0 };
		for (; i < words.n && !is_space(words.p[i]); i++)
			word.n++;
		for (f = 0; f < n && !occurs(word, fields[f]); f++)
			;
		if (f == n)
			return false;
	}
}
