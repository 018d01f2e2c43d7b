"""Ten thousand damaged requests: every one gets a valid reply or a clear refusal, and no verdict is of another's comment."""
import collections

import mutations
from harness import HAM, shared
from test_captures import CAPTURES

VARIANTS = 10000


def test_damaged_captures(daemons):
    folder = shared("protocol", "captures")
    daemon = daemons(config={"log_level": "debug"})
    key = daemon.add_site("blog")
    requests = mutations.variants(folder, CAPTURES, key, VARIANTS, seed="faults")
    half = VARIANTS // 2
    replies = mutations.run(daemon, requests[:half], "unix") + mutations.run(daemon, requests[half:], "tcp")
    print(collections.Counter(None if reply is None else reply.status for reply in replies))
    assert daemon.check(HAM)["verdict"] != "spam"
    daemon.stop()
    log = daemon.log_text()
    assert log and mutations.MARK not in log and key not in log
