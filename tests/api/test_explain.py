"""hamlet explain: a paragraph that an owner can read, before all the evidence."""
import math
import os
import sqlite3

import pytest

from cli_fixtures import lines, small, small_daemon, small_trained, value  # noqa: F401
from harness import hamlet

SPAM = {"content": "Cheap casino now, click http://casino41.example/buy today", "author": "casino online",
        "url": "http://casino41.example/"}
HAM = {"content": "Thanks for the post about the garden, part 3 helped me.", "author": "Reader 3"}


def explain(daemon, verdict):
    return value(hamlet("explain", verdict, "--json", state=daemon.state))


def paragraph(daemon, verdict):
    """The paragraph for people, on one line."""
    head, _, rest = hamlet("explain", verdict, state=daemon.state).stdout.partition("\n\n")
    assert len(head.splitlines()) == 3
    text = rest.partition("\n\n")[0]
    assert all(len(line) <= 80 for line in text.splitlines())
    return " ".join(text.splitlines())


def told(daemon, comment):
    """The explanation of a comment that is checked now."""
    row = explain(daemon, daemon.check(comment)["id"])
    assert paragraph(daemon, row["id"]) == row["summary"]
    return row


def set_threshold(daemon, threshold):
    """Give the default site a threshold of its own; the daemon must be down."""
    with sqlite3.connect(os.path.join(daemon.state, "hamlet.db")) as db:
        db.execute("UPDATE site SET spam_threshold = ? WHERE name = 'default'", (threshold,))


# -- the cases


def test_spam(small_daemon):
    row = told(small_daemon, SPAM)
    text = row["summary"]
    assert text.startswith("Judged spam: ") and "probably spam. " in text or "certainly spam. " in text
    assert " points over the model's threshold of " in text
    assert row["threshold"] == {"of": "model", "spam": row["spam_threshold"],
                                "distance": pytest.approx(row["probability"] - row["spam_threshold"])}
    assert "What speaks for spam is " in text and "; no field as a whole speaks against it. " in text or "outweighs" in text
    assert "What told most are \u201c" in text and f"Model {row['model'][:12]}, which has learnt from 60 spam and 60 ham" in text
    assert "disguise" not in text and row["disguises"] == []


def test_ham(small_daemon):
    row = told(small_daemon, HAM)
    text = row["summary"]
    assert text.startswith("Judged ham: ") and "not spam. " in text
    assert " points short of the model's threshold of " in text and "where doubt begins" in text
    assert row["threshold"]["distance"] < 0
    assert "The latter" in text or "No field as a whole speaks for spam; " in text


def test_what_is_said_is_what_is_counted(small_daemon):
    for comment in (SPAM, HAM):
        row = told(small_daemon, comment)
        sums = {}
        for e in row["evidence"]:
            sums[e["field"]] = sums.get(e["field"], 0) + e["weight"]
        assert set(row["fields"]) == set(sums)
        for name, total in sums.items():
            assert row["fields"][name] == pytest.approx(total, abs=1e-8)
        assert row["prior"] + sum(row["fields"].values()) == pytest.approx(
            math.log(row["probability"] / (1 - row["probability"])), abs=1e-6)
        assert 0 < row["known"] <= 1
        strongest = next(e for e in row["evidence"] if e["field"] != "chars")
        assert f"\u201c{strongest['token']}\u201d ({strongest['field']}, {abs(strongest['weight']):.1f})" in row["summary"]


def test_the_strongest_fields_are_named(small_daemon):
    names = {"word": "the words", "pair": "pairs of words", "triple": "phrases", "chars": "pieces of words",
             "url": "the links", "author": "the commenter's name", "email": "the e-mail address",
             "site": "the commenter's own site", "shape": "the look of the text", "topic": "how it fits the page",
             "profile": "how the commenter appears", "own": "what this site itself has taught"}
    row = told(small_daemon, SPAM)
    best = max(row["fields"], key=row["fields"].get)
    part = row["summary"].split("What speaks for spam is ")[1].split("(")[0].split(";")[0]
    assert part.split(" ", 1)[0] in ("only", "mostly", "above") and names[best] in part


