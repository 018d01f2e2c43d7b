"""hamlet: init, import, export, retrain, models, sites: what changes the state directory, and what damage does."""
import os
import shutil
import socket
import subprocess

import pytest

import harness
from cli_fixtures import corpus, ham, lines, small, small_trained, spam, value, write_lines  # noqa: F401
from harness import hamlet


def counts(state):
    store = value(hamlet("status", "--json", state=state))["store"]
    return store["ham_examples"], store["spam_examples"]


def score_one(state, row, *arguments):
    import json

    done = hamlet("score", *arguments, state=state, input=json.dumps(row), stdin=None)
    return value(done)


def damage_model(state):
    """Flip a bit of the current model, in its table, which judging takes."""
    path = os.path.realpath(os.path.join(state, "models", "current"))
    os.chmod(path, 0o600)
    with open(path, "r+b") as f:
        f.seek(os.path.getsize(path) // 4)
        byte = f.read(1)
        f.seek(-1, 1)
        f.write(bytes([byte[0] ^ 0x10]))
    return path


# -- init


def test_init(tmp_path, corpus):
    made = value(hamlet("init", "--corpus", corpus, "--json", state=tmp_path / "s"))
    assert (made["ham"], made["spam"]) == (60, 60) and made["state"] == str(tmp_path / "s")
    assert os.readlink(tmp_path / "s" / "models" / "current") == made["model"] + ".model"
    assert counts(tmp_path / "s") == (60, 60)


def test_init_takes_several_files_and_filters(tmp_path):
    a = write_lines(tmp_path / "a.jsonl", [{**ham(i), "split": "train" if i % 2 else "test"} for i in range(20)])
    b = write_lines(tmp_path / "b.jsonl", [spam(i) for i in range(20)])
    hamlet("init", "--corpus", f"{a}:split=train", b, state=tmp_path / "s")
    assert counts(tmp_path / "s") == (10, 20)


def test_init_twice_is_refused(small):
    before = os.readlink(os.path.join(small, "models", "current"))
    assert small in hamlet("init", state=small, check=1).stderr
    assert os.readlink(os.path.join(small, "models", "current")) == before


def test_init_with_a_bad_corpus_leaves_nothing(tmp_path):
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"label":"ham","content":"fine"}\n{"label":"eggs","content":"bad"}\n')
    assert f"{bad}: line 2 column" in hamlet("init", "--corpus", bad, state=tmp_path / "s", check=1).stderr
    assert not (tmp_path / "s").exists()


# -- import and export


def test_import_is_learnt_at_once(small, tmp_path):
    row = {"content": "zymurgy quodlibet floccinaucinihilipilification"}
    before = score_one(small, row)["probability"]
    file = write_lines(tmp_path / "new.jsonl", [{**row, "label": "spam", "author": f"a{i}"} for i in range(8)])
    done = value(hamlet("import", file, "--json", state=small))
    assert done == {"added": 8, "already": 0, "relabelled": 0, "skipped": 0, "learnt": 8}
    assert score_one(small, row)["probability"] > before
    assert value(hamlet("import", file, "--json", state=small))["already"] == 8


def test_import_looks_for_a_daemon_and_learns_the_same_beside_one(small, tmp_path):
    """Alone it doesn't give way; what is learnt doesn't depend on it."""
    file = write_lines(tmp_path / "new.jsonl", [spam(1000 + i) for i in range(50)])
    alone, beside = harness.copy_state(small), harness.copy_state(small)
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(os.path.join(beside, "admin.sock"))
        s.listen()
        s.settimeout(harness.DEADLINE)
        importing = subprocess.Popen([harness.program("HAMLET"), "import", file, "--state", beside])
        look, told = s.accept()[0], s.accept()[0]
        with look, told:
            assert look.recv(1) == b"" and told.recv(5) == b"POST "
        assert importing.wait(harness.DEADLINE) == 0
    hamlet("import", file, state=alone)
    assert len({os.readlink(os.path.join(state, "models", "current")) for state in (alone, beside)}) == 1
    for state in (alone, beside):
        harness.remove_state(state)


def test_a_big_import_hints_at_retraining(small, tmp_path):
    few = write_lines(tmp_path / "few.jsonl", [spam(1000)])
    many = write_lines(tmp_path / "many.jsonl", [spam(i) for i in range(2000, 2100)])
    assert "retrain" not in hamlet("import", few, state=small).stderr
    assert "hamlet retrain" in hamlet("import", many, state=small).stderr


@pytest.mark.parametrize("line, column", [
    ('{"label":"ham","content":}', 26),
    ('{"label":"eggs","content":"x"}', 2),
    ('{"content":"x"}', 1),
    ('{"label":"ham","content":7}', 16),
    ('["label"]', 1),
])
def test_a_bad_line_is_named_and_nothing_imported(small, tmp_path, line, column):
    good = write_lines(tmp_path / "good.jsonl", [ham(500)])
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"label":"ham","content":"first"}\n\n' + line + '\n{"label":"ham","content":"last"}\n')
    before = counts(small)
    for files in ([bad], [good, bad], [bad, good]):
        done = hamlet("import", *files, state=small, check=1)
        assert done.stderr.startswith(f"hamlet: {bad}: line 3 column {column}: ") and done.stdout == ""
        assert counts(small) == before


