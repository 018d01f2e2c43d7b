#include "config.h"

#include "fuzz.h"

#include "base/file.h"

/*
 * A target without its fuzzer: judge each file named as an argument, in order.  The name is printed first, so
 * that the last one printed is the one to blame.
 */
#define FILE_MAX_BYTES (64u << 20)

static int
replay(const char *path)
{
	struct err err;
	uint8_t *copy;
	char *text;
	size_t n;

	printf("# %s\n", path);
	if (file_read(&text, &n, path, FILE_MAX_BYTES, &err) == -1) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	copy = (uint8_t *)fuzz_copy((struct slice){ text, n });
	free(text);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
	return 0;
}

int
main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 2) {
		fprintf(stderr, "usage: %s FILE...\n", argv[0]);
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		if (replay(argv[i]) == -1)
			return 1;
	}
	printf("%d inputs\n", argc - 1);
	return 0;
}
