"""Real comments by the ten thousand: each is answered, each is on record."""
import json
import os

import pytest

from harness import QUICK, SHARED, shared

FOLDER = os.path.join(SHARED, "data")
FILES = sorted(n for n in os.listdir(FOLDER) if n.endswith(".jsonl")) if os.path.isdir(FOLDER) else []
FIELDS = ("author", "email", "url", "content", "ip", "user_agent", "referrer", "permalink", "type", "date", "lang", "context")
BATCH = 500


def rows_of(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]
    return [{k: row[k] for k in FIELDS if k in row} for row in rows[::10 if QUICK else 1]]


@pytest.mark.slow
def test_every_comment_is_answered_and_recorded(daemons):
    shared("data")
    assert len(FILES) >= 10
    daemon = daemons(tcp=False, config={"max_body": 64 << 20})
    asked = 0
    for name in FILES:
        rows = rows_of(name)
        for i in range(0, len(rows), BATCH):
            batch = rows[i:i + BATCH]
            reply = daemon.native("/v1/check?evidence=none", {"comments": batch})
            assert reply.status == 200, (name, i, reply)
            verdicts = reply.json()["verdicts"]
            assert len(verdicts) == len(batch), (name, i)
            assert all(0 < v["probability"] < 1 and v["verdict"] in ("ham", "unsure", "spam") for v in verdicts)
            asked += len(batch)
        assert daemon.count() == asked, name
    assert asked > (1000 if QUICK else 10000)
    daemon.stop()
    daemon.start()
    assert daemon.count() == asked
