"""The order of things, by system calls: an answer leaves only after the record of it was synced."""
import os
import re
import shutil
import subprocess

import pytest

from harness import HAM, wait_until
from load import check_request

CHECKS = 50
CALL = re.compile(r"^\d+ +\S+ (\w+)\((\d+)(?:<(.*?)>)?")


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_each_answer_follows_a_sync(daemon, tmp_path):
    daemon.check(HAM)
    trace = tmp_path / "trace"
    strace = subprocess.Popen(
        ["strace", "-f", "-ttt", "-y", "-s", "16", "-e", "trace=fdatasync,fsync,write,writev,sendmsg,sendto", "-o", trace,
         "-p", str(daemon.process.pid)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        attached = strace.stderr.readline()
        if "attached" not in attached:
            pytest.skip(f"strace can't attach here: {attached.strip()}")
        with daemon.connect() as c:
            for i in range(CHECKS):
                c.send(check_request(f"number {i}"))
                assert c.reply().status == 200
    finally:
        strace.terminate()
        strace.wait()
    synced, answers = 0, 0
    for line in open(trace, encoding="utf-8", errors="replace"):
        call = CALL.match(line)
        if not call:
            continue
        name, _, target = call.groups()
        if name in ("fdatasync", "fsync") and (target or "").endswith("hamlet.db-wal"):
            synced += 1
        elif "HTTP/1.1 200" in line:
            answers += 1
            assert synced >= answers, f"answer {answers} left after {synced} syncs:\n{line}"
    assert answers == CHECKS, "the trace shows every answer"
    assert os.path.getsize(trace) > 0


def test_an_answer_waits_for_the_lock(daemon):
    """What can't be recorded yet isn't answered yet, however long it takes within the limit."""
    db = daemon.db()
    db.execute("BEGIN IMMEDIATE")
    with daemon.connect(timeout=0.5) as c:
        c.send(check_request("while it is locked"))
        with pytest.raises(TimeoutError):
            c.reply()
        db.execute("ROLLBACK")
        db.close()
        c.sock.settimeout(30)
        id = c.reply().json()["id"]
    wait_until("the record", lambda: daemon.query("SELECT count(*) FROM verdict WHERE id = ?", id)[0][0] == 1)
