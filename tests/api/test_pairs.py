"""One comment as its client sends it on a check, on a recheck and on a submission (protocol/captures) is one comment here: a
correction reaches the verdict that it is about."""
import re

import pytest

import mutations
from harness import shared, ulid_of
from test_captures import THANKS, read

# Two captures of one comment: the check, and what came later.
PAIRS = [
    ("wordpress-akismet502-1.1-comment-check", "wordpress-akismet502-1.1-comment-check-10"),  # slashes; HTML entities
    ("wordpress-akismet502-1.1-comment-check-4", "wordpress-akismet502-1.1-comment-check-11"),  # slashes; as stored
    ("wordpress-akismet502-1.1-comment-check-4", "wordpress-akismet502-1.1-submit-ham"),
    ("wordpress-akismet502-1.1-comment-check-11", "wordpress-akismet502-1.1-submit-ham"),
    ("wordpress-akismet502-1.1-comment-check-5", "wordpress-akismet502-1.1-submit-spam"),  # a trackback
    ("wordpress-akismet502-1.1-comment-check-8", "wordpress-akismet502-1.1-comment-check-12"),
]
LIBRARIES = {
    "go-adtac-akismet": "-2", "go-shogo82148-akismet": "-2", "npm-akismet-api": "", "npm-akismet1-staticman": "",
    "npm-akismet2": "", "npm-cedx-akismet": "-2", "perl-net-akismet": "", "php-gothick-akismet": "-2", "python-akismet": "-2",
    "ruby-akismet": "", "ruby-rakismet": "",
}
PAIRS += [(f"{name}-1.1-comment-check{number}", f"{name}-1.1-{call}") for name, number in LIBRARIES.items()
          for call in ("submit-spam", "submit-ham")]
# Several of them are tests, which nothing is learnt from: the words that say so, and others as long.
HARMLESS = [(rb"viagra-test-123", b"vera-jones-1234"), (rb"akismet-guaranteed-spam", b"a.k.i.s.m.e.t.ordinary."),
            (rb"is_test=1\b", b"is_test=0"), (rb"(?i)is_test=true", b"is_test=0&&&")]


def harmless(name, key, number):
    """The capture NAME as a live call; NUMBER makes its comment another one than that of other pairs."""
    data = mutations.marked(read(name + ".http", key), number)
    for pattern, other in HARMLESS:
        data = re.sub(pattern, other, data)
    return data


def ask(daemon, data):
    with daemon.connect() as c:
        c.send(data)
        return c.reply()


def fingerprint(daemon, verdict):
    return daemon.query("SELECT fingerprint FROM verdict WHERE id = ?", verdict)


@pytest.mark.parametrize("number", range(len(PAIRS)), ids=["+".join(pair) for pair in PAIRS])
def test_pair(shared_daemon, site, number):
    shared("protocol", "captures")
    check, later = PAIRS[number]
    verdict = ulid_of(ask(shared_daemon, harmless(check, site, number)).headers["x-akismet-guid"])
    reply = ask(shared_daemon, harmless(later, site, number))
    if "submit" not in later:
        again = ulid_of(reply.headers["x-akismet-guid"])
        assert fingerprint(shared_daemon, verdict) == fingerprint(shared_daemon, again) != []
        return
    assert reply.body == THANKS
    rows = shared_daemon.query("SELECT verdict_id, label FROM example WHERE content LIKE ?", f"%{mutations.MARK}{number:06d}%")
    assert rows == [(verdict, int(later.endswith("spam")))]


def test_comments_that_differ_are_two(shared_daemon, site):
    """The same client's two comments, checked, are two."""
    shared("protocol", "captures")
    names = [f"wordpress-akismet502-1.1-comment-check{n}" for n in ("", "-2", "-3", "-4", "-5", "-8", "-9")]
    found = [fingerprint(shared_daemon, ulid_of(ask(shared_daemon, harmless(n, site, 999)).headers["x-akismet-guid"])) for n in names]
    assert len({row[0][0] for row in found}) == len(names)
