"""Akismet's calls about keys and counts (protocol/akismet.md, 2.4 to 2.10), and checks that aren't of a new comment."""
import csv
import datetime
import io

import pytest

from harness import HAM, SPAM, form, ulid_of
from test_akismet import BLOG, WRONG_KEY, check_good, comment, fields

MONTH = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m")
TODAY = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")


def get(daemon, call, key=None, **parameters):
    if key is not None:
        parameters["api_key"] = key
    return daemon.request("GET", f"/1.2/{call}?{form(parameters).decode()}")


@pytest.fixture(scope="module")
def counted(shared_daemon):
    """A site with 3 ham, 2 spam (one a mistake, one of the ham too), a test and two repeated checks on record."""
    key = shared_daemon.add_site("counted")
    for sent in (fields(HAM, comment_author="One"), fields(HAM, comment_author="Two"),
                 fields(HAM, comment_author="Three", recheck_reason="retry"), fields(SPAM), fields(SPAM, comment_author="Bob"),
                 fields(HAM, is_test="1"), fields(HAM, recheck_reason="recheck_queue"), fields(HAM, recheck_reason="edit")):
        shared_daemon.akismet("comment-check", sent, key)
    shared_daemon.akismet("submit-spam", fields(HAM, comment_author="Two"), key)
    shared_daemon.akismet("submit-ham", fields(SPAM, comment_author="Bob"), key)
    return key


# -- get-stats


@pytest.mark.parametrize("interval, periods, last", [("60-days", 60, TODAY), ("6-months", 6, MONTH), ("all", 5, TODAY[:4]), ("", 6, MONTH)])
def test_get_stats(shared_daemon, counted, interval, periods, last):
    got = shared_daemon.akismet("get-stats", {"key": counted, "blog": BLOG, "from": interval}).json()
    want = {"ham": 3, "spam": 2, "missed_spam": 1, "false_positives": 1}
    assert {name: got[name] for name in want} == want
    assert float(got["accuracy"]) == 60 and got["time_saved"] >= 0
    assert len(got["breakdown"]) == periods and list(got["breakdown"])[-1] == last
    assert {name: got["breakdown"][last][name] for name in want} == want
    assert all(len(p["da"]) == 10 for p in got["breakdown"].values())
    assert sum(p["ham"] for p in got["breakdown"].values()) == 3


def test_get_stats_of_long_ago(daemon):
    """What lies before the first period shown counts only in "all"; days fall into their months and years."""
    key = daemon.add_site("old")
    for author in ("a", "b", "c"):
        daemon.akismet("comment-check", fields(HAM, comment_author=author), key)
    day = 86400000
    with daemon.db() as db:  # as if the clock had gone on since
        db.execute("UPDATE verdict SET time_ms = time_ms - ? WHERE author = 'a'", (40 * day,))
        db.execute("UPDATE verdict SET time_ms = time_ms - ? WHERE author = 'b'", (400 * day,))
        db.execute("DELETE FROM verdict_run")
        db.execute("INSERT INTO verdict_run (seq, hour) SELECT seq, time_ms / 3600000 FROM verdict")
    stats = {interval: daemon.akismet("get-stats", {"key": key, "from": interval}).json() for interval in ("60-days", "6-months", "all")}
    assert [stats[i]["ham"] for i in stats] == [2, 2, 3]
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=40)
    assert stats["60-days"]["breakdown"][then.strftime("%Y-%m-%d")]["ham"] == 1
    assert stats["6-months"]["breakdown"][then.strftime("%Y-%m")]["ham"] >= 1
    year = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=400)).strftime("%Y")
    assert stats["all"]["breakdown"][year]["ham"] >= 1


def test_get_stats_wrong_key(shared_daemon):
    assert shared_daemon.akismet("get-stats", {"key": WRONG_KEY, "blog": BLOG}).body == b"invalid"


# -- usage-limit


def test_usage_limit(shared_daemon, counted):
    for reply in (get(shared_daemon, "usage-limit", counted), shared_daemon.akismet("usage-limit", {}, counted)):
        assert reply.status == 200 and reply.headers["content-type"] == "application/json"
        assert reply.json() == {"limit": "none", "usage": 5, "percentage": 0, "throttled": False}
    for extended in ("true", "1"):
        got = get(shared_daemon, "usage-limit", counted, extended=extended).json()
        assert got["notice_level"] == 0 and got["upgrade"] is False and got["usage"] == 5
    assert get(shared_daemon, "usage-limit", WRONG_KEY).body == b"invalid"
    assert get(shared_daemon, "usage-limit").body == b"invalid"


# -- key-sites

ROW = {"site": "counted", "api_calls": "5", "spam": "2", "ham": "3", "missed_spam": "1", "false_positives": "1", "is_revoked": False}


def test_key_sites(shared_daemon, counted):
    for reply in (get(shared_daemon, "key-sites", counted), get(shared_daemon, "key-sites", counted, month=MONTH, order="spam"),
                  shared_daemon.akismet("key-sites", {"filter": "count"}, counted)):
        assert reply.headers["content-type"] == "application/json"
        assert reply.json() == {MONTH: [ROW], "limit": 500, "offset": 0, "total": 1}
    assert get(shared_daemon, "key-sites", WRONG_KEY).body == b"invalid"


