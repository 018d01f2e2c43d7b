"""hamlet beside the daemon: check, status, verdicts, explain, mark."""
import json
import math
import os
import signal
import socket
import subprocess
import threading

import pytest

import harness
from cli_fixtures import ham, lines, small, small_daemon, small_trained, spam, value  # noqa: F401
from harness import hamlet, wait_until

EVIL = "Nasty \x1b]0;title\x07\x1b[31mred\x1b[0m \u202egnorw \u009b31m tab\there\nnext line \u200b \U000e0041tag"


def check(daemon, text, *arguments, code=None, **kwargs):
    return hamlet("check", *arguments, state=daemon.state, check=code, input=text, stdin=None, **kwargs)


def verdicts(daemon, *arguments):
    return lines(hamlet("verdicts", "--json", *arguments, state=daemon.state).stdout)


# -- check


def test_check_exits_by_the_verdict(small_daemon):
    for row, code in ((ham(300), 0), (spam(300), 1)):
        comment = {k: v for k, v in row.items() if k != "label"}
        done = check(small_daemon, json.dumps(comment), code=code)
        word = done.stdout.split(",")[0]
        assert word == "ham" if code == 0 else word in ("spam", "unsure")
        assert "probability 0." in done.stdout and "WEIGHT" in done.stdout
        assert value(check(small_daemon, json.dumps(comment), "--json", code=code))["verdict"] == word
    assert len(verdicts(small_daemon)) == 4


def test_check_text_from_a_file(small_daemon, tmp_path):
    file = tmp_path / "comment.txt"
    file.write_bytes(b"Thanks for the recipe, caf\xe9 and all\n")  # not UTF-8
    done = hamlet("check", "--json", file, state=small_daemon.state, check=None)
    recorded = verdicts(small_daemon)[0]
    assert recorded["id"] == value(done)["id"]
    assert recorded["comment"] == {"content": "Thanks for the recipe, caf\u00e9 and all"}


def test_check_for_a_site(small_daemon):
    small_daemon.add_site("blog")
    check(small_daemon, "Hello", "--site", "blog")
    check(small_daemon, '{"content":"Hello","site":"blog"}')
    check(small_daemon, "Hello")
    assert [row["site"] for row in verdicts(small_daemon)] == ["default", "blog", "blog"]
    assert "site nosuch: there is none of this name" in check(small_daemon, "Hello", "--site", "nosuch", code=1).stderr


def test_check_refuses_what_is_no_comment(small_daemon):
    for text in ('{"content":', '{"author":"x"}', '{"content":5}', '{"content":"x"} {"content":"y"}',
                 '{"content":"x","site":5}'):
        done = check(small_daemon, text, code=1)
        assert done.stderr.startswith("hamlet: ") and done.stdout == ""
    assert "413" in check(small_daemon, "x" * (1 << 21), code=1).stderr
    assert verdicts(small_daemon) == []


def test_check_without_a_daemon(small):
    done = hamlet("check", state=small, check=3, input="hello", stdin=None)
    assert "hamlet.sock" in done.stderr and done.stdout == ""
    assert hamlet("check", "--site", "default", state=small, check=3, input="hello", stdin=None).stderr


