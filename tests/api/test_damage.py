"""Damaged models, and a database that can't be written: nothing false is answered, nothing is lost, and it mends by itself."""
import contextlib
import functools
import json
import os
import pwd
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import threading

import pytest

import harness
from harness import HAM, SPAM, hamlet, hamletd, program, wait_until

# -- Models


STEP = 10  # a part of the corpus will do


@pytest.fixture
def daemon(daemons):
    return daemons(source=harness.trained(STEP))


@pytest.fixture
def state(states):
    return states(harness.trained(STEP))


@functools.lru_cache(maxsize=None)
def other_model():
    """(id, path) of a model that isn't the trained one: that and a little more."""
    state = os.path.join(harness.session_folder(), "other")
    shutil.copytree(harness.trained(STEP), state, symlinks=True)
    more = os.path.join(harness.session_folder(), "more.jsonl")
    with open(more, "w", encoding="utf-8") as f:
        for i in range(5):
            print(json.dumps({"label": "ham", "content": f"One more reader agrees, for reason number {i}."}), file=f)
    hamlet("import", more, state=state)
    hamlet("retrain", state=state)
    models = os.path.join(state, "models")
    name = os.readlink(os.path.join(models, "current"))
    return name[:-len(".model")], os.path.join(models, name)


def point_to(state, name):
    """Make models/current point to NAME, by a rename."""
    link = os.path.join(state, "models", "current")
    os.symlink(name, link + ".new")
    os.rename(link + ".new", link)


def install(state, data=None):
    """Put the other model, or DATA in its name, in place as the current one; return its id."""
    name, path = other_model()
    target = os.path.join(state, "models", name + ".model")
    if os.path.exists(target):
        os.unlink(target)
    if data is None:
        shutil.copy(path, target)
    else:
        with open(target, "wb") as f:
            f.write(data)
    point_to(state, name + ".model")
    return name


def damages():
    """Name -> function from a sound snapshot to a damaged one."""
    def flip(share, bit):
        def damaged(data):
            at = min(int(len(data) * share), len(data) - 1)
            return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1:]
        return damaged

    kinds = {f"bit {bit} at {share}": flip(share, bit) for share, bit in (
        (0, 0), (0.0001, 3), (0.01, 7), (0.2, 5), (0.5, 1), (0.75, 2), (0.9, 6), (0.9999, 4), (1, 0))}
    kinds.update({f"cut at {share}": lambda data, share=share: data[:int(len(data) * share)] for share in (0.001, 0.3, 0.999)})
    kinds.update({"cut by one byte": lambda data: data[:-1], "empty": lambda data: b"", "a byte more": lambda data: data + b"\0",
                  "zeros": lambda data: bytes(len(data)), "text": lambda data: b"not a model\n",
                  "a page of zeros": lambda data: data[:4096] + bytes(4096) + data[8192:],
                  "huge numbers": lambda data: data[:16] + b"\xff" * 64 + data[80:]})
    return kinds


DAMAGES = damages()


@pytest.fixture(scope="module")
def sound():
    with open(other_model()[1], "rb") as f:
        return f.read()


def test_a_sound_model_is_taken_up(daemon):
    name = install(daemon.state)
    daemon.signal(signal.SIGHUP)
    wait_until("the other model", lambda: daemon.check(HAM)["model"] == name)


def test_damaged_models_are_refused_and_the_previous_one_kept(daemon, sound):
    before = daemon.check(SPAM)
    for kind, damage in DAMAGES.items():
        seen = len(daemon.log_text())
        name = install(daemon.state, damage(sound))
        daemon.signal(signal.SIGHUP)
        wait_until(f"the refusal of {kind}", lambda: name in daemon.log_text()[seen:])
        after = daemon.check(SPAM)
        assert (after["model"], after["probability"]) == (before["model"], before["probability"]), kind
        assert daemon.request("GET", "/readyz").status == 200
    name = install(daemon.state)
    daemon.signal(signal.SIGHUP)
    wait_until("the sound model", lambda: daemon.check(HAM)["model"] == name)


