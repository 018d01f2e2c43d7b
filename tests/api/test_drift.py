"""Daily figures: what is out of the ordinary is told by status, metrics and log."""
import json
import os
import sqlite3
import time

from cli_fixtures import small, small_daemon, small_trained, value  # noqa: F401
from harness import HAM, hamlet, wait_until

TODAY = int(time.time() // 86400)


def put_days(state, spam_yesterday):
    """A site's last weeks, as the daemon would have added them up."""
    with sqlite3.connect(os.path.join(state, "hamlet.db"), timeout=20) as db:
        for day in range(TODAY - 20, TODAY):
            spam = spam_yesterday if day == TODAY - 1 else 9 + day % 3
            db.execute("INSERT OR REPLACE INTO daily VALUES (1, ?, 100, 0, ?, 0, 100, 10, 10, ?, 'm')",
                       (day, spam, json.dumps({"word": 1, "url": spam})))


def test_nothing_unusual(small):
    put_days(small, 10)
    assert value(hamlet("status", "--json", state=small))["drift"] == []
    assert "unusual" not in hamlet("status", state=small).stdout


def test_status_says_what_moved(small):
    put_days(small, 70)
    found = value(hamlet("status", "--json", state=small))["drift"]
    assert [(d["site"], d["figure"], d["field"], d["value"]) for d in found] == [("default", "spam_share", "url", 0.7)]
    assert "unusual      default: 70 % spam on " in hamlet("status", state=small).stdout


def test_the_daemon_tells_metrics_and_log(small_daemon):
    put_days(small_daemon.state, 70)
    assert small_daemon.request("POST", "/v1/admin/reload", where="admin").status == 200
    line = wait_until("the metric", lambda: [
        x for x in small_daemon.request("GET", "/metrics", where="admin").body.decode().splitlines() if x.startswith("hamlet_drift{")])
    assert line == ['hamlet_drift{site="default",figure="spam_share",field="url",today="0"} 0.7']
    assert small_daemon.log_text().count("event=drift") == 1


def test_the_daemon_adds_up_its_verdicts(small_daemon):
    for _ in range(3):
        small_daemon.check(HAM)
    assert small_daemon.request("POST", "/v1/admin/reload", where="admin").status == 200
    with sqlite3.connect(os.path.join(small_daemon.state, "hamlet.db"), timeout=20) as db:
        verdicts, measured, model = db.execute("SELECT verdicts, measured, model FROM daily").fetchone()
    assert (verdicts, measured) == (3, 3) and model == small_daemon.check(HAM)["model"]
