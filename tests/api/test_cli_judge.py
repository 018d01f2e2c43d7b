"""hamlet: score and eval, which need no daemon and record nothing."""
import json
import math
import os
import resource
import select
import subprocess

import pytest

import harness
from cli_fixtures import corpus, ham, lines, small, small_trained, spam, value, write_lines  # noqa: F401
from harness import hamlet

FIGURES = {"train", "test", "accuracy", "spam_caught", "blocked_ham", "f1", "mcc", "auc", "caught_at_blocked_ham", "brier",
           "ece", "confusion", "features", "seconds"}


@pytest.fixture
def mixed(tmp_path):
    return write_lines(tmp_path / "mixed.jsonl", [
        {**f(200 + i), "split": "train" if i < 20 else "test"} for i in range(40) for f in (ham, spam)])


# -- score


def test_score_gives_a_verdict_a_line_in_order(small, mixed):
    rows = lines(hamlet("score", mixed, state=small).stdout)
    assert len(rows) == 80
    assert [row["probability"] > 0.5 for row in rows] == [False, True] * 40
    model = os.readlink(os.path.join(small, "models", "current"))[:-len(".model")]
    for row in rows:
        assert set(row) == {"verdict", "discard", "probability", "prior", "known", "model", "evidence"}
        assert row["model"] == model and row["verdict"] in ("ham", "unsure", "spam") and len(row["evidence"]) <= 20
        if len(row["evidence"]) < 20:
            total = row["prior"] + sum(e["weight"] for e in row["evidence"])
            assert abs(total - math.log(row["probability"] / (1 - row["probability"]))) < 1e-6


def test_score_records_nothing(small, mixed):
    hamlet("score", mixed, state=small)
    assert hamlet("verdicts", "--json", state=small).stdout == ""


