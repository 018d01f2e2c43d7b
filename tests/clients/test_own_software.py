"""contrib/clients: each client through both corrections, and the examples of its README as they stand there."""
import os
import re
import shutil
import subprocess
import sys

import pytest

from harness import DEADLINE, REPOSITORY
from lifecycle import Program, corrections, go_through, need, program, rows
from names import plain_environment

FOLDER = os.path.join(REPOSITORY, "contrib", "clients")
SOCKET = "/var/lib/hamlet/hamlet.sock"
RUNNERS = {"sh": ("sh", "jq"), "php": ("php",), "python": ("python3",), "js": ("node",)}


class Shell:
    """hamlet.sh, with the answers of a Program."""

    def __init__(self, socket, key):
        need("curl"), need("jq")
        self.env, self.ids = plain_environment(HAMLET_SOCKET=socket, HAMLET_KEY=key), {}

    def run(self, *args, text=""):
        return subprocess.run([f"{FOLDER}/hamlet.sh", *args], input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=DEADLINE, env=self.env)

    def check(self, comment):
        done = self.run("check", *(f"{k}={v}" for k, v in comment.items() if k != "content"), text=comment["content"])
        assert done.stderr == ""
        verdict, probability, self.ids[comment["content"]] = done.stdout.split()
        assert 0 < float(probability) < 1 and done.returncode == (0 if verdict == "ham" else 1)
        return verdict

    def submit(self, label, comment):
        done = self.run(label, self.ids[comment["content"]])
        return "thanked" if done.returncode == 0 else done.stderr

    def close(self):
        pass


def client(language, socket, key):
    if language == "sh":
        return Shell(socket, key)
    runner = sys.executable if language == "python" else need(RUNNERS[language][0])
    name = {"python": "native.py"}.get(language, f"native.{language}")
    return Program([runner, program(name), FOLDER, socket, key])


def php_has_curl():
    if "curl" not in subprocess.run([need("php", "php-cli"), "-m"], stdout=subprocess.PIPE, text=True).stdout:
        pytest.skip("php-curl isn't installed")


@pytest.mark.parametrize("language", RUNNERS)
def test_through_both_corrections(shared_daemon, language):
    if language == "php":
        php_has_curl()
    site = f"own-{language}"
    key = shared_daemon.add_site(site)
    own = client(language, os.path.join(shared_daemon.state, "hamlet.sock"), key)
    go_through(shared_daemon, site, key, own, verifies=False, kind="native")
    own.close()


def examples():
    with open(f"{FOLDER}/README.md", encoding="utf-8") as f:
        return dict(re.findall(r"^```(\w+)\n(.*?)^```$", f.read(), re.M | re.S))


def run_example(language, socket, folder):
    """Run the README's example in a copy of the folder; return what it printed."""
    for name in os.listdir(FOLDER):
        shutil.copy(f"{FOLDER}/{name}", folder)
    text = examples()[language]
    assert SOCKET in text
    path = folder / f"example.{language}"
    path.write_text(text.replace(SOCKET, socket), encoding="utf-8")
    for runner in RUNNERS[language]:
        need(runner)
    done = subprocess.run([RUNNERS[language][0], str(path)], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=DEADLINE, env=plain_environment())
    return done


def test_every_example_is_tried():
    assert examples().keys() == RUNNERS.keys()


@pytest.mark.parametrize("language", RUNNERS)
def test_example_of_the_readme(shared_daemon, language, tmp_path):
    if language == "php":
        php_has_curl()
    before = len(corrections(shared_daemon, "default"))
    done = run_example(language, os.path.join(shared_daemon.state, "hamlet.sock"), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    row = rows(shared_daemon, "--site", "default")[-1]
    assert done.stdout.strip() == row["verdict"] and row["comment"]["author"] == "Ann" and row["comment"]["content"].startswith("Nice bread!")
    found = corrections(shared_daemon, "default")
    assert found and found[before:] in ([], [("spam", row["id"])])  # the same again is no new correction


@pytest.mark.parametrize("language", RUNNERS)
def test_without_a_daemon(language, tmp_path):
    """The caller learns of it: nothing passes for a verdict."""
    if language == "php":
        php_has_curl()
    done = run_example(language, str(tmp_path / "no.sock"), tmp_path)
    assert done.stdout.strip() not in ("ham", "spam", "unsure")
    assert done.stderr


def test_shell_wrong_use(shared_daemon):
    shell = Shell(os.path.join(shared_daemon.state, "hamlet.sock"), "ffffffffffff")
    assert shell.run("check", text="hello").returncode == 3
    assert shell.run().returncode == 2
    assert shell.run("spam").returncode == 2
    assert shell.run("check", "nonsense", text="hello").returncode == 2
