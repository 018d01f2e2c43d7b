"""The record: verified, exported, erased from, computed again, copied and brought back."""
import json
import os
import pathlib
import pwd
import shutil
import sqlite3
import stat
import tempfile
import threading

import pytest

from cli_fixtures import ham, lines, small, small_trained, spam, value, write_lines  # noqa: F401
from harness import hamlet, wait_until

COMMENTS = [{"content": row["content"], "author": row["author"], "ip": f"192.0.2.{i}", "email": f"a{i}@example.org"}
            for i in range(12) for row in (ham(i), spam(i))]


@pytest.fixture
def daemon(daemons, small):
    return daemons(state=small)


def sql(state, *statements):
    db = sqlite3.connect(os.path.join(state, "hamlet.db"))
    for statement in statements:
        db.execute(*statement) if isinstance(statement, tuple) else db.execute(statement)
    db.commit()
    db.close()


def verified(state, *arguments, check=0):
    return value(hamlet("audit", "verify", "--json", *arguments, state=state, check=check))


def ask_all(daemon, key=None):
    reply = daemon.native("/v1/check", {"comments": COMMENTS}, key=key)
    assert reply.status == 200
    return [v["id"] for v in reply.json()["verdicts"]]


# -- verify


def test_a_running_daemon_and_the_tool_make_one_chain(daemon):
    ids = ask_all(daemon)
    hamlet("mark", "spam", ids[0], state=daemon.state)
    hamlet("sites", "add", "blog", state=daemon.state)
    ask_all(daemon)
    found = verified(daemon.state)
    assert found["whole"] and found["records"] > 2 * len(COMMENTS) + 120
    assert hamlet("audit", "verify", state=daemon.state).stdout.startswith("whole: ")
    assert daemon.query("SELECT kind FROM event")[-1][0] == "site-added"


def test_verify_names_the_record(daemon):
    ids = ask_all(daemon)
    daemon.stop()
    sql(daemon.state, ("UPDATE verdict SET probability = 0.5 WHERE id = ?", (ids[3],)))
    found = verified(daemon.state, check=4)
    assert not found["whole"]
    broken = found["broken"]
    assert (broken["fault"], broken["kind"], broken["id"]) == ("altered", "verdict", ids[3])
    assert broken["time"].startswith("20")
    done = hamlet("audit", "verify", state=daemon.state, check=4)
    assert ids[3] in done.stderr and "altered" in done.stderr and done.stdout == ""


def test_without_its_key_nothing_is_written_or_verified(daemons, small):
    key = os.path.join(small, "chain.key")
    assert stat.S_IMODE(os.stat(key).st_mode) == 0o600
    os.rename(key, key + ".away")
    assert "chain.key" in hamlet("audit", "verify", state=small, check=4).stderr
    assert "chain.key" in hamlet("sites", "add", "blog", state=small, check=4).stderr
    daemon = daemons(state=small, start=False)
    daemon.spawn()
    daemon.end(4)
    assert not os.path.exists(key)
    os.rename(key + ".away", key)
    assert verified(small)["whole"]


# -- export and rotate


def test_checkpoints_bind_also_who_holds_the_key(daemon, tmp_path):
    file = tmp_path / "checkpoints.jsonl"
    ask_all(daemon)
    file.write_text(hamlet("audit", "export", state=daemon.state).stdout)
    hamlet("audit", "rotate", state=daemon.state)
    ask_all(daemon)
    file.write_text(file.read_text() + hamlet("audit", "export", "--since", "1h", state=daemon.state).stdout)
    found = verified(daemon.state, "--checkpoint", file)
    assert found["whole"] and found["checkpoints"] == len(lines(file.read_text())) >= 2
    daemon.stop()
    # What a holder of the key would do: another record altogether, in a chain of its own that is whole.
    other = os.path.join(tmp_path, "other")
    hamlet("init", "--corpus", write_lines(tmp_path / "c.jsonl", [f(i) for i in range(60) for f in (ham, spam)]), state=other)
    assert verified(other)["whole"]
    found = verified(other, "--checkpoint", file, check=4)
    assert not found["whole"] and found["broken"]["fault"] == "checkpoint"
    assert "checkpoint" in hamlet("audit", "verify", "--checkpoint", file, state=other, check=4).stderr


