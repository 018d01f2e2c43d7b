"""hamlet person: everything that is held of one commenter, out or gone."""
import fcntl
import json
import os
import pathlib
import subprocess

import pytest

import harness
from harness import HAM, SPAM, hamlet, wait_until

PERSON = {
    "author": "Xanthippe Quackenbush",
    "email": "Xanthippe.Q@zymurgy-mail.example",
    "url": "http://quackenbush-home.example/about",
    "ip": "198.51.100.77",
    "user_agent": "Flumadiddle/7.3 (Snollygoster)",
    "referrer": "http://widdershins.example/from-there",
}
FLOOD_EMPTY = 64  # bytes of a flood.state that knows nobody
# What only this person ever wrote; as it is held in tokens too.
STRINGS = ("xanthippe", "quackenbush", "zymurgy-mail", "198.51.100.77", "flumadiddle", "snollygoster", "widdershins",
           "flibbertigibbet", "gobbledygook", "taradiddle")
WORDS = ("What a flibbertigibbet of an article, says I.", "Gobbledygook! But the router part helped me a lot.",
         "No taradiddle this time, thanks for writing it up.")


@pytest.fixture
def daemon(daemons):
    """A daemon with a small model, whose corrections count for all sites: so their words stand in the model by name."""
    daemon = daemons(source=harness.trained(20))
    hamlet("sites", "set", "default", "--share-corrections", "yes", state=daemon.state)
    return daemon


@pytest.fixture
def state(states):
    return states(harness.trained(20))


def learnt(daemon):
    """Whether the model in use includes all that was said."""
    return model(daemon)["position"] == daemon.query("SELECT max(seq) FROM example")[0][0]


def by_person(i=0, **other):
    return {**PERSON, "content": WORDS[i % len(WORDS)], **other}


def files_with(state, strings=STRINGS):
    """The files of a state directory, by the strings that they hold; in either case, byte for byte."""
    found = {}
    for folder, _, names in os.walk(state):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path) or not os.path.isfile(path):
                continue
            with open(path, "rb") as f:
                data = f.read().lower()
            for string in strings:
                if string.lower().encode() in data:
                    found.setdefault(string, set()).add(os.path.relpath(path, state))
    return found


def person(daemon_or_state, *args, check=0, **kwargs):
    state = getattr(daemon_or_state, "state", daemon_or_state)
    return hamlet("person", *args, state=state, check=check, **kwargs)


def erase(daemon, *args, **kwargs):
    return json.loads(person(daemon, "erase", *args, "--yes", "--json", **kwargs).stdout)


def export(daemon, *args):
    return json.loads(person(daemon, "export", *args).stdout)


def write_much(daemon):
    """The person's comments, corrected in every way; and other people's between them."""
    ids = []
    for i in range(6):
        daemon.check(HAM)
        ids.append(daemon.check(by_person(i))["id"])
        daemon.check({**SPAM, "content": f"{SPAM['content']} {i}"})
    hamlet("mark", "spam", ids[0], state=daemon.state)
    hamlet("mark", "ham", ids[1], ids[2], state=daemon.state)
    hamlet("mark", "ham", ids[0], state=daemon.state)
    hamlet("unlearn", ids[2], state=daemon.state)
    reply = daemon.native("/v1/feedback", {"label": "spam", **by_person(1, content="One more gobbledygook, never judged.")})
    assert reply.status == 200, reply
    return ids


def model(daemon):
    return daemon.native("/v1/admin/status", where="admin").json()["model"]


@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
@pytest.mark.parametrize("who", ["email", "ip", "author"])
def test_nothing_is_left(daemon, running, who):
    before = model(daemon)
    write_much(daemon)
    wait_until("the corrections to be learnt", lambda: learnt(daemon))
    assert daemon.native("/v1/admin/reload", {}, where="admin").json()["reloaded"]  # which saves what the flood guard knows
    assert os.path.getsize(os.path.join(daemon.state, "flood.state")) > FLOOD_EMPTY
    held = files_with(daemon.state)
    assert set(held) == set(STRINGS), "the test looks for what is there"
    assert any(name.startswith("models") for name in held["quackenbush"] | held["gobbledygook"])
    if not running:
        daemon.stop()
    value = {"email": "xanthippe.q@ZYMURGY-mail.example", "ip": PERSON["ip"], "author": PERSON["author"]}[who]
    done = erase(daemon, f"--{who}", value)
    assert done["verdicts"] == 6 and done["examples"] == 6 and done["unlearnt"] == 3 and done["models"] >= 2
    assert done["left"] == []
    assert files_with(daemon.state) == {}
    remembered, order = (os.path.join(daemon.state, name) for name in ("flood.state", "flood.forget"))
    if running:
        wait_until("the flood guard to forget", lambda: not os.path.exists(order))
        assert os.path.getsize(remembered) == FLOOD_EMPTY
        now = model(daemon)
        assert (now["spam"], now["ham"]) == (before["spam"], before["ham"])
        daemon.check(HAM)
        daemon.stop()
        assert files_with(daemon.state) == {}
    else:
        assert not os.path.exists(remembered)
        daemon.start()
        wait_until("the flood guard to forget", lambda: not os.path.exists(order))
        assert os.path.getsize(remembered) == FLOOD_EMPTY
    assert not [s for s in STRINGS if s in daemon.log_text().lower()]
    again = person(daemon, "erase", f"--{who}", value, "--yes", check=1)
    assert "nothing is held" in again.stderr


