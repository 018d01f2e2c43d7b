"""Labelled rows, and how they are dealt out to training and test: the same way in every run."""
import functools
import glob
import json
import os
import random

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
SHARED = os.environ.get("HAMLET_SHARED") or os.path.join(os.path.dirname(REPOSITORY), "shared")
CORPUS = os.environ.get("HAMLET_CORPUS") or os.path.join(REPOSITORY, "corpus", "data")
VIDEOS = ("tubespam-psy", "tubespam-katyperry", "tubespam-lmfao-train", "tubespam-eminem-train", "tubespam-shakira-train")
BLOGS = ("blog-ham-haacked", "blog-ham-mademistakes")


class Missing(Exception):
    """A data file isn't there: the row that wants it is skipped."""


def path_of(name):
    path = os.path.join(SHARED, "data", name + ".jsonl")
    if not os.path.exists(path):
        raise Missing(path)
    return path


@functools.lru_cache(maxsize=None)
def rows_of_file(path):
    with open(path, encoding="utf-8") as f:
        return tuple(json.loads(line) for line in f)


def load(name, **only):
    """The rows of a data set, in order, that have the values of ONLY."""
    return [r for r in rows_of_file(path_of(name)) if all(r.get(k) == v for k, v in only.items())]


def halves():
    """The train half of each video, by name: what all that is tuned may look at."""
    return {name: load(name, split="train") for name in VIDEOS}


def pooled_halves():
    return [row for rows in halves().values() for row in rows]


def blogs():
    return [row for name in BLOGS for row in load(name)]


def corpus():
    """What ships; each file is a source of its own, as `hamlet init` takes it."""
    files = sorted(glob.glob(os.path.join(CORPUS, "*.jsonl")))
    if not files:
        raise Missing(os.path.join(CORPUS, "*.jsonl"))
    return [{"source": os.path.basename(path), **row} for path in files for row in rows_of_file(path)]


def spam_of(rows):
    return [r for r in rows if r["label"] == "spam"]


def ham_of(rows):
    return [r for r in rows if r["label"] == "ham"]


def sample(rows, n, seed=1):
    return random.Random(seed).sample(rows, min(n, len(rows)))


def bootstrap(rows, n, seed=1):
    """N draws with replacement."""
    return random.Random(seed).choices(rows, k=n)


def folds(rows, k=5):
    """(train, test) for each of K folds: the very folds on which the prototype was measured."""
    order = list(range(len(rows)))
    random.Random(5).shuffle(order)
    for f in range(k):
        held = set(order[f::k])
        yield [rows[i] for i in order if i not in held], [rows[i] for i in order[f::k]]
