"""Corrections: one history a comment, the last word of each speaker, and taking back in bulk."""
import json
import uuid

import pytest

from cli_fixtures import lines, small, small_daemon, small_trained, value, write_lines  # noqa: F401
from harness import hamlet, ulid_of, wait_until

HAM_LABEL, SPAM_LABEL = 0, 1
TEXT = "Zorblatt frimble quuxly wibbersnatch"


def explain(state, verdict):
    return value(hamlet("explain", verdict, "--json", state=state))


def test_one_history(small_daemon):
    state = small_daemon.state
    key = small_daemon.add_site("blog")
    verdict = small_daemon.check({"content": TEXT, "author": "Ann"}, key=key)["id"]
    assert explain(state, verdict)["history"] == []
    hamlet("mark", "spam", verdict, state=state)
    reply = small_daemon.native("/v1/feedback", {"id": verdict, "label": "ham"}, key=key)
    assert reply.status == 200
    fields = {"blog": "http://b.example/", "user_ip": "127.0.0.1", "comment_content": TEXT, "comment_author": "Ann"}
    small_daemon.akismet("submit-spam", fields, key=key)
    small_daemon.akismet("submit-spam", fields, key=key)  # said already
    hamlet("unlearn", verdict, state=state)
    history = explain(state, verdict)["history"]
    assert [(h["label"], h["before"], h["origin"], h["site"]) for h in history] == [
        ("spam", None, "mark", "blog"), ("ham", "spam", "native", "blog"),
        ("spam", "ham", "akismet", "blog"), (None, "spam", "mark", "blog")]
    assert history[0]["who"] and [h["who"] for h in history[1:3]] == ["blog", "blog"]
    assert [h["id"] for h in history] == sorted(h["id"] for h in history)
    text = hamlet("explain", verdict, state=state).stdout
    assert "said of it:" in text and "ham, before: spam, by blog (native, site blog)" in text
    assert "taken back, before: spam" in text


CHECK = {"blog": "http://b.example/", "user_ip": "127.0.0.1", "comment_content": TEXT, "comment_author": "Ann"}
THANKS = b"Thanks for making the web a better place."


def learnt(daemon):
    """(label, id of the verdict, text) of all that sites have said."""
    return daemon.query("SELECT label, verdict_id, content FROM example WHERE origin <> 'corpus' ORDER BY seq")


def submit(daemon, key, label, **fields):
    assert daemon.akismet(f"submit-{label}", {"blog": CHECK["blog"], **fields}, key=key).body == THANKS


@pytest.mark.parametrize("more", [{}, {"user_ip": "127.0.0.1", "comment_type": "comment"}, {"comment_content": "", "comment_author": ""}])
def test_a_submission_may_be_a_guid_alone(small_daemon, more):
    key = small_daemon.add_site("blog")
    guid = small_daemon.akismet("comment-check", CHECK, key=key).headers["x-akismet-guid"]
    id = ulid_of(guid)
    submit(small_daemon, key, "spam", guid=guid, **more)
    assert learnt(small_daemon) == [(SPAM_LABEL, id, TEXT)]
    submit(small_daemon, key, "ham", guid=guid, **more)
    assert learnt(small_daemon) == [(SPAM_LABEL, id, TEXT), (HAM_LABEL, id, TEXT)]


def test_a_guid_alone_that_leads_nowhere_is_thanked_for(small_daemon):
    key, other = small_daemon.add_site("blog"), small_daemon.add_site("other")
    tested = small_daemon.akismet("comment-check", {**CHECK, "is_test": "1"}, key=key).headers["x-akismet-guid"]
    others = small_daemon.akismet("comment-check", CHECK, key=other).headers["x-akismet-guid"]
    erased = small_daemon.akismet("comment-check", {**CHECK, "comment_author_email": "a@b.example"}, key=key).headers["x-akismet-guid"]
    hamlet("person", "erase", "--email", "a@b.example", "--yes", state=small_daemon.state)
    for guid in (tested, others, erased, uuid.uuid4().hex, "", "no guid", "0" * 32):
        submit(small_daemon, key, "spam", guid=guid)
    assert learnt(small_daemon) == []


