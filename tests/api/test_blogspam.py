"""blogspam.net's JSON API (protocol/blogspam.md)."""
import json
import re
import signal
import socket

import pytest

from blogspam_cases import CASES, LINKS, PLAIN
from harness import DEADLINE, HAM, SPAM, Connection, free_port, request_bytes, wait_until, write_config

OK = b'{"result":"OK", "version":"2.0"}'
NO_SITE = (b'{"result":"ERROR", "reason":"You did not submit the mandatory \'site\' parameter correctly.", "version":"2.0"}')
SITE = "http://blog.example.com"
JSON_TYPE = ("Content-Type", "application/json")
FORM_TYPE = ("Content-Type", "application/x-www-form-urlencoded")


def post(daemon, fields, path="/", headers=(JSON_TYPE,), **kwargs):
    body = fields if isinstance(fields, bytes) else json.dumps({"site": SITE, **fields}).encode()
    return daemon.request("POST", path, body, headers, **kwargs)


def native(comment):
    """Native comment -> fields of this API."""
    names = {"author": "name", "url": "link", "content": "comment"}
    return {"ip": "203.0.113.7", **{names.get(k, k): v for k, v in comment.items()}}


def record(daemon, reply):
    got = daemon.native("/v1/verdicts/" + reply.headers["x-hamlet-verdict"], where="admin")
    assert got.status == 200, got
    return got.json()


def check_spam(reply, blocker):
    """The exact bytes of a spam reply, with a sentence of ours as its reason."""
    assert reply.status == 200 and reply.headers["content-type"] == "application/json", reply
    found = re.fullmatch(rb'\{"result":"SPAM","reason":"([A-Z][^"]*\.)","blocker":"([0-9a-z.-]*)","version":"2\.0"\}', reply.body)
    assert found, reply
    assert found.group(2).decode() == blocker


# -- The original's test suite


@pytest.mark.parametrize("name, fields, result, blocker", CASES, ids=[c[0] for c in CASES])
def test_case(shared_daemon, name, fields, result, blocker):
    reply = post(shared_daemon, {"test": "1", **fields})
    if result == "SPAM":
        check_spam(reply, blocker)
        assert record(shared_daemon, reply)["forced"].startswith(f"blogspam {blocker}: ")
    else:
        assert (reply.status, reply.body) == (200, OK if result == "OK" else NO_SITE)


def test_all_cases_are_there():
    assert len(CASES) == len({c[0] for c in CASES}) == 35


# -- What the classifier says


def test_spam_and_ham(shared_daemon):
    check_spam(spam := post(shared_daemon, {**native(SPAM), "options": "exclude=list,exclude=link"}), "90-bayesian.js")
    ham = post(shared_daemon, native(HAM))
    assert (ham.status, ham.body) == (200, OK)
    got = record(shared_daemon, spam)
    assert (got["verdict"], got["forced"], got["client"], got["site"], got["test"]) == ("spam", "", "blogspam", "default", False)
    assert got["comment"]["author"] == SPAM["author"] and got["comment"]["ip"] == "203.0.113.7"
    assert record(shared_daemon, ham)["verdict"] != "spam"


def test_excluding_the_classifier(shared_daemon):
    reply = post(shared_daemon, {**native(SPAM), "options": "exclude=list,exclude=link,exclude=bayesian"})
    assert reply.body == OK
    assert record(shared_daemon, reply)["forced"] == "blogspam 90-bayesian.js: Excluded, via options."


def test_what_was_sent_is_on_record(shared_daemon):
    reply = post(shared_daemon, {"ip": " ::ffff:203.0.113.9 ", "NAME": "Zoë", "Subject": "Ein Gruß", "comment": "Schön war es am See, wirklich.",
                                 "email": "z@zoe.test", "link": "http://zoe.test/", "agent": "Mozilla", "version": "x 1", "odd": [1]})
    assert reply.body == OK
    assert record(shared_daemon, reply)["comment"] == {
        "author": "Zoë", "email": "z@zoe.test", "url": "http://zoe.test/", "ip": "203.0.113.9", "user_agent": "Mozilla",
        "content": "Ein Gruß\n\nSchön war es am See, wirklich."}


@pytest.mark.parametrize("value, test", [("1", True), (1, True), (True, True), ("0", False), (None, False), ("", False)])
def test_test_calls(shared_daemon, value, test):
    assert record(shared_daemon, post(shared_daemon, {**PLAIN, "test": value}))["test"] is test


# -- Options