@pytest.mark.parametrize("comment, sign, said", [
    ({"content": "casino garden library"}, 1, "No field as a whole speaks for spam; "),
    ({"content": "Cheap casino now, click part now", "author": "casino online", "url": "http://casino41.example/"}, -1,
     "; no field as a whole speaks against it. ")])
def test_a_token_may_say_the_opposite_of_its_field(small_daemon, comment, sign, said):
    """That is no contradiction, nor does the paragraph make one of it."""
    row = told(small_daemon, comment)
    assert max(sign * total for total in row["fields"].values()) <= 0
    fields, tokens = row["summary"].split("What told most are ")
    assert said in fields and "othing speaks" not in fields
    assert (") for spam, and \u201c" if sign > 0 else ") against it. ") in tokens


def test_unsure(small_daemon):
    """Between the thresholds: the site's own is put just over the probability."""
    made = small_daemon.check(SPAM)
    small_daemon.stop()
    set_threshold(small_daemon, 1 - (1 - made["probability"]) / 2)
    small_daemon.start()
    row = told(small_daemon, SPAM)
    text = row["summary"]
    assert row["verdict"] == "unsure" and text.startswith("Hamlet is unsure: ")
    assert "short of the site's own threshold of " in text and "(the model's is " in text and "but doubt begins at " in text
    assert row["threshold"]["of"] == "site" and row["threshold"]["distance"] < 0


def test_the_sites_own_threshold(small_daemon):
    small_daemon.stop()
    set_threshold(small_daemon, 0.001)
    small_daemon.start()
    row = told(small_daemon, SPAM)
    assert row["verdict"] == "spam" and row["threshold"]["spam"] == row["spam_threshold"] == 0.001
    assert "over the site's own threshold of 0.10 %" in row["summary"]


def test_a_threshold_that_has_changed_since(small_daemon):
    verdict = small_daemon.check(SPAM)
    small_daemon.stop()
    set_threshold(small_daemon, 1 - 1e-10)
    row = explain(small_daemon, verdict["id"])
    assert verdict["verdict"] == row["verdict"] == "spam" and row["threshold"] is None
    assert "the thresholds have changed since" in row["summary"]


def set_share(daemon, share):
    hamlet("sites", "set", "default", "--spam-share", share, state=daemon.state)
    daemon.stop()
    daemon.start()


@pytest.mark.parametrize("share", ["90%", "99%"])
def test_the_threshold_of_a_site_with_a_prior_of_its_own(small_daemon, share):
    """It moves with the prior: the model's own explains neither verdict."""
    before = told(small_daemon, SPAM)
    set_share(small_daemon, share)
    for comment in (SPAM, {**HAM, "author": "Somebody Else"}):
        row = told(small_daemon, comment)
        threshold, model = (math.log(p / (1 - p)) for p in (row["spam_threshold"], before["spam_threshold"]))
        assert threshold == pytest.approx(max(0.2, model + row["prior"] - before["prior"]), abs=1e-6)
        assert abs(threshold - model) > 0.1
        assert row["threshold"] == {"of": "model", "spam": row["spam_threshold"],
                                    "distance": pytest.approx(row["probability"] - row["spam_threshold"])}
        assert "have changed since" not in row["summary"] and "the model's threshold of " in row["summary"]
    set_share(small_daemon, "50%")
    then = explain(small_daemon, row["id"])  # by the prior that the site had
    assert (then["spam_threshold"], then["threshold"]) == (row["spam_threshold"], row["threshold"])
    hamlet("person", "erase", "--author", "Somebody Else", "--yes", state=small_daemon.state)
    then = explain(small_daemon, row["id"])
    assert not then["evidence_complete"] and then["spam_threshold"] == row["spam_threshold"]