class Scoring:
    """`hamlet score` with pipes at both ends."""

    def __init__(self, state):
        self.process = subprocess.Popen([harness.program("HAMLET"), "score", "--state", state], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.text = b""

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.kill()
        self.process.wait()
        for file in (self.process.stdin, self.process.stdout, self.process.stderr):
            file.close()

    def say(self, data):
        os.write(self.process.stdin.fileno(), data)

    def answers(self, n):
        """The next N verdicts, which must come without anything more being said."""
        while self.text.count(b"\n") < n:
            assert select.select([self.process.stdout], [], [], harness.DEADLINE)[0], self.text
            more = os.read(self.process.stdout.fileno(), 65536)
            assert more, self.text
            self.text += more
        *taken, self.text = self.text.split(b"\n", n)
        return [json.loads(line) for line in taken]


def test_score_answers_what_there_is_before_more_is_said(small):
    row = b'{"content":"one"}\n'
    with Scoring(small) as s:
        for _ in range(3):
            s.say(row)
            assert len(s.answers(1)) == 1
        s.say(row * 200)
        assert len(s.answers(200)) == 200
        s.say(row * 2 + row[:5])
        assert len(s.answers(2)) == 2 and s.text == b""
        s.say(row[5:])
        assert len(s.answers(1)) == 1
        s.process.stdin.close()
        assert s.process.wait(harness.DEADLINE) == 0


def test_score_ends_at_a_bad_line_while_more_may_come(small):
    with Scoring(small) as s:
        s.say(b'{"content":"one"}\n' * 100 + b"what?\n" + b'{"content":"never"}\n' * 100)
        assert len(s.answers(100)) == 100 and s.text + s.process.stdout.read() == b""
        assert s.process.wait(harness.DEADLINE) == 1
        assert s.process.stderr.read().startswith(b"hamlet: standard input: line 101 column 4: ")


@pytest.fixture
def many(tmp_path):
    """Lines of many lengths, so that threads finish them in another order, and with something of its own each."""
    return write_lines(tmp_path / "many.jsonl", [
        {"author": f"a{i}", "content": f"number {i} " + "of cheap words " * (i * 7919 % 97) ** 2 * (i % 50 == 0) + "recipe " * (i % 13)}
        for i in range(3000)])


def test_score_keeps_the_order_of_many_lines(small, many):
    whole = hamlet("score", many, state=small).stdout
    texts = many.read_text().splitlines(keepends=True)
    parts = [hamlet("score", "-", state=small, stdin=None, input="".join(texts[i:i + 500])).stdout for i in range(0, 3000, 500)]
    assert whole == "".join(parts) and whole.count("\n") == 3000


@pytest.mark.parametrize("bad", [1, 64, 65, 1777, 3000])
def test_score_writes_all_before_the_first_bad_line(small, many, bad):
    whole = hamlet("score", many, state=small).stdout.splitlines()
    texts = many.read_text().splitlines()
    texts[bad - 1:] = ["[1]"] + ["{"] * (3000 - bad)
    many.write_text("\n".join(texts))
    done = hamlet("score", many, state=small, check=1)
    assert done.stdout.splitlines() == whole[:bad - 1]
    assert done.stderr == f"hamlet: {many}: line {bad} column 1: the line is not an object\n"


def test_score_without_other_threads(small, many):
    """Stacks larger than memory: no thread is to be had."""
    def limit():
        resource.setrlimit(resource.RLIMIT_STACK, (1 << 39, resource.getrlimit(resource.RLIMIT_STACK)[1]))

    assert hamlet("score", many, state=small, preexec_fn=limit).stdout == hamlet("score", many, state=small).stdout


def test_score_says_that_output_is_full(small, many):
    with open("/dev/full", "wb") as full:
        for text in (many.read_text(), '{"content":"one"}'):
            done = subprocess.run([harness.program("HAMLET"), "score", "--state", small], input=text.encode(), stdout=full,
                                  stderr=subprocess.PIPE, timeout=harness.STARTING)
            assert done.returncode == 1 and b"standard output: " in done.stderr, done.stderr


def test_score_with_a_filter_a_model_and_fields(small, mixed, tmp_path):
    assert len(lines(hamlet("score", f"{mixed}:split=test:label=ham", state=small).stdout)) == 20
    path = os.path.realpath(os.path.join(small, "models", "current"))
    by_state = hamlet("score", mixed, state=small).stdout
    assert hamlet("score", "--model", path, mixed, state=tmp_path / "none").stdout == by_state
    assert hamlet("score", "--model", os.path.basename(path)[:10], mixed, state=small).stdout == by_state
    fields = {e["field"] for row in lines(hamlet("score", "--fields", "content", mixed, state=small).stdout)
              for e in row["evidence"]}
    assert "author" not in fields and "word" in fields
    assert "author" in {e["field"] for row in lines(by_state) for e in row["evidence"]}


def test_score_of_no_row_is_a_mistake(small, mixed):
    done = hamlet("score", f"{mixed}:label=xx", state=small, check=1)
    assert done.stderr == f"hamlet: {mixed}:label=xx: no row is like that\n" and done.stdout == ""
    assert done.stderr == hamlet("import", f"{mixed}:label=xx", state=small, check=1).stderr


def test_score_takes_filters_on_standard_input(small, mixed):
    rows = {"input": mixed.read_text(encoding="utf-8"), "stdin": None, "state": small}
    by_name = hamlet("score", f"{mixed}:split=test:label=ham", state=small).stdout
    for arguments in (["-:split=test:label=ham"], ["-:split=test:label=ham", "--fields=all"],
                      ["--fields", "all", "-:split=test:label=ham"]):
        assert hamlet("score", *arguments, **rows).stdout == by_name
    assert "unknown option '-x'" in hamlet("score", "-x", state=small, check=2).stderr


def test_score_with_a_model_of_its_own(corpus, mixed, tmp_path):
    rows = lines(hamlet("score", "--train", corpus, "--train", f"{mixed}:split=train", f"{mixed}:split=test",
                        state=tmp_path / "none").stdout)
    assert [row["probability"] > 0.5 for row in rows] == [False, True] * 20
    assert not (tmp_path / "none").exists()


def test_score_takes_rows_without_label_and_blank_lines(small):
    done = hamlet("score", "-", state=small, stdin=None, input='{"content":"a"}\n\n{"content":"", "author":null}\r\n{"content":"b"}')
    assert len(lines(done.stdout)) == 3


@pytest.mark.parametrize("line, column", [
    ('{"content":', 11), ('{"author":"no content"}', 1), ('"text"', 1), ('{"content":"\u00e9","author":5}', 16),
    ('{"content":"x","context":["a",5]}', 16), pytest.param('{"content":"' + "x" * (4 << 20) + '"}', 4 << 20, id="long")])
def test_score_names_a_bad_line(small, tmp_path, line, column):
    file = tmp_path / "bad.jsonl"
    file.write_text('{"content":"fine"}\n' + line + '\n')
    done = hamlet("score", file, state=small, check=1)
    assert done.stderr.startswith(f"hamlet: {file}: line 2 column {column}: "), done.stderr
    assert len(lines(done.stdout)) == 1
    file.write_text(line.replace('{"', '{"label":"ham","', 1) + '\n')
    imported = hamlet("import", file, state=small, check=1).stderr  # in the same words
    assert imported.split(": ", 3)[3] == done.stderr.split(": ", 3)[3]


def test_score_names_an_unknown_model_and_file(small, tmp_path):
    assert "0123456789" in hamlet("score", "--model", "0123456789", "/dev/null", state=small, check=1).stderr
    assert "none.jsonl" in hamlet("score", tmp_path / "none.jsonl", state=small, check=1).stderr
    file = tmp_path / "no.model"
    file.write_text("this is no model")
    assert str(file) in hamlet("score", "--model", file, "/dev/null", check=4).stderr


# -- eval


def test_eval_train_and_test(mixed, tmp_path):
    a = value(hamlet("eval", "--train", f"{mixed}:split=train", "--test", f"{mixed}:split=test", "--json"))
    assert FIGURES <= set(a) and set(a["caught_at_blocked_ham"]) == {"0.002", "0.01"}
    assert set(a["confusion"]) == {"tp", "fp", "tn", "fn"}
    assert (a["train"], a["test"]) == (40, 40) and sum(a["confusion"].values()) == 40
    tp, fp, tn, fn = (a["confusion"][k] for k in ("tp", "fp", "tn", "fn"))
    assert math.isclose(a["accuracy"], (tp + tn) / 40, abs_tol=1e-6)
    assert math.isclose(a["blocked_ham"], fp / (fp + tn), abs_tol=1e-6)
    assert math.isclose(a["spam_caught"], tp / (tp + fn), abs_tol=1e-6)


def test_eval_options_take_several_files_in_any_way(tmp_path):
    files = [write_lines(tmp_path / f"{i}.jsonl", [f(50 * i + k) for k in range(10) for f in (ham, spam)]) for i in range(4)]
    ways = [["--train", files[0], files[1], "--test", files[2], files[3]],
            ["--train", files[0], "--train", files[1], "--test", files[2], "--test", files[3]],
            [f"--test={files[2]}", files[3], f"--train={files[0]}", files[1]]]
    results = [value(hamlet("eval", "--json", *way)) for way in ways]
    for result in results:
        del result["seconds"]
        assert (result["train"], result["test"]) == (40, 40) and result == results[0]


@pytest.mark.parametrize("way", [
    ["--train", "-:split=train", "--test", "FILE:split=test"], ["--test=FILE:split=test", "--train=-:split=train"],
    ["--train", "FILE:split=train", "--test", "FILE:label=ham:split=test", "-:split=test:label=spam"]])
def test_eval_takes_filters_on_standard_input(mixed, way):
    way = [argument.replace("FILE", str(mixed)) for argument in way]
    a = value(hamlet("eval", "--json", *way, input=mixed.read_text(encoding="utf-8"), stdin=None))
    assert (a["train"], a["test"]) == (40, 40)


def test_eval_folds(corpus):
    a = value(hamlet("eval", "--folds", "4", corpus, "--json"))
    b = value(hamlet("eval", "--train", corpus, "--folds=4", "--json"))
    assert a["test"] == 120 and sum(a["confusion"].values()) == 120 and a["auc"] > 0.9
    del a["seconds"], b["seconds"]
    assert a == b


def test_eval_of_a_model(small, mixed):
    a = value(hamlet("eval", "--model", os.path.realpath(os.path.join(small, "models", "current")), "--test", mixed, "--json"))
    assert (a["train"], a["test"]) == (0, 80) and a["auc"] > 0.9


def test_eval_of_text_alone(tmp_path):
    """Rows that differ in their authors alone can't be told apart by content."""
    def row(label, i):
        return {"label": label, "author": f"{label} sender", "content": f"the very same words here {i}"}
    file = write_lines(tmp_path / "f.jsonl", [row(label, i) for i in range(40) for label in ("ham", "spam")])
    whole = value(hamlet("eval", "--folds", "4", file, "--json"))
    text = value(hamlet("eval", "--folds", "4", "--fields", "content", file, "--json"))
    assert whole["auc"] > 0.95 and text["auc"] < 0.7


def test_eval_table_tells_blocked_ham_first(corpus):
    out = hamlet("eval", "--folds", "3", corpus).stdout
    assert out.startswith("blocked ham") and out.index("blocked ham") < out.index("spam caught")


def test_eval_refusals(corpus, tmp_path):
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"label":"ham","content":"x"}\n{"content":"no label"}\n')
    assert f"{bad}: line 2 column 1: " in hamlet("eval", "--train", corpus, "--test", bad, check=1).stderr
    assert "none.jsonl" in hamlet("eval", "--train", tmp_path / "none.jsonl", "--test", corpus, check=1).stderr
    assert hamlet("eval", "--train", corpus, "--test", f"{corpus}:split=none", check=1).stderr.startswith("hamlet: ")


@pytest.mark.parametrize("name, least", [("tubespam-psy", 0.92), ("tubespam-katyperry", 0.90)])
def test_eval_on_the_youtube_collection(name, least):
    file = harness.shared("data", name + ".jsonl")
    a = value(hamlet("eval", "--train", f"{file}:split=train", "--test", f"{file}:split=test", "--json"))
    assert a["mcc"] >= least, a


def test_eval_on_real_blog_spam():
    a = value(hamlet("eval", "--train", harness.shared("data", "wordpress-mkb-earlier.jsonl"), "--folds", "5", "--json"))
    assert a["auc"] >= 0.99, a
