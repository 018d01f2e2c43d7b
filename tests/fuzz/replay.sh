#!/bin/sh
# Replay every seed through its target: nothing may crash, and what each target checks must hold.  Runs in the build folder.
# Usage: srcdir=DIR replay.sh
set -u
seeds=${srcdir:-.}/tests/fuzz/seeds
bad=0

for folder in "$seeds"/*/; do
	name=$(basename "$folder")
	out=$(tests/fuzz/fuzz_"$name" "$folder"* 2>&1) && { echo "$name: $(echo "$out" | tail -n 1)"; continue; }
	echo "$out" | tail -n 60
	bad=1
done
exit $bad
