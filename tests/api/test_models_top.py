"""hamlet models top and diff: what a model knows, and what changed between two."""
import os
import sqlite3

import pytest

from cli_fixtures import ham, small, small_trained, spam, value, write_lines  # noqa: F401
from harness import hamlet

FIELDS = {"word", "pair", "chars", "url", "author", "shape", "topic", "triple", "email", "site"}  # at least


def top(state, *arguments):
    return value(hamlet("models", "top", "--json", *arguments, state=state))


def diff(state, *arguments):
    return value(hamlet("models", "diff", "--json", *arguments, state=state))


def current(state):
    return os.readlink(os.path.join(state, "models", "current")).removesuffix(".model")


def of_field(shown, name):
    return next(f for f in shown["fields"] if f["field"] == name)


@pytest.fixture
def learnt(small, tmp_path):
    """A state directory with a second model, learnt from three more comments; the ids of both."""
    before = current(small)
    rows = [{"label": "spam", "content": "Zorblatt casino, zorblatt for the garden"},
            {"label": "spam", "content": "Zorblatt weekend and a zorblatt recipe"},
            {"label": "ham", "content": "The museum had a frimble"}]
    hamlet("import", write_lines(tmp_path / "more.jsonl", rows), state=small)
    return small, before, current(small)


# -- top


def test_top_lists_the_telling_words(small):
    shown = top(small, "--limit", "15")
    assert (shown["model"], shown["spam"], shown["ham"], shown["unlisted"]) == (current(small), 60, 60, 0)
    assert {f["field"] for f in shown["fields"]} >= FIELDS
    assert sum(f["tokens"] for f in shown["fields"]) == shown["tokens"]
    word = of_field(shown, "word")
    assert word["spam"][0]["spam"] == 60 and word["spam"][0]["ham"] == 0
    assert {"cheap", "click", "now"} <= {t["token"] for t in word["spam"]}
    assert {"thanks", "post", "helped"} <= {t["token"] for t in word["ham"]}


def test_top_ranks_by_what_tells_the_classes_apart(small):
    for field in top(small, "--limit", "1000")["fields"]:
        for side, sign in (("spam", 1), ("ham", -1)):
            listed = field[side]
            assert all(t["ratio"] * sign > 0 for t in listed)
            assert [t["pull"] for t in listed] == sorted((t["pull"] for t in listed), reverse=True)
            for t in listed:
                assert t["pull"] == pytest.approx((t["spam"] / 60 - t["ham"] / 60) * t["ratio"], rel=1e-6)
    # A word of all spam comes before one of six comments, and a word of both kinds alike is not there.
    words = [t["token"] for t in of_field(top(small, "--limit", "1000"), "word")["spam"]]
    assert words.index("cheap") < words.index("viagra") and "17" not in words


def test_top_limits(small):
    assert all(len(f[side]) <= 10 for f in top(small)["fields"] for side in ("spam", "ham"))
    one = top(small, current(small)[:8], "--field", "author", "--limit", "1")
    assert [(f["field"], len(f["spam"]), len(f["ham"])) for f in one["fields"]] == [("author", 1, 1)]
    # Its fragments were seen as often; the whole word stands for them.
    assert one["fields"][0]["ham"][0]["token"] == "reader"


def test_top_for_people(small):
    out = hamlet("models", "top", "--limit", "2", state=small).stdout
    assert current(small)[:12] in out.splitlines()[0] and "60 spam, 60 ham" in out
    section = out[out.index("\nword, "):out.index("\npair, ")]
    rows = [line.split() for line in section.splitlines() if line.strip().startswith(("+", "-"))]
    assert [row[0][0] for row in rows] == ["+", "+", "-", "-"] and all(len(row) >= 4 for row in rows)
    assert "email" not in out  # nobody gave an address
    assert hamlet("models", "top", "--field", "email", state=small).stdout.count("email") == 1


def test_strange_tokens_cannot_touch_the_terminal(small, tmp_path):
    rows = [{"label": "spam", "content": "\x1b[31mred \u202ewen\u009b", "author": "\x1b]0;x\x07"} for _ in range(1)]
    hamlet("import", write_lines(tmp_path / "evil.jsonl", rows), state=small)
    for arguments in (["top", "--limit", "10000"], ["top", "--limit", "10000", "--json"], ["diff", current(small)[:9]]):
        out = hamlet("models", *arguments, state=small).stdout
        assert not set(out) & set("\x1b\x07\x9b\u202e")


# -- diff


def test_diff_of_tokens(learnt):
    state, before, after = learnt
    shown = diff(state, before, after, "--limit", "1000")
    assert shown["models"] == [before, after]
    assert shown["spam"] == [60, 62] and shown["ham"] == [60, 61]
    tokens = shown["tokens"]
    was, now = (top(state, model)["tokens"] for model in (before, after))
    assert tokens["same"] + tokens["changed"] + tokens["gone"] == was
    assert tokens["same"] + tokens["changed"] + tokens["new"] == now and tokens["unlisted"] == 0

    def find(kind, field, name):
        return next((t for t in tokens[kind] if (t["field"], t["token"]) == (field, name)), None)

    new = find("most_telling_new", "word", "zorblatt")
    assert (new["spam"], new["ham"], new["ratio"][0]) == ([0, 2], [0, 0], 0) and new["ratio"][1] > 1
    assert find("most_telling_new", "word", "frimble")["ratio"][1] < 0
    garden = find("most_changed", "word", "garden")
    assert (garden["spam"], garden["ham"]) == ([0, 1], [6, 6]) and garden["ratio"][0] < garden["ratio"][1]
    assert find("most_changed", "word", "cheap") is None and tokens["most_telling_gone"] == []
    words = [t["token"] for t in diff(state, before, after, "--field", "word")["tokens"]["most_telling_new"]]
    assert words[:2] == ["Initial: zorblatt", "zorblatt"] or words[:2] == ["zorblatt", "Initial: zorblatt"]


