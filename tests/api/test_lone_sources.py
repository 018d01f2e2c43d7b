"""Sources of one class: how much of them the ratios take for their totals is fitted (classifier/totals.h)."""
import json
import os

import pytest

from cli_fixtures import value, write_lines
from harness import CORPUS, hamlet

OTHER_LANGUAGES = ("asia", "east", "languages", "west", "world")


def comments(name):
    with open(os.path.join(CORPUS, f"{name}.jsonl"), encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def elsewhere(label):
    return [{**row, "source": "elsewhere"} for name in OTHER_LANGUAGES for row in comments(name) if row["label"] == label]


def trained_on(rows, folder):
    """A state directory in FOLDER trained on rows, and the id of its model."""
    state = folder / "state"
    hamlet("init", "--corpus", write_lines(folder / "rows.jsonl", rows), state=state)
    return state, current(state)


def current(state):
    return os.readlink(os.path.join(state, "models", "current")).removesuffix(".model")


def totals(state, *models):
    return value(hamlet("models", "diff", "--json", *models, state=state))["totals"]


def test_spam_of_other_languages_is_left_out_of_the_totals(tmp_path):
    """Beside it each English word would speak for ham, as all spam is mostly that."""
    here = [{**row, "source": "here"} for row in comments("under-videos")]
    state, model = trained_on(here + elsewhere("spam"), tmp_path)
    found = totals(state, model, model)
    assert found["spam"][0] < 0.5 and found["ham"] == [1, 1]
    assert "% of all spam" in hamlet("models", "diff", model, model, state=state).stdout
    # What is learnt later is judged by the same share.
    hamlet("import", write_lines(tmp_path / "more.jsonl", [{"label": "ham", "content": "this song is my childhood"}]), state=state)
    assert current(state) != model and totals(state, model) == {"spam": [found["spam"][0]] * 2, "ham": [1, 1]}


@pytest.mark.parametrize("beside", [(), ("ham",)], ids=["nothing", "ham"])
def test_what_does_no_harm_stays_in_the_totals(tmp_path, beside):
    here = [{**row, "source": "here"} for row in comments("under-videos")]
    state, model = trained_on(here + [row for label in beside for row in elsewhere(label)], tmp_path)
    assert totals(state, model, model) == {"spam": [1, 1], "ham": [1, 1]}