def test_another_models_content_is_refused(daemon):
    """A sound file in another's name isn't what the name says."""
    before = daemon.check(SPAM)["model"]
    name = "ab" * 32
    shutil.copy(other_model()[1], os.path.join(daemon.state, "models", name + ".model"))
    point_to(daemon.state, name + ".model")
    daemon.signal(signal.SIGHUP)
    wait_until("the refusal", lambda: name in daemon.log_text())
    assert daemon.check(SPAM)["model"] == before


@pytest.mark.parametrize("target", ["none.model", "/etc/passwd", "current", "..", "c" * 64 + ".model"])
def test_a_link_to_no_model_is_refused(daemon, target):
    before, seen = daemon.check(SPAM)["model"], len(daemon.log_text())
    point_to(daemon.state, target)
    daemon.signal(signal.SIGHUP)
    wait_until("the refusal", lambda: re.search("level=(error|warn)", daemon.log_text()[seen:]))
    assert daemon.check(SPAM)["model"] == before


@pytest.mark.parametrize("kind", ["bit 5 at 0.2", "cut at 0.3", "empty"])
def test_start_with_a_damaged_model(state, sound, kind):
    """There is no previous one: it refuses to start, and says which file it is."""
    name = install(state, DAMAGES[kind](sound))
    done = hamletd("--state", state)
    assert done.returncode == 4, (done.returncode, done.stderr)
    assert name in done.stderr


@pytest.mark.parametrize("kind", DAMAGES)
def test_score_refuses_a_damaged_model(tmp_path, sound, kind):
    path = tmp_path / "damaged.model"
    path.write_bytes(DAMAGES[kind](sound))
    done = hamlet("score", "--model", path, check=None, input='{"content":"text"}\n')
    assert done.returncode == 4, (done.returncode, done.stderr)
    assert "damaged.model" in done.stderr and done.stdout == ""


def test_score_refuses_every_flipped_bit(tmp_path, sound):
    rnd = random.Random(11)
    path = tmp_path / "damaged.model"
    for _ in range(20):
        data = bytearray(sound)
        at = rnd.randrange(len(data))
        data[at] ^= 1 << rnd.randrange(8)
        path.write_bytes(data)
        done = hamlet("score", "--model", path, check=None, input='{"content":"text"}\n')
        assert done.returncode == 4, (at, done.returncode, done.stderr)


# -- The database


def check_refused(daemon):
    """A check can't be recorded: it isn't answered."""
    reply = daemon.native("/v1/check", HAM)
    if reply.status == 200:
        return False
    assert reply.status == 503, reply
    assert reply.error()
    assert int(reply.headers["retry-after"]) > 0
    return True


def check_outage(daemon, key):
    """While nothing can be recorded every call that records is refused, in a way no client takes for a verdict."""
    wait_until("a refusal", lambda: check_refused(daemon))
    sent = {"blog": "b", "user_ip": "i", "comment_content": "text"}
    reply = daemon.akismet("comment-check", sent, key)
    assert reply.status == 503, reply
    assert reply.body not in (b"true", b"false", b"") and "retry-after" in reply.headers
    for reply in (daemon.akismet("submit-spam", sent, key), daemon.native("/v1/feedback", {**HAM, "label": "spam"})):
        assert reply.status == 503, reply
        assert b"Thanks" not in reply.body and "retry-after" in reply.headers
    ready = daemon.request("GET", "/readyz")
    assert ready.status == 503, ready
    assert daemon.request("GET", "/healthz").status == 200
    assert daemon.akismet("verify-key", {"key": key, "blog": "b"}).body == b"valid"
    assert daemon.alive()