@pytest.mark.parametrize("change", [("digest", "0" * 64), ("seq", 3), ("time", "2026-01-01T00:00:00Z"), ("signature", "00" * 64),
                                    ("public_key", "11" * 32), ("checkpoint", 2), ("digest", "xyz"), ("seq", "3"), ("seq", -1)])
def test_a_forged_checkpoint_is_refused(small, tmp_path, change):
    file = tmp_path / "checkpoints.jsonl"
    row = value(hamlet("audit", "export", state=small))
    row[change[0]] = change[1]
    file.write_text("\n" + json.dumps(row) + "\n")
    done = hamlet("audit", "verify", "--checkpoint", file, state=small, check=1)
    assert "line 2" in done.stderr


def test_a_broken_record_is_not_exported(small):
    sql(small, "UPDATE example SET content = 'x' WHERE seq = 7")
    done = hamlet("audit", "export", "--since", "1h", state=small, check=4)
    assert done.stdout == "" and "number 7" in done.stderr


def test_rotation_under_a_running_daemon(daemon):
    ask_all(daemon)
    for _ in range(3):
        hamlet("audit", "rotate", state=daemon.state)
        ask_all(daemon)
    assert verified(daemon.state)["whole"]
    events = daemon.query("SELECT kind, detail FROM event")
    assert [kind for kind, _ in events] == ["keys-rotated"] * 3
    keys = [line.split() for line in open(os.path.join(daemon.state, "chain.key"), encoding="ascii") if line.startswith("chain ")]
    assert [int(key[1]) for key in keys] == [1] + [json.loads(detail)["from"] for _, detail in events]
    assert len({key[2] for key in keys}) == 4


def test_no_checkpoint_goes_unread(small, tmp_path):  # noqa: F811
    """Behind a NUL byte too: a file that has one is refused, however well it begins."""
    file = tmp_path / "checkpoints.jsonl"
    line = hamlet("audit", "export", state=small).stdout.encode().splitlines()[-1] + b"\n"
    file.write_bytes(line + b"\0" + line)
    assert "not a file of checkpoints" in hamlet("audit", "verify", "--checkpoint", file, state=small, check=1).stderr


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["verify", "more"], ["verify", "--since", "1h"], ["export", "--checkpoint", "x"],
                                       ["rotate", "--since", "1h"], ["export", "--since", "soon"]])
def test_audit_asked_wrongly(small, arguments):
    hamlet("audit", *arguments, state=small, check=2)


# -- computing again


def test_verdicts_are_computed_again_to_the_last_bit(daemon):
    ids = ask_all(daemon)
    key = daemon.add_site("blog")
    hamlet("sites", "set", "blog", "--threshold", "0.99", "--spam-share", "0.07", state=daemon.state)
    probe = {"content": "Cheap casino now"}
    plain = daemon.check(probe)["prior"]
    wait_until("the site's mix", lambda: daemon.check(probe, key=key)["prior"] != plain)
    ids += ask_all(daemon, key=key)
    for id in ids[::3]:
        found = value(hamlet("explain", id, "--recompute", "--json", state=daemon.state))
        assert found["same"] and found["recorded"] == found["computed"], found
    assert "the same to the last bit" in hamlet("explain", ids[0], "--recompute", state=daemon.state).stdout
    daemon.stop()
    sql(daemon.state, ("UPDATE verdict SET probability = probability * (1 + 1e-15) WHERE id = ?", (ids[0],)))
    done = hamlet("explain", ids[0], "--recompute", state=daemon.state, check=1)
    assert "not the same" in done.stdout


