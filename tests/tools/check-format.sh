#!/bin/sh
# The formatter decides the layout.  Usage: srcdir=DIR check-format.sh; exit 77 (skipped) where it isn't installed.
set -u
cd "${srcdir:-.}" || exit 2

format=clang-format-14
command -v "$format" >/dev/null 2>&1 || format=clang-format
command -v "$format" >/dev/null 2>&1 || { echo "skipped: clang-format is not installed"; exit 77; }
case $("$format" --version) in
*"version 14."*) ;;
*) echo "skipped: the layout is that of clang-format 14"; exit 77 ;;
esac
"$format" --dry-run --Werror base/*.[ch] classifier/*.[ch] corpus/*.[ch] store/*.[ch] engine/*.[ch] daemon/*.[ch] cli/*.[ch] \
	tests/unit/*.[ch] tests/faults/*.c tests/bench/*.[ch] tests/fuzz/*.[ch]