def check_recovery(daemon, before):
    """Without a restart, and without being asked for a check."""
    pid = daemon.process.pid
    wait_until("/readyz to be true again", lambda: daemon.request("GET", "/readyz").status == 200)
    v = daemon.check(SPAM)
    rows = [row[0] for row in daemon.query("SELECT id FROM verdict ORDER BY seq")]
    assert rows[:len(before)] == before, "what was recorded before is there"
    assert rows[-1] == v["id"]
    assert daemon.process.pid == pid and daemon.alive()


def ids(daemon):
    return [row[0] for row in daemon.query("SELECT id FROM verdict ORDER BY seq")]


def test_locked_for_a_moment_is_only_a_delay(daemon):
    db = daemon.db()
    db.execute("BEGIN IMMEDIATE")
    got = []
    thread = threading.Thread(target=lambda: got.append(daemon.native("/v1/check", HAM)))
    thread.start()
    thread.join(1)
    try:
        assert thread.is_alive(), "answered before it could be recorded"
    finally:
        db.execute("ROLLBACK")
        db.close()
        thread.join()
    assert got[0].status == 200
    assert ids(daemon) == [got[0].json()["id"]]


def test_locked(daemons):
    daemon = daemons(source=harness.trained(STEP), config={"busy_timeout": 0.2})
    key = daemon.add_site("blog")
    for _ in range(3):
        daemon.check(HAM)
    before = ids(daemon)
    db = daemon.db()
    db.execute("BEGIN EXCLUSIVE")
    try:
        check_outage(daemon, key)
    finally:
        db.execute("ROLLBACK")
        db.close()
    check_recovery(daemon, before)


def test_locked_by_a_reader_is_no_outage(daemon):
    db = daemon.db()
    db.execute("BEGIN")
    db.execute("SELECT count(*) FROM verdict").fetchall()
    try:
        for _ in range(20):
            daemon.check(HAM)
    finally:
        db.execute("ROLLBACK")
        db.close()
    assert daemon.count() == 20


def immutable(paths, on):
    return subprocess.run(["chattr", "+i" if on else "-i", *paths], stderr=subprocess.DEVNULL).returncode == 0


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("chattr"), reason="needs root and chattr")
def test_read_only(daemon):
    """The files of the open database can't be written any more, as on a file system gone read-only."""
    key = daemon.add_site("blog")
    daemon.check(HAM)
    before = ids(daemon)
    paths = [p for p in (os.path.join(daemon.state, name) for name in ("hamlet.db", "hamlet.db-wal")) if os.path.exists(p)]
    if not immutable(paths, True):
        pytest.skip("this file system has no immutable files")
    try:
        check_outage(daemon, key)
    finally:
        immutable(paths, False)
    check_recovery(daemon, before)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to run the daemon as another user")
def test_restored_with_the_wrong_owner(daemons, state):
    """A copy that the daemon's user may not write takes the database's place; then its owner is set right."""
    nobody = pwd.getpwnam("nobody")
    if subprocess.run([program("HAMLETD"), "--version"], user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[], check=False,
                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("the user nobody can't run HAMLETD where it is")
    os.chmod(os.path.dirname(state), 0o755)
    for folder, _, names in os.walk(state):
        for path in [folder] + [os.path.join(folder, name) for name in names]:
            os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
    daemon = daemons(state=state, user=nobody.pw_uid)
    key = daemon.add_site("blog")
    daemon.check(HAM)
    before = ids(daemon)
    path = os.path.join(state, "hamlet.db")
    source, copy = daemon.db(), sqlite3.connect(path + ".restored")
    source.backup(copy)
    source.close()
    copy.close()
    os.chmod(path + ".restored", 0o444)
    for suffix in ("-wal", "-shm"):
        if os.path.exists(path + suffix):
            os.unlink(path + suffix)
    os.rename(path + ".restored", path)
    check_outage(daemon, key)
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(path + suffix):
            os.chown(path + suffix, nobody.pw_uid, nobody.pw_gid)
            os.chmod(path + suffix, 0o640)
    check_recovery(daemon, before)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small file system")
def test_disk_full(daemons):
    folder = harness.new_folder()
    source = harness.trained(STEP)
    size = sum(os.path.getsize(os.path.join(f, n)) for f, _, names in os.walk(source) for n in names)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size + (4 << 20)},mode=755", "hamlet-test", folder],
                      stderr=subprocess.DEVNULL).returncode != 0:
        harness.remove_state(os.path.join(folder, "s"))
        pytest.skip("mounting a tmpfs isn't allowed here")
    try:
        state = os.path.join(folder, "s")
        shutil.copytree(source, state, symlinks=True)
        daemon = daemons(state=state, tcp=False)
        key = daemon.add_site("blog")
        daemon.check(HAM)
        before = ids(daemon)
        filler = os.path.join(folder, "filler")
        with open(filler, "wb", buffering=0) as f:
            try:
                while True:
                    f.write(bytes(4096))
            except OSError:
                pass
        fill_the_log(daemon)
        check_outage(daemon, key)
        rows = daemon.count()
        assert rows >= len(before)
        before = ids(daemon)
        os.unlink(filler)
        check_recovery(daemon, before)
        daemon.stop()
    finally:
        subprocess.run(["umount", "-l", folder], check=False)
        harness.remove_state(os.path.join(folder, "s"))


