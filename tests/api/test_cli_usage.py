"""hamlet: verbs, options, help, and exit code 2 for what is asked in a wrong way."""
import json
import os
import pty
import subprocess

import pytest

import harness
from cli_fixtures import ham, small, small_trained, spam, write_lines  # noqa: F401
from harness import hamlet

VERBS = ("init import export retrain eval score corpus check verdicts explain mark unlearn review replay models sites rules audit backup "
         "restore person status").split()


def test_without_a_verb():
    done = hamlet(check=2)
    assert done.stderr.startswith("usage: hamlet VERB") and done.stdout == ""


def test_general_help_lists_every_verb():
    out = hamlet("--help").stdout
    listed = [line.split()[0] for line in out.splitlines() if line.startswith("  ") and not line.startswith("   ")]
    assert listed == VERBS


def test_version():
    name, version = hamlet("--version").stdout.split()
    assert name == "hamlet" and version[0].isdigit()


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb(verb):
    done = hamlet(verb, "--help")
    assert done.stdout.startswith(f"usage: hamlet {verb}") and done.stderr == ""
    for option in ("--state DIR", "--json", "--help"):
        assert option in done.stdout


@pytest.mark.parametrize("verb", VERBS)
def test_unknown_option(verb):
    done = hamlet(verb, "--frobnicate", check=2)
    assert f"hamlet: {verb}: unknown option '--frobnicate'" in done.stderr
    assert f"usage: hamlet {verb}" in done.stderr and done.stdout == ""


@pytest.mark.parametrize("verb", ["dashboard", "frobnicate"])
def test_unknown_verb(verb):
    assert f"hamlet: {verb}: unknown verb" in hamlet(verb, check=2).stderr


@pytest.mark.parametrize("arguments, why", [
    (["init", "extra"], "too many arguments"),
    (["import"], "an argument is missing"),
    (["import", "--format", "xls", "f"], "--format"),
    (["import", "--label", "eggs", "f"], "--label"),
    (["import", "--label"], "needs a value"),
    (["import", "--skip-bad=yes", "f"], "takes no value"),
    (["export", "--since", "yesterday"], "--since"),
    (["corpus", "mend"], "unknown action"),
    (["corpus", "lint", "--store", "f"], "exclude each other"),
    (["corpus", "lint", "--no-labels", "--against", "0.9"], "exclude each other"),
    (["corpus", "lint", "--against", "0.4"], "0.5 or more"),
    (["export", "--label", "unsure"], "--label"),
    (["retrain", "--max-blocked-ham", "2"], "--max-blocked-ham"),
    (["retrain", "--max-blocked-ham", "nan"], "--max-blocked-ham"),
    (["eval"], "--train"),
    (["eval", "--train", "a"], "--test is missing"),
    (["eval", "--folds", "1", "a"], "--folds"),
    (["eval", "--folds", "5"], "no file"),
    (["eval", "--folds", "5", "a", "--test", "b"], "--folds goes with"),
    (["eval", "--model", "x", "--train", "a", "--test", "b"], "exclude"),
    (["eval", "--model", "x", "--test", "b", "--max-blocked-ham", "0.01"], "goes with --train and --folds only"),
    (["eval", "--train", "a", "--test", "b", "--fields", "author"], "--fields"),
    (["eval", "a", "--train", "b", "--test", "c"], "a file belongs to"),
    (["score", "a", "b"], "too many arguments"),
    (["score", "--model", "m", "--train", "t"], "exclude"),
    (["score", "--model", "m", "--max-blocked-ham", "0.01"], "goes with --train only"),
    (["check", "a", "b"], "too many arguments"),
    (["verdicts", "--verdict", "eggs"], "--verdict"),
    (["verdicts", "--limit", "many"], "--limit"),
    (["verdicts", "--limit", "-1"], "--limit"),
    (["verdicts", "--until", "soon"], "--until"),
    (["verdicts", "--follow", "--until", "1h"], "--follow and --until exclude each other"),
    (["verdicts", "--since", "2h", "--until", "3h"], "--until: that is not after --since"),
    (["replay", "--since", "2026-01-02T00:00:00Z", "--until", "2026-01-01T00:00:00Z"], "--until: that is not after --since"),
    (["explain"], "an argument is missing"),
    (["mark", "spam"], "an argument is missing"),
    (["mark", "eggs", "01J00000000000000000000000"], "neither spam nor ham"),
    (["models"], "an argument is missing"),
    (["models", "tip"], "unknown action"),
    (["models", "use"], "the model's id is missing"),
    (["models", "list", "x"], "takes no id"),
    (["sites"], "an argument is missing"),
    (["sites", "add"], "the site's name is missing"),
    (["sites", "list", "x"], "takes no name"),
    (["sites", "mend", "x"], "unknown action"),
    (["sites", "set", "x"], "nothing to set"),
    (["sites", "set", "default", "--threshold", "0.3"], "--threshold"),
    (["sites", "set", "default", "--rate", "1.5"], "--rate"),
    (["sites", "set", "default", "--spam-share", "1"], "--spam-share"),
    (["sites", "set", "default", "--share-corrections", "maybe"], "--share-corrections"),
    (["sites", "add", "x", "--rate", "3"], "with 'set' only"),
    (["unlearn"], "an argument is missing"),
    (["sites", "remove", "x", "--url", "u"], "--url"),
    (["status", "--state="], "--state"),
])
def test_wrong_usage(arguments, why, tmp_path):
    done = hamlet(*arguments, check=2, env={"HAMLET_STATE": str(tmp_path / "none")})
    assert why in done.stderr and f"usage: hamlet {arguments[0]}" in done.stderr and done.stdout == ""


