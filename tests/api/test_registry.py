"""hamlet replay, and the models as a registry: what a retrain may publish, prune, files that are gone."""
import fcntl
import json
import os
import sqlite3

import pytest

from cli_fixtures import ham, lines, small, small_daemon, small_trained, spam, value, write_lines  # noqa: F401
from harness import hamlet

GARDEN = "Thanks for the post about the garden, part {} helped me."


def models(state):
    return lines(hamlet("models", "list", "--json", state=state).stdout)


def fill(daemon, n=110, key=None):
    """Have good comments judged."""
    for i in range(n):
        assert daemon.check({"content": GARDEN.format(i), "author": "Ann"}, key=key)["verdict"] == "ham"


def turn_round(state, tmp_path):
    """Many examples of a source that knows both classes now say that such comments are spam."""
    rows = [{"label": "spam", "content": GARDEN.format(1000 + i), "author": "Ann"} for i in range(300)]
    rows += [{"label": "ham", "content": f"Our choir sings at {i} o'clock on Sunday.", "author": "Jo"} for i in range(30)]
    hamlet("import", write_lines(tmp_path / "turned.jsonl", rows), state=state)


@pytest.fixture
def turned(small_daemon, tmp_path):
    """A state directory whose next model would change most of the last days' verdicts; no daemon learns there."""
    fill(small_daemon)
    small_daemon.stop()
    before = models(small_daemon.state)[0]["id"]
    turn_round(small_daemon.state, tmp_path)
    hamlet("models", "use", before, state=small_daemon.state)  # import has learnt already
    return small_daemon.state


def test_a_model_that_flips_too_much_is_kept_back(turned):
    current = [m["id"] for m in models(turned) if m["current"]]
    done = hamlet("retrain", "--max-blocked-ham", "0.2", "--json", state=turned, check=1)
    made = value(done)
    assert made["published"] is False and "verdicts of the last 7 days" in made["objection"]
    assert made["objection"] in done.stderr and "models use" in done.stderr
    row = [m for m in models(turned) if m["id"] == made["model"]][0]
    assert row["withheld"] == made["objection"] and row["file"] == "withheld" and not row["current"]
    assert [m["id"] for m in models(turned) if m["current"]] == current
    shown = hamlet("models", "show", made["model"], state=turned).stdout
    assert made["objection"] in shown and row["corpus"] in shown

    replayed = lines(hamlet("replay", "--model", made["model"], "--json", state=turned).stdout)
    total = replayed[-1]["replay"]
    assert total["judged"] == 110 and total["flips"] == len(replayed) - 1 > 50
    assert total["sites"][0]["site"] == "default" and sum(total["sites"][0]["ham"].values()) == 110
    flip = replayed[0]
    assert flip["was"]["verdict"] == "ham" and flip["would_be"]["verdict"] != "ham"
    assert flip["was"]["evidence"] and 0 < len(flip["would_be"]["evidence"]) <= 5
    text = hamlet("replay", "--model", made["model"], "--limit", "2", state=turned).stdout
    assert text.count("would be: ") == 2 and "more; --limit 0" in text and "WOULD BE" in text

    with sqlite3.connect(os.path.join(turned, "hamlet.db")) as db:  # a replay records that it was, and nothing else
        events = [json.loads(detail) for detail, in db.execute("SELECT detail FROM event WHERE kind = 'replay'")]
        assert db.execute("SELECT count(*) FROM verdict").fetchone() == (110,)
    assert [(e["model"], e["judged"], e["flips"]) for e in events] == [(made["model"], 110, total["flips"])] * 2

    hamlet("models", "use", made["model"], state=turned)
    assert [m["id"] for m in models(turned) if m["current"]] == [made["model"]]
    assert [m["withheld"] for m in models(turned) if m["id"] == made["model"]] == [None]


def test_force(turned):
    dry = value(hamlet("retrain", "--max-blocked-ham", "0.2", "--dry-run", "--json", state=turned))
    assert dry["objection"] and not dry["published"]
    made = value(hamlet("retrain", "--max-blocked-ham", "0.2", "--force", "--json", state=turned))
    assert made["published"] is True and made["objection"]
    with sqlite3.connect(os.path.join(turned, "hamlet.db")) as db:
        (detail,), = db.execute("SELECT detail FROM event WHERE kind = 'model-forced'")
    assert json.loads(detail) == {"model": made["model"], "objection": made["objection"]}
    assert [m["id"] for m in models(turned) if m["current"]] == [made["model"]]
    hamlet("retrain", "--dry-run", "--force", state=turned, check=2)


def test_max_flips_is_a_setting(turned):
    with open(os.path.join(turned, "hamlet.conf"), "w", encoding="utf-8") as conf:
        conf.write("max_flips = 0\n")
    assert value(hamlet("retrain", "--max-blocked-ham", "0.2", "--json", state=turned))["published"] is True