def test_a_test_hides_no_real_verdict(small_daemon):
    """Whose correction comes without a guid, as many clients send it."""
    key = small_daemon.add_site("blog")
    fields = {name: value for name, value in CHECK.items() if name != "blog"}
    for _ in range(2):
        small_daemon.akismet("comment-check", {**CHECK, "is_test": "1"}, key=key)
    submit(small_daemon, key, "spam", **fields)
    assert learnt(small_daemon) == []  # it was only ever tested
    id = ulid_of(small_daemon.akismet("comment-check", CHECK, key=key).headers["x-akismet-guid"])
    small_daemon.akismet("comment-check", {**CHECK, "is_test": "1"}, key=key)
    submit(small_daemon, key, "spam", **fields)
    assert learnt(small_daemon) == [(SPAM_LABEL, id, TEXT)]


@pytest.fixture
def said(small_daemon):
    """Twelve words on one site by two speakers, one on another."""
    state, key = small_daemon.state, small_daemon.add_site("blog")
    for i in range(10):
        small_daemon.native("/v1/feedback", {"content": f"{TEXT} number {i}", "label": "ham"}, key=key)
    for i in range(2):
        verdict = small_daemon.check({"content": f"{TEXT} again {i}"}, key=key)["id"]
        hamlet("mark", "spam", verdict, state=state)
    small_daemon.native("/v1/feedback", {"content": f"{TEXT} elsewhere", "label": "ham"})
    return small_daemon


def own_words(state):
    return [row for row in lines(hamlet("export", state=state).stdout) if row.get("site")]


def test_unlearn_in_bulk(said):
    state = said.state
    assert len(own_words(state)) == 13
    for arguments, n in ((("--site", "blog"), 12), (("--site", "blog", "--who", "blog"), 10),
                         (("--site", "default"), 1), (("--site", "blog", "--since", "2999-01-01"), 0),
                         (("--site", "blog", "--who", "nobody"), 0)):
        would = value(hamlet("unlearn", *arguments, "--dry-run", "--json", state=state))
        assert (would["changed"], would["dry_run"]) == (n, True), arguments
    assert len(own_words(state)) == 13
    assert value(hamlet("unlearn", "--site", "blog", "--who", "blog", "--json", state=state))["changed"] == 10
    assert sorted((row["site"], row["label"]) for row in own_words(state)) == [
        ("blog", "spam"), ("blog", "spam"), ("default", "ham")]
    assert "2 corrections taken back" in hamlet("unlearn", "--site", "blog", "--since", "1h", state=state).stdout
    assert len(own_words(state)) == 1
    assert value(hamlet("unlearn", "--site", "blog", "--json", state=state))["changed"] == 0


def test_unlearn_refuses_what_contradicts_itself(said):
    some = "01J0000000000000000000000A"
    for wrong in ((), ("--site", "blog", some), ("--since", "1h", some), ("--who", "x"), ("--dry-run", some)):
        hamlet("unlearn", *wrong, state=said.state, check=2)
    assert "none" in hamlet("unlearn", "--site", "nosuch", state=said.state, check=1).stderr
    assert some in hamlet("unlearn", some, state=said.state, check=1).stderr
    assert len(own_words(said.state)) == 13


def test_an_export_keeps_whose_word_it_is(said, tmp_path):
    hamlet("sites", "set", "blog", "--share-corrections", "yes", state=said.state)
    verdict = said.check({"content": f"{TEXT} shared"})
    hamlet("mark", "ham", verdict["id"], state=said.state)
    exported = hamlet("export", state=said.state).stdout
    file = tmp_path / "out.jsonl"
    file.write_text(exported)
    before = value(hamlet("import", file, "--json", state=said.state))
    assert before["added"] == before["relabelled"] == 0
    rows = [json.loads(line) for line in exported.splitlines()]
    assert {row.get("scope") for row in rows if row.get("site")} == {"own"}
    foreign = write_lines(tmp_path / "foreign.jsonl", [{"label": "ham", "content": "from elsewhere", "site": "blog"}])
    hamlet("import", foreign, state=said.state)  # a data set with a member of that name: nobody's word
    assert len(own_words(said.state)) == 14