def test_what_cannot_be_computed_again_says_why(daemon):
    ids = ask_all(daemon)
    daemon.stop()
    sql(daemon.state, ("UPDATE verdict SET content = NULL, evidence = '', content_seal = zeroblob(48), evidence_seal = zeroblob(48) WHERE id = ?", (ids[0],)),
        ("UPDATE verdict SET forced = 'administrator' WHERE id = ?", (ids[1],)))
    assert "erased" in hamlet("explain", ids[0], "--recompute", state=daemon.state, check=1).stderr
    assert "has been erased" in hamlet("explain", ids[0], state=daemon.state).stdout
    daemon.start()
    shown = daemon.native(f"/v1/verdicts/{ids[0]}", method="GET").json()
    assert shown["evidence"] == [] and "content" not in shown.get("comment", {})
    assert daemon.native(f"/v1/verdicts/{ids[0]}?evidence=all", method="GET").status in (200, 404, 410)
    daemon.stop()
    assert "administrator" in hamlet("explain", ids[1], "--recompute", state=daemon.state, check=1).stderr
    assert "there is none with this id" in hamlet("explain", "01J00000000000000000000000", "--recompute", state=daemon.state, check=1).stderr
    models = os.path.join(daemon.state, "models")
    for name in os.listdir(models):
        if name.endswith(".model"):
            os.unlink(os.path.join(models, name))
    done = hamlet("explain", ids[2], "--recompute", state=daemon.state, check=1)
    assert "no longer kept" in done.stderr and ids[2] in done.stderr


def test_models_that_verdicts_need_are_kept(daemon):
    ids = []
    for i in range(12):
        before = os.readlink(os.path.join(daemon.state, "models", "current"))
        ids.append(daemon.check({"content": f"Something about number {i}"})["id"])
        hamlet("mark", "ham" if i % 2 else "spam", ids[-1], state=daemon.state)
        wait_until("the next model", lambda: os.readlink(os.path.join(daemon.state, "models", "current")) != before)
        model = os.readlink(os.path.join(daemon.state, "models", "current"))[:-len(".model")]
        wait_until("its use", lambda: daemon.check({"content": "x"})["model"] == model)
    files = [name for name in os.listdir(os.path.join(daemon.state, "models")) if name.endswith(".model")]
    assert len(files) == 9  # the trained one and the newest
    for id in ids:
        assert value(hamlet("explain", id, "--recompute", "--json", state=daemon.state))["same"]
    states = [m["file"] for m in [json.loads(line) for line in hamlet("models", "list", "--json", state=daemon.state).stdout.splitlines()]]
    assert states == ["kept"] * 8 + ["rebuilt"] * 4 + ["kept"]
    sizes = value(hamlet("status", "--json", state=daemon.state))["models"]
    assert (sizes["files"], sizes["rebuilt"]) == (9, 4)
    assert sizes["bytes"] == sum(os.path.getsize(os.path.join(daemon.state, "models", name)) for name in files)
    assert "4 more are made again when needed" in hamlet("status", state=daemon.state).stdout


def test_a_model_without_a_file_is_as_good_as_one_with(daemon):
    """All that takes a model takes one that has to be made again, a backup of it too."""
    made = [daemon.check({"content": "Hello there, how are you"})]
    for i in range(10):
        before = os.readlink(os.path.join(daemon.state, "models", "current"))
        hamlet("mark", "ham" if i % 2 else "spam", daemon.check({"content": f"Something about number {i}"})["id"], state=daemon.state)
        wait_until("the next model", lambda: os.readlink(os.path.join(daemon.state, "models", "current")) != before)
        model = os.readlink(os.path.join(daemon.state, "models", "current"))[:-len(".model")]
        wait_until("its use", lambda: daemon.check({"content": "x"})["model"] == model)
        made.append(daemon.check({"content": "Hello there, how are you"}))
    listed = {m["id"]: m for m in [json.loads(line) for line in hamlet("models", "list", "--json", state=daemon.state).stdout.splitlines()]}
    folded = made[1]["model"]
    assert listed[folded]["file"] == "rebuilt" and listed[folded]["maker"].startswith("hamlet ")
    path = os.path.join(daemon.state, "models", folded + ".model")
    assert not os.path.exists(path)
    shown = hamlet("models", "show", folded[:12], state=daemon.state).stdout
    assert f"made again from model {made[0]['model'][:12]} and the 1 examples since" in shown
    hamlet("models", "top", folded, state=daemon.state)
    hamlet("models", "diff", folded, made[-1]["model"], state=daemon.state)
    hamlet("replay", "--model", folded, state=daemon.state)
    assert daemon.native(f"/v1/verdicts/{made[1]['id']}?evidence=all", method="GET").status == 200
    copy, new = daemon.state + "-copy", daemon.state + "-new"
    assert value(hamlet("backup", copy, "--json", state=daemon.state))["missing"] == 0
    hamlet("restore", copy, "--json", state=new)
    for state in (daemon.state, new):
        for verdict in made:
            assert value(hamlet("explain", verdict["id"], "--recompute", "--json", state=state))["same"]
    assert not os.path.exists(path)
    hamlet("models", "use", folded, state=daemon.state)
    assert os.path.getsize(path) == listed[folded]["bytes"]
    wait_until("its use", lambda: daemon.check({"content": "x"})["model"] == folded)
    assert daemon.check({"content": "Hello there, how are you"})["probability"] == made[1]["probability"]


