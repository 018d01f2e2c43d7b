"""What a site learns and says of itself: its own counts, its mix, its settings."""
import os
import subprocess

import pytest

import harness
from cli_fixtures import lines, small, small_trained, value  # noqa: F401
from harness import LEARNING, hamlet, wait_until

SPAM = {"author": "Bob", "content": "Win big at our casino, free spins http://casino.test/offer"}
HAM = {"author": "Ann", "content": "My grandmother used butter instead of oil for this recipe."}


def judged(daemon, comment, key=None):
    verdict = daemon.check(comment, evidence="all", key=key)
    return verdict["probability"], verdict["prior"], verdict["verdict"]


def learnt(daemon, before):
    return wait_until("a new model", lambda: daemon.check(HAM)["model"] != before, LEARNING)


def setting(daemon, name, *options):
    hamlet("sites", "set", name, *options, state=daemon.state)
    return {row["name"]: row for row in lines(hamlet("sites", "list", "--json", state=daemon.state).stdout)}[name]


def test_corrections_stay_with_their_site(daemon):
    ours, theirs = daemon.add_site("ours"), daemon.add_site("theirs")
    before, model = [judged(daemon, c, theirs) for c in (SPAM, HAM)], daemon.check(HAM)["model"]
    assert daemon.native("/v1/feedback", {**HAM, "label": "spam"}, key=ours).status == 200
    learnt(daemon, model)
    assert [judged(daemon, c, theirs) for c in (SPAM, HAM)] == before
    assert judged(daemon, HAM, ours)[0] > before[1][0]
    evidence = daemon.check(HAM, evidence="all", key=ours)["evidence"]
    assert sum(e["weight"] for e in evidence if e["field"] == "own") > 0


def test_a_site_that_shares_teaches_all(daemon):
    ours, theirs = daemon.add_site("ours"), daemon.add_site("theirs")
    assert setting(daemon, "ours", "--share-corrections", "yes")["shares_corrections"] is True
    before, model = judged(daemon, HAM, theirs), daemon.check(HAM)["model"]
    daemon.native("/v1/feedback", {**HAM, "label": "spam"}, key=ours)
    learnt(daemon, model)
    assert judged(daemon, HAM, theirs)[0] > before[0]


def test_unlearn_brings_back_the_verdict_before(daemon):
    first = daemon.check(HAM)
    before = judged(daemon, HAM)
    hamlet("mark", "spam", first["id"], state=daemon.state)
    learnt(daemon, first["model"])
    marked = daemon.check(HAM)
    assert marked["probability"] > before[0]
    done = value(hamlet("unlearn", first["id"], "--json", state=daemon.state))
    assert (done["verdicts"], done["changed"]) == (1, 1)
    learnt(daemon, marked["model"])
    assert judged(daemon, HAM) == before
    assert value(hamlet("unlearn", first["id"], "--json", state=daemon.state))["changed"] == 0


def test_unlearn_of_an_unknown_verdict_is_refused_by_name(daemon):
    known, unknown = daemon.check(HAM)["id"], "01J00000000000000000000000"
    hamlet("mark", "spam", known, state=daemon.state)
    failed = hamlet("unlearn", known, unknown, state=daemon.state, check=1)
    assert unknown in failed.stderr
    assert value(hamlet("unlearn", known, "--json", state=daemon.state))["changed"] == 1


def test_the_owner_says_what_share_is_spam(daemon):
    key = daemon.add_site("quiet")
    plain = judged(daemon, HAM, key)
    row = setting(daemon, "quiet", "--spam-share", "4%")
    assert row["spam_share"] == pytest.approx(0.04) and row["estimated_share"] is None
    assert wait_until("the new share", lambda: judged(daemon, HAM, key)[1] < plain[1] - 1, LEARNING)
    assert judged(daemon, HAM, key)[0] < plain[0]
    verdict = daemon.check(HAM, key=key)
    again = value(hamlet("explain", verdict["id"], "--json", state=daemon.state))
    assert again["probability"] == verdict["probability"]
    assert setting(daemon, "quiet", "--spam-share", "auto")["spam_share"] is None