def test_an_import_leaves_a_sites_word_alone(small_daemon, tmp_path):
    state = small_daemon.state
    verdict = small_daemon.check({"content": TEXT})["id"]
    hamlet("mark", "ham", verdict, state=state)
    hamlet("import", write_lines(tmp_path / "x.jsonl", [{"label": "spam", "content": TEXT}]), state=state)

    def words():
        return [(row["label"], row.get("site")) for row in lines(hamlet("export", state=state).stdout)
                if row["content"] == TEXT]

    assert words() == [("ham", "default"), ("spam", None)]
    hamlet("mark", "spam", verdict, state=state)  # the site's next word takes nothing from the others
    assert sorted(words(), key=str) == [("spam", "default"), ("spam", None)]
    hamlet("unlearn", verdict, state=state)
    assert words() == [("spam", None)]
    assert [h["label"] for h in explain(state, verdict)["history"]] == ["ham", "spam", "spam", None]


def test_learnt_within_seconds(small_daemon):
    verdict = small_daemon.check({"content": TEXT})
    small_daemon.native("/v1/feedback", {"id": verdict["id"], "label": "spam"})
    wait_until("the daemon to have learnt",
               lambda: small_daemon.check({"content": TEXT})["model"] != verdict["model"], 5.0)


def correct(daemon, key, n):
    """Have comments judged that the model is sure of, and N of them called ham by the site's visitors."""
    ids = []
    for i in range(n):
        comment = {"content": f"Cheap casino now, click http://casino{i}.example/buy today {i}",
                   "author": "casino online", "url": f"http://casino{i}.example/"}
        verdict = daemon.check(comment, key=key)
        assert verdict["probability"] >= 0.99
        ids.append(verdict["id"])
    for verdict in ids:
        assert daemon.native("/v1/feedback", {"id": verdict, "label": "ham"}, key=key).status == 200


def warnings(state):
    return value(hamlet("status", "--json", state=state))["suspicious_corrections"]


def metrics(daemon):
    hamlet_reload = daemon.request("POST", "/v1/admin/reload", where="admin")
    assert hamlet_reload.status == 200
    return [line for line in daemon.request("GET", "/metrics", where="admin").body.decode().splitlines()
            if line.startswith("hamlet_suspicious_corrections{")]


def test_poisoned_corrections_are_warned_about(small_daemon):
    key, state = small_daemon.add_site("blog"), small_daemon.state
    correct(small_daemon, key, 200)
    found = warnings(state)
    assert [(w["site"], w["contrary"], w["sure"]) for w in found] == [("blog", 200, 200)]
    text = hamlet("status", state=state).stdout
    assert f"hamlet unlearn --site blog --since {found[0]['since']}" in text
    assert f"hamlet models use {found[0]['model_before'][:12]}" in text
    assert metrics(small_daemon) == ['hamlet_suspicious_corrections{site="blog"} 200']
    metrics(small_daemon)
    told = [line for line in small_daemon.log_text().splitlines() if "event=corrections_suspicious" in line]
    assert len(told) == 1 and "site=blog" in told[0] and "hamlet unlearn --site blog" in told[0]
    taken = value(hamlet("unlearn", "--site", "blog", "--since", found[0]["since"], "--json", state=state))
    assert taken["changed"] == 200
    assert warnings(state) == [] and metrics(small_daemon) == []


def test_honest_corrections_are_not(small_daemon):
    key = small_daemon.add_site("blog")
    correct(small_daemon, key, 20)
    assert warnings(small_daemon.state) == [] and metrics(small_daemon) == []
    assert "warning" not in hamlet("status", state=small_daemon.state).stdout


def test_ids_ascend_after_a_clock_has_jumped_back(small_daemon):
    state = small_daemon.state
    verdict = small_daemon.check({"content": TEXT})["id"]
    hamlet("mark", "spam", verdict, state=state)
    small_daemon.stop()
    later = "7" + verdict[1:]  # as if the clock had been far ahead then
    small_daemon.query("UPDATE verdict SET id = ?", later)
    small_daemon.start()
    assert small_daemon.check({"content": TEXT})["id"] > later
    assert small_daemon.native("/v1/feedback", {"content": "new", "label": "ham"}).status == 200
    hamlet("mark", "ham", later, state=state)
    events = [row[0] for row in small_daemon.query("SELECT id FROM example ORDER BY seq DESC LIMIT 2")]
    assert events[0] > events[1] > later
