"""Everything that the daemon's threads do, at once: under the thread sanitizer (`make check-threads`) none may race."""
import itertools
import json
import os
import signal
import threading

import pytest

import harness
from harness import QUICK, Closed, hamlet, wait_until
from load import Load, lost
from test_swap import link, make_another_model, models

ROUNDS = 6 if QUICK else 20
OLD_MS = 100 * 24 * 3600 * 1000
RULES = 'evidence weather {}\n\twords weather spring\nblock shop\n\turl spam{}.example\n'
PATHS = ("/metrics", "/healthz", "/readyz", "/privacy", "/privacy?format=json")


@pytest.fixture
def daemon(daemons):
    return daemons(source=harness.trained(20), config={"retain_content": "1d"})


class Round:
    """Calls that go on beside the checks, on a thread each, until the load ends."""

    def __init__(self, load, *tasks):
        self.load, self.odd = load, []
        self.threads = [threading.Thread(target=self.repeat, args=(task,)) for task in tasks]
        for t in self.threads:
            t.start()

    def repeat(self, task):
        for n in itertools.count():
            if self.load.ended.is_set():
                return
            try:
                reply = task(n)
            except (OSError, Closed) as e:
                reply = e
            if not isinstance(reply, harness.Reply) or reply.status != 200:
                self.odd.append(reply)
                return

    def join(self):
        for t in self.threads:
            t.join()


def grow_old(daemon, ids):
    db = daemon.db()
    try:
        db.execute(f"UPDATE verdict SET time_ms = time_ms - {OLD_MS} WHERE id IN ({','.join('?' * len(ids))})", ids)
        db.execute(f"UPDATE verdict_run SET hour = hour - {OLD_MS // 3600000}")
    finally:
        db.close()


def test_everything_at_once(daemon):
    first = make_another_model(daemon)
    wait_until("a second model", lambda: len(models(daemon.state)) > 1)
    old = [daemon.check(f"an old comment {i}")["id"] for i in range(100)]
    grow_old(daemon, old)
    names, rules = models(daemon.state), os.path.join(daemon.state, "rules.conf")

    def correct(n):
        ids = load.ids[-20:] or [first]
        return daemon.native("/v1/feedback", {"id": ids[n % len(ids)], "label": ("spam", "ham")[n % 2]})

    def look(n):
        return daemon.native(f"/v1/verdicts/{(load.ids[-20:] or [first])[0]}?evidence=all", where="unix", method="GET")

    def watch(n):
        return daemon.request("GET", PATHS[n % len(PATHS)], where="admin" if n % len(PATHS) == 0 else "unix")

    with Load(daemon, 8) as load:
        others = Round(load, correct, look, watch)
        for n in range(ROUNDS):
            with open(rules + ".new", "w", encoding="utf-8") as f:
                f.write(RULES.format(n % 2 + 0.5, n))
            os.rename(rules + ".new", rules)
            link(daemon.state, names[n % len(names)])
            if n % 3 == 0:
                assert daemon.native("/v1/admin/reload", None, where="admin", method="POST").status == 200
            else:
                daemon.signal(signal.SIGHUP)
            count = len(load.ids)
            wait_until("answers", lambda: len(load.ids) > count + 20 or load.odd)
            if n % 5 == 0:
                assert json.loads(hamlet("status", "--json", state=daemon.state).stdout)["daemon"]["ready"] is True
        wait_until("the purge", lambda: daemon.query("SELECT 1 FROM event WHERE kind = 'purge'"))
    others.join()
    assert not load.odd and not others.odd, (load.odd[:3], others.odd[:3])
    assert load.closed == 0
    assert not lost(daemon, load.ids)
    assert not daemon.query("SELECT 1 FROM verdict WHERE id = ? AND content IS NOT NULL", old[0])
