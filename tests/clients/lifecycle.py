"""What every client goes through: its key is verified, ham is ham, spam is spam, both corrections are learnt and turn the next verdict,
and the record shows all of it."""
import json
import os
import re
import selectors
import shutil
import subprocess

import pytest

from harness import DEADLINE, HAM, SPAM, hamlet, logit, wait_until
from names import plain_environment

PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs")
WRONG_KEY = "ffffffffffff"
MODEL = re.compile(r'hamlet_model_info\{model="(\w+)"\}')


def program(name):
    return os.path.join(PROGRAMS, name)


def need(command, package=None):
    """The path of COMMAND; the test is skipped where it is absent."""
    path = shutil.which(command, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        pytest.skip(f"{package or command} isn't installed")
    return path


def need_node(major):
    """The path of Node.js; the test is skipped where it is absent or older than version MAJOR, which the module asks for."""
    node = need("node", "nodejs")
    version = subprocess.run([node, "--version"], stdout=subprocess.PIPE, text=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < major:
        pytest.skip(f"Node.js {version} is too old: this needs {major}")
    return node


class Program:
    """A client program that takes calls as JSON, one a line, and answers each by a word on a line."""

    def __init__(self, command, **env):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env=plain_environment(**env))

    def call(self, name, **more):
        """The answer to one call; the test fails when none comes."""
        try:
            self.process.stdin.write(json.dumps({"call": name, **more}) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            self.fail(name)
        with selectors.DefaultSelector() as ready:
            ready.register(self.process.stdout, selectors.EVENT_READ)
            answer = self.process.stdout.readline().strip() if ready.select(DEADLINE) else ""
        return answer or self.fail(name)

    def fail(self, name):
        self.process.kill()
        pytest.fail(f"no answer to {name}: {self.process.communicate()[1]}")

    def verify(self, key):
        return self.call("verify", key=key)

    def check(self, comment):
        return self.call("check", comment=comment)

    def submit(self, label, comment):
        return self.call(label, comment=comment)

    def close(self):
        """End the program; it must have nothing to complain of."""
        self.process.stdin.close()
        error = self.process.stderr.read()
        assert self.process.wait(DEADLINE) == 0, error


def model(daemon):
    """The model that the daemon judges with."""
    return MODEL.search(daemon.request("GET", "/metrics", where="admin").body.decode()).group(1)


class Learning:
    """`with Learning(daemon):` doesn't end before the daemon judges with a model that it didn't have at the start."""

    def __init__(self, daemon):
        self.daemon = daemon

    def __enter__(self):
        self.before = model(self.daemon)

    def __exit__(self, kind, value, trace):
        if kind is None:
            wait_until("the correction to be learnt", lambda: model(self.daemon) != self.before)


def rows(daemon, *args):
    """`hamlet verdicts` of a site, oldest first."""
    out = hamlet("verdicts", "--json", "--limit", "0", *args, state=daemon.state).stdout
    return [json.loads(line) for line in out.splitlines()][::-1]


def check_evidence(daemon, row):
    """That the complete evidence of a verdict on record adds up to its probability."""
    told = json.loads(hamlet("explain", row["id"], "--json", state=daemon.state).stdout)
    assert told["id"] == row["id"] and told["evidence"]
    total = told["prior"] + sum(item["weight"] for item in told["evidence"])
    assert abs(total - logit(told["probability"])) < 1e-6, told


def corrections(daemon, site):
    """(label, id of the verdict) of each correction of a site, oldest first."""
    labels = ("ham", "spam", "taken back")
    found = daemon.query("SELECT e.label, e.verdict_id FROM example e JOIN site s ON s.id = e.site WHERE s.name = ? ORDER BY e.seq", site)
    return [(labels[label], verdict) for label, verdict in found]


def go_through(daemon, site, key, client, verifies=True, kind="akismet", ham=HAM, spam=SPAM):
    """CLIENT has verify(key), check(comment) and submit(label, comment)."""
    if verifies:
        assert client.verify(WRONG_KEY) == "invalid"
        assert client.verify(key) == "valid"
    assert client.check(ham) == "ham"
    assert client.check(spam) == "spam"
    for label, comment in (("ham", spam), ("spam", ham)):
        with Learning(daemon):
            assert client.submit(label, comment) == "thanked"
        assert client.check(comment) == label
    check_record(daemon, site, kind, ham, spam)


def check_record(daemon, site, kind, ham, spam):
    found = rows(daemon, "--site", site)
    assert [(row["verdict"], row["comment"]["content"]) for row in found] == [
        ("ham", ham["content"]), ("spam", spam["content"]), ("ham", spam["content"]), ("spam", ham["content"])]
    assert {row["client"] for row in found} == {kind}
    for row in found:
        check_evidence(daemon, row)
    assert found[2]["model"] != found[1]["model"] and found[3]["model"] != found[2]["model"]
    assert corrections(daemon, site) == [("ham", found[1]["id"]), ("spam", found[0]["id"])]