def test_a_threshold_and_a_rate_of_its_own(daemon):
    daemon.add_site("strict")
    row = setting(daemon, "strict", "--threshold", "0.6", "--rate", "30")
    assert (row["spam_threshold"], row["rate_per_minute"]) == (0.6, 30)
    row = setting(daemon, "strict", "--threshold", "model", "--rate", "any")
    assert (row["spam_threshold"], row["rate_per_minute"]) == (None, 0)


def test_a_blog_that_moves(small):
    hamlet("sites", "add", "b", "--url", "http://old.example/", state=small)
    hamlet("sites", "set", "b", "--url", "https://new.example/", "--rate", "5", state=small)
    site = lines(hamlet("sites", "list", "--json", state=small).stdout)[1]
    assert (site["url"], site["rate_per_minute"]) == ("https://new.example/", 5)
    assert "spaces" in hamlet("sites", "set", "b", "--url", "a b", state=small, check=1).stderr
    hamlet("sites", "set", "b", "--url", "", state=small)
    assert lines(hamlet("sites", "list", "--json", state=small).stdout)[1]["url"] == ""


@pytest.mark.parametrize("arguments, why", [
    (["add", "default"], "site default: there is one of this name already"), (["add", "A B"], "site 'A B': a site's name has"),
    (["add", "gone"], "site gone: there was one of this name"), (["rotate", "gone"], "site gone: it is no longer in use"),
    (["set", "none", "--rate", "1"], "site none: there is none of this name"), (["remove", "default"], "site default: it can't be removed")])
def test_refusals_say_what_they_are_about(small, arguments, why):
    hamlet("sites", "add", "gone", state=small)
    hamlet("sites", "remove", "gone", state=small)
    assert f"hamlet: {why}" in hamlet("sites", *arguments, state=small, check=1).stderr


@pytest.mark.parametrize("options", [[], ["--json"]])
@pytest.mark.parametrize("full", [True, False])
def test_a_key_that_could_not_be_shown_is_said(small, options, full):
    """On a full disk, or to a reader that has gone away; the way out gives a key that works."""
    reader, writer = (None, os.open("/dev/full", os.O_WRONLY)) if full else os.pipe()
    if not full:
        os.close(reader)
    for action in ("add", "rotate"):
        done = subprocess.run([harness.program("HAMLET"), "sites", action, "b", "--state", small, *options], stdout=writer,
                              stderr=subprocess.PIPE, text=True, check=False, timeout=harness.STARTING)
        assert done.returncode == 1
        assert "site b: it was changed, but its key could not be shown" in done.stderr
        assert "run 'hamlet sites rotate b'" in done.stderr and done.stderr.count("\n") == 1
    os.close(writer)
    assert "key: " in hamlet("sites", "rotate", "b", state=small).stdout


def test_settings_of_an_unknown_site_are_refused(daemon):
    assert "nowhere" in hamlet("sites", "set", "nowhere", "--rate", "5", state=daemon.state, check=1).stderr


@pytest.mark.parametrize("url, least", [("http://www.cheap-roof-repair-dallas.example/services/", 0), (None, None)])
def test_praise_of_the_topic_leans_on_who_says_it(daemon, url, least):
    """On-topic praise: the commercial commenter is told by his name and site, not by his words."""
    comment = {"author": "Cheap Roof Repair Dallas" if url else "Nora Quill", "url": url,
               "content": "Lovely notes on tomatoes on a balcony.", "title": "Tomatoes on a balcony",
               "permalink": "https://garden.example/2021/05/tomatoes-on-a-balcony"}
    verdict = daemon.check({k: v for k, v in comment.items() if v}, evidence="all")
    by = {}
    for e in verdict["evidence"]:
        by[e["field"]] = by.get(e["field"], 0) + e["weight"]
    who = sum(by.get(f, 0) for f in ("author", "site", "profile", "email"))
    assert "topic" in by
    if url:
        assert who > 0 and who > by.get("word", 0) + by.get("pair", 0)
    else:
        assert who < 1 and verdict["verdict"] != "spam"
