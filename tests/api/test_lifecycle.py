"""Starting, stopping, and who holds a state directory."""
import os
import signal
import socket
import threading

import pytest

import harness
from harness import DEADLINE, HAM, SPAM, Closed, hamletd, request_bytes, wait_until

CHECK = request_bytes("POST", "/v1/check?evidence=none", b'{"content":"Thanks, this helped me a lot."}',
                      [("Content-Type", "application/json")])


# -- First start


def test_first_start_on_an_empty_directory(daemons):
    folder = harness.new_folder()
    daemon = daemons(state=os.path.join(folder, "a", "s"), start=False, env={"HAMLET_CORPUS": harness.part_of_corpus(8)})
    try:
        daemon.start()
        for name in ("hamlet.db", "models/current", "hamlet.sock", "admin.sock"):
            assert os.path.exists(os.path.join(daemon.state, name)), name
        link = os.readlink(os.path.join(daemon.state, "models", "current"))
        model = daemon.check(SPAM)["model"]
        assert link == model + ".model"
        assert daemon.check(SPAM)["probability"] > daemon.check(HAM)["probability"]
        assert os.stat(daemon.state).st_mode & 0o007 == 0
        daemon.stop()
        assert daemon.start().check(HAM)["model"] == model, "the second start trains nothing"
        daemon.stop()
    finally:
        daemon.kill()
        harness.remove_state(os.path.join(folder, "a"))


def test_threads_have_names(shared_daemon):
    """For whoever wants to know what a busy daemon is busy with."""
    tasks = f"/proc/{shared_daemon.process.pid}/task"
    names = set()
    for task in os.listdir(tasks):
        with open(f"{tasks}/{task}/comm", encoding="utf-8") as f:
            names.add(f.read().strip())
    assert {"hamletd", "worker", "reader", "recorder", "checkpointer", "keeper"} <= names


def test_first_start_without_a_corpus_leaves_nothing(tmp_path):
    state = tmp_path / "s"
    done = hamletd("--state", state, env={"HAMLET_CORPUS": str(tmp_path / "none")})
    assert done.returncode not in (0, -signal.SIGABRT, -signal.SIGSEGV), done.stderr
    assert str(tmp_path / "none") in done.stderr
    assert not (state / "hamlet.db").exists() and not (state / "models").exists()


def test_state_directory_that_is_a_file(tmp_path):
    path = tmp_path / "s"
    path.write_text("not a directory")
    done = hamletd("--state", path)
    assert done.returncode in (1, 4) and str(path) in done.stderr
    assert path.read_text() == "not a directory"


def test_path_too_long_for_a_socket(tmp_path):
    import shutil
    state = tmp_path / ("x" * 120)
    shutil.copytree(harness.trained(), state, symlinks=True)
    done = hamletd("--state", state)
    assert done.returncode in (1, 2) and "hamlet.sock" in done.stderr


def test_address_in_use(daemons, state):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        done = hamletd("--state", state, "--listen", address)
    assert done.returncode == 1 and address in done.stderr
    daemons(state=state)


# -- Stopping


def test_sigterm_and_sigint(daemons):
    for number in (signal.SIGTERM, signal.SIGINT):
        daemon = daemons()
        daemon.signal(number)
        daemon.end(0)
        assert not os.path.exists(os.path.join(daemon.state, "hamlet.sock"))
        with pytest.raises(OSError):
            daemon.connect("tcp")


def test_sigterm_with_idle_connections(daemon):
    idle = [daemon.connect(where) for where in ("unix", "tcp", "admin") for _ in range(5)]
    for c in idle[::2]:
        c.send(request_bytes("GET", "/healthz"))
        assert c.reply().status == 200
    daemon.stop()
    for c in idle:
        assert c.at_end()
        c.close()


def test_sigterm_with_a_request_that_never_ends(daemons):
    daemon = daemons(config={"request_timeout": 2})
    with daemon.connect() as c:
        c.send(CHECK[:-10])
        daemon.stop()


