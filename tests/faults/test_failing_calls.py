"""The Nth allocation, write or sync of the daemon fails, for every N that a request comes to: what can't be recorded isn't
answered, and the next request is served as if nothing had been."""
import mmap
import os
import shlex
import struct
import subprocess

import pytest

import harness
from harness import HAM, Closed, hamlet, wait_until
from load import check_request

HERE = os.path.dirname(os.path.abspath(__file__))
KINDS = ("allocation", "write", "sync")
CALLS_MAX = 3000
STEP = 40  # a small model does


class FailingCalls:
    """What a daemon with failing_calls.c before its C library is to fail in."""

    def __init__(self, folder):
        self.library, self.path = os.path.join(folder, "failing_calls.so"), os.path.join(folder, "orders")
        subprocess.run([*shlex.split(os.environ.get("CC", "cc")), "-shared", "-fPIC", "-O1", "-o", self.library,
                        os.path.join(HERE, "failing_calls.c"), "-ldl"], check=True)
        with open(self.path, "w+b") as f:
            f.write(bytes(32))
            f.flush()
            self.map = mmap.mmap(f.fileno(), 32)

    def environment(self):
        return {"LD_PRELOAD": self.library, "FAILING_CALLS": self.path}

    def order(self, kind, n):
        self.map[24:32] = bytes(8)
        self.map[8 * KINDS.index(kind):8 * KINDS.index(kind) + 8] = struct.pack("<q", n)

    def withdraw(self):
        self.map[0:24] = bytes(24)

    def failed(self):
        return struct.unpack("<q", self.map[24:32])[0]


@pytest.fixture
def calls(tmp_path):
    return FailingCalls(str(tmp_path))


def ask(daemon, text):
    """The id of the verdict that was answered, or None when there was none; anything else but 503 is wrong."""
    try:
        with daemon.connect() as c:
            c.send(check_request(text))
            reply = c.reply()
    except (Closed, OSError):
        return None
    assert reply.status in (200, 503), reply
    return reply.json()["id"] if reply.status == 200 else None


def recovered(daemon, text):
    return wait_until("service again", lambda: ask(daemon, text), 30)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_call_of_a_check(daemons, calls, kind):
    daemon = daemons(source=harness.trained(STEP), env=calls.environment(), tcp=False)
    daemon.check(HAM)
    pid, answered, failures = daemon.process.pid, set(), 0
    for n in range(1, CALLS_MAX):
        calls.order(kind, n)
        id = ask(daemon, f"{kind} {n} fails")
        came_to_it = calls.failed() > 0
        calls.withdraw()
        failures += came_to_it
        answered |= {id} if id else set()
        answered.add(recovered(daemon, f"after {kind} {n}"))
        if not came_to_it:
            break
    else:
        pytest.fail(f"one check makes more than {CALLS_MAX} calls")
    assert failures > 0, "some call failed"
    assert daemon.process.pid == pid and daemon.alive()
    recorded = {row[0] for row in daemon.query("SELECT id FROM verdict")}
    assert answered <= recorded
    assert daemon.query("PRAGMA integrity_check") == [("ok",)]
    hamlet("audit", "verify", state=daemon.state)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_corrections_are_learnt_in_the_end(daemons, calls, kind):
    """The keeper meets failures too; it tries again, and the model has what was said."""
    daemon = daemons(source=harness.trained(STEP), env=calls.environment(), tcp=False, config={"learn_interval": 0.1})
    for n in (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233):
        id = daemon.check(f"number {n} is about zucchini")["id"]
        assert daemon.native("/v1/feedback", {"id": id, "label": "spam"}).status == 200
        calls.order(kind, n)
        wait_until("the failure, or the model", lambda: calls.failed() or learnt(daemon))
        calls.withdraw()
        wait_until("the model", lambda: learnt(daemon))
    assert daemon.check("one more about zucchini")["verdict"] in ("ham", "unsure", "spam")


def learnt(daemon):
    """Whether the newest model knows the last correction."""
    last, position = daemon.query("SELECT (SELECT max(seq) FROM example), (SELECT max(position) FROM model)")[0]
    return last == position
