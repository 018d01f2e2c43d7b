#!/bin/sh
# No function over 100 lines, few over 50, no file over 500: by the house layout a body opens and closes in column one.
# Usage: srcdir=DIR check-functions.sh
set -u
cd "${srcdir:-.}" || exit 2

awk '
FNR == 1 { if (last > 500) { printf "%s: %d lines\n", name, last; bad = 1 } open = 0; name = FILENAME }
{ last = FNR }
/^\{/ { open = FNR; header = before }
/^\}/ {
	if (open) {
		n = FNR - open - 1; count++; long += n > 50
		if (n > 100) { printf "%s:%d: %d lines: %s\n", FILENAME, open, n, header; bad = 1 }
	}
	open = 0
}
NF { before = $0 }
END {
	if (long * 50 > count) { printf "%d of %d functions are over 50 lines\n", long, count; bad = 1 }
	printf "%d functions, %d over 50 lines\n", count, long
	exit bad
}' base/*.c classifier/*.c corpus/*.c store/*.c engine/*.c daemon/*.c cli/*.c
