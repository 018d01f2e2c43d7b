"""hamlet review: the queue, and a terminal to go through it."""
import os
import pty
import select
import signal
import subprocess
import termios
import time

import pytest

from cli_fixtures import lines, small, small_daemon, small_trained, value  # noqa: F401
import harness
from harness import hamlet


def queue(state, *arguments):
    return lines(hamlet("review", "--json", *arguments, state=state).stdout)


def history_labels(state):
    return sorted((row["label"], row["content"]) for row in lines(hamlet("export", state=state).stdout)
                  if row.get("source", "") != "corpus.jsonl")


@pytest.fixture
def filled(small_daemon):
    """A daemon with a campaign of five alike, a loner, and a clear case."""
    for i in range(5):
        small_daemon.check({"author": f"P{i}", "url": "http://w.example/",
                            "content": f"Visit the museum of {i} garden casino soup jackpot kernel loan bicycle betting today"})
    small_daemon.check({"content": "What about the lecture on payday compilers and replica libraries in Ghent"})
    small_daemon.check({"content": "Thanks for the post about the garden, part 3 helped me."})
    return small_daemon


def test_the_queue(filled):
    entries = queue(filled.state)
    assert sorted(e["alike"] for e in entries) == [1, 1, 5]
    keys = [(e["verdict"] != "unsure", -e["teaches"]) for e in entries]
    assert keys == sorted(keys)
    campaign = [e for e in entries if e["alike"] == 5][0]
    assert len(campaign["ids"]) == 1 and campaign["sites"] == ["default"] and campaign["evidence"]
    assert len(queue(filled.state, "--limit", "1")) == 1
    assert queue(filled.state, "--since", "2999-01-01") == []
    table = hamlet("review", state=filled.state, stdin=subprocess.DEVNULL).stdout
    assert "TEACHES" in table and campaign["ids"][0] in table


def test_one_label_settles_the_cluster(filled):
    campaign = [e for e in queue(filled.state) if e["alike"] == 5][0]
    hamlet("mark", "spam", *campaign["ids"], state=filled.state)
    assert sorted(e["alike"] for e in queue(filled.state)) == [1, 1]
    hamlet("unlearn", *campaign["ids"], state=filled.state)
    assert sorted(e["alike"] for e in queue(filled.state)) == [1, 1, 5]


def test_each_site_says_its_own(filled):
    key = filled.add_site("blog")
    filled.check({"content": "Visit the museum of 9 garden casino soup jackpot kernel loan bicycle betting today"}, key=key)
    campaign = [e for e in queue(filled.state) if e["alike"] == 6][0]
    assert sorted(campaign["sites"]) == ["blog", "default"] and len(campaign["ids"]) == 2
    mine = campaign["ids"][campaign["sites"].index("blog")]
    hamlet("mark", "spam", mine, state=filled.state)  # what is said on one site doesn't count for the other
    assert [e["sites"] for e in queue(filled.state) if e["alike"] == 5] == [["default"]]
    assert queue(filled.state, "--site", "blog") == []


def test_only_tests_and_forced_ones(small_daemon):
    key = small_daemon.add_site("blog")
    fields = {"blog": "http://b.example/", "user_ip": "127.0.0.1", "comment_content": "garden casino"}
    small_daemon.akismet("comment-check", {**fields, "user_role": "administrator"}, key=key)
    small_daemon.akismet("comment-check", {**fields, "is_test": "1"}, key=key)
    assert queue(small_daemon.state) == []
    assert "nothing to review" in hamlet("review", state=small_daemon.state).stdout