def test_skip_bad_counts_them(small, tmp_path):
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"label":"ham","content":"first one"}\nrubbish\n{"label":"spam","content":"last one"}\n')
    done = value(hamlet("import", "--skip-bad", "--json", bad, state=small))
    assert (done["added"], done["skipped"]) == (2, 1)


def test_a_missing_file(small, tmp_path):
    before = counts(small)
    assert str(tmp_path / "none") in hamlet("import", tmp_path / "none", state=small, check=1).stderr
    assert counts(small) == before


def test_import_with_a_label_and_a_format(small, tmp_path):
    text = tmp_path / "spam.txt"
    text.write_text("buy our wonderful widgets\nwin a wonderful widget\n")
    assert "label" in hamlet("import", "--format", "text", text, state=small, check=1).stderr
    assert value(hamlet("import", "--format=text", "--label=spam", "--json", text, state=small))["added"] == 2
    sources = {row["source"] for row in lines(hamlet("export", "--since", "1h", state=small).stdout)}
    assert "spam.txt" in sources


def test_import_takes_standard_input_and_filters(small, tmp_path):
    done = hamlet("import", "-", "--json", state=small, input='{"label":"ham","content":"by standard input"}\n', stdin=None)
    assert value(done)["added"] == 1
    file = write_lines(tmp_path / "f.jsonl", [{**ham(900 + i), "lang": "de" if i < 3 else "en"} for i in range(10)])
    assert value(hamlet("import", f"{file}:lang=de", "--json", state=small))["added"] == 3
    done = hamlet("import", "-:lang=en", "--json", state=small, input=file.read_text(), stdin=None)
    assert value(done)["added"] == 7


def test_export_and_import_come_back_the_same(small, tmp_path):
    odd = [{"label": "ham", "author": "Zoë \u202e\u009b", "email": "z@mail.example", "url": "", "ip": "::1",
            "content": "line\none \u0007 \U0001f600 \\ \"q\" \u0000 end", "context": ["a b", "c"], "title": "T"}]
    hamlet("import", write_lines(tmp_path / "odd.jsonl", odd), state=small)
    first = hamlet("export", state=small).stdout
    (tmp_path / "all.jsonl").write_text(first, encoding="utf-8")
    hamlet("init", "--corpus", tmp_path / "all.jsonl", state=tmp_path / "again")
    second = hamlet("export", state=tmp_path / "again").stdout

    def comments(text):
        rows = [{k: v for k, v in row.items() if k not in ("id", "time")} for row in lines(text)]
        return sorted(rows, key=repr)

    assert comments(first) == comments(second)
    assert len(lines(first)) == 121
    kept = next(row for row in lines(first) if row["author"].startswith("Zoë"))
    assert {key: kept[key] for key in odd[0]} == odd[0]
    assert "\u202e" not in first and "\u009b" not in first  # as they would reach a terminal


def test_export_by_label_and_time(small):
    assert {row["label"] for row in lines(hamlet("export", "--label", "spam", state=small).stdout)} == {"spam"}
    assert hamlet("export", "--since", "2100-01-01", state=small).stdout == ""
    assert len(lines(hamlet("export", "--since", "7d", state=small).stdout)) == 120


# -- retrain and models


def test_retrain(small, tmp_path):
    hamlet("import", write_lines(tmp_path / "n.jsonl", [spam(i) for i in range(100, 130)]), state=small)
    dry = value(hamlet("retrain", "--dry-run", "--json", state=small))
    current = os.readlink(os.path.join(small, "models", "current"))
    assert not dry["published"] and dry["model"] + ".model" != current
    done = value(hamlet("retrain", "--json", state=small))
    assert done["published"] and done["model"] == dry["model"]
    assert os.readlink(os.path.join(small, "models", "current")) == done["model"] + ".model"
    assert (done["ham"], done["spam"]) == (60, 90)
    assert done["figures"]["test"] == 150 and 0 <= done["figures"]["blocked_ham"] <= 1
    assert 0 < done["unsure_threshold"] <= done["spam_threshold"] <= 1


def test_retrain_tells_blocked_ham_first(small):
    out = hamlet("retrain", "--max-blocked-ham=1%", state=small).stdout
    assert "at most 1.00 % blocked ham" in out
    assert out.index("blocked ham  ") < out.index("spam caught  ")


def test_retrain_takes_the_budget_of_the_configuration(small):
    with open(os.path.join(small, "hamlet.conf"), "w", encoding="utf-8") as f:
        f.write("max_blocked_ham = 0.02\n")
    assert value(hamlet("retrain", "--dry-run", "--json", state=small))["max_blocked_ham"] == 0.02
    done = hamlet("retrain", "--dry-run", "--json", "--max-blocked-ham", "0.03", state=small)
    assert value(done)["max_blocked_ham"] == 0.03
    with open(os.path.join(small, "hamlet.conf"), "w", encoding="utf-8") as f:
        f.write("# no such key\nmax_blocked_hat = 0.02\n")
    assert "hamlet.conf:2" in hamlet("retrain", state=small, check=1).stderr


