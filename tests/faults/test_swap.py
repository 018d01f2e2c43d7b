"""The model is swapped, and the configuration loaded again, under load: nothing fails and nothing grows."""
import json
import os
import resource
import signal
import threading

import pytest

from harness import QUICK, hamlet, wait_until
from load import Load, lost

SECONDS = 6 if QUICK else 60


def memory(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
        return sum(int(line.split()[1]) for line in f if line.startswith(("Private_Dirty", "Private_Clean")))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def make_another_model(daemon):
    """Teach a comment by the tool, so that there is a second model to swap to."""
    id = daemon.check("one to be corrected zabaglione")["id"]
    hamlet("mark", "spam", id, state=daemon.state)
    return id


def models(state):
    return sorted(n for n in os.listdir(os.path.join(state, "models")) if n.endswith(".model"))


def link(state, name):
    path = os.path.join(state, "models", "current")
    os.symlink(name, path + ".next")
    os.rename(path + ".next", path)


@pytest.mark.slow
def test_models_swapped_every_tenth_of_a_second(daemon):
    first = os.readlink(os.path.join(daemon.state, "models", "current"))
    make_another_model(daemon)
    wait_until("a second model", lambda: len(models(daemon.state)) > 1)
    names = models(daemon.state)
    assert first in names
    pid, stop, swaps = daemon.process.pid, threading.Event(), [0]

    def swap():
        while not stop.wait(0.1):
            link(daemon.state, names[swaps[0] % len(names)])
            daemon.signal(signal.SIGHUP)
            swaps[0] += 1

    swapper = threading.Thread(target=swap)
    with Load(daemon, 8) as load:
        wait_until("a first thousand answers", lambda: len(load.ids) > 1000 or load.odd)
        swapper.start()
        try:
            wait_until("swaps to warm up by", lambda: swaps[0] >= SECONDS * 2 or load.odd, SECONDS * 20)
            before = memory(pid), descriptors(pid)
            wait_until("all swaps", lambda: swaps[0] >= SECONDS * 10 or load.odd, SECONDS * 40)
            after = memory(pid), descriptors(pid)
        finally:
            stop.set()
            swapper.join()
    assert not load.odd and load.closed == 0, load.odd[:3]
    assert not lost(daemon, load.ids)
    used = {row[0] for row in daemon.query("SELECT DISTINCT m.name FROM verdict v JOIN model_name m ON m.id = v.model")}
    assert len(used) > 1, "both models judged"
    # two whole models may be in memory at once, before and after
    model = max(os.path.getsize(os.path.join(daemon.state, "models", n)) for n in names) // 1024
    assert after[0] < before[0] + 2 * model + 16 * 1024, f"private memory went from {before[0]} to {after[0]} KiB"
    assert after[1] <= before[1] + 4, f"descriptors went from {before[1]} to {after[1]}"


def test_hangups_alone_change_nothing(daemon):
    with Load(daemon, 4) as load:
        for _ in range(20):
            daemon.signal(signal.SIGHUP)
            count = len(load.ids)
            wait_until("answers", lambda: len(load.ids) > count + 5 or load.odd)
    assert not load.odd and load.closed == 0
    assert json.loads(hamlet("status", "--json", state=daemon.state).stdout)["daemon"]["ready"] is True


def test_a_model_is_tried_again_when_what_ailed_it_has_passed(daemon):
    make_another_model(daemon)
    wait_until("a second model", lambda: len(models(daemon.state)) > 1)
    pid, path = daemon.process.pid, os.path.join(daemon.state, "models", "current")

    def in_use():
        return daemon.check("which model is it")["model"]

    wait_until("the second model", lambda: in_use() + ".model" == os.readlink(path))
    other = next(n for n in models(daemon.state) if n != os.readlink(path))
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, hard))
    try:
        link(daemon.state, other)
        wait_until("the refusal", lambda: "event=model_refused" in daemon.log_text())
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
    wait_until("the model to be taken after all", lambda: in_use() + ".model" == other)