def fill_the_log(daemon):
    """Check until what is left in the blocks already taken is used up."""
    big = {"content": json.dumps(list(range(12000)))}
    wait_until("the disk to be full", lambda: daemon.native("/v1/check?evidence=none", big).status == 503)


def test_not_a_database(state):
    path = os.path.join(state, "hamlet.db")
    with open(path, "r+b") as f:
        f.write(b"garbage, not a header at all")
    done = hamletd("--state", state)
    assert done.returncode == 4, (done.returncode, done.stderr)
    assert "hamlet.db" in done.stderr


def test_a_newer_schema_is_refused(state):
    db = sqlite3.connect(os.path.join(state, "hamlet.db"))
    db.execute("PRAGMA user_version = 9999")
    db.commit()
    db.close()
    done = hamletd("--state", state)
    assert done.returncode == 4 and "hamlet.db" in done.stderr and "newer" in done.stderr


@pytest.mark.parametrize("how", ["gone", "empty"])
def test_a_lost_database_is_not_begun_anew(state, how):
    """Nothing would say that all verdicts, examples and keys are lost."""
    path = os.path.join(state, "hamlet.db")
    os.unlink(path)
    if how == "empty":
        open(path, "wb").close()
    before = sorted(os.listdir(os.path.join(state, "models")))
    for done in (hamletd("--state", state), hamlet("init", state=state, check=None), hamlet("retrain", state=state, check=None)):
        assert done.returncode != 0 and "hamlet.db" in done.stderr, done
    assert hamletd("--state", state).returncode == 4
    assert sorted(os.listdir(os.path.join(state, "models"))) == before
    assert not os.path.exists(path) or os.path.getsize(path) == 0


def test_an_interrupted_initialisation_is_no_part_of_the_next(tmp_path):
    state, rows = str(tmp_path / "state"), tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps({"label": label, "content": f"mine alone, {label}"}) + "\n" for label in ("spam", "ham")))
    process = subprocess.Popen([harness.program("HAMLET"), "init", "--state", state], start_new_session=True,
                               env={**os.environ, "HAMLET_CORPUS": harness.CORPUS})

    def imported():
        try:
            with contextlib.closing(sqlite3.connect(f"file:{state}/hamlet.db?mode=ro", uri=True)) as db:
                return db.execute("SELECT count(*) FROM example").fetchone()[0]
        except sqlite3.Error:
            return 0

    wait_until("some examples", imported)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not os.path.lexists(os.path.join(state, "models", "current")), "it was over already"
    made = json.loads(hamlet("init", "--corpus", rows, "--json", state=state).stdout)
    assert (made["spam"], made["ham"]) == (1, 1), made
    hamlet("audit", "verify", state=state)


