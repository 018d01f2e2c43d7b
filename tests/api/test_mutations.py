"""Captured requests, damaged: some hundreds here, ten thousand in tests/faults."""
import pytest

import mutations
from harness import QUICK, shared
from test_captures import CAPTURES


@pytest.mark.parametrize("where", ["unix", "tcp"])
def test_damaged_captures(daemons, where):
    folder = shared("protocol", "captures")
    daemon = daemons(config={"log_level": "debug"})
    requests = mutations.variants(folder, CAPTURES, daemon.add_site("blog"), 222 if QUICK else 444, seed=f"api {where}")
    replies = mutations.run(daemon, requests, where)
    assert sum(reply is not None and reply.status == 200 for reply in replies) > len(requests) / 5
    daemon.stop()
    assert daemon.log_text() and mutations.MARK not in daemon.log_text()
