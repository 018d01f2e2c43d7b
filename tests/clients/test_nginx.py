"""What contrib/nginx lets through: Akismet's calls and the page for commenters.  The socket behind it needs no key for others."""
import http.client
import json
import re

import pytest

import harness
from front import Front
from harness import HAM, REPOSITORY, form

CALL = {"blog": "http://blog.example.com/", "user_ip": "203.0.113.7", "comment_content": HAM["content"]}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
KEYLESS = ("test", "compatible-plugins", "verify-wpcom-key")


def ask(front, method, path, body=None, headers=None, host="rest.akismet.com"):
    """(status, text) of a call by plain http."""
    connection = http.client.HTTPConnection(front.address, 80, timeout=30)
    try:
        connection.request(method, path, body, {"Host": host, **(headers or {})})
        reply = connection.getresponse()
        return reply.status, reply.read().decode()
    finally:
        connection.close()


def routes(kind):
    """The paths of one of the daemon's APIs."""
    with open(f"{REPOSITORY}/daemon/route.c", encoding="ascii") as f:
        found = re.findall(rf'\{{ (.*), "(/[^"]*)", .*, FAMILY_{kind},', f.read())
    assert found
    return found


def test_native_calls_are_not_let_through(shared_daemon, front):
    id = shared_daemon.check(HAM)["id"]
    before = shared_daemon.count()
    comment, correction = json.dumps(HAM), json.dumps({"id": id, "label": "spam"})
    for method, path, body in (("POST", "/v1/check", comment), ("POST", "/v1/feedback", correction), ("GET", f"/v1/verdicts/{id}", None),
                               ("GET", f"//v1/verdicts/{id}", None), ("GET", f"/1.1/../v1/verdicts/{id}", None),
                               ("GET", f"/1.1%2f..%2fv1/verdicts/{id}", None), ("GET", f"/v1/verdicts/{id}?/1.1/", None),
                               ("GET", f"/v1/verdicts/{id}#/../../1.1/", None), ("GET", f"/v1/verdicts/{id}/../../../1.1/", None)):
        status, text = ask(front, method, path, body, {"Content-Type": "application/json"})
        assert status == 404 and id not in text and "verdict" not in text, (method, path, text)
    assert shared_daemon.count() == before
    assert shared_daemon.query("SELECT count(*) FROM example WHERE verdict_id = ?", id) == [(0,)]


@pytest.mark.parametrize("kind", ["NATIVE", "BLOGSPAM"])
def test_of_others_than_akismet_only_the_page_is_let_through(front, kind):
    blogspam = json.dumps({"comment": HAM["content"], "ip": "203.0.113.7", "site": "http://blog.example.com/", "train": "ok"})
    for methods, path in routes(kind):
        method = "GET" if methods == "GET" else "POST"
        status, _ = ask(front, method, path.replace("*", "203.0.113.7"), blogspam if method == "POST" else None)
        assert status == (200 if path == "/privacy" else 404), path


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_every_akismet_call_is_let_through(shared_daemon, front, version):
    key = shared_daemon.add_site(f"nginx-{version}")
    for methods, path in routes("AKISMET"):
        call = path.rpartition("/")[2]
        for target, host, fields in ((f"/{version}/{call}", "rest.akismet.com", {**CALL, "api_key": key, "key": key}),
                                     (f"//{version}//{call}", f"{key}.rest.akismet.com", {**CALL, "key": key}),
                                     (f"/{version}/{call}/", f"{key}.rest.akismet.com", {**CALL, "key": key})):
            assert ask(front, "POST", target, form(fields), FORM, host)[0] == 200, target
        if "GET" in methods:
            assert ask(front, "GET", f"/{version}/{call}?api_key={key}")[0] == 200
        if call not in KEYLESS:
            assert ask(front, "POST", f"/{version}/{call}", form(CALL), FORM) == (200, "invalid"), call


def test_no_log_has_a_key():
    """Neither while the daemon answers nor when it is away."""
    daemon = harness.Daemon(harness.copy_state()).start()
    front = None
    try:
        key = daemon.add_site("blog")
        front = Front(daemon)
        calls = (("GET", f"/1.2/key-sites?api_key={key}", None, "rest.akismet.com"),
                 ("POST", "/1.1/comment-check", form(CALL), f"{key}.rest.akismet.com"),
                 ("GET", f"/nothing/{key}", None, "rest.akismet.com"))
        assert [ask(front, method, path, body, FORM, host)[0] for method, path, body, host in calls] == [200, 200, 404]
        daemon.stop()
        assert [ask(front, method, path, body, FORM, host)[0] for method, path, body, host in calls] == [502, 502, 404]
        logs = front.logs()
    finally:
        if front is not None:
            front.stop()
        daemon.kill()
        harness.remove_state(daemon.state)
    assert key not in logs