OPTIONS = [
    ("fail", "00-fail.js"), (" min-words=0 , fail ,", "00-fail.js"), ("fail,whitelist=198.51.100.7", "00-fail.js"),
    ("failure", None),
    ("whitelist=198.51.100.0/24,blacklist=198.51.100.7,min-words=100", None),  # the first that fits ends it
    ("blacklist=198.51.100.7,whitelist=198.51.100.0/24", "20-ip.js"),
    ("blacklist=198.51.100.70", None), ("blacklist=198.51.100.7/33", None), ("blacklist=", None), ("blacklist=x/y", None),
    ("blacklist=0.0.0.0/0", "20-ip.js"), ("blacklist=::/0", None), ("blacklist=::ffff:198.51.100.7", "20-ip.js"),
    ("exclude=20-ip,blacklist=198.51.100.7", None),
    ("mandatory=email", "30-mandatory.js"), ("mandatory=Name,mandatory=subject", None), ("mandatory=nonsense", "30-mandatory.js"),
    ("min-size=41", None), ("min-size=42", "40-size.js"), ("max-size=41", None), ("max-size=40", "40-size.js"),
    ("min-size=1k", "40-size.js"), ("max-size=1k", None), ("max-size=many", None), ("exclude=size,min-size=42", None),
    ("min-words=9", None), ("min-words=10", "45-wordcount.js"), ("min-words=10,min-words=0", None),
    ("max-words=9", None), ("max-words=8", "45-wordcount.js"), ("max-words=0", None), ("exclude=^45,max-words=8", None),
    ("exclude=4[05],max-words=8,max-size=3", None), ("exclude=((,max-words=8", "45-wordcount.js"),
    ("exclude=45-wordcount.js,max-words=8", None), ("exclude=45-drone.js,max-words=8", "45-wordcount.js"),
]


@pytest.mark.parametrize("options, blocker", OPTIONS, ids=[o[0] for o in OPTIONS])
def test_options(shared_daemon, options, blocker):
    assert len(PLAIN["comment"]) == 41 and len(PLAIN["comment"].split()) == 9
    reply = post(shared_daemon, {**PLAIN, "options": options})
    if blocker is None:
        assert reply.body == OK
    else:
        check_spam(reply, blocker)
        assert record(shared_daemon, reply)["verdict"] == "spam"


def test_defaults(shared_daemon):
    check_spam(post(shared_daemon, {**PLAIN, "comment": "Only four words here."}), "45-wordcount.js")
    assert post(shared_daemon, {**PLAIN, "comment": "Five\nwords \n\n in\ta row."}).body == OK
    check_spam(post(shared_daemon, {**PLAIN, "comment": "see these:\n" + "\n".join(LINKS * 2)}), "50-lotsaurls.js")


def test_whitelisted_is_on_record_as_such(shared_daemon):
    reply = post(shared_daemon, {**native(SPAM), "options": "whitelist=203.0.113.0/24"})
    assert reply.body == OK
    got = record(shared_daemon, reply)
    assert (got["verdict"], got["forced"]) == ("ham", "blogspam 20-ip.js: Locally whitelisted IP, via options.")


@pytest.mark.parametrize("ip, taken", [("198.51.100.7:4711", "198.51.100.7"), ("[2001:db8::1]:80", "2001:db8::1"), ("2001:db8::1", "2001:db8::1")])
def test_addresses(shared_daemon, ip, taken):
    reply = post(shared_daemon, {**PLAIN, "ip": ip})
    assert reply.body == OK
    assert record(shared_daemon, reply)["comment"]["ip"] == taken


@pytest.mark.parametrize("ip", ["198.51.100", "198.51.100.256", "x", "1.2.3.4.5", "2001:db8", "[1.2.3.4", 7, ["1.2.3.4"]])
def test_no_address(shared_daemon, ip):
    check_spam(post(shared_daemon, {**PLAIN, "ip": ip}), "20-ip.js")


@pytest.mark.parametrize("options", ["x" * 65537, ",".join(["exclude=a"] * 65)])
def test_too_many_options(shared_daemon, options):
    before = shared_daemon.count()
    assert post(shared_daemon, {**PLAIN, "options": options}).status == 413
    assert shared_daemon.count() == before


def test_a_reason_has_no_text_of_the_commenters(shared_daemon):
    mark = "<script>zebra</script>"
    for fields in ({"ip": mark}, {"name": "http://" + mark}, {"email": "a@example." + mark}, {"options": "mandatory=" + mark},
                   {"subject": mark * 30}):
        reply = post(shared_daemon, {**PLAIN, **fields})
        assert b'"SPAM"' in reply.body and b"zebra" not in reply.body