def test_what_was_imported_after_an_interruption_is_kept(state, tmp_path):
    """It isn't the initialisation's to clear away."""
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"label": "ham", "content": "an example of the owner's own"}) + "\n")
    hamlet("import", rows, state=state)
    os.unlink(os.path.join(state, "models", "current"))
    with contextlib.closing(sqlite3.connect(os.path.join(state, "hamlet.db"))) as db:
        db.execute("DELETE FROM model")
        db.commit()
    done = hamlet("init", "--corpus", rows, state=state, check=1)
    assert "added since" in done.stderr
    with contextlib.closing(sqlite3.connect(os.path.join(state, "hamlet.db"))) as db:
        assert db.execute("SELECT count(*) FROM example WHERE origin = 'import'").fetchone()[0] == 1


def test_the_database_is_moved_away(daemon):
    """What would be written to a file that nobody finds any more isn't answered."""
    key = daemon.add_site("blog")
    daemon.check(HAM)
    before = ids(daemon)
    path = os.path.join(daemon.state, "hamlet.db")
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(path + suffix):
            os.rename(path + suffix, path + ".away" + suffix)
    check_outage(daemon, key)
    assert not os.path.exists(path), "no empty one is made in its place"
    for suffix in ("-wal", "-shm", ""):
        if os.path.exists(path + ".away" + suffix):
            os.rename(path + ".away" + suffix, path + suffix)
    check_recovery(daemon, before)


def test_overload_is_refused_not_queued(daemons):
    """More than the queue holds, while nothing can be written: 503 at once for what doesn't fit."""
    daemon = daemons(source=harness.trained(STEP), config={"queue_max": 4, "busy_timeout": 30})
    db = daemon.db()
    db.execute("BEGIN IMMEDIATE")
    connections = [daemon.connect() for _ in range(40)]
    try:
        body = json.dumps(HAM).encode()
        for c in connections:
            c.send(harness.request_bytes("POST", "/v1/check", body, [("Content-Type", "application/json")]))
        refused = wait_until("refusals", lambda: [c for c in connections if has_come(c)])
    finally:
        db.execute("ROLLBACK")
        db.close()
    replies = [c.reply() for c in connections]
    assert {r.status for r in replies} == {200, 503}
    assert all("retry-after" in r.headers for r in replies if r.status == 503)
    assert len(refused) > 0 and sum(r.status == 200 for r in replies) >= 4
    assert daemon.count() == sum(r.status == 200 for r in replies)
    again = next(c for c, r in zip(connections, replies) if r.status == 503)
    again.send(harness.request_bytes("POST", "/v1/check", body, [("Content-Type", "application/json")]))
    assert again.reply().status == 200, "it is the request that is refused, not the connection"
    for c in connections:
        c.close()


def test_more_than_a_worker_comes_to_is_refused(daemons):
    """Hundreds of comments that come while nobody looks: the recorder could keep up with them, but not the one worker."""
    daemon = daemons(source=harness.trained(STEP), config={"queue_max": 100, "workers": 1})
    before = daemon.count()
    connections = [daemon.connect() for _ in range(400)]
    body = json.dumps(HAM).encode()
    for c in connections:  # each is served by then
        c.send(harness.request_bytes("GET", "/healthz"))
        assert c.reply().status == 200
    daemon.signal(signal.SIGSTOP)
    try:
        for c in connections:
            c.send(harness.request_bytes("POST", "/v1/check", body, [("Content-Type", "application/json")]))
    finally:
        daemon.signal(signal.SIGCONT)
    statuses = [c.reply().status for c in connections]
    assert set(statuses) == {200, 503} and statuses.count(503) >= 120 and statuses.count(200) >= 100
    assert daemon.count() == before + statuses.count(200)
    for c in connections:
        c.close()


def has_come(connection):
    """Whether something of an answer is there to be read."""
    connection.sock.setblocking(False)
    try:
        return bool(connection.buffer) or connection.more()
    except BlockingIOError:
        return False
    finally:
        connection.sock.settimeout(harness.DEADLINE)