def test_diff_the_other_way_round(learnt):
    state, before, after = learnt
    there, back = diff(state, before), diff(state, after, before)
    assert there["models"] == [before, after]  # the current one unless another is named
    assert (back["tokens"]["gone"], back["tokens"]["new"]) == (there["tokens"]["new"], 0)
    assert [t["token"] for t in back["tokens"]["most_telling_gone"]] == \
        [t["token"] for t in there["tokens"]["most_telling_new"]]
    for pair in ("spam_threshold", "unsure_threshold", "prior", "spam"):
        assert back[pair] == there[pair][::-1]
    assert back["verdicts"]["better"] == there["verdicts"]["worse"]


def test_diff_with_itself(small):
    model = current(small)
    shown = diff(small, model, model)
    assert (shown["tokens"]["changed"], shown["tokens"]["new"], shown["tokens"]["gone"]) == (0, 0, 0)
    assert shown["verdicts"] == {"examples": 120, "judged": 120, "changed": 0, "better": 0, "worse": 0, "moves": [],
                                 "flips": []}
    assert all(f["worth"][0] == f["worth"][1] for f in shown["weights"])
    assert {f["field"] for f in shown["weights"]} >= FIELDS
    assert " 0 change" in hamlet("models", "diff", model, model, state=small).stdout


def test_diff_of_weights_and_thresholds(small):
    before = current(small)
    hamlet("retrain", "--max-blocked-ham", "0.05", state=small)
    shown = diff(small, before)
    assert shown["max_blocked_ham"] == [0.005, 0.05]
    rows = {row["id"]: row for row in (value(hamlet("models", "show", "--json", model, state=small)) for model in shown["models"])}
    for key in ("spam_threshold", "unsure_threshold"):
        assert shown[key] == [rows[model][key] for model in shown["models"]]
    for field in shown["weights"]:
        assert all(len(w) == 4 and min(w) >= 0 for w in field["weights"]) and len(field["weights"]) == 2


def test_diff_of_verdicts(small, tmp_path):
    """Relabelled, the same comments get other verdicts from a model trained anew."""
    before = current(small)
    rows = [{**spam(i), "label": "ham"} for i in range(60)] + [{**ham(i), "label": "spam"} for i in range(60)]
    hamlet("import", write_lines(tmp_path / "turned.jsonl", rows), state=small)
    hamlet("retrain", state=small)
    judged = diff(small, before, "--limit", "5")["verdicts"]
    assert judged["examples"] == judged["judged"] == 120
    assert judged["changed"] == judged["better"] + judged["worse"] and judged["better"] > 100 and judged["worse"] == 0
    assert sum(m["ham"] + m["spam"] for m in judged["moves"]) == judged["changed"]
    assert all(m["verdict"][0] != m["verdict"][1] for m in judged["moves"])
    flips = judged["flips"]
    assert len(flips) == 5 and all(f["verdict"][0] != f["verdict"][1] for f in flips)
    for flip in flips:
        assert ("Cheap" in flip["excerpt"]) == (flip["label"] == "ham")
        assert (flip["probability"][1] < flip["probability"][0]) == (flip["label"] == "ham")
    out = hamlet("models", "diff", before, "--limit", "5", state=small).stdout
    assert f"{judged['changed']} change, {judged['better']} for the better" in out and flips[0]["excerpt"][:20] in out


def test_only_examples_in_force_are_judged(small):
    with sqlite3.connect(os.path.join(small, "hamlet.db")) as db:
        assert db.execute("SELECT count(*) FROM example").fetchone()[0] == 120
    assert diff(small, current(small))["verdicts"]["examples"] == 120


# -- mistakes


@pytest.mark.parametrize("arguments, word", [
    (["top", "a", "b"], "one id"), (["top", "--limit", "0"], "--limit"), (["top", "--field", "none"], "none"),
    (["diff"], "missing"), (["diff", "a", "b", "c"], "too many"), (["list", "--limit", "3"], "neither"),
    (["use"], "missing"), (["list", "x"], "no id")])
def test_wrong_usage(small, arguments, word):
    done = hamlet("models", *arguments, state=small, check=2)
    assert word in done.stderr and "usage: hamlet models" in done.stderr and done.stdout == ""


def test_models_that_are_not_there(learnt):
    state, before, after = learnt
    for arguments in (["top", "ffffff"], ["diff", before, "ffffff"], ["diff", "ffffff"]):
        assert "ffffff" in hamlet("models", *arguments, state=state, check=1).stderr
    os.unlink(os.path.join(state, "models", before + ".model"))
    assert "no longer kept" in hamlet("models", "diff", before, after, state=state, check=1).stderr
    path = os.path.join(state, "models", after + ".model")
    with open(path, "r+b") as f:
        f.seek(5000)
        f.write(b"damage")
    assert hamlet("models", "top", state=state, check=4).stderr