def test_a_model_of_another_version(daemon):
    """Its snapshot can't be read: that is said, with what it is about, and the record is shown as it is."""
    old = daemon.check({"content": "Hello there"})
    daemon.stop()
    hamlet("retrain", "--max-blocked-ham", "0.1", "--force", state=daemon.state)
    path = os.path.join(daemon.state, "models", old["model"] + ".model")
    os.chmod(path, 0o640)
    with open(path, "r+b") as file:
        file.seek(8)
        file.write(b"\2")
    done = hamlet("explain", old["id"], "--recompute", state=daemon.state, check=4)
    assert f"verdict {old['id']} can't be computed again without the model that judged it" in done.stderr
    assert "made by another version of Hamlet" in done.stderr and "retrain" not in done.stderr
    shown = hamlet("explain", old["id"], state=daemon.state).stdout
    assert "damaged or of another version" in shown and "evidence recorded with the verdict" in shown


def test_addresses_are_not_needed_to_compute_again(daemon):
    ids = ask_all(daemon)
    daemon.stop()
    sql(daemon.state, ("UPDATE verdict SET ip = NULL, user_agent = NULL, referrer = NULL, address_seal = zeroblob(48)",))
    assert value(hamlet("explain", ids[0], "--recompute", "--json", state=daemon.state))["same"]


# -- backup and restore


RULES = {
    "rules.conf": "block listed\n  words @words.txt\n  url @rules/hosts.txt\n",
    "words.txt": "zanzibar\n",
    "rules/hosts.txt": "shop.example\n",
    "rules/blog.conf": "hold own\n  author Ann\n",
}


def test_a_backup_of_a_running_daemon_answers_the_same(daemon, daemons, tmp_path):
    ids = ask_all(daemon)
    hamlet("sites", "add", "blog", state=daemon.state)
    config = os.path.join(daemon.state, "hamlet.conf")
    with open(config, "w", encoding="ascii") as file:
        file.write("# kept\n")
    os.mkdir(os.path.join(daemon.state, "rules"))
    for name, text in RULES.items():
        with open(os.path.join(daemon.state, name), "w", encoding="ascii") as file:
            file.write(text)
    copy, new = tmp_path / "copy", tmp_path / "new"
    stop = threading.Event()
    writer = threading.Thread(target=lambda: [ask_all(daemon) for _ in iter(stop.is_set, True)])
    writer.start()
    try:
        hamlet("backup", copy, state=daemon.state)
    finally:
        stop.set()
        writer.join()
    assert stat.S_IMODE(os.stat(copy).st_mode) == 0o700
    for name in ("hamlet.db", "chain.key"):
        assert stat.S_IMODE(os.stat(copy / name).st_mode) == 0o600
    done = value(hamlet("restore", copy, "--json", state=new))
    assert done["models"] == 1 and done["records"] > len(ids) and done["replaced"] is None
    assert verified(new)["whole"]
    assert (new / "hamlet.conf").read_text() == "# kept\n"
    for name, text in RULES.items():
        assert (copy / name).read_text() == (new / name).read_text() == text
    for id in ids[::5]:
        assert value(hamlet("explain", id, "--recompute", "--json", state=new))["same"]
    other = daemons(state=str(new))
    for comment in COMMENTS:
        mine, theirs = daemon.check(comment), other.check(comment)
        assert (mine["probability"], mine["model"]) == (theirs["probability"], theirs["model"])
    assert verified(new)["whole"] and verified(daemon.state)["whole"]


