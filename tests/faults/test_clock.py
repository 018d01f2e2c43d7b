"""The time of day jumps: ids stay in order, and the daemon goes on with what it does by itself."""
import json
import mmap
import os
import shlex
import struct
import subprocess

import pytest

import harness
from harness import HAM, SPAM, hamlet, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
AHEAD = 7200  # seconds


class Clock:
    def __init__(self, folder):
        self.library, self.path = os.path.join(folder, "clock.so"), os.path.join(folder, "off")
        subprocess.run([*shlex.split(os.environ.get("CC", "cc")), "-shared", "-fPIC", "-O1", "-o", self.library,
                        os.path.join(HERE, "clock.c")], check=True)
        with open(self.path, "w+b") as f:
            f.write(bytes(8))
            f.flush()
            self.map = mmap.mmap(f.fileno(), 8)

    def environment(self):
        return {"LD_PRELOAD": self.library, "CLOCK_OFF": self.path}

    def set(self, seconds):
        self.map[0:8] = struct.pack("<q", seconds)


@pytest.fixture
def clock(tmp_path):
    return Clock(str(tmp_path))


def test_a_clock_that_is_put_back(daemons, clock):
    clock.set(AHEAD)
    daemon = daemons(source=harness.trained(20), env=clock.environment())
    before = [daemon.check(comment)["id"] for comment in (HAM, SPAM, HAM)]
    clock.set(0)
    after = [daemon.check(comment)["id"] for comment in (HAM, SPAM, HAM)]
    daemon.stop()
    daemon.start()
    after += [daemon.check(comment)["id"] for comment in (HAM, SPAM) * 4]
    assert sorted(before + after) == before + after
    hamlet("mark", "ham", after[1], state=daemon.state)
    assert hamlet("audit", "verify", state=daemon.state).stdout.startswith("whole")
    rows = [json.loads(line)["id"] for line in hamlet("verdicts", "--json", state=daemon.state).stdout.splitlines()]
    assert rows == (before + after)[::-1]


def test_the_keeper_goes_by_another_clock(daemons, clock):
    """It finds a new site by itself, though nobody tells it, and by the time of day its round would last two hours."""
    clock.set(AHEAD)
    daemon = daemons(source=harness.trained(20), env=clock.environment())
    admin = os.path.join(daemon.state, "admin.sock")
    os.rename(admin, admin + ".away")
    try:
        key = json.loads(hamlet("sites", "add", "new", "--json", state=daemon.state).stdout)["key"]
    finally:
        os.rename(admin + ".away", admin)
    wait_until("the new site", lambda: daemon.akismet("verify-key", {"key": key, "blog": "b"}).body == b"valid", 20)


def test_ids_ascend_whichever_worker_answers(daemons):
    """Several checks a millisecond, each over a connection of its own, which the workers take in turn."""
    daemon = daemons(source=harness.trained(20))
    ids = [daemon.check(HAM)["id"] for _ in range(300)]
    assert sorted(ids) == ids
