"""hamlet corpus lint: doubtful labels, near-duplicates, what may not be published, balance."""
from cli_fixtures import ham, small, small_trained, spam, value, write_lines  # noqa: F401
from harness import hamlet


def rows():
    return [f(i) for i in range(40) for f in (ham, spam)]


def lint(path, *arguments, check=0):
    return value(hamlet("corpus", "lint", path, "--json", *arguments, check=check))


def test_clean(tmp_path):
    found = lint(write_lines(tmp_path / "c.jsonl", [{"label": "ham", "content": "Short and sweet", "lang": "en"}]), "--no-labels")
    assert (found["ham"], found["spam"]) == (1, 0)
    assert found["problems"] == [] and found["duplicates"] == [] and found["labels"] is None
    assert found["languages"] == [{"lang": "en", "ham": 1, "spam": 0, "lopsided": False}]


def test_a_wrong_label_is_found(tmp_path):
    wrong = rows()
    wrong[21]["label"] = "ham"
    path = write_lines(tmp_path / "c.jsonl", wrong)
    doubts = lint(path, "--against", "0.9", check=1)["labels"]
    assert [(d["line"], d["label"]) for d in doubts] == [(22, "ham")]
    assert doubts[0]["file"] == str(path) and doubts[0]["against"] > 0.9
    assert "c.jsonl:22" in hamlet("corpus", "lint", path, "--against", "0.9", check=1).stdout


def test_near_duplicates_name_both_rows(tmp_path):
    text = "One two three four five six seven eight nine ten eleven twelve"
    path = write_lines(tmp_path / "c.jsonl", [ham(1), {"label": "ham", "content": text}, {"label": "spam", "content": text + " thirteen"}])
    pairs = lint(path, "--no-labels", check=1)["duplicates"]
    assert [[r["line"] for r in p["rows"]] for p in pairs] == [[2, 3]] and pairs[0]["similarity"] > 0.5


def test_real_domains_matter_only_to_what_is_published(tmp_path):
    path = write_lines(tmp_path / "c.jsonl", [{"label": "ham", "content": "See http://somebody-real.com/x for it"}])
    assert lint(path, "--no-labels")["problems"] == []
    problem = lint(path, "--no-labels", "--publish", check=1)["problems"][0]
    assert (problem["line"], problem["text"], problem["problem"]) == (1, "somebody-real.com", "not a reserved domain")


def test_the_store(small):
    found = value(hamlet("corpus", "lint", "--store", "--no-labels", "--json", state=small, check=1))
    assert (found["ham"], found["spam"]) == (60, 60) and found["duplicates"]


def test_a_bad_file_is_named(tmp_path):
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"label":"eggs","content":"x"}\n')
    assert f"{bad}: line 1" in hamlet("corpus", "lint", bad, check=1).stderr
