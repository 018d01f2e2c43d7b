#include "config.h"

#include <locale.h>

#include "base/crypto.h"
#include "cli/cli.h"

int
main(int argc, char **argv)
{
	struct err err;

	/* For wcwidth(): all text is UTF-8, whatever the user's language. */
	setlocale(LC_CTYPE, "C.UTF-8");
	if (crypto_init(&err) == -1)
		return cli_fail(&err);
	return cli_main(argc, argv);
}
