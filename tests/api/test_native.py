"""The native JSON calls: /v1/check, /v1/feedback, /v1/verdicts/ID, and who may ask what."""
import json
import os
import pwd
import random
import re
import subprocess

import pytest

from harness import HAM, LEARNING, READER, SPAM, form, hamlet, logit, request_bytes, ulid_of, wait_until

ULID = re.compile("[0-7][0-9A-HJKMNP-TV-Z]{25}")


def check_verdict(v, evidence="top"):
    """What every verdict object must be."""
    assert ULID.fullmatch(v["id"])
    assert v["verdict"] in ("ham", "unsure", "spam")
    assert v["discard"] is False
    assert 0 < v["probability"] < 1
    assert isinstance(v["prior"], float)
    assert re.fullmatch("[0-9a-f]{64}", v["model"])
    if evidence == "none":
        assert "evidence" not in v
        return
    weights = [abs(e["weight"]) for e in v["evidence"]]
    assert all(a >= b - 1e-9 for a, b in zip(weights, weights[1:])), "the strongest comes first"
    for e in v["evidence"]:
        assert set(e) == {"field", "token", "weight"}
        assert isinstance(e["field"], str) and isinstance(e["token"], str) and e["field"]
    if evidence == "top":
        assert len(v["evidence"]) <= 20


def check_sum(v):
    total = v["prior"] + sum(e["weight"] for e in v["evidence"])
    assert abs(total - logit(v["probability"])) < 1e-6, v["probability"]


def verdicts_of(reply):
    """The list in the answer to a batch."""
    assert reply.status == 200, reply
    return reply.json()["verdicts"]


# -- One comment


@pytest.mark.parametrize("where", ["unix", "admin"])
@pytest.mark.parametrize("evidence", [None, "top", "all", "none"])
def test_single(shared_daemon, evidence, where):
    for comment, verdicts in ((SPAM, ("spam",)), (HAM, ("ham",)), ({"content": READER}, ("ham", "unsure"))):
        v = shared_daemon.check(comment, evidence, where=where)
        check_verdict(v, evidence or "top")
        assert v["verdict"] in verdicts
        if evidence == "all":
            check_sum(v)
            assert len(v["evidence"]) > 20
    assert shared_daemon.count() > 0


def test_top_is_the_head_of_all(shared_daemon):
    top, everything = shared_daemon.check(SPAM), shared_daemon.check(SPAM, "all")
    assert len(top["evidence"]) == 20
    assert [(e["field"], e["token"]) for e in top["evidence"]] == [(e["field"], e["token"]) for e in everything["evidence"]][:20]
    assert top["probability"] == everything["probability"]


def test_all_fields(shared_daemon):
    comment = {
        **HAM, "url": "http://anna.example/", "ip": "203.0.113.7", "user_agent": "Mozilla/5.0 Example",
        "referrer": "http://a.example/", "permalink": "http://blog.example.com/2026/11/second-step", "type": "comment",
        "date": "2026-11-22T19:04:02Z", "lang": "en", "context": ["programming", "errors"], "honeypot": "",
        "user_role": "subscriber"}
    v = shared_daemon.check(comment)
    check_verdict(v)
    got = shared_daemon.native("/v1/verdicts/" + v["id"]).json()["comment"]
    for name, value in comment.items():
        assert got.get(name, "") == value, name


def test_every_field_counts(shared_daemon):
    base = shared_daemon.check(HAM)["probability"]
    for name in ("author", "url", "content"):  # of an e-mail address its domain, and one for examples says nothing
        assert shared_daemon.check({**HAM, name: SPAM[name]})["probability"] > base, name


def test_empty_comment_gets_a_verdict(shared_daemon):
    before = shared_daemon.count()
    for comment in ({"content": ""}, {"content": " \n"}, {"content": "", "author": "", "context": []}):
        v = shared_daemon.check(comment, "all")
        check_verdict(v, "all")
        check_sum(v)
    assert shared_daemon.count() == before + 3


