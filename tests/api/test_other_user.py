"""hamlet as root, over a state directory of the user whom hamletd runs as."""
import json
import os
import pwd
import shutil
import subprocess

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
