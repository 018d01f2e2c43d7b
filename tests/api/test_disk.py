"""The admin tool on a file system that is full, or can't be written to."""
import json
import os
import shutil
import subprocess

import pytest

import harness
from cli_fixtures import corpus, ham, small, small_trained, write_lines  # noqa: F401
from harness import HAM, hamlet

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small file system")


@pytest.fixture
def disk():
    """Make a file system of so many bytes; it is gone at the end."""
    folder = harness.new_folder()
    mounted = []

    def make(size):
        options = f"size={size},mode=755"
        if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "hamlet-test", folder], stderr=subprocess.DEVNULL,
                          check=False).returncode != 0:
            pytest.skip("mounting a tmpfs isn't allowed here")
        mounted.append(folder)
        return folder

    yield make
    for path in mounted:
        subprocess.run(["umount", path], check=True)
    os.rmdir(folder)


def fill_up(folder):
    with open(os.path.join(folder, "filler"), "wb", buffering=0) as f:
        try:
            while True:
                f.write(bytes(4096))
        except OSError:
            pass


def tree(folder):
    return sorted(os.path.relpath(os.path.join(path, name), folder) for path, folders, names in os.walk(folder)
                  for name in folders + names)


@pytest.fixture
def full(disk, small):
    """A state directory on a disk with hardly a byte left."""
    folder = disk(64 << 20)
    state = shutil.copytree(small, os.path.join(folder, "s"), symlinks=True)
    hamlet("models", "prune", state=state)  # makes the lock
    fill_up(folder)
    return state


def test_nothing_half_done_stays_on_a_full_disk(full, small, corpus, tmp_path):  # noqa: F811
    folder = os.path.dirname(full)
    before = tree(folder)
    for args in (("init", "--corpus", corpus, "--state", f"{folder}/new"), ("restore", small, "--state", f"{folder}/new"),
                 ("backup", f"{folder}/copy", "--state", small)):
        said = hamlet(*args, check=1).stderr
        assert "full" in said or "No space" in said
        assert folder in said and said.count(".db") <= 1
        assert tree(folder) == before
    rows = write_lines(tmp_path / "many.jsonl", [{**ham(i), "content": f"{i} " * 900} for i in range(200)])
    for args in (("import", rows), ("retrain", "--force"), ("audit", "rotate")):
        said = hamlet(*args, state=full, check=None)
        assert said.returncode in (0, 1) and (said.returncode == 0 or "full" in said.stderr or "No space" in said.stderr), said
    assert [name for name in tree(folder) if name not in before and "/hamlet.db-" not in name and ".lock" not in name] == []
    os.unlink(f"{folder}/filler")
    hamlet("audit", "verify", state=full)
    hamlet("retrain", "--force", state=full)


def test_output_that_has_no_place_is_told_once(full):
    with open(os.path.join(os.path.dirname(full), "out"), "wb") as out:
        said = subprocess.run([harness.program("HAMLET"), "export", "--state", full], stdout=out, stderr=subprocess.PIPE, text=True,
                              check=False)
    assert said.returncode == 1 and said.stderr.count("\n") == 1 and "No space" in said.stderr


@pytest.fixture
def read_only(disk, daemons, small):
    """A state directory that can't be written to, with a verdict."""
    folder = disk(64 << 20)
    state = shutil.copytree(small, os.path.join(folder, "s?%41#"), symlinks=True)
    daemon = daemons(state)
    daemon.check(HAM)
    daemon.stop()
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    return state


def test_a_disk_gone_read_only_can_be_backed_up(read_only, tmp_path):
    hamlet("backup", tmp_path / "copy", state=read_only)
    hamlet("restore", tmp_path / "copy", state=tmp_path / "again")
    hamlet("mark", "spam", json.loads(hamlet("verdicts", "--json", state=tmp_path / "again").stdout)["id"], state=tmp_path / "again")


def test_what_only_looks_works_read_only(read_only):
    told = json.loads(hamlet("person", "erase", "--email", HAM["email"], "--dry-run", "--json", state=read_only).stdout)
    assert told["verdicts"] == 1
    for args in (("status",), ("verdicts",), ("audit", "verify"), ("audit", "export"), ("models", "list"), ("retrain", "--dry-run"),
                 ("export",), ("review",), ("rules", "list")):
        hamlet(*args, state=read_only)
    for args in (("sites", "add", "x"), ("retrain",), ("models", "prune"), ("person", "erase", "--email", HAM["email"], "--yes")):
        assert "read-only" in hamlet(*args, state=read_only, check=1).stderr.lower()