class Terminal:
    """hamlet review at a terminal."""

    def __init__(self, state, *arguments, hangup=signal.SIG_DFL):
        self.main, self.side = pty.openpty()
        self.before = termios.tcgetattr(self.side)
        env = dict(os.environ, NO_COLOR="1", TERM="dumb")

        def signals():
            signal.signal(signal.SIGHUP, hangup)
            for number in (signal.SIGINT, signal.SIGQUIT):  # ignored where the suite runs in the background
                signal.signal(number, signal.SIG_DFL)

        self.process = subprocess.Popen([harness.program("HAMLET"), "review", "--state", state, *arguments], stdin=self.side,
                                        stdout=self.side, stderr=self.side, env=env, start_new_session=True,
                                        preexec_fn=signals)
        self.seen = ""

    def wait_for(self, text):
        """Read until TEXT is there, and return what came up to it."""
        until = time.monotonic() + 20
        while text not in self.seen:
            assert time.monotonic() < until, (text, self.seen)
            if select.select([self.main], [], [], 0.1)[0]:
                self.seen += os.read(self.main, 4096).decode("utf-8", "replace")
        head, self.seen = self.seen.split(text, 1)
        return head

    def key(self, key):
        os.write(self.main, key.encode())

    def end(self, code=0):
        assert self.process.wait(20) == code
        assert termios.tcgetattr(self.side) == self.before
        os.close(self.main)
        os.close(self.side)


PROMPT = "q quit: "


def test_keys(filled):
    terminal = Terminal(filled.state)
    first = terminal.wait_for(PROMPT)
    assert "[1/3]" in first and "WEIGHT" in first
    terminal.key("x")  # no key of ours: nothing happens
    terminal.key("s")
    assert "[2/3]" in terminal.wait_for(PROMPT)
    assert len(history_labels(filled.state)) == 1  # on record at once
    terminal.key("u")
    assert "[1/3]" in terminal.wait_for(PROMPT)
    assert history_labels(filled.state) == []
    terminal.key("h")
    assert "[2/3]" in terminal.wait_for(PROMPT)
    terminal.key(" ")
    assert "[3/3]" in terminal.wait_for(PROMPT)
    terminal.key("u")
    assert "[2/3]" in terminal.wait_for(PROMPT)  # a skipped one, too
    terminal.key("s")
    assert "[3/3]" in terminal.wait_for(PROMPT)
    terminal.key("q")
    terminal.wait_for("2 labelled, 0 skipped, 1 left")
    terminal.end()
    assert [label for label, _ in history_labels(filled.state)] == ["ham", "spam"]
    assert len(queue(filled.state)) == 1
    assert value(hamlet("status", "--json", state=filled.state))["store"]["ham_examples"] == 61


def test_the_author_cannot_write_to_the_terminal(small_daemon):
    small_daemon.check({"author": "\x1b]0;x\x07evil", "content": "garden \x1b[31m casino"})
    terminal = Terminal(small_daemon.state)
    assert "\x1b" not in terminal.wait_for(PROMPT)
    terminal.key("u")
    terminal.wait_for("nothing to undo")
    terminal.wait_for(PROMPT)
    terminal.key("q")
    terminal.end()


def test_an_ignored_signal_stays_ignored(filled):
    """As under nohup."""
    terminal = Terminal(filled.state, hangup=signal.SIG_IGN)
    terminal.wait_for(PROMPT)
    terminal.process.send_signal(signal.SIGHUP)
    terminal.key("n")
    terminal.wait_for(PROMPT)
    terminal.key("q")
    terminal.end()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_signals_leave_the_terminal_as_it_was(filled, number):
    terminal = Terminal(filled.state)
    terminal.wait_for(PROMPT)
    assert termios.tcgetattr(terminal.side) != terminal.before
    terminal.key("s")
    terminal.wait_for(PROMPT)
    terminal.process.send_signal(number)
    terminal.end(-number)
    assert len(history_labels(filled.state)) == 1


def test_stop_and_go_on(filled):
    terminal = Terminal(filled.state)
    terminal.wait_for(PROMPT)
    terminal.process.send_signal(signal.SIGTSTP)
    _, status = os.waitpid(terminal.process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    assert termios.tcgetattr(terminal.side) == terminal.before
    terminal.process.send_signal(signal.SIGCONT)
    assert "[1/3]" in terminal.wait_for(PROMPT)
    terminal.key("q")
    terminal.end()
