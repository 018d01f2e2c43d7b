#!/bin/sh
# The black-box suite: the real programs, spoken to over their sockets.
set -u
[ -n "${PYTEST:-}" ] && "$PYTEST" --version >/dev/null 2>&1 || { echo "skipped: pytest-3 is not installed"; exit 77; }
exec "$PYTEST" -q -p no:cacheprovider -rs "${srcdir:-.}/tests/api"