@pytest.mark.parametrize("saved", [True, False], ids=["saved", "never saved"])
def test_what_a_killed_daemon_left_of_the_flood_guard(daemon, saved):
    """It was killed while it wrote the file, which holds digests of everybody's addresses and texts."""
    daemon.check(by_person())
    daemon.stop()
    state = pathlib.Path(daemon.state, "flood.state")
    left = state.with_name("flood.state.3jPdYI")
    left.write_bytes(state.read_bytes())
    if not saved:
        state.unlink()
    erase(daemon, "--email", PERSON["email"])
    assert not left.exists() and not state.exists()
    left.write_bytes(b"HamFlood")
    daemon.start()
    assert not left.exists()


@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
def test_a_correction_in_the_middle(daemon, running):
    """It comes when the examples have been taken back and the verdicts are still there: the erasure waits for the publish lock."""
    id = daemon.check(by_person())["id"]
    hamlet("mark", "spam", id, state=daemon.state)
    wait_until("the correction to be learnt", lambda: learnt(daemon))
    if not running:
        daemon.stop()
    commands = [[harness.program("HAMLET"), *words, "--state", daemon.state] for words in (
        ("person", "erase", "--email", PERSON["email"], "--yes", "--json"), ("mark", "ham", id))]

    def said():
        return daemon.query("SELECT count(*) FROM example WHERE origin <> 'corpus'")[0][0]

    run = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with open(os.path.join(daemon.state, "publish.lock"), "r+", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        erasing = subprocess.Popen(commands[0], **run)
        wait_until("the examples to be taken back", lambda: said() == 2)
        marking = None if running else subprocess.Popen(commands[1], **run)
        if running:
            assert daemon.native("/v1/feedback", {"id": id, "label": "ham"}).status == 200
        wait_until("the correction", lambda: said() == 3)
    out, why = erasing.communicate(timeout=harness.DEADLINE)
    assert erasing.returncode == 0, why
    done = json.loads(out)
    assert done["verdicts"] == 1 and done["examples"] == 2 and done["unlearnt"] == 2 and done["left"] == []
    assert marking is None or marking.communicate(timeout=harness.DEADLINE) and marking.returncode == 0
    assert "nothing is held" in person(daemon, "export", "--email", PERSON["email"], check=1).stderr
    assert files_with(daemon.state) == {}


def test_an_erasure_that_was_stopped_before_the_files(daemon):
    """The records were empty already; what a database keeps of them in corners of its pages was not."""
    daemon.stop()
    db = daemon.db()
    db.execute("PRAGMA secure_delete = 0")
    db.execute("INSERT INTO meta (key, value) VALUES ('corner', ?)", (f"{PERSON['email']} " * 9,))
    db.execute("DELETE FROM meta WHERE key = 'corner'")
    db.close()
    assert set(files_with(daemon.state)) == {"xanthippe", "zymurgy-mail"}
    said = person(daemon, "erase", "--email", PERSON["email"], "--dry-run", check=1).stderr
    assert "nothing is held" in said and files_with(daemon.state)
    assert erase(daemon, "--email", PERSON["email"])["rewritten"]
    assert files_with(daemon.state) == {}
    assert "nothing is held" in person(daemon, "erase", "--email", PERSON["email"], "--yes", check=1).stderr
    daemon.start()


def test_the_record_still_verifies(daemon):
    ids = write_much(daemon)
    erase(daemon, "--email", PERSON["email"])
    assert daemon.query("SELECT count(*) FROM verdict")[0][0] == 18
    kept = daemon.native(f"/v1/verdicts/{ids[0]}", where="admin").json()
    assert kept["erased"] == ["content", "person", "addresses", "evidence"] and kept["evidence"] == []
    assert kept["comment"] == {} and kept["verdict"] in ("ham", "unsure", "spam")
    kind, who, detail = daemon.query("SELECT kind, who, detail FROM event WHERE kind = 'person-erased'")[0]
    assert json.loads(detail)["verdicts"] == 6 and who
    assert "no longer kept" in hamlet("mark", "spam", ids[1], state=daemon.state, check=1).stderr
    assert "has been erased" in hamlet("explain", ids[1], state=daemon.state).stdout


def test_others_keep_theirs(daemon):
    write_much(daemon)
    daemon.check({**HAM, "content": "Quackenbush is a fine name, says the flibbertigibbet.", "author": "Someone Else"})
    done = erase(daemon, "--email", PERSON["email"])
    assert done["rewritten"] in (True, False) and done["left"] == []
    left = files_with(daemon.state)
    assert set(left) == {"quackenbush", "flibbertigibbet"}
    assert export(daemon, "--author", HAM["author"])["counts"]["verdicts"] == 6


def test_what_others_mention_is_said(daemon):
    daemon.check(by_person())
    daemon.check({**HAM, "content": f"Write to {PERSON['email']}, she knows."})
    done = erase(daemon, "--email", PERSON["email"])
    assert done["verdicts"] == 1 and done["rewritten"]
    assert [hit["file"] for hit in done["left"]] == ["hamlet.db"]
    assert set(files_with(daemon.state)) == {"xanthippe", "zymurgy-mail"}


def test_export_has_all_of_it(daemon, tmp_path):
    ids = write_much(daemon)
    out = export(daemon, "--email", PERSON["email"].upper())
    assert out["person"] == {"email": PERSON["email"].upper()} and out["counts"] == {"verdicts": 6, "examples": 6, "learnt": 3}
    assert [v["id"] for v in out["verdicts"]] == ids
    assert all(v["comment"][field] == value for v in out["verdicts"] for field, value in PERSON.items())
    assert all(v["evidence"] and v["model"] for v in out["verdicts"])
    assert [e["label"] for e in out["examples"]] == ["spam", "ham", "ham", "ham", None, "spam"]
    assert [e["learnt"] for e in out["examples"]] == [False, True, False, True, False, True]
    path = tmp_path / "person.json"
    person(daemon, "export", "--email", PERSON["email"], "--out", path)
    written = json.loads(path.read_text())
    assert path.stat().st_mode & 0o777 == 0o600
    assert written["verdicts"] == out["verdicts"] and written["examples"] == out["examples"]
    assert len(daemon.query("SELECT * FROM event WHERE kind = 'person-exported'")) == 2


def test_several_persons_of_one_name(daemon):
    daemon.check(by_person(0))
    daemon.check(by_person(1, email="other@elsewhere.example"))
    daemon.check({**by_person(2), "email": PERSON["email"].lower()})
    for verb, more in (("export", ()), ("erase", ("--yes",)), ("erase", ("--dry-run",))):
        for who in (("--author", PERSON["author"]), ("--ip", PERSON["ip"])):
            said = person(daemon, verb, *who, *more, check=1)
            assert "2 persons" in said.stderr and not said.stdout
            assert PERSON["email"].lower() in said.stderr and "other@elsewhere.example" in said.stderr
    assert export(daemon, "--author", PERSON["author"], "--all")["counts"]["verdicts"] == 3
    assert erase(daemon, "--email", PERSON["email"])["verdicts"] == 2
    assert export(daemon, "--author", PERSON["author"])["counts"]["verdicts"] == 1
    assert erase(daemon, "--ip", PERSON["ip"], "--all")["verdicts"] == 1


def test_dry_run_changes_nothing(daemon):
    write_much(daemon)
    before = daemon.query("SELECT count(*), max(seq) FROM chain"), files_with(daemon.state)
    told = json.loads(person(daemon, "erase", "--email", PERSON["email"], "--dry-run", "--json").stdout)
    assert told["dry_run"] and told["verdicts"] == 6 and told["examples"] == 6 and told["unlearnt"] == 3
    assert told["emails"] == [PERSON["email"].lower()]
    assert "6 verdicts" in person(daemon, "erase", "--email", PERSON["email"], "--dry-run").stdout
    assert daemon.query("SELECT count(*), max(seq) FROM chain") == before[0]
    assert set(files_with(daemon.state)) == set(before[1])


def test_ipv6_in_any_form(daemon):
    daemon.check(by_person(ip="2001:DB8:0:0::1"))
    daemon.check(by_person(ip="2001:db8::1"))
    assert export(daemon, "--ip", "2001:db8:0:0::1")["counts"]["verdicts"] == 2


def test_ipv6_is_recorded_in_one_form(daemon):
    key = daemon.add_site("blog")
    daemon.check(by_person(0, ip="2001:DB8:8:0:0:0:0:8"))
    daemon.akismet("comment-check", {"blog": "http://b.example/", "user_ip": "2001:0db8:8::8", "comment_content": WORDS[1]}, key)
    daemon.request("POST", "/", json.dumps({"ip": "2001:DB8:8::0:8", "site": "http://b.example/", "comment": WORDS[2]}).encode())
    daemon.check(by_person(3, ip="unknown PROXY"))
    assert [row[0] for row in daemon.query("SELECT ip FROM verdict ORDER BY seq")] == ["2001:db8:8::8"] * 3 + ["unknown PROXY"]
    for ip in ("2001:db8:8::8", "2001:DB8:8:0:0:0:0:8"):
        assert export(daemon, "--ip", ip, "--all")["counts"]["verdicts"] == 3
    assert erase(daemon, "--ip", "2001:DB8:0008::8", "--all")["verdicts"] == 3


def test_ipv6_of_older_records(daemon):
    """Before, addresses were recorded as they were sent; they are found and gone from the files all the same."""
    old = "2001:DB8:8:0:0:0:0:8"
    ids = [daemon.check(by_person(i, ip="2001:db8:8::8"))["id"] for i in range(2)]
    hamlet("mark", "spam", ids[0], state=daemon.state)
    daemon.stop()
    db = daemon.db()
    db.execute("UPDATE verdict SET ip = ?", (old,))
    db.execute("UPDATE example SET ip = ? WHERE verdict_id IS NOT NULL", (old,))
    db.execute("PRAGMA secure_delete = 0")
    db.execute("INSERT INTO meta (key, value) VALUES ('corner', ?)", (f"{old} " * 9,))
    db.execute("DELETE FROM meta WHERE key = 'corner'")
    db.close()
    daemon.start()
    for ip in (old, "2001:db8:8::8", "2001:0db8:8::8"):
        assert export(daemon, "--ip", ip)["counts"] == {"verdicts": 2, "examples": 1, "learnt": 1}
    done = erase(daemon, "--ip", "2001:db8:8::8")
    assert done["verdicts"] == 2 and done["examples"] == 1 and done["left"] == []
    assert files_with(daemon.state, (old, "2001:db8:8::8")) == {}


def test_ipv4_as_ipv6(daemon):
    """A server that listens on both writes ::ffff: before an IPv4 address."""
    daemon.check(by_person(0, ip="198.51.100.77"))
    daemon.check(by_person(1, ip="::ffff:198.51.100.77"))
    for ip in ("198.51.100.77", "::ffff:198.51.100.77", "::FFFF:c633:644d"):
        assert export(daemon, "--ip", ip)["counts"]["verdicts"] == 2
    assert erase(daemon, "--ip", "198.51.100.77")["verdicts"] == 2
    assert files_with(daemon.state) == {}


@pytest.mark.parametrize("args", [
    (), ("shred",), ("erase",), ("export", "--email", " "), ("erase", "--email", "a@b.example"),
    ("erase", "--email", "a@b.example", "--ip", "192.0.2.1", "--yes"), ("export", "--email", "a@b.example", "--dry-run"),
    ("erase", "--email", "a@b.example", "--yes", "--out", "x"), ("export", "--author", "x" * 2000)])
def test_wrong_usage(state, args):
    assert hamlet("person", *args, state=state, check=2, stdin=-3).stderr.startswith("hamlet: ")


def test_unknown_person(state):
    for who in (("--email", "nobody@nowhere.example"), ("--ip", "192.0.2.99"), ("--author", "Nobody At All")):
        assert "nothing is held" in hamlet("person", "export", *who, state=state, check=1).stderr


def test_a_model_chosen_by_hand_is_not_changed(daemon):
    """Nothing can be taken back from it, so the erasure is refused before anything is done."""
    ids = write_much(daemon)
    wait_until("the corrections to be learnt", lambda: learnt(daemon))
    chosen = model(daemon)["id"]
    last = daemon.check(HAM)["id"]
    hamlet("mark", "ham", last, state=daemon.state)
    hamlet("models", "use", chosen, state=daemon.state)
    before = files_with(daemon.state)
    said = person(daemon, "erase", "--email", PERSON["email"], "--yes", check=1)
    assert "models use" in said.stderr and files_with(daemon.state) == before
    hamlet("retrain", state=daemon.state)
    assert erase(daemon, "--email", PERSON["email"])["left"] == []
    assert files_with(daemon.state) == {} and ids
