"""What has been kept for as long as it may be is erased by the daemon."""
import hashlib
import json
import os
import re
import signal

import pytest

import harness
from harness import HAM, hamlet, wait_until

HOUR_MS = 3600 * 1000
PARTS = ("content", "author", "email", "ip", "evidence")


@pytest.fixture
def daemon(daemons):
    return daemons(source=harness.trained(20))


def grow_old(daemon, hours, where="1"):
    """Date verdicts back, behind the chain's back: the daemon's clock is not ours to move."""
    db = daemon.db()
    try:
        db.execute(f"UPDATE verdict SET time_ms = time_ms - ? WHERE {where}", (hours * HOUR_MS,))
        db.execute("UPDATE verdict_run SET hour = hour - ?", (hours,))
    finally:
        db.close()


def reload(daemon, text=None):
    if text is not None:
        with open(daemon.config_path, "w") as f:
            f.write(text)
    reply = daemon.native("/v1/admin/reload", {}, where="admin")
    assert reply.json()["reloaded"], reply


def kept(daemon, ids):
    """Which parts are there, of all of the verdicts; those that only some have are None."""
    rows = daemon.query("SELECT content IS NOT NULL, author IS NOT NULL, email IS NOT NULL, ip IS NOT NULL, evidence <> '' "
                        f"FROM verdict WHERE id IN ({','.join('?' * len(ids))})", *ids)
    assert len(rows) == len(ids)
    return {part: value.pop() if len(value) == 1 else None for part, value in
            ((part, {bool(row[i]) for row in rows}) for i, part in enumerate(PARTS))}


def purges(daemon):
    return [json.loads(detail) for detail, in daemon.query("SELECT detail FROM event WHERE kind = 'purge' ORDER BY seq")]


def comment(i):
    return {**HAM, "ip": "192.0.2.7", "content": f"{HAM['content']} {i}"}


def check(daemon, n):
    reply = daemon.native("/v1/check", {"comments": [comment(i) for i in range(n)]})
    assert reply.status == 200, reply
    return [verdict["id"] for verdict in reply.json()["verdicts"]]


def test_parts_go_one_after_the_other(daemon):
    ids = check(daemon, 100)
    fresh = check(daemon, 3)
    everything = dict.fromkeys(PARTS, True)
    reload(daemon)
    assert kept(daemon, ids) == everything and purges(daemon) == []
    grow_old(daemon, 8 * 24, f"id < '{fresh[0]}'")
    reload(daemon)
    wait_until("the addresses to go", lambda: purges(daemon))
    assert purges(daemon) == [{"addresses": 100}]
    assert kept(daemon, ids) == {**everything, "ip": False} and kept(daemon, fresh) == everything
    reload(daemon, "retain_content = 1d\nretain_person = 2d\nretain_evidence = 9w\n")
    wait_until("the text to go", lambda: len(purges(daemon)) == 2)
    assert purges(daemon)[1] == {"content": 100, "person": 100}
    assert kept(daemon, ids) == {"content": False, "author": False, "email": False, "ip": False, "evidence": True}
    assert kept(daemon, fresh) == everything
    assert 'event=purged' in daemon.log_text()


def test_explain_says_that_the_evidence_was_erased(daemon):
    given, = check(daemon, 1)
    grow_old(daemon, 3 * 24)
    reload(daemon, "retain_evidence = 1d\n")
    wait_until("the evidence to go", lambda: purges(daemon))
    assert purges(daemon) == [{"evidence": 1}]
    row = json.loads(hamlet("explain", given, "--json", state=daemon.state).stdout)
    assert row["evidence_complete"] and row["evidence"] and row["erased"] == ["evidence"], "computed again from the text"
    reload(daemon, "retain_evidence = 1d\nretain_content = 1d\n")
    wait_until("the text to go", lambda: len(purges(daemon)) == 2)
    row = json.loads(hamlet("explain", given, "--json", state=daemon.state).stdout)
    assert row["evidence"] == [] and not row["evidence_complete"]
    assert "The evidence for that has been erased." in row["summary"] and "seen before" not in row["summary"]
    text = hamlet("explain", given, state=daemon.state).stdout
    assert "the evidence recorded with the verdict has been erased" in text and "for spam:" not in text


