#!/bin/sh
# The shipped corpus is well formed, about reserved domains only, and holds no near-duplicates.
set -u
exec "$CORPUS_CHECK" "$HAMLET_CORPUS"/*.jsonl