def test_recorded_before_it_is_sent(shared_daemon):
    for _ in range(20):
        v = shared_daemon.check(HAM)
        assert shared_daemon.query("SELECT count(*) FROM verdict WHERE id = ?", v["id"]) == [(1,)]


def test_ids_ascend_with_time(shared_daemon):
    """The first ten characters of an id are its millisecond; within one the order is left open."""
    ids = [shared_daemon.check(HAM)["id"] for _ in range(50)]
    assert len(set(ids)) == 50
    times = [i[:10] for i in ids]
    assert times == sorted(times) and times[0] < times[-1]


# -- The evidence adds up, whatever comes


def odd_texts():
    rnd = random.Random(20261122)
    planes = [*range(1, 0xD800), *range(0xE000, 0x110000)]
    words = SPAM["content"].split() + HAM["content"].split()
    pool = [chr(c) for c in range(1, 0x250)] + list("😀🐷👨‍👩‍👧🇩🇪\u200b\u202e\ufeff𝓥𝓲𝓪𝓰𝓻𝓪привет你好こんにちはไทยعربى")
    for n in (1, 2, 3, 10, 100, 1000):
        yield f"{n} random characters", "".join(rnd.choice(pool) for _ in range(n))
        yield f"{n} random code points", "".join(chr(rnd.choice(planes)) for _ in range(n))
        yield f"{n} words", " ".join(rnd.choice(words) for _ in range(n))
    yield "60 kB of words", " ".join(rnd.choice(words) for _ in range(12000))[:60000]
    yield "60 kB of one letter", "a" * 60000
    yield "60 kB of random characters", "".join(rnd.choice(pool) for _ in range(40000)).encode()[:60000].decode(errors="ignore")
    yield "60 kB of different words", " ".join("".join(rnd.choice("abcdefgh") for _ in range(7)) for _ in range(7500))
    yield "emoji", "😀🐷" * 500
    yield "combining marks", "e" + "\u0301" * 5000
    yield "links", "http://a.example/b?c=d " * 300
    yield "open markup", "<a href=" * 2000
    yield "entities", "&amp;" * 3000 + "&#x110000;&#0;&#xD800;&bogus;&#99999999999999;"
    yield "nested BBCode", "[b]" * 3000
    yield "percent signs", "%s%n%d" * 100
    yield "spam, spaced out", " ".join(SPAM["content"])
    yield "spam in full width", "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in SPAM["content"])
    yield "no spaces", "無料で今すぐ登録してください" * 200


ODD = dict(odd_texts())


@pytest.mark.parametrize("name", ODD)
def test_weights_add_up(shared_daemon, name):
    text = ODD[name]
    for comment in ({"content": text}, {**SPAM, "content": text}, {**HAM, "author": text[:200], "url": text[:2000]}):
        v = shared_daemon.check(comment, "all")
        check_verdict(v, "all")
        check_sum(v)


def test_weights_add_up_for_random_bytes(shared_daemon, site):
    """Bytes that no JSON can carry come by form; their evidence is asked for afterwards."""
    rnd = random.Random(7)

    def some(n):
        return rnd.randbytes(n)

    for n in (1, 2, 5, 20, 100, 1000, 20000):
        sent = {"blog": "http://blog.example.com/", "user_ip": some(4), "comment_content": some(n),
                "comment_author": some(n % 50), "comment_author_url": b"http://" + some(20), "api_key": site}
        reply = shared_daemon.akismet("comment-check", sent)
        assert reply.body in (b"true", b"false"), reply
        got = shared_daemon.native(f"/v1/verdicts/{ulid_of(reply.headers['x-akismet-guid'])}?evidence=all", where="admin")
        assert got.status == 200, got
        v = got.json()
        check_verdict(v, "all")
        check_sum(v)


# -- Batches


