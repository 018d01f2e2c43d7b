"""What is made half by a backup, a restoration or the making of a state directory doesn't stay, however it ends."""
import fcntl
import os
import shutil
import signal
import subprocess

import pytest

import harness
from cli_fixtures import ham, spam, write_lines
from harness import QUICK, hamlet, wait_until
from test_failing_calls import CALLS_MAX, STEP, calls  # noqa: F401


def killed_at_each_step(calls, check, *args):
    """Run a verb, killed before each call that changes the disk, until it comes to its end; CHECK after each."""
    ends = 0
    for n in range(1, CALLS_MAX, 5 if QUICK else 1):
        calls.order("end", n)
        done = hamlet(*args, env=calls.environment(), check=None)
        ended = calls.failed() > 0
        calls.withdraw()
        assert done.returncode == (1 if ended else 0), done.stderr
        if not ended:
            return ends
        assert "Killed" in done.stderr and "cleared away" in done.stderr
        check()
        ends += 1
    pytest.fail(f"more than {CALLS_MAX} calls")


@pytest.mark.parametrize("there", [False, True], ids=["new", "empty"])
def test_a_backup_that_is_killed(calls, states, tmp_path, there):  # noqa: F811
    state, copy = states(harness.trained(STEP)), tmp_path / "copy"

    def check():
        assert not copy.exists()
        if there:
            copy.mkdir()

    if there:
        copy.mkdir()
    assert killed_at_each_step(calls, check, "backup", copy, "--state", state) > 5
    hamlet("restore", copy, state=tmp_path / "again")


@pytest.mark.parametrize("there", [False, True], ids=["new", "replaced"])
def test_a_restoration_that_is_killed(calls, states, tmp_path, there):  # noqa: F811
    copy, folder = tmp_path / "copy", tmp_path / "folder"
    state = folder / "state"
    hamlet("backup", copy, state=harness.trained(STEP))
    folder.mkdir()
    if there:
        shutil.copytree(harness.trained(STEP), state, symlinks=True)
        (state / "mark").touch()

    def check():
        assert os.listdir(folder) == (["state"] if there else [])
        assert not there or (state / "mark").exists()

    assert killed_at_each_step(calls, check, "restore", copy, "--force", "--state", state) > 5
    assert sorted(os.listdir(folder)) == (["state", "state.replaced"] if there else ["state"])


@pytest.mark.parametrize("there", [False, True], ids=["new", "empty"])
def test_a_state_directory_half_made(calls, tmp_path, there):  # noqa: F811
    folder, rows = tmp_path / "folder", write_lines(tmp_path / "rows.jsonl", [f(i) for i in range(30) for f in (ham, spam)])
    state = folder / "deep" / "state"
    if there:
        state.mkdir(parents=True)
        (state / "hamlet.conf").touch()

    def check():
        if not (state / "models" / "current").is_symlink():  # else it is whole
            assert os.listdir(state) == ["hamlet.conf"] if there else not folder.exists()
        elif there:
            for name in set(os.listdir(state)) - {"hamlet.conf"}:
                path = state / name
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        else:
            shutil.rmtree(folder)

    assert killed_at_each_step(calls, check, "init", "--corpus", rows, "--state", state) > 5
    hamlet("audit", "verify", state=state)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_who_is_told_to_stop_stops(states, tmp_path, number):
    """The signal comes while the copy waits for a model that is being published."""
    signal.signal(number, signal.SIG_DFL if number != signal.SIGINT else signal.default_int_handler)  # a shell's background ignores it
    state, copy = states(harness.trained(STEP)), tmp_path / "copy"
    copy.mkdir()
    with open(os.path.join(state, "publish.lock"), "r+", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = subprocess.Popen([harness.program("HAMLET"), "backup", copy, "--state", state], stderr=subprocess.PIPE, text=True)
        wait_until("its child", lambda: children(process.pid))
        process.send_signal(number)
        said = process.communicate(timeout=harness.DEADLINE)[1]
    assert process.returncode == -number and said == ""
    assert not copy.exists()


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as f:
        return f.read().split()
