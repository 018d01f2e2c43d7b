#include "config.h"

#include <ctype.h>
#include <string.h>

#include "base/crypto.h"
#include "base/guid.h"

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void
guid_from_ulid(char out[GUID_CHARS + 1], const char id[ULID_CHARS])
{
	unsigned char bytes[16] = { 0 };

	for (int i = 0; i < ULID_CHARS; i++) {
		unsigned value = (unsigned)(strchr(alphabet, id[i]) - alphabet);

		/* 26 characters are 130 bits, of which the first two are clear: the last one ends the last
		 * byte */
		for (int bit = 4; bit >= 0; bit--) {
			int at = i * 5 + (4 - bit) - 2;

			if (at >= 0 && (value >> bit & 1) != 0)
				bytes[at / 8] |= (unsigned char)(0x80 >> at % 8);
		}
	}
	hex_encode(out, bytes, sizeof(bytes));
}

static int
ulid_from_hex(char out[ULID_CHARS + 1], const char *hex)
{
	unsigned char bytes[GUID_CHARS / 2];
	char text[GUID_CHARS + 1];

	memcpy(text, hex, GUID_CHARS);
	text[GUID_CHARS] = '\0';
	if (hex_decode(bytes, sizeof(bytes), text) == -1)
		return -1;
	for (int i = 0; i < ULID_CHARS; i++) {
		unsigned value = 0;

		for (int bit = 0; bit < 5; bit++) {
			int at = i * 5 + bit - 2;

			value = value << 1 | (at < 0 ? 0 : (unsigned)bytes[at / 8] >> (7 - at % 8) & 1);
		}
		out[i] = alphabet[value];
	}
	out[ULID_CHARS] = '\0';
	return 0;
}

int
guid_to_ulid(char out[ULID_CHARS + 1], struct slice text)
{
	if (text.n == GUID_CHARS)
		return ulid_from_hex(out, text.p);
	if (text.n != ULID_CHARS)
		return -1;
	for (int i = 0; i < ULID_CHARS; i++)
		out[i] = (char)toupper((unsigned char)text.p[i]);
	out[ULID_CHARS] = '\0';
	return ulid_valid(out, ULID_CHARS) ? 0 : -1;
}