def test_batch(shared_daemon):
    comments = [SPAM if i % 3 == 0 else {**HAM, "content": f"{HAM['content']} {i}"} for i in range(100)]
    before = shared_daemon.count()
    got = verdicts_of(shared_daemon.native("/v1/check", {"comments": comments}))
    assert len(got) == 100
    for i, v in enumerate(got):
        check_verdict(v)
        assert (v["verdict"] == "spam") == (i % 3 == 0), i
        assert ("<a href" in shared_daemon.native("/v1/verdicts/" + v["id"]).json()["comment"]["content"]) == (i % 3 == 0)
    assert len({v["id"] for v in got}) == 100
    assert shared_daemon.count() == before + 100


@pytest.mark.parametrize("evidence", ["all", "none", "top"])
def test_batch_evidence(shared_daemon, evidence):
    got = verdicts_of(shared_daemon.native(f"/v1/check?evidence={evidence}", {"comments": [SPAM, HAM]}))
    for v in got:
        check_verdict(v, evidence)
        if evidence == "all":
            check_sum(v)


def test_batch_of_1000(shared_daemon):
    before = shared_daemon.count()
    comments = [{"content": f"comment {i}"} for i in range(1000)]
    got = verdicts_of(shared_daemon.native("/v1/check?evidence=none", {"comments": comments}))
    assert len(got) == 1000
    assert shared_daemon.count() == before + 1000


def test_batch_of_1001_is_refused(shared_daemon):
    before = shared_daemon.count()
    reply = shared_daemon.native("/v1/check", {"comments": [{"content": "x"}] * 1001})
    assert reply.status in (400, 413), reply
    assert reply.error()
    assert shared_daemon.count() == before


def test_batch_of_none(shared_daemon):
    reply = shared_daemon.native("/v1/check", {"comments": []})
    assert reply.status == 400 and reply.error()


@pytest.mark.parametrize("bad", [{"author": "no content"}, 7, None, "text", {"content": 7}, [HAM], {**HAM, "site": 5}])
def test_batch_with_a_bad_comment_records_nothing(shared_daemon, bad):
    before = shared_daemon.count()
    reply = shared_daemon.native("/v1/check", {"comments": [HAM, bad, HAM]})
    assert reply.status == 400 and reply.error()
    assert shared_daemon.count() == before


# -- Verdicts


def test_verdict(shared_daemon):
    v = shared_daemon.check(SPAM, "all")
    got = shared_daemon.native("/v1/verdicts/" + v["id"] + "?evidence=all").json()
    for name in ("id", "verdict", "discard", "probability", "prior", "model"):
        assert got[name] == v[name], name
    check_sum(got)
    # Where two weights are alike either may come first.
    assert sorted((e["field"], e["token"], round(e["weight"], 9)) for e in got["evidence"]) == sorted(
        (e["field"], e["token"], round(e["weight"], 9)) for e in v["evidence"])
    top = shared_daemon.native("/v1/verdicts/" + v["id"]).json()
    assert top["evidence"] and top["comment"]["content"] == SPAM["content"]


@pytest.mark.parametrize("bad", [
    "01ARZ3NDEKTSV4RRFFQ69G5FAV", "0" * 26, "x", "%00", "..", "0" * 5000, "01ARZ3NDEKTSV4RRFFQ69G5FAU"])
def test_no_such_verdict(shared_daemon, bad):
    reply = shared_daemon.native("/v1/verdicts/" + bad)
    assert reply.status in (400, 404), reply
    assert reply.error()


# -- Feedback


def test_feedback_by_id(daemon):
    v = daemon.check(HAM)
    for label, way in (("spam", 1), ("ham", -1)):
        reply = daemon.native("/v1/feedback", {"id": v["id"], "label": label})
        assert reply.status == 200, reply
        reply.json()
        wait_until("it to be learnt", lambda: way * (daemon.check(HAM)["probability"] - v["probability"]) > 0, LEARNING)


def test_feedback_by_comment(daemon):
    v = daemon.check(HAM)
    for label, way in (("spam", 1), ("ham", -1)):
        reply = daemon.native("/v1/feedback", {**HAM, "label": label})
        assert reply.status == 200, reply
        wait_until("it to be learnt", lambda: way * (daemon.check(HAM)["probability"] - v["probability"]) > 0, LEARNING)


