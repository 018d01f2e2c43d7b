"""hamlet as root, over a state directory of the user whom hamletd runs as."""
import grp
import json
import os
import pwd
import random
import re
import shutil
import socket
import stat
import subprocess
import sys

import pytest

import harness
from cli_fixtures import corpus, ham, small, small_trained, spam, write_lines  # noqa: F401
from harness import HAM, hamlet, program, wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root works in directories of others")

SECRET = "allow ip = 192.0.2.99 # only root can read this\n"


@pytest.fixture
def other():
    """Another user, who can run the daemon."""
    nobody = pwd.getpwnam("nobody")
    if subprocess.run([program("HAMLETD"), "--version"], user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[], check=False,
                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("the user nobody can't run HAMLETD where it is")
    return nobody


def give(path, user):
    os.chmod(os.path.dirname(path), 0o755)
    for folder, _, names in os.walk(path):
        for name in [folder] + [os.path.join(folder, name) for name in names]:
            os.chown(name, user.pw_uid, user.pw_gid, follow_symlinks=False)
    return path


@pytest.fixture
def theirs(small, other):
    """A state directory of the other user's."""
    return give(small, other)


def of_others(state, user):
    """The files in a state directory that don't belong to its user."""
    found = []
    for folder, _, names in os.walk(state):
        for path in [folder] + [os.path.join(folder, name) for name in names]:
            status = os.lstat(path)
            if not os.path.islink(path) and (status.st_uid, status.st_gid) != (user.pw_uid, user.pw_gid):
                found.append(os.path.relpath(path, state))
    return found


def verbs(daemon, tmp_path):
    """Calls of all verbs that write, with what they need."""
    def ids():
        return [row[0] for row in daemon.query("SELECT id FROM verdict ORDER BY seq")]

    def models():
        return [m["id"] for m in map(json.loads, hamlet("models", "list", "--json", state=daemon.state).stdout.splitlines())]

    more = write_lines(tmp_path / "more.jsonl", [ham(900), spam(901)])
    yield "import", more
    yield "mark", "spam", ids()[0]
    yield "mark", "ham", *ids()
    yield "unlearn", ids()[0]
    yield "retrain", "--force"
    yield "models", "use", models()[-1]
    yield "models", "use", models()[0]
    yield "models", "prune", "--keep", "0"
    for args in (("add", "x"), ("rotate", "x"), ("set", "x", "--rate", "10"), ("remove", "x")):
        yield "sites", *args
    yield "audit", "export"
    yield "audit", "rotate"
    yield "audit", "verify"
    yield "replay", "--since", "1h"
    yield "review", "--json"
    yield "rules", "list"
    yield "status",
    yield "person", "erase", "--email", HAM["email"], "--yes"


@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
def test_what_root_makes_is_the_daemons(daemons, theirs, other, tmp_path, running):
    daemon = daemons(theirs, user=other.pw_uid)
    for i in range(3):
        daemon.check({**HAM, "content": f"{HAM['content']} {i}"})
    if not running:
        daemon.stop()
    for args in verbs(daemon, tmp_path):
        hamlet(*args, state=theirs, check=None if args[0] == "replay" else 0)
        assert of_others(theirs, other) == [], args
    if not running:
        daemon.start()
    id = daemon.check(HAM)["id"]
    assert daemon.native("/v1/feedback", {"id": id, "label": "spam"}).status == 200
    wait_until("the correction to be learnt", lambda: daemon.native("/v1/admin/status", where="admin").json()["model"]["position"] ==
               daemon.query("SELECT max(seq) FROM example")[0][0])
    daemon.stop()
    assert of_others(theirs, other) == []


def test_root_makes_the_first_model(daemons, states, other, corpus, tmp_path):
    """The folder is there, as a package or a service manager makes it."""
    state = os.path.join(os.path.dirname(states()), "new")
    os.mkdir(state, 0o750)
    give(state, other)
    hamlet("init", "--corpus", corpus, state=state)
    assert of_others(state, other) == []
    daemon = daemons(state, user=other.pw_uid)
    daemon.check(HAM)


def test_a_backup_in_anothers_folder_is_whole(theirs, other, tmp_path):
    copy = tmp_path / "copy"
    os.mkdir(os.path.join(theirs, "rules"))
    with open(os.path.join(theirs, "rules", "more.conf"), "w", encoding="utf-8") as f:
        f.write(SECRET)
    copy.mkdir()
    give(str(copy), other)
    hamlet("backup", copy, state=theirs)
    assert of_others(copy, other) == []


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret"
    path.write_text(SECRET)
    path.chmod(0o600)
    return path


def link(target, path, user):
    """A link that USER has made."""
    os.symlink(target, path)
    os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


@pytest.mark.parametrize("name", ["hamlet.conf", "rules.conf", "rules/a.conf", "rules", "chain.key"])
def test_a_backup_follows_no_planted_link(theirs, other, secret, tmp_path, name):
    """The daemon's user would else have root copy for him what he can't read."""
    path = os.path.join(theirs, name)
    target = str(secret)
    if name == "rules":
        target = str(tmp_path / "folder")
        os.mkdir(target, 0o700)
        shutil.copy(secret, target)
    elif "/" in name:
        os.mkdir(os.path.dirname(path))
    if os.path.exists(path):
        target = str(tmp_path / "key")
        os.rename(path, target)
        os.chown(target, 0, 0)
    link(target, path, other)
    said = hamlet("backup", tmp_path / "copy", state=theirs, check=1).stderr
    assert name.rsplit("/", maxsplit=1)[-1] in said and "symbolic link" in said
    assert not os.path.exists(tmp_path / "copy")


@pytest.mark.parametrize("name", ["words.txt", "lists", "lists/words.txt", "lists/in"])
def test_a_backup_follows_no_planted_link_to_a_list(theirs, other, secret, tmp_path, name):
    """Nor one in place of a folder on the way to it."""
    folder = tmp_path / "folder"
    (folder / "in").mkdir(parents=True)
    for place in (folder, folder / "in"):
        shutil.copy(secret, place / "words.txt")
    path = os.path.join(theirs, name)
    if "/" in name:
        os.mkdir(os.path.dirname(path))
    link(str(secret) if name.endswith(".txt") else str(folder), path, other)
    named = name if name.endswith(".txt") else name + "/words.txt"
    with open(os.path.join(theirs, "rules.conf"), "w", encoding="ascii") as file:
        file.write(f"block listed\n words @{named}\n")
    said = hamlet("backup", tmp_path / "copy", state=theirs, check=1).stderr
    assert "symbolic link" in said and not os.path.exists(tmp_path / "copy")


def test_a_backup_gives_the_folders_of_lists_too(theirs, other, tmp_path):
    os.makedirs(os.path.join(theirs, "lists", "of"))
    for name, text in (("rules.conf", "block listed\n words @lists/of/words.txt\n"), ("lists/of/words.txt", "zanzibar\n")):
        with open(os.path.join(theirs, name), "w", encoding="ascii") as file:
            file.write(text)
    copy, new = tmp_path / "copy", tmp_path / "new"
    copy.mkdir()
    give(str(copy), other)
    hamlet("backup", copy, state=theirs)
    assert of_others(copy, other) == [] and (copy / "lists" / "of" / "words.txt").exists()
    new.mkdir()
    give(str(new), other)
    hamlet("restore", copy, state=new)
    assert of_others(new, other) == [] and (new / "lists" / "of" / "words.txt").exists()


def test_a_backup_follows_honest_links(theirs, other, secret, tmp_path):
    os.mkdir(os.path.join(theirs, "rules"))
    os.symlink(secret, os.path.join(theirs, "rules.conf"))  # by root
    os.symlink("../rules.conf", os.path.join(theirs, "rules", "twice.conf"))
    own = tmp_path / "own.conf"
    own.write_text("workers = 3\n")
    os.chown(own, other.pw_uid, other.pw_gid)
    link(own, os.path.join(theirs, "hamlet.conf"), other)  # to what is his anyway
    hamlet("backup", tmp_path / "copy", state=theirs)
    for name, text in (("rules.conf", SECRET), ("rules/twice.conf", SECRET), ("hamlet.conf", "workers = 3\n")):
        path = tmp_path / "copy" / name
        assert not path.is_symlink() and path.read_text() == text


def test_a_planted_link_behind_an_honest_one(theirs, other, secret, tmp_path):
    link(secret, os.path.join(theirs, "his.conf"), other)
    os.symlink("his.conf", os.path.join(theirs, "rules.conf"))
    assert "symbolic link" in hamlet("backup", tmp_path / "copy", state=theirs, check=1).stderr


@pytest.mark.parametrize("name", ["hamlet.db", "models"])
def test_root_writes_through_no_planted_link(theirs, other, tmp_path, name):
    """An empty file of root's would become a database, and a folder of root's get a model."""
    path, target = os.path.join(theirs, name), str(tmp_path / "target")
    os.rename(path, path + ".old")
    if name == "models":
        os.mkdir(target)
    else:
        open(target, "wb").close()
    link(target, path, other)
    for args in (("sites", "add", "x"), ("retrain",), ("status",)):
        assert "symbolic link" in hamlet(*args, state=theirs, check=1).stderr
    assert os.listdir(target) == [] if name == "models" else os.path.getsize(target) == 0


def test_honest_links_are_used(theirs, other, tmp_path):
    """The folder of models may be on another disk: linked by root, or to what is the daemon's anyway."""
    models, elsewhere = os.path.join(theirs, "models"), str(tmp_path / "elsewhere")
    shutil.move(models, elsewhere)
    os.symlink(elsewhere, models)
    hamlet("retrain", "--force", state=theirs)
    os.unlink(models)
    link(elsewhere, models, other)
    hamlet("retrain", "--force", state=theirs)
    assert of_others(elsewhere, other) == [] and of_others(theirs, other) == []


# -- Who may use the socket

# What a user finds at a state directory: each of its names that he can open, and whether he can list it and be answered.
TRY = """
import json, os, socket, sys
state, *names = sys.argv[1:]
def can(what, *args):
    try:
        what(*args)
    except OSError:
        return False
    return True
s = socket.socket(socket.AF_UNIX)
print(json.dumps({"answered": can(s.connect, state + "/hamlet.sock"), "listed": can(os.listdir, state),
                  "open": [name for name in names if can(os.listdir if os.path.isdir(f"{state}/{name}") else open, f"{state}/{name}")]}))
"""
GROUP = "www-data"


@pytest.fixture
def web():
    """The id of the web server's group."""
    try:
        return grp.getgrnam(GROUP).gr_gid
    except KeyError:
        pytest.skip(f"there is no group {GROUP}")


def all_names(state):
    return [os.path.relpath(os.path.join(folder, name), state) for folder, folders, names in os.walk(state) for name in folders + names]


def finds(state, group):
    """What a third user, in GROUP, finds there."""
    done = subprocess.run([sys.executable, "-c", TRY, state, *all_names(state)], user=pwd.getpwnam("daemon").pw_uid, group=group,
                          extra_groups=[], stdout=subprocess.PIPE, check=True, cwd="/")
    return json.loads(done.stdout)


def as_member(user, group):
    """The command that runs a program as USER, in GROUP too."""
    return [shutil.which("setpriv") or pytest.skip("setpriv isn't installed"),
            f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", f"--groups={group}"]


def use_all(daemon, tmp_path):
    """Have it and the tool make all the files that they can."""
    id = daemon.check(HAM)["id"]
    hamlet("mark", "spam", id, state=daemon.state)
    hamlet("retrain", "--force", state=daemon.state)
    hamlet("sites", "add", "x", state=daemon.state)
    hamlet("audit", "rotate", state=daemon.state)


def test_a_new_state_directory_lets_the_group_of_the_socket_through(daemons, states, other, web, corpus, tmp_path):
    folder = os.path.dirname(states())
    state, data = os.path.join(folder, "above", "new"), os.path.join(folder, "data")
    os.mkdir(data)
    shutil.copy(corpus, data)
    config = harness.write_config(os.path.join(folder, "own.conf"), socket_group=GROUP)
    os.chmod(config, 0o644)
    give(folder, other)
    os.chmod(folder, 0o755)
    daemon = daemons(state, args=["--config", config], env={"HAMLET_CORPUS": data}, under=as_member(other, web))
    use_all(daemon, tmp_path)
    assert stat.S_IMODE(os.stat(state).st_mode) == 0o711 and stat.S_IMODE(os.stat(os.path.join(state, "models")).st_mode) == 0o750
    assert {"hamlet.db", "hamlet.db-wal", "hamlet.db-shm", "chain.key", "hamletd.lock", "publish.lock"} <= set(all_names(state))
    assert finds(state, web) == {"answered": True, "listed": False, "open": []}
    assert finds(state, pwd.getpwnam("daemon").pw_gid) == {"answered": False, "listed": False, "open": []}
    assert "socket_out_of_reach" not in daemon.log_text()
    daemon.stop()
    assert "flood.state" in all_names(state) and finds(state, web)["open"] == []


def test_a_closed_state_directory_stays_closed_and_is_named(daemons, theirs, other, web):
    """Its owner may have left files in it open because of that."""
    os.chmod(theirs, 0o750)
    daemon = daemons(theirs, config={"socket_group": GROUP}, under=as_member(other, web))
    assert finds(theirs, web) == {"answered": False, "listed": False, "open": []}
    line = next(line for line in daemon.log_text().splitlines() if "event=socket_out_of_reach" in line)
    assert "level=warn" in line and f"group={GROUP}" in line and f"closed={theirs}" in line
    subprocess.run(re.search('remedy="([^"]*)"', line).group(1).split(), check=True)
    assert finds(theirs, web) == {"answered": True, "listed": False, "open": ["hamlet.conf"]}  # which this test has left open
    daemon.stop()
    daemon.start()
    assert daemon.log_text().count("socket_out_of_reach") == 1


def test_who_is_not_in_the_group_is_told_so(daemons, theirs, other, web):
    daemon = daemons(theirs, start=False, config={"socket_group": GROUP}, user=other.pw_uid)
    daemon.spawn()
    daemon.end(1)
    assert f'/hamlet.sock: to group "{GROUP}": Operation not permitted; hamletd\'s user must be in that group' in daemon.log_text()


@pytest.mark.parametrize("before, after", [(0o711, 0o711), (0o750, 0o750), (0o777, 0o755), (None, 0o750)])
def test_a_restored_state_directory_lets_through_whom_the_one_before_did(theirs, other, web, tmp_path, before, after):
    new = os.path.join(os.path.dirname(theirs), "new")
    if before is not None:
        os.mkdir(new)
        os.chmod(new, before)
    hamlet("backup", tmp_path / "copy", state=theirs)
    assert stat.S_IMODE(os.stat(tmp_path / "copy").st_mode) == 0o700
    hamlet("restore", tmp_path / "copy", state=new)
    assert stat.S_IMODE(os.stat(new).st_mode) == after and stat.S_IMODE(os.stat(os.path.join(new, "models")).st_mode) == 0o750
    assert finds(new, web)["open"] == []


def unit():
    """The settings of contrib's systemd unit, those that stand in a comment too, as `#Key`."""
    with open(os.path.join(harness.REPOSITORY, "contrib", "systemd", "hamletd.service"), encoding="utf-8") as f:
        return dict(re.findall("^(#?[A-Z][A-Za-z]+)=(.*)$", f.read(), re.M))


def as_unit(user):
    """The command that runs a program as USER with what the unit leaves to it."""
    def capabilities(key):
        return "".join(f",+{name.lower().replace('cap_', '', 1)}" for name in unit().get(key, "").split())

    assert unit()["NoNewPrivileges"] == "yes"
    ambient = capabilities("AmbientCapabilities")
    return [*as_member(user, user.pw_gid), "--no-new-privs", f"--inh-caps=-all{ambient}", f"--ambient-caps=-all{ambient}",
            f"--bounding-set=-all{capabilities('CapabilityBoundingSet')}"]


def test_the_unit_lets_it_listen_on_port_80(daemons, theirs, other):
    """Where clients ask whose host is fixed."""
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii") as f:
        if int(f.read()) <= 80:
            pytest.skip("everybody may listen on port 80 here")
    address = "127." + ".".join(str(random.randint(1, 250)) for _ in range(3))
    daemon = daemons(theirs, tcp=False, args=["--listen", f"{address}:80"], under=as_unit(other))
    with socket.create_connection((address, 80), harness.DEADLINE) as s:
        s.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert b" 200 " in s.recv(4096)
    with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as f:
        effective = re.search("^CapEff:\t(.*)$", f.read(), re.M).group(1)
    assert int(effective, 16) == 1 << 10  # CAP_NET_BIND_SERVICE alone


def test_the_unit_lets_the_group_of_the_socket_through(daemons, theirs, other, web):
    assert unit()["#SupplementaryGroups"] == GROUP
    os.chmod(theirs, int(unit()["StateDirectoryMode"], 8))
    daemons(theirs, config={"socket_group": GROUP}, under=as_member(other, web))
    assert finds(theirs, web)["answered"] and not finds(theirs, pwd.getpwnam("daemon").pw_gid)["answered"]