def test_the_log_does_not_keep_it(daemon):
    check(daemon, 3)
    with open(f"{daemon.state}/hamlet.db-wal", "rb") as f:
        assert HAM["author"].encode() in f.read()
    grow_old(daemon, 100 * 24)
    reload(daemon)

    def is_empty():
        with open(f"{daemon.state}/hamlet.db-wal", "rb") as f:
            return purges(daemon) and HAM["author"].encode() not in f.read()

    wait_until("the write-ahead log to be emptied", is_empty)


def stale(daemon, words):
    """How many of WORDS stand in the files of the state directory."""
    found = set()
    for folder, _, names in os.walk(daemon.state):
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.isfile(path):
                continue
            with open(path, "rb") as f:
                data = f.read()
            found |= {word for word in words if word in data}
    return len(found)


def metric(daemon, name):
    text = daemon.request("GET", "/metrics", None, [], "admin").body.decode()
    return float(re.search(rf"^{re.escape(name)} (.*)$", text, re.M)[1])


def test_no_copies_stay_in_the_database(daemon):
    """Byte for byte: neither in rows, nor in unused parts of pages, nor in the log."""
    words = [hashlib.sha256(b"%d" % i).hexdigest()[:20] for i in range(600)]
    rows = [{"author": word, "content": f"I like the garden {word} " + "and so on " * (i % 50)} for i, word in enumerate(words)]
    for i in range(0, len(rows), 100):
        assert daemon.native("/v1/check", {"comments": rows[i:i + 100]}).status == 200
    words = [word.encode() for word in words]
    assert stale(daemon, words) == 600
    grow_old(daemon, 100 * 24)
    reload(daemon)
    wait_until("the purge", lambda: purges(daemon))
    assert metric(daemon, 'hamlet_retention_erased_total{kind="content"}') == 600
    assert metric(daemon, "hamlet_retention_pass_time_seconds") >= metric(daemon, "hamlet_start_time_seconds")
    wait_until("the database to be rewritten", lambda: "event=database_rewritten" in daemon.log_text())
    assert metric(daemon, "hamlet_database_rewritten_time_seconds") > 0
    wait_until("nothing to be left", lambda: stale(daemon, words) == 0)
    before = daemon.log_text().count("event=database_rewritten")
    assert daemon.check(HAM)["verdict"]
    reload(daemon)  # nothing was erased since: no reason to rewrite it
    wait_until("a second without verdicts", lambda: metric(daemon, "hamlet_retention_pass_time_seconds") > 0)
    assert daemon.log_text().count("event=database_rewritten") == before


def test_a_start_purges(daemons, daemon):
    ids = check(daemon, 5)
    daemon.stop()
    grow_old(daemon, 100 * 24)
    again = daemons(state=daemon.state)
    wait_until("the purge", lambda: purges(again))
    assert kept(again, ids) == dict.fromkeys(PARTS, False)


def test_what_is_gone_is_said(daemon):
    ids = check(daemon, 2)
    hamlet("mark", "spam", ids[1], state=daemon.state)
    grow_old(daemon, 100 * 24)
    reload(daemon)
    wait_until("the purge", lambda: purges(daemon))
    said = hamlet("mark", "spam", ids[0], state=daemon.state, check=1).stderr
    assert ids[0] in said and "no longer kept" in said
    refused = daemon.native("/v1/feedback", {"id": ids[0], "label": "spam"})
    assert refused.status == 409 and refused.error() == "no_longer_kept", refused
    assert daemon.native("/v1/feedback", {**comment(0), "label": "spam"}).json()["changed"] is True
    assert "has been erased" in hamlet("explain", ids[0], state=daemon.state).stdout
    verdict = daemon.native(f"/v1/verdicts/{ids[0]}?evidence=all").json()
    assert verdict["evidence"] == [] and verdict["erased"] == ["content", "person", "addresses", "evidence"]
    hamlet("verdicts", "--json", state=daemon.state)
    # The correction has what the verdict has lost.
    assert hamlet("unlearn", ids[1], state=daemon.state).stdout.startswith("1 of 1")


def test_checks_go_on_meanwhile(daemon):
    for _ in range(4):
        check(daemon, 500)
    grow_old(daemon, 100 * 24)
    daemon.signal(signal.SIGHUP)
    answered = 0
    while not purges(daemon):
        daemon.check(comment(answered))
        answered += 1
    assert purges(daemon)[0] == {"content": 2000, "person": 2000, "addresses": 2000, "evidence": 2000}
    assert daemon.count() == 2000 + answered