def test_over_the_threshold_but_unheard_of(small_daemon):
    set_share(small_daemon, "99%")
    hamlet("sites", "set", "default", "--threshold", "0.6", state=small_daemon.state)
    small_daemon.stop()
    small_daemon.start()
    row = told(small_daemon, {"content": "xyzzyq wvutqq"})
    assert row["verdict"] == "unsure" and row["probability"] >= row["spam_threshold"] == 0.6
    assert row["threshold"] is None
    assert "enough for spam, but nothing that it says or names was seen before" in row["summary"]


@pytest.mark.parametrize("fields, verdict, why", [
    ({"user_role": "administrator"}, "ham", "an administrator wrote it"),
    ({"comment_author": "akismet-guaranteed-spam"}, "spam", "to test that spam is found")])
def test_forced(small_daemon, fields, verdict, why):
    key = small_daemon.add_site("blog")
    form = {"blog": "http://blog.example.com/", "user_ip": "192.0.2.1", "comment_content": SPAM["content"], **fields}
    assert small_daemon.akismet("comment-check", form, key).status == 200
    made = lines(hamlet("verdicts", "--json", "--site", "blog", state=small_daemon.state).stdout)[0]
    row = explain(small_daemon, made["id"])
    assert row["forced"] and row["verdict"] == verdict
    assert row["summary"].startswith(f"Judged {verdict} without asking the classifier") and why in row["summary"]
    assert (row["threshold"], row["known"], row["fields"], row["evidence"]) == (None, None, {}, [])
    out = hamlet("explain", made["id"], state=small_daemon.state).stdout
    assert "for spam:" not in out and why in " ".join(out.split())


def test_nothing_known(small_daemon):
    row = told(small_daemon, {"content": "\u12cb\u1293 \u1208\u1293 \u1230\u120b"})
    text = row["summary"]
    assert row["verdict"] == "unsure" and text.startswith("Hamlet is unsure: ")
    assert "no word that was seen before" in text
    assert row["known"] < 0.5 and ("knew little of this one" in text or "knew less than half of this one" in text)


def test_disguises(small_daemon):
    row = told(small_daemon, {"content": "V\u200bI\u200bA\u200bGRA v i a g r a c4s1no \u0441asino \U0001d4ec\U0001d4ea\U0001d4fc\U0001d4f2\U0001d4f7\U0001d4f8"})
    # The model has seen none of them: they are told all the same.
    assert sorted(row["disguises"]) == ["digits for letters", "invisible characters", "look-alike letters",
                                        "ornamental letters", "spaced-out word"]
    assert "written in disguise, which was undone before it was judged: " in row["summary"]
    assert all(name in row["summary"] for name in row["disguises"])
    assert row["fields"]["word"] > 0


def test_hostile_tokens(small_daemon):
    row = small_daemon.check({"content": "casino\x1b[31m \u202ecasino\u202c \x9b", "author": "\x1b]0;casino\x07"})
    for arguments in ([], ["--json"]):
        out = hamlet("explain", row["id"], *arguments, state=small_daemon.state).stdout
        assert not set(out) & set("\x1b\x07\x9b\u202e\u202c")


def test_when_the_model_is_gone(small_daemon):
    made = small_daemon.check(SPAM)
    small_daemon.stop()
    os.unlink(os.path.join(small_daemon.state, "models", made["model"] + ".model"))
    row = explain(small_daemon, made["id"])
    assert row["known"] is None and not row["evidence_complete"]
    assert "Only its strongest evidence is on record." in row["summary"] and row["summary"].endswith("judged it.")
    assert paragraph(small_daemon, made["id"]) == row["summary"]


def test_an_empty_comment(small_daemon):
    row = told(small_daemon, {"content": ""})
    assert row["verdict"] in row["summary"] and row["summary"].endswith(".")