@pytest.mark.parametrize("name", ["nosuch", "empty", "file"])
def test_what_is_no_backup_is_said(small, tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    new = tmp_path / "new"
    done = hamlet("restore", tmp_path / name, state=new, check=1)
    assert done.stderr == f"hamlet: {tmp_path / name}: there is no backup there: no hamlet.db\n"
    assert sorted(os.listdir(tmp_path)) == ["empty", "file"]


def write_all(folder, files):
    for name, text in files.items():
        path = pathlib.Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")


@pytest.mark.parametrize("named", ["as it is", "by a link"])
def test_lists_are_copied_wherever_they_lie_below_the_state_directory(small, daemons, tmp_path, named):
    copy, new, state = tmp_path / "copy", tmp_path / "new", pathlib.Path(small)
    files = {
        "rules.conf": f"block listed\n  words @lists/of/words.txt\n  url @rules/sub/hosts.txt\n  author @{state.resolve()}/names.txt\n",
        "lists/of/words.txt": "zanzibar\n",
        "rules/sub/hosts.txt": "shop.example\n",
        "rules/blog.conf": "hold own\n  author @../shared.txt\n  email @sub/../sub//mails.txt\n",
        "shared.txt": "Ann\n",
        "rules/sub/mails.txt": "a@b.example\n",
        "names.txt": "Zoe\n",
    }
    write_all(state, files)
    if named == "by a link":
        os.symlink(state, tmp_path / "link")
        state = tmp_path / "link"
    done = hamlet("backup", copy, "--json", state=state)
    assert value(done)["rules_fault"] is None and done.stderr == ""
    for folder in ("lists", "lists/of", "rules", "rules/sub"):
        assert stat.S_IMODE(os.stat(copy / folder).st_mode) == 0o700
    os.remove(state / "names.txt")  # by its full name it's that of the old place
    assert "names.txt" in value(hamlet("restore", copy, "--json", state=new))["rules_fault"]
    (state / "names.txt").write_text("Zoe\n")
    shutil.rmtree(new)
    hamlet("restore", copy, state=new)
    for name, text in files.items():
        assert (new / name).read_text() == text
    for folder in ("lists", "lists/of", "rules", "rules/sub"):
        assert stat.S_IMODE(os.stat(new / folder).st_mode) == 0o750
    daemon = daemons(state=str(new))
    assert daemon.check({"content": "a zanzibar", "author": "Zoe", "url": "http://shop.example/"})["rule"] == "listed"


def test_lists_that_lie_elsewhere_are_said_to_be_missing(small, tmp_path):
    copy, away = tmp_path / "copy", tmp_path / "away"
    write_all(small, {"rules.conf": f"block listed\n  words @{away}/words.txt\n  url @{away}/hosts.txt\n  email @near.txt\n",
                      "near.txt": "a@b.example\n"})
    write_all(away, {"words.txt": "zanzibar\n", "hosts.txt": "shop.example\n"})
    done = hamlet("backup", copy, "--json", state=small)
    said = value(done)["rules_fault"]
    assert str(away) in said and "outside" in said and said.endswith("(the first of 2)") and said in done.stderr
    assert (copy / "near.txt").exists() and str(away) in hamlet("backup", tmp_path / "other", state=small).stderr
    shutil.rmtree(away)
    assert str(away) in hamlet("restore", copy, state=tmp_path / "new").stderr
    done = hamlet("backup", tmp_path / "third", "--json", state=small)
    assert "words.txt" in value(done)["rules_fault"]


@pytest.mark.parametrize("name", ["models-bad.txt", "flood.txt", "hamlet.db.list", "chain.keys"])
def test_lists_named_in_full_come_back_to_their_place(small, tmp_path, name):
    """Whatever they are called; and nothing is said to be missing that isn't."""
    copy = tmp_path / "copy"
    state = shutil.copytree(small, tmp_path / "state", symlinks=True)
    write_all(state, {"rules.conf": f"block listed\n  words @{state}/{name}\n", name: "zanzibar\n"})
    hamlet("backup", copy, state=state)
    shutil.rmtree(state)
    done = hamlet("restore", copy, "--json", state=state)
    assert value(done)["rules_fault"] is None and done.stderr == ""
    assert pathlib.Path(state, name).read_text() == "zanzibar\n"


def test_a_restoration_takes_no_other_states_along(small, tmp_path):
    """Not the one that it is making, and none that lies beside the owner's lists."""
    copy = tmp_path / "copy"
    write_all(small, {"rules.conf": "block listed\n  words @lists/words.txt\n", "lists/words.txt": "zanzibar\n"})
    hamlet("backup", copy, state=small)
    hamlet("backup", copy / "lists" / "another", state=small)
    hamlet("restore", copy, state=copy / "lists" / "new")
    assert sorted(os.listdir(copy / "lists" / "new" / "lists")) == ["words.txt"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes others' files")
def test_what_cannot_be_read_beside_a_backup_is_left_out(small):
    """Such as lost+found of a disk whose root folder is the backup."""
    nobody = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        copy = pathlib.Path(folder, "copy")
        hamlet("backup", copy, state=small)
        for path in [folder, *map(str, [copy, *copy.rglob("*")])]:
            os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
        (copy / "lost+found").mkdir(mode=0o700)
        done = hamlet("restore", copy, "--json", state=pathlib.Path(folder, "new"), user="nobody", extra_groups=[])
        assert "lost+found" in value(done)["rules_fault"]


def test_a_folder_of_rules_that_is_a_link_has_another_above_it(small, tmp_path):
    """rules/../x isn't what lies beside the link then."""
    write_all(tmp_path, {"rules/blog.conf": "hold own\n  author @../shared.txt\n", "shared.txt": "Ann\n"})
    write_all(small, {"shared.txt": "Zoe\n"})
    os.symlink(tmp_path / "rules", os.path.join(small, "rules"))
    done = hamlet("backup", tmp_path / "copy", "--json", state=small)
    assert "shared.txt" in value(done)["rules_fault"] and not (tmp_path / "copy" / "shared.txt").exists()


def test_a_backup_that_fails_leaves_no_folder_of_lists(small, tmp_path):
    copy = tmp_path / "copy"
    write_all(small, {"rules.conf": "block listed\n  words @lists/of/words.txt\n", "lists/of/words.txt": "zanzibar\n"})
    hamlet("backup", copy, state=small)
    model = copy / "models" / os.readlink(copy / "models" / "current")
    flip_a_byte(model)
    hamlet("restore", copy, state=tmp_path / "new", check=4)
    assert os.listdir(tmp_path) == ["copy"]


def test_rules_that_cannot_be_read_are_kept_all_the_same(small, tmp_path):
    copy = tmp_path / "copy"
    with open(os.path.join(small, "rules.conf"), "w", encoding="ascii") as file:
        file.write("alow x\n")
    try:
        done = hamlet("backup", copy, state=small)
    finally:
        os.remove(os.path.join(small, "rules.conf"))
    assert "rules.conf:1" in done.stderr
    assert (copy / "rules.conf").read_text() == "alow x\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
def test_root_restores_for_whom_the_state_directory_belongs_to(small, tmp_path):
    copy, new = tmp_path / "copy", tmp_path / "new"
    hamlet("backup", copy, state=small)
    new.mkdir()
    os.chown(new, 12345, 54321)
    hamlet("restore", copy, state=new)
    for folder, _, names in os.walk(new):
        for path in [folder] + [os.path.join(folder, name) for name in names]:
            assert os.lstat(path).st_uid == 12345 and os.lstat(path).st_gid == 54321, path


def test_restore_refuses_what_is_in_use(daemon, tmp_path):
    copy = tmp_path / "copy"
    hamlet("backup", copy, state=daemon.state)
    assert "something in it" in hamlet("backup", copy, state=daemon.state, check=1).stderr
    assert "daemon" in hamlet("restore", copy, "--force", state=daemon.state, check=1).stderr
    daemon.stop()
    assert "--force" in hamlet("restore", copy, state=daemon.state, check=1).stderr
    sql(daemon.state, "UPDATE verdict SET verdict = 0")
    done = value(hamlet("restore", copy, "--force", "--json", state=daemon.state))
    assert os.path.exists(os.path.join(done["replaced"], "hamlet.db"))
    assert verified(daemon.state)["whole"]
    assert "earlier" in hamlet("restore", copy, "--force", state=daemon.state, check=1).stderr
    shutil.rmtree(done["replaced"])


@pytest.mark.parametrize("damage", ["record", "model", "key", "database", "nothing"])
def test_a_damaged_backup_is_not_restored(small, tmp_path, damage):
    copy, new = tmp_path / "copy", tmp_path / "new"
    hamlet("backup", copy, state=small)
    if damage == "record":
        sql(copy, "UPDATE example SET content = 'x' WHERE seq = 7")
    elif damage == "model":
        model = copy / "models" / os.readlink(copy / "models" / "current")
        data = bytearray(model.read_bytes())
        data[len(data) // 2] ^= 1
        model.write_bytes(data)
    elif damage == "key":
        (copy / "chain.key").write_text("chain 1 " + "00" * 32 + "\nsign 1 " + "00" * 32 + "\n")
    elif damage == "database":
        (copy / "hamlet.db").write_bytes(b"nonsense" * 1000)
    else:
        shutil.rmtree(copy)
    done = hamlet("restore", copy, state=new, check=None)
    assert done.returncode == (1 if damage == "nothing" else 4), done.stderr
    assert os.listdir(tmp_path) == ([] if damage == "nothing" else ["copy"])
    assert done.stdout == ""


def test_a_backup_of_before_the_last_change_of_the_schema(daemons, small, tmp_path):
    """It is the copy that is brought to the current schema; the backup can still be had by the program that made it."""
    copy, new = tmp_path / "copy", tmp_path / "new"
    hamlet("backup", copy, state=small)
    sql(copy, "DROP INDEX verdict_match", "CREATE INDEX verdict_match ON verdict (seq >> 12, fingerprint)", "PRAGMA user_version = 9")
    before = {path.name: path.read_bytes() for path in copy.iterdir() if path.is_file()}
    done = value(hamlet("restore", copy, "--json", state=new))
    assert done["models"] == 1 and done["missing"] == 0 and verified(new)["whole"]
    assert {path.name: path.read_bytes() for path in copy.iterdir() if path.is_file()} == before
    assert daemons(state=str(new)).check(COMMENTS[0])["verdict"] == "ham"


@pytest.mark.parametrize("version", [0, 3, 99])
def test_a_backup_of_a_schema_without_a_chain_is_not_restored(small, tmp_path, version):
    """What can't be verified isn't brought to the schema of a record that could be."""
    copy, new = tmp_path / "copy", tmp_path / "new"
    hamlet("backup", copy, state=small)
    sql(copy, f"PRAGMA user_version = {version}")
    assert "schema" in hamlet("restore", copy, state=new, check=1 if version == 3 else 4).stderr
    assert os.listdir(tmp_path) == ["copy"]


def flip_a_byte(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    os.chmod(path, 0o600)
    path.write_bytes(data)


@pytest.mark.parametrize("gone", [True, False])
def test_a_backup_can_be_restored(small, tmp_path, gone):
    """It is refused without a whole current model; an older one that isn't is left out, and said."""
    copy, new, models = tmp_path / "copy", tmp_path / "new", pathlib.Path(small, "models")
    current = models / os.readlink(models / "current")
    kept = current.read_bytes()

    def damage(path):
        os.unlink(path) if gone else flip_a_byte(path)

    damage(current)
    done = hamlet("backup", copy, state=small, check=4)
    assert str(current) in done.stderr and "hamlet retrain" in done.stderr and not copy.exists()
    current.write_bytes(kept)
    extra = write_lines(tmp_path / "more.jsonl", [ham(500), spam(500)])
    hamlet("import", extra, state=small)
    damage(current)
    done = hamlet("backup", copy, "--json", state=small)
    assert "1 older models are gone or damaged" in done.stderr
    assert (value(done)["models"], value(done)["missing"]) == (1, 1)
    assert "records" not in value(done)  # nobody has counted them
    assert value(hamlet("restore", copy, "--json", state=new))["models"] == 1
    assert verified(new)["whole"]