def test_sigterm_answers_what_is_in_flight(daemons):
    """While another process holds the database requests gather; SIGTERM comes; each is answered, and is on record."""
    daemon = daemons(config={"busy_timeout": 60})
    busy = [daemon.connect("unix" if i % 2 else "admin") for i in range(20)]
    others = [daemon.connect() for _ in range(20)]
    db = daemon.db()
    db.execute("BEGIN IMMEDIATE")
    try:
        for c in busy:
            c.send(CHECK)
        for c in others:  # answered after what came before on the same worker was taken up
            c.send(request_bytes("GET", "/healthz"))
            assert c.reply().status == 200
        daemon.signal(signal.SIGTERM)
        for c in others:  # idle ones are closed as the daemon begins to stop
            assert c.at_end()
            c.close()
    finally:
        db.execute("ROLLBACK")
        db.close()
    replies = [c.reply() for c in busy]
    assert [r.status for r in replies] == [200] * len(busy)
    daemon.end(0)
    recorded = {row[0] for row in daemon.query("SELECT id FROM verdict")}
    assert {r.json()["id"] for r in replies} == recorded
    for c in busy:
        c.close()


def test_sigterm_under_load(daemon):
    """Whatever got an answer until the end is on record; nobody gets a false one."""
    ids, odd = [], []

    def ask():
        try:
            while True:
                with daemon.connect() as c:
                    while True:
                        c.send(CHECK)
                        reply = c.reply()
                        if reply.status == 200:
                            ids.append(reply.json()["id"])
                        elif reply.status != 503:
                            odd.append(reply)
                        if reply.headers.get("connection") == "close":
                            break
        except (OSError, Closed):
            pass

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for t in threads:
        t.start()
    try:
        wait_until("some answers", lambda: len(ids) > 200)
    finally:
        daemon.signal(signal.SIGTERM)
        for t in threads:
            t.join()
    daemon.end(0)
    assert not odd
    assert set(ids) <= {row[0] for row in daemon.query("SELECT id FROM verdict")}


# -- Two at once


def test_the_second_daemon_refuses_and_names_the_holder(daemon):
    pid = daemon.process.pid
    done = hamletd("--state", daemon.state)
    assert done.returncode == 1, (done.returncode, done.stderr)
    assert str(pid) in done.stderr and daemon.state in done.stderr
    assert daemon.alive()
    daemon.check(HAM)
    # The same directory by another name is the same directory.
    other = daemon.state + "-link"
    os.symlink(daemon.state, other)
    done = hamletd("--state", other)
    assert done.returncode == 1 and str(pid) in done.stderr
    daemon.check(HAM)


def test_stale_sockets_are_replaced(daemons, state):
    first = daemons(state=state)
    first.kill()
    for name in ("hamlet.sock", "admin.sock"):
        assert os.path.exists(os.path.join(state, name)), "kill -9 leaves them"
    second = daemons(state=state)
    second.check(HAM)
    assert second.native("/healthz", where="admin").status == 200


def test_a_file_in_the_sockets_place_is_not_taken_away(state):
    path = os.path.join(state, "hamlet.sock")
    with open(path, "w") as f:
        f.write("precious")
    done = hamletd("--state", state)
    assert done.returncode == 1 and "hamlet.sock" in done.stderr
    with open(path) as f:
        assert f.read() == "precious"


def test_restart_keeps_everything(daemon):
    key = daemon.add_site("blog")
    v = daemon.check(SPAM)
    daemon.stop()
    daemon.start()
    assert daemon.native("/v1/verdicts/" + v["id"]).json()["probability"] == v["probability"]
    assert daemon.akismet("verify-key", {"key": key, "blog": "b"}).body == b"valid"


def test_no_descriptor_is_lost(daemon):
    """Hundreds of connections later the process holds no more than before."""
    def held():
        return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))

    daemon.check(HAM)
    wait_until("it to settle", lambda: held() == held())
    before = held()
    for i in range(300):
        daemon.request("GET", "/healthz", where=("unix", "tcp", "admin")[i % 3])
    wait_until("all to be closed", lambda: held() <= before, DEADLINE)
