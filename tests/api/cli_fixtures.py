"""What the tests of the admin tool share: a small state directory that trains in a moment, and data files."""
import json

import pytest

import harness

HAM_WORDS = ["recipe", "kernel", "weekend", "garden", "compiler", "library", "bicycle", "lecture", "museum", "soup"]
SPAM_WORDS = ["viagra", "casino", "loan", "replica", "jackpot", "cialis", "payday", "bitcoin", "escort", "betting"]


def ham(i):
    word = HAM_WORDS[i % len(HAM_WORDS)]
    return {"label": "ham", "author": f"Reader {i}", "content": f"Thanks for the post about the {word}, part {i} helped me."}


def spam(i):
    word = SPAM_WORDS[i % len(SPAM_WORDS)]
    return {"label": "spam", "author": f"{word} online", "url": f"http://{word}{i}.example/",
            "content": f"Cheap {word} now, click http://{word}{i}.example/buy today {i}"}


def write_lines(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def lines(text):
    """The values of JSON Lines."""
    return [json.loads(line) for line in text.splitlines()]


def value(done):
    """The one JSON value that a verb printed."""
    rows = lines(done.stdout)
    assert len(rows) == 1, done.stdout
    return rows[0]


@pytest.fixture
def corpus(tmp_path):
    return write_lines(tmp_path / "corpus.jsonl", [f(i) for i in range(60) for f in (ham, spam)])


@pytest.fixture(scope="session")
def small_trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    file = write_lines(folder / "corpus.jsonl", [f(i) for i in range(60) for f in (ham, spam)])
    harness.hamlet("init", "--corpus", file, state=folder / "state")
    return folder / "state"


@pytest.fixture
def small(small_trained):
    """A state directory trained on a small corpus, to do with as one likes."""
    path = harness.copy_state(small_trained)
    yield path
    harness.remove_state(path)


@pytest.fixture
def small_daemon(small, daemons):  # in this order, so that the daemon ends first
    """A daemon on it."""
    return daemons(small)
