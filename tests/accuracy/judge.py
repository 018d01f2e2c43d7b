"""The real `hamlet`, which trains and judges; nothing of it is rebuilt here."""
import itertools
import json
import os
import subprocess

from figures import Judged

NUMBERS = itertools.count()


class Failed(Exception):
    """The measuring can't go on."""


def program(variable):
    path = os.environ.get(variable, "")
    if not os.access(path, os.X_OK):
        raise Failed(f"{variable}={path}: no such program; run `make accuracy` or `make evasion`")
    return path


class Hamlet:
    """The binary, and a folder for the files that it reads."""

    def __init__(self, folder):
        self.folder, self.binary = folder, program("HAMLET")

    def run(self, *args):
        done = subprocess.run([self.binary, *map(str, args)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)
        if done.returncode:
            raise Failed(f"hamlet {args[0]}: exit {done.returncode}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout.decode()

    def takes(self, verb, option):
        """Whether the verb knows the option: what is still to be built is used from the day on which it is there."""
        return f"--{option} " in self.run(verb, "--help")

    def write(self, rows):
        """A file of these rows; the caller removes it."""
        path = os.path.join(self.folder, f"{next(NUMBERS)}.jsonl")
        with open(path, "w", encoding="utf-8") as f:
            f.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        return path

    def with_files(self, train, test, call):
        paths = [self.write(train), self.write(test)]
        try:
            return call(*paths)
        finally:
            for path in paths:
                os.unlink(path)

    def score(self, train, test, content=False, options=()):
        """Train on some rows, judge others: a Judged for each of TEST, in order."""
        fields = ["--fields", "content"] if content else []
        unlabelled = [{k: v for k, v in row.items() if k != "label"} for row in test]
        text = self.with_files(train, unlabelled, lambda a, b: self.run("score", *fields, *options, "--train", a, b))
        verdicts = [json.loads(line) for line in text.splitlines()]
        if len(verdicts) != len(test):
            raise Failed(f"hamlet score: {len(verdicts)} verdicts on {len(test)} rows")
        return [Judged(row.get("label") == "spam", v["probability"], v["verdict"] == "spam", v["verdict"] == "unsure")
                for row, v in zip(test, verdicts)]

    def evaluate(self, train, test, content=False, budget=None):
        """The figures that `hamlet eval` gives for the same."""
        options = [*(["--fields", "content"] if content else []), *(["--max-blocked-ham", budget] if budget else [])]
        return json.loads(self.with_files(
            train, test, lambda a, b: self.run("eval", "--json", *options, "--train", a, "--test", b)))