@pytest.mark.parametrize("reply", [
    b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx"])
def test_check_with_something_else_on_the_socket(small, reply):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(os.path.join(small, "hamlet.sock"))
        listener.listen(1)

        def serve():
            peer, _ = listener.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            assert "hamlet.sock" in hamlet("check", state=small, check=3, input="hello", stdin=None).stderr
        finally:
            thread.join()


# -- status


def test_status(small_daemon):
    check(small_daemon, "Thanks for the post about the garden, part 3 helped me.")
    status = value(hamlet("status", "--json", state=small_daemon.state))
    assert isinstance(status["daemon"], dict) and status["state"] == small_daemon.state
    assert status["store"] == {"sites": 1, "spam_examples": 60, "ham_examples": 60}
    assert sum(status["last_hour"][v] for v in ("ham", "unsure", "spam")) == 1
    assert "running" in hamlet("status", state=small_daemon.state).stdout


def test_status_without_a_daemon(small):
    status = value(hamlet("status", "--json", state=small))
    assert status["daemon"] is None and len(status["model"]["id"]) == 64
    assert "not running" in hamlet("status", state=small).stdout


# -- verdicts


@pytest.fixture
def filled(small_daemon):
    """A daemon with three verdicts of two sites; their ids, oldest first."""
    key = small_daemon.add_site("blog")
    ids = [small_daemon.check({"content": "Thanks for the soup", "author": "Ann"})["id"],
           small_daemon.check({"content": "Cheap casino casino viagra http://casino5.example/", "author": "casino online",
                               "url": "http://casino5.example/"})["id"],
           small_daemon.check({"content": EVIL, "author": "\x1b[2JEve"}, key=key)["id"]]
    return small_daemon, ids


def test_verdicts_newest_first(filled):
    daemon, ids = filled
    assert [row["id"] for row in verdicts(daemon)] == ids[::-1]
    assert [row["id"] for row in verdicts(daemon, "--limit", "2")] == ids[:0:-1]
    row = verdicts(daemon)[-1]
    assert row["comment"] == {"content": "Thanks for the soup", "author": "Ann"} and row["site"] == "default"
    assert {"id", "verdict", "discard", "probability", "prior", "model", "evidence", "time", "client"} <= set(row)


def test_verdicts_filters(filled):
    daemon, ids = filled

    def found(*arguments):
        return [ids.index(row["id"]) for row in verdicts(daemon, *arguments)]

    assert found("--site", "blog") == [2] and found("--site", "default") == [1, 0]
    assert found("--search", "casino") == [1] and found("--search", "soup ann") == [0] and found("--search", "soup eve") == []
    assert found("--since", "1h") == [2, 1, 0] and found("--until", "1h") == []
    assert found("--since", "2100-01-01T00:00:00Z") == []
    by_verdict = {v: found("--verdict", v) for v in ("ham", "unsure", "spam")}
    assert sorted(sum(by_verdict.values(), [])) == [0, 1, 2] and 0 in by_verdict["ham"]
    assert "none" in hamlet("verdicts", "--site", "none", state=daemon.state, check=1).stderr


def test_comments_cannot_touch_the_terminal(filled):
    daemon, ids = filled
    outputs = [hamlet("verdicts", state=daemon.state).stdout, hamlet("explain", ids[2], state=daemon.state).stdout]
    for out in outputs:
        assert "\\x1b[31mred" in out and "\\u202egnorw" in out and "\\x1b[2JEve" in out
    outputs.append(hamlet("verdicts", "--json", state=daemon.state).stdout)
    outputs.append(hamlet("explain", "--json", ids[2], state=daemon.state).stdout)
    for out in outputs:
        assert not set(out) & set("\x1b\x07\x9b\t\x7f\u202e\u200b\U000e0041\r")
    assert verdicts(daemon)[0]["comment"]["content"] == EVIL


def test_verdicts_for_people_are_few(small_daemon):
    reply = small_daemon.native("/v1/check", {"comments": [{"content": f"number {i}"} for i in range(120)]})
    assert reply.status == 200
    done = hamlet("verdicts", state=small_daemon.state)
    assert len(done.stdout.splitlines()) == 51 and "--limit" in done.stderr
    assert len(hamlet("verdicts", "--limit", "0", state=small_daemon.state).stdout.splitlines()) == 121
    assert len(verdicts(small_daemon)) == 120


def test_verdicts_follow(filled):
    daemon, ids = filled
    process = subprocess.Popen([harness.program("HAMLET"), "verdicts", "--follow", "--json", "--limit", "2", "--state",
                                daemon.state], stdout=subprocess.PIPE, text=True)
    try:
        assert [json.loads(process.stdout.readline())["id"] for _ in range(2)] == ids[1:]
        for text in ("one more", "and another"):
            made = daemon.check(text)["id"]
            assert json.loads(process.stdout.readline())["id"] == made
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=harness.DEADLINE)
        assert process.returncode == 0 and rest == ""
    finally:
        process.kill()
        process.wait()


def test_verdicts_follow_with_a_filter(filled):
    daemon, _ = filled
    process = subprocess.Popen([harness.program("HAMLET"), "verdicts", "--follow", "--json", "--search", "xylophone", "--state",
                                daemon.state], stdout=subprocess.PIPE, text=True)
    try:
        daemon.check("nothing of that kind")
        made = daemon.check("a xylophone")["id"]
        assert json.loads(process.stdout.readline())["id"] == made
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(harness.DEADLINE) == 0
        process.stdout.close()


# -- explain


def test_explain(filled):
    daemon, ids = filled
    row = value(hamlet("explain", ids[1], "--json", state=daemon.state))
    weights = [e["weight"] for e in row["evidence"]]
    assert row["evidence_complete"] and len(weights) > 20
    assert [abs(w) for w in weights] == sorted((abs(w) for w in weights), reverse=True)
    assert abs(row["prior"] + sum(weights) - math.log(row["probability"] / (1 - row["probability"]))) < 1e-6
    out = hamlet("explain", ids[1].lower(), state=daemon.state).stdout
    assert out.startswith(f"{row['verdict']}, probability {row['probability']:.4f}") and row["model"][:12] in out
    assert "for spam:" in out and "for ham:" in out
    assert len([line for line in out.splitlines() if line.lstrip().startswith(("+", "-"))]) == len(weights)


def test_explain_when_the_model_is_gone(filled):
    daemon, ids = filled
    model = verdicts(daemon)[0]["model"]
    daemon.stop()
    os.unlink(os.path.join(daemon.state, "models", model + ".model"))
    row = value(hamlet("explain", ids[1], "--json", state=daemon.state))
    assert not row["evidence_complete"] and len(row["evidence"]) == 20
    assert "no longer kept" in hamlet("explain", ids[1], state=daemon.state).stdout


@pytest.mark.parametrize("name", ["01J00000000000000000000000", "1", "x" * 200, "01J0000000000000000000000!"])
def test_unknown_verdicts(small, name):
    for arguments in (["explain", name], ["mark", "spam", name]):
        done = hamlet(*arguments, state=small, check=1)
        assert name[:26] in done.stderr and done.stdout == ""


# -- mark


def test_mark_changes_the_next_verdict(small_daemon):
    comment = {"content": "Zorblatt frimble quuxly wibbersnatch", "author": "Gnarfle"}
    before = small_daemon.check(comment)
    done = value(hamlet("mark", "spam", before["id"], "--json", state=small_daemon.state))
    assert (done["label"], done["marked"], done["changed"]) == ("spam", 1, 1)
    wait_until("the daemon to have learnt", lambda: small_daemon.check(comment)["model"] != before["model"], 5.0)
    after = small_daemon.check(comment)
    assert after["probability"] > before["probability"]
    again = value(hamlet("mark", "spam", before["id"], "--json", state=small_daemon.state))
    assert again["changed"] == 0
    hamlet("mark", "ham", before["id"], state=small_daemon.state)
    wait_until("the daemon to have learnt", lambda: small_daemon.check(comment)["probability"] < before["probability"], 5.0)
    labels = {row["content"]: row["label"] for row in lines(hamlet("export", "--since", "1h", state=small_daemon.state).stdout)}
    assert labels[comment["content"]] == "ham"


def test_mark_is_all_or_nothing(filled):
    daemon, ids = filled
    before = hamlet("export", state=daemon.state).stdout
    unknown = "01J00000000000000000000000"
    done = hamlet("mark", "spam", ids[0], unknown, ids[1], state=daemon.state, check=1)
    assert unknown in done.stderr
    assert hamlet("export", state=daemon.state).stdout == before
    assert value(hamlet("mark", "spam", *ids, "--json", state=daemon.state))["changed"] == 3
    counted = value(hamlet("status", "--json", state=daemon.state))["last_hour"]
    assert counted["missed_spam"] >= 1


def test_mark_without_a_daemon_is_learnt_too(filled):
    daemon, ids = filled
    daemon.stop()
    before = os.readlink(os.path.join(daemon.state, "models", "current"))
    assert value(hamlet("mark", "spam", ids[0], "--json", state=daemon.state))["learnt"] == 1
    assert os.readlink(os.path.join(daemon.state, "models", "current")) != before


# -- the daemon follows


def test_the_daemon_follows_a_retrain(filled):
    daemon, _ = filled
    done = value(hamlet("retrain", "--max-blocked-ham", "0.02", "--json", state=daemon.state))
    wait_until("the daemon to use the new model", lambda: daemon.check("hello")["model"] == done["model"], 5.0)


def test_the_daemon_follows_a_key(small_daemon):
    old = small_daemon.add_site("blog")
    new = value(hamlet("sites", "rotate", "blog", "--json", state=small_daemon.state))["key"]
    wait_until("the new key", lambda: small_daemon.native("/v1/check", {"content": "x"}, key=new).status == 200, 5.0)
    assert small_daemon.native("/v1/check", {"content": "x"}, key=old).status == 401
    hamlet("sites", "remove", "blog", state=small_daemon.state)
    wait_until("its end", lambda: small_daemon.native("/v1/check", {"content": "x"}, key=new).status == 401, 5.0)


def test_the_akismet_guid_names_a_verdict(small_daemon):
    """It is what a blog keeps, in WordPress beside the comment."""
    key = small_daemon.add_site("blog")
    sent = {"blog": "http://b.example/", "user_ip": "192.0.2.7", "comment_content": "Where is the museum?"}
    guid = small_daemon.akismet("comment-check", sent, key).headers["x-akismet-guid"]
    for name in (guid, guid.upper(), harness.ulid_of(guid).lower()):
        assert value(hamlet("explain", name, "--json", state=small_daemon.state))["id"] == harness.ulid_of(guid)
    assert value(hamlet("mark", "spam", guid, "--json", state=small_daemon.state))["changed"] == 1
    assert value(hamlet("unlearn", guid, "--json", state=small_daemon.state))["changed"] == 1
    for name in (guid[:-1], guid + "0", "z" * 32, "0" * 32, "0" * 26):
        for verb in (["mark", "spam"], ["unlearn"], ["explain"]):
            error = hamlet(*verb, name, state=small_daemon.state, check=1).stderr
            assert error.startswith("hamlet: verdict ") and "there is none with this id" in error