def test_use_rolls_back_without_a_restart(small_daemon):
    first = models(small_daemon.state)[0]["id"]
    recorded = small_daemon.check({"content": "Something new about my kayak"})
    hamlet("mark", "spam", recorded["id"], state=small_daemon.state)
    second = [m for m in models(small_daemon.state) if m["current"]][0]
    assert second["parent"] == first and second["kind"] == "learn" and second["who"]
    assert small_daemon.check({"content": "Something else"})["model"] == second["id"]
    hamlet("models", "use", first[:12], state=small_daemon.state)
    (kind, detail), = small_daemon.query("SELECT kind, detail FROM event WHERE kind = 'model-used'")
    assert json.loads(detail) == {"model": first, "before": second["id"]}
    assert small_daemon.check({"content": "Something else"})["model"] == first


def test_two_retrains_at_once(small):
    with open(os.path.join(small, "retrain.lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = models(small)
        done = hamlet("retrain", state=small, check=1)
        assert "another retrain is at work" in done.stderr
        assert models(small) == before
    hamlet("retrain", state=small)


def test_a_model_whose_file_is_gone(small):
    made = value(hamlet("retrain", "--max-blocked-ham", "0.1", "--json", state=small))
    first = [m["id"] for m in models(small) if not m["current"]][0]
    os.unlink(os.path.join(small, "models", first + ".model"))
    assert [m["file"] for m in models(small)] == ["kept", "gone"]
    for arguments in (("models", "use", first), ("models", "show", first), ("models", "diff", first),
                      ("replay", "--model", first)):
        done = hamlet(*arguments, state=small, check=1)
        assert first in done.stderr and "no longer kept" in done.stderr
    assert [m["id"] for m in models(small) if m["current"]] == [made["model"]]
    for unknown in ("0123456789ab", "nonsense", ""):
        assert hamlet("replay", "--model", unknown, state=small, check=1).stderr.startswith("hamlet: ")


def test_prune_keeps_what_a_verdict_names(small_daemon):
    judged = small_daemon.check({"content": "Hello there"})["model"]
    state = small_daemon.state
    small_daemon.stop()
    hamlet("retrain", "--max-blocked-ham", "0.1", "--force", state=state)
    hamlet("retrain", "--max-blocked-ham", "0.15", "--force", state=state)
    middle = models(state)[1]["id"]
    assert value(hamlet("models", "prune", "--json", state=state))["removed"] == []
    would = value(hamlet("models", "prune", "--keep", "0", "--dry-run", "--json", state=state))
    assert would["removed"] == [middle] and would["kept"] == 2 and would["dry_run"]
    assert [m["file"] for m in models(state)] == ["kept"] * 3
    assert "1 models removed" in hamlet("models", "prune", "--keep", "0", state=state).stdout
    assert {m["id"]: m["file"] for m in models(state)}[middle] == "pruned"
    assert {m["id"]: m["file"] for m in models(state)}[judged] == "kept"
    hamlet("models", "prune", "someid", state=state, check=2)
    hamlet("models", "list", "--keep", "1", state=state, check=2)


def test_replay_of_other_thresholds(small_daemon):
    key = small_daemon.add_site("blog")
    fill(small_daemon, 5)
    fill(small_daemon, 3, key)
    state = small_daemon.state
    total = lines(hamlet("replay", "--json", state=state).stdout)[-1]["replay"]
    assert total["judged"] == 8 and total["flips"] == 0
    total = lines(hamlet("replay", "--spam-threshold", "0.000001", "--json", state=state).stdout)[-1]["replay"]
    assert [(s["site"], s["ham"]["spam"]) for s in total["sites"]] == [("default", 5), ("blog", 3)]
    total = lines(hamlet("replay", "--spam-threshold", "0.000001", "--site", "blog", "--json", state=state).stdout)[-1]
    assert total["replay"]["judged"] == 3
    total = lines(hamlet("replay", "--max-blocked-ham", "0.1", "--json", state=state).stdout)[-1]["replay"]
    assert total["judged"] == 8 and total["model"] not in [m["id"] for m in models(state)]
    assert lines(hamlet("replay", "--since", "2999-01-01", "--json", state=state).stdout)[-1]["replay"]["judged"] == 0
    for wrong in (("--model", "abcdef", "--max-blocked-ham", "0.1"), ("--spam-threshold", "1.5"),
                  ("--spam-threshold", "0.5", "--max-blocked-ham", "0.1"), ("--since", "1h", "--until", "2h"), ("extra",)):
        hamlet("replay", *wrong, state=state, check=2)
    assert "none" in hamlet("replay", "--site", "none", state=state, check=1).stderr


def test_replay_goes_by_each_sites_threshold(small_daemon):
    key = small_daemon.add_site("blog")
    comment = {"content": "Cheap casino now", "author": "Ann"}
    on_blog = small_daemon.check(comment, key=key)
    assert small_daemon.check(comment)["verdict"] == on_blog["verdict"] == "spam"
    hamlet("sites", "set", "blog", "--threshold", "0.9999", state=small_daemon.state)
    replayed = lines(hamlet("replay", "--json", state=small_daemon.state).stdout)
    assert [(f["id"], f["site"], f["would_be"]["verdict"]) for f in replayed[:-1]] == [(on_blog["id"], "blog", "unsure")]