# -- Requests as clients write them


@pytest.mark.parametrize("headers", [(), (FORM_TYPE,), (("Content-Type", "text/plain"),)])
def test_the_type_is_ignored(shared_daemon, headers):
    assert post(shared_daemon, PLAIN, headers=headers).body == OK


@pytest.mark.parametrize("body, content", [
    (rb'{"comment":"\ud83d and \ud83d\udc37 and \udc37 and \u0000 of them","S":1}', "\ufffd and \U0001f437 and \ufffd and \ufffd of them"),
    (rb'{"comment":"a \\ud83d is a surrogate, you know"}', r"a \ud83d is a surrogate, you know"),
    (b'{"comment":"H\xe9llo w\xf6rld and all in it"}', "Héllo wörld and all in it")])
def test_odd_characters(shared_daemon, body, content):
    reply = post(shared_daemon, body.replace(b"{", b'{"ip":"198.51.100.7","site":"http://a.test",', 1))
    assert record(shared_daemon, reply)["comment"]["content"] == content


def test_absolute_form(shared_daemon):
    body = json.dumps({"site": SITE, **PLAIN}).encode()
    for target in ("http://127.0.0.1:9999/", "http://127.0.0.1:9999"):
        assert shared_daemon.request("POST", target, body, [JSON_TYPE]).body == OK


@pytest.mark.parametrize("path", ["/", "/classify", "/stats"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"comment=a", b'{"a":1}{'])
def test_no_json(shared_daemon, path, body):
    """The original's answer, status and all."""
    before = shared_daemon.count()
    reply = post(shared_daemon, body, path)
    assert reply.status == 500 and reply.headers["content-type"].startswith("text/plain")
    assert reply.body.startswith(b"Failed to parse JSON submission:")
    assert shared_daemon.count() == before


@pytest.mark.parametrize("site", ["", "blog.example.com", "ftp://a.test/", "http://", 1])
def test_no_site(shared_daemon, site):
    before = shared_daemon.count()
    for path in ("/", "/classify"):
        assert post(shared_daemon, {**PLAIN, "site": site}, path).body == NO_SITE
    assert shared_daemon.count() == before


@pytest.mark.parametrize("method, path", [("GET", "/"), ("GET", "/classify"), ("GET", "/stats/"), ("PUT", "/"), ("POST", "/plugins")])
def test_wrong_method(shared_daemon, method, path):
    reply = shared_daemon.request(method, path)
    assert reply.status == 405 and reply.headers["content-type"].startswith("text/plain")
    assert reply.body.startswith(b"We only accept POST requests")


# -- The other calls


def test_plugins(shared_daemon):
    for path in ("/plugins", "/plugins/"):
        reply = shared_daemon.request("GET", path)
        assert reply.status == 200
        plugins = reply.json()
        assert {"00-fail.js", "20-ip.js", "50-lotsaurls.js", "90-bayesian.js"} <= set(plugins)
        for about in plugins.values():
            assert about["author"] and about["description"]


def test_stats(daemon):
    for path in ("/stats", "/stats/"):
        assert post(daemon, {}, path).body == b'{"spam":"0","ok":"0"}'
    post(daemon, PLAIN)
    post(daemon, {**PLAIN, "options": "fail"})
    post(daemon, {**PLAIN, "options": "fail", "test": "1"})
    wait_until("the counts", lambda: post(daemon, {}, "/stats").body == b'{"spam":"1","ok":"1"}')
    assert daemon.request("GET", "/global-stats").body == b'{"spam":"1","ok":"1"}'
    key = daemon.add_site("other")
    assert post(daemon, {}, "/stats?key=" + key).body == b'{"spam":"0","ok":"0"}'


def test_classify(daemon):
    """A correction finds its verdict, is learnt, and can be taken back."""
    verdict = record(daemon, post(daemon, PLAIN))
    assert post(daemon, {**PLAIN, "train": "spam"}, "/classify/").body == OK
    rows = "SELECT label, origin, who, verdict_id FROM example WHERE origin = 'blogspam' ORDER BY seq"
    assert daemon.query(rows) == [(1, "blogspam", "default", verdict["id"])]
    changed = wait_until("it to be learnt", lambda: (v := record(daemon, post(daemon, PLAIN)))["model"] != verdict["model"] and v)
    assert changed["probability"] > verdict["probability"]
    assert daemon.request("GET", "/lookup/198.51.100.7").body == b'{"IP":"198.51.100.7","version":"2.0","listed":"true"}'
    assert post(daemon, {**PLAIN, "train": "ok"}, "/classify").body == OK
    assert [row[0] for row in daemon.query(rows)] == [1, 0]
    assert daemon.request("GET", "/lookup/198.51.100.7").json()["listed"] == "false"