def test_models(small, tmp_path):
    first = value(hamlet("models", "list", "--json", state=small))
    assert first["current"] and first["kind"] == "train" and first["figures"]["test"] == 120
    hamlet("import", write_lines(tmp_path / "n.jsonl", [spam(100)]), state=small)
    newest, oldest = lines(hamlet("models", "list", "--json", state=small).stdout)
    assert oldest["id"] == first["id"] and not oldest["current"]
    assert newest["current"] and newest["parent"] == first["id"] and newest["spam"] == 61
    assert value(hamlet("models", "show", first["id"][:8], "--json", state=small))["id"] == first["id"]
    assert newest["id"] in hamlet("models", "show", state=small).stdout
    used = value(hamlet("models", "use", first["id"][:8], "--json", state=small))
    assert used == {"current": first["id"], "before": newest["id"]}
    assert [row["id"] for row in lines(hamlet("models", "list", "--json", state=small).stdout) if row["current"]] == [first["id"]]
    listed = hamlet("models", "list", state=small).stdout.splitlines()
    assert [line[:15] for line in listed[1:]] == ["   " + newest["id"][:12], "*  " + first["id"][:12]]


def test_unknown_models(small):
    for action in ("show", "use"):
        for name in ("0123456789", "x", "../current"):
            assert name in hamlet("models", action, name, state=small, check=1).stderr


@pytest.mark.parametrize("name", ["x", "12345", "ABCDEF", "", "0" * 65])
def test_what_can_be_no_models_id_is_said_how(small, name):
    why = f"hamlet: '{name}' is not a model's id: at least 6 of its 64 hexadecimal digits\n"
    assert [hamlet("models", action, name, state=small, check=1).stderr for action in ("show", "use")] == [why, why]


# -- damage


def test_a_damaged_model_is_named(small, tmp_path):
    path = damage_model(small)
    name = os.path.basename(path)[:12]
    new = write_lines(tmp_path / "n.jsonl", [spam(100)])
    for arguments in (["status"], ["score", "/dev/null"], ["models", "show"], ["models", "use", name], ["import", new],
                      ["eval", "--model", name, "--test", new], ["score", "--model", path, "/dev/null"]):
        done = hamlet(*arguments, state=small, check=4)
        assert path in done.stderr, done.stderr
    hamlet("verdicts", state=small)  # the record is whole


def test_a_cut_off_model_is_named(small):
    path = os.path.realpath(os.path.join(small, "models", "current"))
    os.chmod(path, 0o600)
    os.truncate(path, os.path.getsize(path) // 2)
    assert path in hamlet("score", "/dev/null", state=small, check=4).stderr


@pytest.mark.parametrize("arguments", [
    ["status"], ["verdicts"], ["export"], ["sites", "list"], ["sites", "add", "x"], ["models", "list"], ["retrain"],
    ["explain", "01J00000000000000000000000"], ["mark", "ham", "01J00000000000000000000000"]])
def test_a_damaged_database_is_named(small, arguments):
    database = os.path.join(small, "hamlet.db")
    for name in (database + "-wal", database + "-shm"):
        if os.path.exists(name):
            os.unlink(name)
    with open(database, "r+b") as f:
        f.write(b"rubbish " * 64)
    assert database in hamlet(*arguments, state=small, check=4).stderr


# -- sites


def test_sites(small):
    added = value(hamlet("sites", "add", "blog", "--url", "https://blog.example/", "--json", state=small))
    assert len(added["key"]) == 12 and set(added["key"]) <= set("0123456789abcdef")
    rows = lines(hamlet("sites", "list", "--json", state=small).stdout)
    assert [(row["name"], row["url"], row["has_key"]) for row in rows] == [
        ("default", "", False), ("blog", "https://blog.example/", True)]
    rotated = value(hamlet("sites", "rotate", "blog", "--json", state=small))
    assert rotated["key"] != added["key"]
    out = hamlet("sites", "list", state=small).stdout
    assert "blog" in out and added["key"] not in out and rotated["key"] not in out
    hamlet("sites", "remove", "blog", state=small)
    assert [row["name"] for row in lines(hamlet("sites", "list", "--json", state=small).stdout)] == ["default"]


@pytest.mark.parametrize("arguments", [
    ["add", "default"], ["add", "Not A Name"], ["add", "x" * 65], ["rotate", "none"], ["remove", "none"], ["remove", "default"]])
def test_sites_refuses(small, arguments):
    before = hamlet("sites", "list", "--json", state=small).stdout
    done = hamlet("sites", *arguments, state=small, check=1)
    assert done.stderr.startswith("hamlet: ") and done.stdout == ""
    assert hamlet("sites", "list", "--json", state=small).stdout == before


def test_a_state_directory_can_be_moved(small, tmp_path):
    shutil.move(small, tmp_path / "moved")
    hamlet("score", "/dev/null", state=tmp_path / "moved")
    shutil.copytree(tmp_path / "moved", small, symlinks=True)
