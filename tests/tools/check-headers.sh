#!/bin/sh
# Each header compiles alone and is guarded by its own name; nothing uses what the house bans.  Usage: srcdir=DIR check-headers.sh
set -u
cd "${srcdir:-.}" || exit 2
bad=0

for h in base/*.h classifier/*.h corpus/*.h store/*.h engine/*.h daemon/*.h cli/*.h; do
	guard=HAMLET_$(echo "${h%.h}" | tr 'a-z/-' 'A-Z__')_H
	grep -q "^#ifndef $guard\$" "$h" || { echo "$h: its guard isn't $guard"; bad=1; }
	case $h in
	store/sql.h) continue ;; # needs SQLite's header, which only store/ is given
	esac
	printf '#define _GNU_SOURCE 1\n#include "%s"\n' "$h" | ${CC:-cc} -std=gnu11 -I. -fsyntax-only -xc - || bad=1
done
if grep -nE '\b(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|strtok)\(' base/*.c classifier/*.c corpus/*.c store/*.c engine/*.c \
	daemon/*.c cli/*.c; then
	echo "banned function"
	bad=1
fi
if grep -nE '^[ \t]*extern ' base/*.c classifier/*.c corpus/*.c store/*.c engine/*.c daemon/*.c cli/*.c; then
	echo "extern in a .c file"
	bad=1
fi
exit $bad