def test_classify_what(shared_daemon):
    count = "SELECT count(*) FROM example"
    before = shared_daemon.query(count)
    for train in (None, "", "maybe", 1):
        assert b'"result":"ERROR"' in post(shared_daemon, {**PLAIN, "train": train}, "/classify").body
    assert post(shared_daemon, {**PLAIN, "train": "spam", "test": "1"}, "/classify").body == OK
    assert post(shared_daemon, {"ip": "198.51.100.7", "train": "spam"}, "/classify").body == OK
    assert shared_daemon.query(count) == before


def test_lookup_in_any_form(daemon):
    """An address is the same however it is written, now or when it was recorded; the answer has it as it was asked for."""
    assert post(daemon, {**PLAIN, "ip": "2001:DB8:8:0:0:0:0:8", "train": "spam"}, "/classify").body == OK
    for ip in ("2001:db8:8::8", "2001:DB8:8:0:0:0:0:8", "2001:0db8:8::0.0.0.8"):
        assert daemon.request("GET", "/lookup/" + ip).json() == {"IP": ip, "version": "2.0", "listed": "true"}
    assert daemon.request("GET", "/lookup/2001:db8:8::9").json()["listed"] == "false"


def test_lookup_of_no_address(shared_daemon):
    for ip in ("x", "1.2.3", "%3Cb%3E"):
        assert shared_daemon.request("GET", "/lookup/" + ip).status == 400


# -- Whose call it is


def test_over_tcp_a_key_is_needed(shared_daemon, site):
    before = shared_daemon.count()
    for path in ("/", "/classify", "/stats"):
        reply = post(shared_daemon, {**PLAIN, "train": "ok"}, path, where="tcp")
        assert reply.status == 401 and reply.headers["content-type"].startswith("text/plain")
    assert post(shared_daemon, PLAIN, "/?key=ffffffffffff", where="tcp").status == 401
    assert shared_daemon.count() == before
    for path, headers in ((f"/?key={site}", ()), (f"/?api_key={site}", ()), ("/", (("Authorization", f"Bearer {site}"),))):
        reply = post(shared_daemon, PLAIN, path, headers, where="tcp")
        assert reply.body == OK
        assert record(shared_daemon, reply)["site"] == "blog"


def at(port, data):
    with Connection(socket.create_connection(("127.0.0.1", port), DEADLINE)) as c:
        c.send(data)
        return c.reply()


def test_an_open_address(daemons):
    """blogspam_listen answers these calls for blogspam_site without a key, and nothing else."""
    port = free_port()
    daemon = daemons(config={"blogspam_listen": [f"127.0.0.1:{port}"], "blogspam_site": "wiki"})
    body = json.dumps({"site": SITE, **PLAIN}).encode()
    assert at(port, request_bytes("POST", "/", body)).status == 401  # there is no such site yet
    key, other = daemon.add_site("wiki"), daemon.add_site("other")
    reply = at(port, request_bytes("POST", "/", body))
    assert reply.body == OK and record(daemon, reply)["site"] == "wiki"
    assert at(port, request_bytes("POST", "/stats", body)).body == b'{"spam":"0","ok":"1"}'
    assert record(daemon, at(port, request_bytes("POST", f"/?key={other}", body)))["site"] == "other"
    assert at(port, request_bytes("POST", "/?key=ffffffffffff", body)).status == 401
    for method, path in (("POST", "/v1/check"), ("POST", "/1.1/verify-key"), ("GET", "/metrics"), ("GET", "/v1/verdicts/x")):
        assert at(port, request_bytes(method, f"{path}?key={key}", body)).status == 403
    assert at(port, request_bytes("GET", "/healthz")).status == 200
    write_config(daemon.config_path, blogspam_listen=[f"127.0.0.1:{port}"], blogspam_site="other")
    daemon.signal(signal.SIGHUP)
    wait_until("the new setting", lambda: record(daemon, at(port, request_bytes("POST", "/", body)))["site"] == "other")


def test_the_log_has_no_word_of_it(daemons):
    daemon = daemons(config={"log_level": "debug"})
    for body in (b'{"comment":"zebra', b'{"site":"zebra"}', json.dumps({"site": SITE, **PLAIN, "comment": "zebra " * 9}).encode()):
        for path in ("/", "/classify", "/stats"):
            post(daemon, body, path)
    daemon.stop()
    assert daemon.log_text() and "zebra" not in daemon.log_text()