@pytest.mark.parametrize("parameters, rows, total", [
    ({"filter": "nothing"}, 0, 0), ({"offset": "1"}, 0, 1), ({"limit": "0"}, 0, 1), ({"limit": "7", "offset": "0"}, 1, 1),
    ({"limit": "x", "offset": "-1"}, 1, 1)])
def test_key_sites_pages(shared_daemon, counted, parameters, rows, total):
    got = get(shared_daemon, "key-sites", counted, **parameters).json()
    assert len(got[MONTH]) == rows and got["total"] == total
    assert set(got) == {MONTH, "limit", "offset", "total"}


def test_key_sites_of_another_month(shared_daemon, counted):
    got = get(shared_daemon, "key-sites", counted, month="2020-02").json()
    assert got["2020-02"][0] == {**ROW, **{name: "0" for name in ROW if name not in ("site", "is_revoked")}}
    for month in ("2020-13", "2020-00", "2020", "x", "2020-1", "20-02-20"):
        reply = get(shared_daemon, "key-sites", counted, month=month)
        assert reply.status == 400 and reply.body.startswith(b"Error:")


def test_key_sites_csv(shared_daemon, counted):
    reply = get(shared_daemon, "key-sites", counted, format="csv")
    assert reply.status == 200 and reply.headers["content-type"].startswith("text/csv")
    title, header, row = csv.reader(io.StringIO(reply.body.decode()))
    assert MONTH in "".join(title) and "total: 1" in ",".join(title)
    assert ",".join(header) == "Site,Total API Calls,Spam,Ham,Missed Spam,False Positives,Is Revoked"
    assert row == ["counted", "5", "2", "3", "1", "1", "No"]
    assert counted not in reply.body.decode()


# -- The small ones


def test_token(shared_daemon, site):
    reply = shared_daemon.akismet("token", {}, site)
    assert reply.status == 200 and reply.body not in (b"", b"invalid") and site.encode() not in reply.body
    assert shared_daemon.akismet("token", {}, WRONG_KEY).body == b"invalid"


def test_verify_wpcom_key(shared_daemon):
    reply = shared_daemon.akismet("verify-wpcom-key", {"user_id": "1", "api_key": WRONG_KEY, "token": "x"})
    assert (reply.status, reply.body) == (200, b"invalid")


def test_compatible_plugins(shared_daemon):
    assert get(shared_daemon, "compatible-plugins").body == b"[]"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_test(shared_daemon, method):
    check_good(shared_daemon.request(method, "/1.1/test"), b"connected")


# -- Checks that aren't of a new comment


@pytest.mark.parametrize("sent, occasion", [
    ({}, ""), ({"recheck_reason": ""}, ""), ({"recheck_reason": "retry"}, "retry"), ({"recheck_reason": "recheck_queue"}, "recheck_queue"),
    ({"recheck_reason": "edit"}, "edit"), ({"recheck_reason": "whim"}, "recheck"), ({"akismet_pre_check": "1"}, "pre_check")])
def test_occasion(shared_daemon, site, sent, occasion):
    reply = shared_daemon.akismet("comment-check", fields(HAM, **sent), site)
    assert reply.body == b"false"
    got = shared_daemon.native("/v1/verdicts/" + ulid_of(reply.headers["x-akismet-guid"]), where="admin").json()
    assert (got["occasion"], got["test"]) == (occasion, False)


def test_pingback_pre_check(daemons):
    """There is nothing yet to be unsure about, so that it passes; what is known to be bad doesn't."""
    daemon = daemons(config={"unsure_as": "spam"})
    key = daemon.add_site("blog")
    sent = {"blog": BLOG, "user_ip": "203.0.113.5", "comment_author": "", "comment_author_email": "", "comment_content": "",
            "comment_author_url": "http://example.org/src", "comment_type": "pingback", "akismet_pre_check": "1",
            "comment_pingback_target": "http://blog.example.com/2026/11/22/hello/", "pingbacks_closed": "0", "is_multicall": "0"}
    check_good(daemon.akismet("comment-check", sent, key), b"false")


def test_a_recheck_has_the_say(daemon):
    """Checked, checked once more, corrected: the correction is of the later verdict, and there is one example."""
    key = daemon.add_site("blog")
    daemon.akismet("comment-check", fields(HAM), key)
    later = daemon.akismet("comment-check", fields(HAM, recheck_reason="recheck_queue"), key)
    daemon.akismet("submit-spam", fields(HAM), key)
    assert daemon.query("SELECT verdict_id, label FROM example WHERE origin = 'akismet'") == [
        (ulid_of(later.headers["x-akismet-guid"]), 1)]


@pytest.mark.parametrize("name, value", [("honeypot_field_name", "hp"), ("POST_ak_hp_textarea", "x")])
def test_honeypots_are_on_record(shared_daemon, site, name, value):
    sent = fields(HAM, **{name: value, "hp": "x"})
    assert comment(shared_daemon, shared_daemon.akismet("comment-check", sent, site))["honeypot"] == "x"
