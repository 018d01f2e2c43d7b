#!/bin/sh
# The manual pages are sound mdoc, and the configuration's page has every key.
set -u
cd "${srcdir:-.}" || exit 2
command -v mandoc >/dev/null 2>&1 || { echo "skipped: mandoc is not installed"; exit 77; }
bad=0
mandoc -Tlint -Wwarning man/*.[1-8] || bad=1
for key in $("$HAMLETD" --print-config | sed -n 's/^#* *\([a-z_]*\) *=.*/\1/p'); do
	grep -q "^\.It Cm $key\\b\|^\.It Ic $key\\b\|^\.It Va $key\\b" man/hamlet.conf.5 || { echo "hamlet.conf.5: no $key"; bad=1; }
done
exit $bad
