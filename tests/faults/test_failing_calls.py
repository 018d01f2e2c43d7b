"""The Nth allocation, write or sync of the daemon fails, for every N that a request comes to: what can't be recorded isn't
answered, and the next request is served as if nothing had been."""
import json
import mmap
import os
import shlex
import struct
import subprocess

import pytest

import harness
from harness import HAM, QUICK, Closed, hamlet, wait_until
from load import check_request

HERE = os.path.dirname(os.path.abspath(__file__))
KINDS = ("allocation", "write", "sync")
PLACES = {**{kind: 8 * i for i, kind in enumerate(KINDS)}, "end": 32}  # see failing_calls.c
BYTES = 40
CALLS_MAX = 3000
STEP = 40  # a small model does


class FailingCalls:
    """What a daemon with failing_calls.c before its C library is to fail in."""

    def __init__(self, folder):
        self.library, self.path = os.path.join(folder, "failing_calls.so"), os.path.join(folder, "orders")
        subprocess.run([*shlex.split(os.environ.get("CC", "cc")), "-shared", "-fPIC", "-O1", "-o", self.library,
                        os.path.join(HERE, "failing_calls.c"), "-ldl"], check=True)
        with open(self.path, "w+b") as f:
            f.write(bytes(BYTES))
            f.flush()
            self.map = mmap.mmap(f.fileno(), BYTES)

    def environment(self):
        return {"LD_PRELOAD": self.library, "FAILING_CALLS": self.path}

    def order(self, kind, n):
        self.map[24:32] = bytes(8)
        self.map[PLACES[kind]:PLACES[kind] + 8] = struct.pack("<q", n)

    def withdraw(self):
        self.map[0:24] = bytes(24)
        self.map[PLACES["end"]:] = bytes(8)

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


def current_file(daemon):
    models = os.path.join(daemon.state, "models")
    return os.path.join(models, os.readlink(os.path.join(models, "current")))


@pytest.mark.slow
def test_killed_at_each_step_of_learning(daemons, calls):
    """kill -9 before each call that changes the disk, from a correction until the model that knows it has its file: nothing of what
    was thanked for is lost, and each verdict can be computed again, also while its model has no file."""
    daemon = daemons(env=calls.environment(), tcp=False, config={"learn_interval": 0.1})
    unfiled = 0
    for n in range(1, CALLS_MAX, 5 if QUICK else 1):
        text = f"number {n} is about zucchini"
        id = daemon.check(text)["id"]
        before = os.readlink(os.path.join(daemon.state, "models", "current"))
        calls.order("end", n)
        try:
            thanked = daemon.native("/v1/feedback", {"id": id, "label": "spam"}).status == 200
        except (Closed, OSError):
            thanked = False
        wait_until("the end, or the file", lambda: calls.failed() or (
            os.path.basename(current_file(daemon)) != before and os.path.exists(current_file(daemon))), 120)
        ended = calls.failed() > 0
        calls.withdraw()
        if ended:
            daemon.process.wait()
            daemon.kill()
            unfiled += not os.path.exists(current_file(daemon))
            daemon.start()
        judged = daemon.check(f"{text} again")["id"]
        for verdict in (id, judged):
            assert json.loads(hamlet("explain", verdict, "--recompute", "--json", state=daemon.state).stdout)["same"], (n, verdict)
        if thanked:
            assert daemon.query("SELECT count(*) FROM example WHERE content = ?", text)[0][0] == 1
            wait_until("the model", lambda: learnt(daemon))
        if not ended:
            break
    assert unfiled > 0, "some model had no file yet"
    hamlet("audit", "verify", state=daemon.state)
    daemon.stop()
    assert os.path.exists(current_file(daemon)), "who is told to stop leaves a file"
    assert not [name for name in os.listdir(os.path.join(daemon.state, "models")) if name.endswith(".filing")]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ("write", "sync"))
def test_a_file_that_cannot_be_written_can_wait(daemons, calls, kind):
    """The model judges without it; who starts next makes it again."""
    daemon = daemons(env=calls.environment(), tcp=False, config={"learn_interval": 0.1})
    before = current_file(daemon)
    id = daemon.check("about zucchini")["id"]
    assert daemon.native("/v1/feedback", {"id": id, "label": "spam"}).status == 200
    wait_until("the model", lambda: current_file(daemon) != before)
    wait_until("its file begun", lambda: os.path.exists(current_file(daemon) + ".filing"), 30)
    calls.order(kind, 5 if kind == "write" else 1)
    wait_until("the failure told", lambda: "model_not_filed" in daemon.log_text(), 60)
    calls.withdraw()
    model = daemon.check("more about zucchini")["model"]
    assert not os.path.exists(current_file(daemon)) and os.path.basename(current_file(daemon)).startswith(model)
    assert not os.path.exists(current_file(daemon) + ".filing")
    daemon.kill()
    daemon.start()
    assert daemon.check("still more about zucchini")["model"] == model


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