def test_options_stand_anywhere_and_end_at_two_dashes(tmp_path):
    state = tmp_path / "none"
    for arguments in (["models", "list", f"--state={state}"], ["models", "--state", state, "list"],
                      ["models", f"--state={state}", "--", "list"], ["--state", state, "models", "list"],
                      ["--json", f"--state={state}", "models", "list"]):
        assert str(state) in hamlet(*arguments, check=1).stderr
    assert str(state) in hamlet("explain", f"--state={state}", "--", "--json", check=1).stderr


def test_options_before_the_verb_are_those_behind_it(small):
    assert json.loads(hamlet("--json", "--state", small, "status").stdout)["state"] == small
    for arguments, why in ((["--json"], "no verb"), (["--state", small], "no verb"), (["--nope", "status"], "no verb"),
                           (["--json", "--state"], "no verb"), (["--json", "nonsense"], "unknown verb")):
        assert why in hamlet(*arguments, check=2).stderr, arguments
    assert hamlet("--json", "--version").stdout.startswith("hamlet ")


@pytest.mark.parametrize("arguments", [
    ["export"], ["retrain"], ["verdicts"], ["explain", "01J00000000000000000000000"], ["models", "list"], ["sites", "list"],
    ["status"], ["mark", "spam", "01J00000000000000000000000"], ["score"], ["import", "/dev/null"],
    ["rules", "check"], ["rules", "list"], ["rules", "test", "/dev/null"]])
def test_no_state_directory(arguments, tmp_path):
    done = hamlet(*arguments, state=tmp_path / "none", check=1)
    assert "hamlet init" in done.stderr and not (tmp_path / "none").exists()


def test_the_state_directory_by_environment(tmp_path):
    assert str(tmp_path / "e") in hamlet("status", env={"HAMLET_STATE": str(tmp_path / "e")}, check=1).stderr


def on_a_terminal(*arguments, env=None):
    """What a verb writes to a terminal of 80 columns."""
    parent, child = pty.openpty()
    env = {"TERM": "xterm", **{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, **(env or {})}
    process = subprocess.Popen([harness.program("HAMLET"), *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=child,
                               stderr=subprocess.DEVNULL, env={**env, "TERM": "xterm"})
    os.close(child)
    text = b""
    while True:
        try:
            data = os.read(parent, 65536)
        except OSError:  # the other end is closed
            break
        if not data:
            break
        text += data
    os.close(parent)
    assert process.wait(harness.DEADLINE) == 0
    return text.decode("utf-8")


def test_colour_only_on_a_terminal_and_never_with_no_color(state):
    assert "\x1b[" in on_a_terminal("sites", "list", "--state", state)
    assert "\x1b" not in on_a_terminal("sites", "list", "--state", state, env={"NO_COLOR": "1"})
    assert "\x1b" not in hamlet("sites", "list", state=state).stdout


def test_tables_fit_the_terminal(state):
    hamlet("sites", "add", "long", "--url", "https://" + "x" * 200 + ".example/", state=state)
    out = on_a_terminal("sites", "list", "--state", state, env={"NO_COLOR": "1"})
    assert "…" in out and max(len(line) for line in out.splitlines()) <= 80
    assert "x" * 200 in hamlet("sites", "list", state=state).stdout


def test_a_full_disk_is_noticed(state):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([harness.program("HAMLET"), "export", "--state", state], stdout=full, stderr=subprocess.PIPE,
                              text=True, check=False)
    assert done.returncode == 1 and "standard output" in done.stderr


@pytest.mark.parametrize("args", [("eval", "--train", "EMPTY", "--test", "ROWS"), ("score", "--train", "EMPTY", "ROWS")])
def test_nothing_to_train_on(small, tmp_path, args):  # noqa: F811
    """A model of nothing would say .5 of everything."""
    rows = write_lines(tmp_path / "rows.jsonl", [ham(1), spam(2)])
    empty = write_lines(tmp_path / "empty.jsonl", [])
    named = [{"EMPTY": empty, "ROWS": rows}.get(arg, arg) for arg in args]
    assert "no labelled row to train on" in hamlet(*named, state=small, check=1).stderr


def test_a_name_of_nothing_is_said(small):  # noqa: F811
    said = hamlet("score", "--model", "nofile.model", os.devnull, state=small, check=1).stderr
    assert "nofile.model: neither a file nor a model's id" in said
    done = hamlet("rules", "test", "--site", "nosuch", os.devnull, state=small)
    assert "site nosuch: there is none of this name" in done.stderr and "no rule fires" in done.stdout
