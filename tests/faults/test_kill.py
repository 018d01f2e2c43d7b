"""kill -9 under load: every verdict that a client received is in the database afterwards."""
import json
import random
import threading

import pytest

from harness import HAM, QUICK, Closed, form, hamlet, request_bytes, ulid_of, wait_until

ROUNDS = 5 if QUICK else 50
THREADS = 64


def native_call(i, key):
    body = json.dumps({**HAM, "author": f"client {i}"}).encode()
    return (request_bytes("POST", "/v1/check?evidence=none", body, [("Content-Type", "application/json")]),
            lambda reply: [reply.json()["id"]])


def batch_call(i, key):
    body = json.dumps({"comments": [{"content": f"one of many {i} {n}"} for n in range(20)]}).encode()
    return (request_bytes("POST", "/v1/check?evidence=none", body, [("Content-Type", "application/json")]),
            lambda reply: [v["id"] for v in reply.json()["verdicts"]])


def akismet_call(i, key):
    body = form({"api_key": key, "blog": "http://b.example/", "user_ip": "203.0.113.7",
                 "comment_content": f"client {i} says thanks"})
    return (request_bytes("POST", "/1.1/comment-check", body, [("Content-Type", "application/x-www-form-urlencoded")]),
            lambda reply: [ulid_of(reply.headers["x-akismet-guid"])])


class Load:
    """Clients that ask until the daemon is gone, and note the id of each verdict they received."""

    def __init__(self, daemon, key):
        self.ids, self.odd = [], []
        calls = (native_call, akismet_call, batch_call, akismet_call)
        self.threads = [threading.Thread(target=self.ask, args=(daemon, calls[i % 4](i, key))) for i in range(THREADS)]
        for t in self.threads:
            t.start()

    def ask(self, daemon, call):
        request, ids_of = call
        try:
            with daemon.connect() as c:
                while True:
                    c.send(request)
                    reply = c.reply()
                    if reply.status != 200:
                        self.odd.append(reply)
                    else:
                        self.ids.extend(ids_of(reply))
        except (OSError, Closed):
            pass

    def join(self):
        for t in self.threads:
            t.join()


def check_record(daemon, received):
    db = daemon.db()
    try:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        recorded = {row[0] for row in db.execute("SELECT id FROM verdict")}
    finally:
        db.close()
    lost = received - recorded
    assert not lost, f"{len(lost)} of {len(received)} verdicts that were received are not on record"


@pytest.mark.slow
def test_kill_under_load(daemon):
    key = daemon.add_site("blog")
    rnd, received = random.Random(1), set()
    for _ in range(ROUNDS):
        load = Load(daemon, key)
        goal = rnd.randrange(100, 2000)
        try:
            wait_until("answers", lambda: len(load.ids) >= goal or load.odd)
        finally:
            daemon.kill()
            load.join()
        assert not load.odd
        assert len(set(load.ids)) == len(load.ids), "an id was given twice"
        assert not received & set(load.ids), "an id was given again after the restart"
        received |= set(load.ids)
        daemon.start()
        check_record(daemon, received)
    hamlet("audit", "verify", state=daemon.state)


def test_kill_while_learning(daemon):
    """Corrections that were thanked for are there after the restart, and are learnt from, each once."""
    key = daemon.add_site("blog")
    thanked = []

    def report(i):
        fields = {"blog": "b", "user_ip": "203.0.113.7"}
        try:
            for n in range(100000):
                text = f"correction {i} {n} flumox"
                if daemon.akismet("submit-spam", {**fields, "comment_content": text}, key).status == 200:
                    thanked.append(text)
        except (OSError, Closed):
            pass

    threads = [threading.Thread(target=report, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    try:
        wait_until("thanks", lambda: len(thanked) > 100)
    finally:
        daemon.kill()
        for t in threads:
            t.join()
    daemon.start()
    recorded = [row[0] for row in daemon.query("SELECT content FROM example WHERE origin = 'akismet'")]
    assert set(thanked) <= set(recorded) and len(recorded) == len(set(recorded))
    last = daemon.query("SELECT max(seq) FROM example")[0][0]
    wait_until("the model to have learnt all", lambda: daemon.query("SELECT max(position) FROM model")[0][0] == last)


def test_kill_leaves_a_state_that_the_admin_tool_can_use(daemon):
    load = Load(daemon, daemon.add_site("blog"))
    try:
        wait_until("answers", lambda: len(load.ids) > 50)
    finally:
        daemon.kill()
        load.join()
    done = hamlet("verdicts", "--json", "--limit", "100000", state=daemon.state)
    listed = {json.loads(line)["id"] for line in done.stdout.splitlines()}
    assert set(load.ids) <= listed