@pytest.mark.parametrize("bad, status", [
    ({"id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "label": "spam"}, 404),
    ({"id": 7, "label": "spam"}, 400),
    ({"id": "x", "label": "spam"}, (400, 404)),
    ({"label": "spam"}, 400),
    ({"content": "text"}, 400),
    ({"content": "text", "label": "unsure"}, 400),
    ({"content": "text", "label": 1}, 400),
    ([], 400),
    ("spam", 400),
])
def test_bad_feedback(shared_daemon, bad, status):
    before = shared_daemon.query("SELECT count(*) FROM example")
    reply = shared_daemon.native("/v1/feedback", bad)
    assert reply.status in (status if isinstance(status, tuple) else (status,)), reply
    assert reply.error()
    assert shared_daemon.query("SELECT count(*) FROM example") == before


# -- Who may ask what


def test_a_site_sees_only_its_own(daemon):
    one, two = daemon.add_site("one"), daemon.add_site("two")
    mine = daemon.check(HAM, key=one)["id"]
    by_akismet = ulid_of(daemon.akismet("comment-check", {
        "blog": "http://b.example/", "user_ip": "203.0.113.7", "comment_content": "text"}, one).headers["x-akismet-guid"])
    of_default = daemon.check(HAM)["id"]

    def status(verdict, **kwargs):
        return daemon.native("/v1/verdicts/" + verdict, **kwargs).status

    for where in ("unix", "tcp"):
        for verdict in (mine, by_akismet):
            assert status(verdict, key=one, where=where) == 200
            assert status(verdict, key=two, where=where) == 404
        assert status(of_default, key=one, where=where) == 404
    assert status(mine) == 404, "without a key one is the site default"
    assert status(of_default) == 200
    for verdict in (mine, by_akismet, of_default):
        assert status(verdict, where="admin") == 200

    assert daemon.native("/v1/feedback", {"id": mine, "label": "spam"}, key=two).status == 404
    assert daemon.native("/v1/feedback", {"id": mine, "label": "spam"}).status == 404
    assert daemon.query("SELECT count(*) FROM example WHERE origin = 'native'") == [(0,)]
    assert daemon.native("/v1/feedback", {"id": mine, "label": "spam"}, key=one).status == 200


def test_the_admin_socket_is_for_admins(daemon):
    """The peer's user counts, whatever the file's permissions say."""
    if os.geteuid() != 0:
        pytest.skip("needs root to ask as another user")
    os.chmod(os.path.dirname(daemon.state), 0o755)
    os.chmod(daemon.state, 0o755)
    for name in ("admin.sock", "hamlet.sock"):
        os.chmod(os.path.join(daemon.state, name), 0o666)
    nobody = pwd.getpwnam("nobody")
    for name, status in (("hamlet.sock", 200), ("admin.sock", 403)):
        script = ("import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])\n"
                  "s.sendall(b'GET /healthz HTTP/1.0\\r\\n\\r\\n'); print(s.makefile('rb').read())")
        done = subprocess.run(["/usr/bin/python3", "-c", script, os.path.join(daemon.state, name)], check=True, text=True,
                              stdout=subprocess.PIPE, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])
        assert f"HTTP/1.1 {status} " in done.stdout, (name, done.stdout)


def test_rotated_and_removed_keys_stop_working(daemon):
    old = daemon.add_site("blog")
    new = json.loads(hamlet("sites", "rotate", "blog", "--json", state=daemon.state).stdout)["key"]
    assert new != old and re.fullmatch("[0-9a-f]{12}", new)
    wait_until("the old key to be refused", lambda: daemon.native("/v1/check", HAM, old).status == 401, 5)
    wait_until("the new key to be taken", lambda: daemon.native("/v1/check", HAM, new).status == 200, 5)
    hamlet("sites", "remove", "blog", state=daemon.state)
    wait_until("the key to be refused", lambda: daemon.native("/v1/check", HAM, new, "tcp").status == 401, 5)
    assert daemon.akismet("verify-key", {"key": new, "blog": "b"}).body == b"invalid"


def test_keys_are_not_on_record(daemon):
    """Only a digest is: whoever reads the database doesn't learn them."""
    key = daemon.add_site("blog")
    daemon.check(HAM, key=key)
    daemon.stop()
    for name in os.listdir(daemon.state):
        path = os.path.join(daemon.state, name)
        if os.path.isfile(path):
            with open(path, "rb") as f:
                assert key.encode() not in f.read(), name


def test_a_sites_rate(daemon):
    key = daemon.add_site("blog")
    db = daemon.db()
    db.execute("UPDATE site SET rate_per_minute = 3 WHERE name = 'blog'")
    db.close()
    reply = wait_until("a refusal", lambda: (r := daemon.native("/v1/check", HAM, key)).status != 200 and r)
    assert reply.status == 429 and reply.error()
    assert 0 < int(reply.headers["retry-after"]) <= 60
    before = daemon.count()
    reply = daemon.akismet("comment-check", {"blog": "b", "user_ip": "i", "comment_content": "text"}, key)
    assert reply.status == 429 and reply.body not in (b"true", b"false") and "retry-after" in reply.headers
    assert daemon.count() == before
    for _ in range(5):
        daemon.check(HAM)  # other sites are not held up
    assert daemon.akismet("verify-key", {"key": key, "blog": "b"}).body == b"valid"


@pytest.mark.parametrize("path, value", [("/v1/check", HAM), ("/v1/feedback", {**HAM, "label": "ham"}),
                                         ("/v1/verdicts/01ARZ3NDEKTSV4RRFFQ69G5FAV", None)])
def test_tcp_needs_a_key(shared_daemon, path, value):
    before = shared_daemon.count()
    for key in (None, "ffffffffffff", "", "not a key"):
        reply = shared_daemon.native(path, value, key, "tcp")
        assert reply.status == 401, (key, reply)
        assert reply.error()
    assert shared_daemon.count() == before


def test_a_wrong_key_is_refused_on_the_unix_socket_too(shared_daemon):
    before = shared_daemon.count()
    assert shared_daemon.native("/v1/check", HAM, "ffffffffffff").status == 401
    assert shared_daemon.count() == before


def test_tcp_with_a_key_in_every_place(shared_daemon, site):
    shared_daemon.check(HAM, key=site, where="tcp")
    body, json_type = json.dumps(HAM).encode(), [("Content-Type", "application/json")]
    for path, host in ((f"/v1/check?api_key={site}", "localhost"), (f"/v1/check?key={site}", "localhost"),
                       ("/v1/check", f"{site}.localhost:8095")):
        assert shared_daemon.request("POST", path, body, json_type, "tcp", host).status == 200, (path, host)


def test_content_type(shared_daemon):
    body = json.dumps(HAM).encode()
    # curl -d calls everything a form.
    for good in ("application/json", "application/json; charset=utf-8", "Application/JSON", "application/x-www-form-urlencoded"):
        assert shared_daemon.request("POST", "/v1/check", body, [("Content-Type", good)]).status == 200, good
    for bad in ("multipart/form-data; boundary=x", "text/html"):
        reply = shared_daemon.request("POST", "/v1/check", body, [("Content-Type", bad)])
        assert reply.status == 415 and reply.error(), bad


@pytest.mark.parametrize("path, where, statuses", [
    ("/healthz", "unix", (200,)), ("/healthz", "tcp", (200,)), ("/healthz", "admin", (200,)),
    ("/readyz", "unix", (200,)), ("/readyz", "admin", (200,)), ("/readyz", "tcp", (401,)),
    ("/metrics", "admin", (200,)), ("/metrics", "unix", (403,)), ("/metrics", "tcp", (401, 403, 404)),
    ("/privacy", "tcp", (200, 404)), ("/privacy", "unix", (200, 404)),
])
def test_operators_routes(shared_daemon, path, where, statuses):
    reply = shared_daemon.native(path, where=where)
    assert reply.status in statuses, reply


def test_head(shared_daemon):
    with shared_daemon.connect() as c:
        c.send(request_bytes("HEAD", "/healthz"))
        reply = c.reply(head_only=True)
        assert reply.status == 200
        c.send(request_bytes("GET", "/healthz"))
        assert c.reply().status == 200


def test_no_scores_for_commenters_side(shared_daemon, site):
    reply = shared_daemon.akismet("comment-check", {
        "blog": "http://b.example/", "user_ip": "203.0.113.7", "comment_content": HAM["content"]}, site)
    assert b"probability" not in reply.head + reply.body and b"0." not in reply.body


def test_many_connections_at_once(shared_daemon):
    connections = [shared_daemon.connect("unix" if i % 2 else "tcp") for i in range(200)]
    try:
        for c in connections:
            c.send(request_bytes("GET", "/healthz"))
        assert {c.reply().status for c in connections} == {200}
    finally:
        for c in connections:
            c.close()


def test_a_form_can_carry_what_a_batch_cannot(shared_daemon, site):
    """A verdict on bytes that aren't UTF-8 is still shown as JSON."""
    body = form({"blog": "http://b.example/", "user_ip": "203.0.113.7", "api_key": site})
    body += b"&comment_content=%ff%fex&comment_author=%ff"
    reply = shared_daemon.request("POST", "/1.1/comment-check", body)
    assert reply.body in (b"true", b"false"), reply
    got = shared_daemon.native("/v1/verdicts/" + ulid_of(reply.headers["x-akismet-guid"]), where="admin")
    assert got.status == 200 and "x" in got.json()["comment"]["content"]


# -- What a commenter can type, and so must not keep his comment from being judged


def test_escapes_that_stand_for_no_character(shared_daemon):
    """JSON.stringify("\ud83d".slice(0, 1)) and the like: legal JSON, and U+FFFD in the record."""
    body = rb'{"content":"half \ud83d, \u0000 and \ud83d\udc37","author":"\udc37\\ud83d","context":["a\u0000"]}'
    for data in (body, b'{"comments":[' + body + b"]}"):
        reply = shared_daemon.request("POST", "/v1/check", data, [("Content-Type", "application/json")])
        assert reply.status == 200, reply
        verdict = reply.json()
        verdict = verdict["verdicts"][0] if "verdicts" in verdict else verdict
        comment = shared_daemon.native("/v1/verdicts/" + verdict["id"]).json()["comment"]
        assert comment == {"content": "half \ufffd, \ufffd and \U0001f437", "author": "\ufffd\\ud83d", "context": ["a\ufffd"]}
    assert shared_daemon.request("POST", "/v1/feedback", body[:-1] + b',"label":"ham"}').json()["id"] == verdict["id"]


def test_a_coding_that_is_none(shared_daemon):
    for value in ("identity", "utf-8", ""):
        reply = shared_daemon.request("POST", "/v1/check", b'{"content":"a"}', [("Content-Encoding", value)])
        assert reply.status == 200, reply


def test_nul_in_a_form(shared_daemon, site):
    body = form({"blog": "http://b.example/", "user_ip": "192.0.2.1", "api_key": site, "comment_content": "a\0b",
                 "comment_author": "\0", "POST_x\0y": "\0", "comment_context[\0]": "c\0"})
    multipart = b"".join(b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % pair for pair in (
        (b"api_key", site.encode()), (b"blog", b"b"), (b"user_ip", b"i"), (b"comment_content", b"a\0b"),
        (b"comment_author", b"\0"), (b"comment_context", b"c\0"))) + b"--x--\r\n"
    for data, kind in ((body, "application/x-www-form-urlencoded"), (multipart, "multipart/form-data; boundary=x")):
        reply = shared_daemon.request("POST", "/1.1/comment-check", data, [("Content-Type", kind)])
        assert reply.status == 200 and reply.body in (b"true", b"false"), reply
        got = shared_daemon.native("/v1/verdicts/" + ulid_of(reply.headers["x-akismet-guid"]), where="admin").json()["comment"]
        assert (got["content"], got["author"], got["context"]) == ("a\ufffdb", "\ufffd", ["c\ufffd"])
