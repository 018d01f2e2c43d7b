"""Every captured request of a real client, replayed byte for byte (protocol/captures) with a key of ours in it."""
import os
import re
import urllib.parse

import pytest

from harness import SHARED, shared

FOLDER = os.path.join(SHARED, "protocol", "captures")
CAPTURES = sorted(n for n in os.listdir(FOLDER) if n.endswith(".http")) if os.path.isdir(FOLDER) else []
KEY = b"0123456789ab"
THANKS = b"Thanks for making the web a better place."
GUARANTEED = (b"viagra-test-123", b"akismet-guaranteed-spam")  # the second is also the beginning of the e-mail address


def test_captures_are_there():
    shared("protocol", "captures")
    assert len(CAPTURES) > 100


def read(name, key):
    with open(os.path.join(FOLDER, name), "rb") as f:
        return f.read().replace(KEY, key.encode())


def has_key(data, key):
    head, _, body = data.partition(b"\r\n\r\n")
    host = re.search(rb"^Host: *([^\r]*)", head, re.M | re.I)
    in_host = host is not None and host.group(1).startswith(key.encode() + b".")
    return in_host or key.encode() in body or key.encode() in head.split(b"\r\n")[0]


def call_of(data):
    """('1.1', 'comment-check') of the request line; ('', '') for the root."""
    target = data.split(b" ", 2)[1].decode()
    parts = urllib.parse.urlsplit(target).path.strip("/").split("/")
    return (parts[0], parts[1]) if len(parts) == 2 else ("", "")


def check_comment(data, reply, known):
    if not known:
        assert reply.body == b"invalid"
        return
    body = data.partition(b"\r\n\r\n")[2]
    if b"user_role=administrator" in body:
        assert reply.body == b"false"
    elif any(word in body for word in GUARANTEED):
        assert reply.body == b"true"
    else:
        assert reply.body in (b"true", b"false")
    assert re.fullmatch("[0-9a-f]{32}", reply.headers["x-akismet-guid"])
    assert "x-akismet-debug-help" not in reply.headers and "x-akismet-error" not in reply.headers


def check_blogspam(reply, where):
    """Such clients have no key: over TCP that is one too few, here."""
    if where == "tcp":
        assert reply.status == 401, reply
    else:
        assert reply.status == 200 and reply.json()["version"] == "2.0"
        assert (reply.json()["result"] == "SPAM") == ("blocker" in reply.json()) == ("reason" in reply.json())


def check_reply(call, data, reply, known):
    """Judge the reply to one of Akismet's calls."""
    assert reply.status == 200, reply
    if call == "comment-check":
        check_comment(data, reply, known)
    elif call == "test":
        assert reply.body == b"connected"
    elif not known:
        assert reply.body == b"invalid"
    elif call in WORDS:
        assert reply.body == WORDS[call]
    else:
        assert MEMBERS[call] <= set(reply.json())


WORDS = {"verify-key": b"valid", "submit-spam": THANKS, "submit-ham": THANKS, "deactivate": b"deactivated"}
MEMBERS = {
    "get-subscription": {"account_id", "account_type", "account_name", "status", "next_billing_date", "limit_reached"},
    "get-stats": {"spam", "ham", "missed_spam", "false_positives", "time_saved", "accuracy", "breakdown"},
    "usage-limit": {"limit", "usage", "percentage", "throttled"},
    "key-sites": {"limit", "offset", "total"},
}


@pytest.mark.parametrize("where", ["unix", "tcp"])
@pytest.mark.parametrize("name", CAPTURES)
def test_capture(shared_daemon, site, name, where):
    data = read(name, site)
    known, (version, call) = has_key(data, site), call_of(data)
    before = shared_daemon.count()
    with shared_daemon.connect(where) as c:
        c.send(data)
        reply = c.reply()
        if re.search(rb"^Connection:[^\r]*close", data, re.M | re.I) or b" HTTP/1.0\r\n" in data:
            assert c.at_end()
    if version == "":
        check_blogspam(reply, where)
        recorded = int(where == "unix")
    else:
        check_reply(call, data, reply, known)
        recorded = int(call == "comment-check" and known)
    assert shared_daemon.count() == before + recorded
    assert shared_daemon.alive()
