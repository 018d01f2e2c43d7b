#!/bin/sh
# Layers point downward: each folder includes only the headers of those below it, and each foreign library is seen by the few
# files named here.  Usage: srcdir=DIR check-layers.sh
set -u
cd "${srcdir:-.}" || exit 2

awk '
BEGIN {
	below["base"] = "base"
	below["classifier"] = "base classifier"
	below["corpus"] = "base classifier corpus"
	below["store"] = "base classifier store"
	below["engine"] = "base classifier corpus store engine"
	below["daemon"] = "base classifier corpus store engine daemon"
	below["cli"] = "base classifier corpus store engine cli"
	split("xxhash.h base/hash sodium.h base/crypto.c jansson.h base/json.c pcre2.h classifier/rx.c " \
	    "utf8proc.h classifier/fold.c sqlite3.h store/ csv.h corpus/csv.c expat.h corpus/wxr.c " \
	    "confuse.h engine/ event2/ daemon/", pairs, " ")
	for (i = 1; i in pairs; i += 2)
		allowed[pairs[i]] = pairs[i + 1]
}
FNR == 1 { split(FILENAME, part, "/"); folder = part[1] }
/^#[ \t]*include[ \t]*"/ {
	split($0, q, "\""); split(q[2], to, "/")
	if (q[2] == "config.h")
		next
	if (!index(q[2], "/") || !index(" " below[folder] " ", " " to[1] " ")) {
		printf "%s:%d: %s/ may not include \"%s\"\n", FILENAME, FNR, folder, q[2]; bad = 1
	}
}
/^#[ \t]*include[ \t]*</ {
	for (library in allowed)
		if (index($0, "<" library) && index(FILENAME, allowed[library]) != 1) {
			printf "%s:%d: <%s> belongs to %s\n", FILENAME, FNR, library, allowed[library]; bad = 1
		}
}
END { exit bad }
' base/*.[ch] classifier/*.[ch] corpus/*.[ch] store/*.[ch] engine/*.[ch] daemon/*.[ch] cli/*.[ch]
