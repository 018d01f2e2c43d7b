#!/bin/sh
# A client of Hamlet for scripts: needs curl and jq.
#
#   hamlet.sh check [NAME=VALUE]... < TEXT    judge the comment TEXT; NAMEs: author, email, url, ip, user_agent, permalink...
#                                             prints the verdict (ham, unsure or spam), the probability of spam and the verdict's id
#   hamlet.sh spam ID, hamlet.sh ham ID       say what the comment was
#
# HAMLET_SOCKET is hamletd's socket; HAMLET_KEY the blog's key: without one comments belong to the site "default".
# Exit codes: 0 ham or done, 1 unsure or spam, 3 not known: hold the comment for a moderator and ask again later.
set -u

socket=${HAMLET_SOCKET:-/var/lib/hamlet/hamlet.sock}

usage() {
	sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

# post PATH: what is on standard input; the key isn't an argument, where others could see it.
post() {
	{ [ -z "${HAMLET_KEY:-}" ] || printf 'header = "Authorization: Bearer %s"\n' "$HAMLET_KEY"; } >"$work/config"
	status=$(curl -sS --max-time 5 --noproxy '*' --unix-socket "$socket" -K "$work/config" -H 'Content-Type: application/json' \
		--data-binary @- -o "$work/answer" -w '%{http_code}' "http://localhost$1") || exit 3
	[ "$status" = 200 ] || { echo "hamlet.sh: $(jq -r '.error.message' "$work/answer" 2>/dev/null)" >&2; exit 3; }
}

check() {
	for pair in "$@"; do
		case $pair in [a-z]*=*) ;; *) usage ;; esac
	done
	jq -Rs '{content: .} + ([$ARGS.positional[] | capture("^(?<key>[a-z_]+)=(?<value>(.|\n)*)$")] | from_entries)' --args "$@" >"$work/comment" || exit 2
	post '/v1/check?evidence=none' <"$work/comment"
	jq -r '"\(.verdict) \(.probability) \(.id)"' "$work/answer"
	[ "$(jq -r .verdict "$work/answer")" = ham ]
}

umask 077
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
check) check "$@" ;;
spam | ham)
	[ $# -eq 1 ] || usage
	jq -n --arg id "$1" --arg said "$command" '{"id": $id, "label": $said}' >"$work/correction"
	post /v1/feedback <"$work/correction"
	;;
*) usage ;;
esac
