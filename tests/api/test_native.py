"""The native JSON calls: /v1/check, /v1/feedback, /v1/verdicts/ID, and who may ask what."""
import json
import random
import re

import pytest

from harness import HAM, READER, SPAM, form, logit, request_bytes, ulid_of, wait_until

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
        **HAM, "url": "http://anna.example/", "ip": "203.0.113.7", "user_agent": "Mozilla/5.0 Example", "referrer": "http://a.example/",
        "permalink": "http://blog.example.com/2026/11/second-step", "type": "comment", "date": "2026-11-22T19:04:02Z", "lang": "en",
        "context": ["programming", "errors"], "honeypot": "", "user_role": "subscriber"}
    v = shared_daemon.check(comment)
    check_verdict(v)
    got = shared_daemon.native("/v1/verdicts/" + v["id"]).json()["comment"]
    for name, value in comment.items():
        assert got.get(name, "") == value, name


def test_every_field_counts(shared_daemon):
    base = shared_daemon.check(HAM)["probability"]
    for name in ("author", "email", "url", "content"):
        assert shared_daemon.check({**HAM, name: SPAM[name]})["probability"] > base, name


def test_empty_comment_gets_a_verdict(shared_daemon):
    before = shared_daemon.count()
    for comment in ({"content": ""}, {"content": " \n"}, {"content": "", "author": "", "context": []}):
        v = shared_daemon.check(comment, "all")
        check_verdict(v, "all")
        check_sum(v)
    assert shared_daemon.count() == before + 3


def test_user_role_administrator_is_ham(shared_daemon):
    v = shared_daemon.check({**SPAM, "user_role": "administrator"}, "all")
    assert v["verdict"] == "ham"
    check_sum(v)


def test_recorded_before_it_is_sent(shared_daemon):
    for _ in range(20):
        v = shared_daemon.check(HAM)
        assert shared_daemon.query("SELECT count(*) FROM verdict WHERE id = ?", v["id"]) == [(1,)]


def test_ids_ascend(shared_daemon):
    ids = [shared_daemon.check(HAM)["id"] for _ in range(50)]
    assert ids == sorted(set(ids))


# -- The evidence adds up, whatever comes


def odd_texts():
    rnd = random.Random(20261122)
    words = SPAM["content"].split() + HAM["content"].split()
    pool = [chr(c) for c in range(1, 0x250)] + list("😀🐷👨‍👩‍👧🇩🇪\u200b\u202e\ufeff𝓥𝓲𝓪𝓰𝓻𝓪привет你好こんにちはไทยعربى")
    for n in (1, 2, 3, 10, 100, 1000):
        yield f"{n} random characters", "".join(rnd.choice(pool) for _ in range(n))
        yield f"{n} random code points", "".join(chr(rnd.choice([rnd.randrange(1, 0xD800), rnd.randrange(0xE000, 0x110000)])) for _ in range(n))
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
    for comment in ({"content": ODD[name]}, {**SPAM, "content": ODD[name]}, {**HAM, "author": ODD[name][:200], "url": ODD[name][:2000]}):
        v = shared_daemon.check(comment, "all")
        check_verdict(v, "all")
        check_sum(v)


def test_weights_add_up_for_random_bytes(shared_daemon, site):
    """Bytes that no JSON can carry come by form; their evidence is asked for afterwards."""
    rnd = random.Random(7)
    for n in (1, 2, 5, 20, 100, 1000, 20000):
        sent = {"blog": "http://blog.example.com/", "user_ip": rnd.randbytes(4), "comment_content": rnd.randbytes(n),
                "comment_author": rnd.randbytes(n % 50), "comment_author_url": b"http://" + rnd.randbytes(20), "api_key": site}
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
        assert v["verdict"] == ("spam" if i % 3 == 0 else "ham"), i
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
    got = verdicts_of(shared_daemon.native("/v1/check?evidence=none", {"comments": [{"content": f"comment {i}"} for i in range(1000)]}))
    assert len(got) == 1000
    assert shared_daemon.count() == before + 1000


def test_batch_of_1001_is_refused(shared_daemon):
    before = shared_daemon.count()
    reply = shared_daemon.native("/v1/check", {"comments": [{"content": "x"}] * 1001})
    assert reply.status in (400, 413), reply
    assert reply.error()
    assert shared_daemon.count() == before


def test_batch_of_none(shared_daemon):
    assert verdicts_of(shared_daemon.native("/v1/check", {"comments": []})) == []


@pytest.mark.parametrize("bad", [{"author": "no content"}, 7, None, "text", {"content": 7}, [HAM]])
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


@pytest.mark.parametrize("bad", ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "0" * 26, "x", "%00", "..", "0" * 5000, "01ARZ3NDEKTSV4RRFFQ69G5FAU"])
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
        wait_until("it to be learnt", lambda: way * (daemon.check(HAM)["probability"] - v["probability"]) > 0, 5)


def test_feedback_by_comment(daemon):
    v = daemon.check(HAM)
    for label, way in (("spam", 1), ("ham", -1)):
        reply = daemon.native("/v1/feedback", {**HAM, "label": label})
        assert reply.status == 200, reply
        wait_until("it to be learnt", lambda: way * (daemon.check(HAM)["probability"] - v["probability"]) > 0, 5)


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
    assert shared_daemon.check(HAM, key=site, where="tcp")["verdict"] == "ham"
    body, json_type = json.dumps(HAM).encode(), [("Content-Type", "application/json")]
    for path, host in ((f"/v1/check?api_key={site}", "localhost"), (f"/v1/check?key={site}", "localhost"),
                       ("/v1/check", f"{site}.localhost:8095")):
        assert shared_daemon.request("POST", path, body, json_type, "tcp", host).status == 200, (path, host)


def test_content_type(shared_daemon):
    body = json.dumps(HAM).encode()
    for good in ("application/json", "application/json; charset=utf-8", "Application/JSON"):
        assert shared_daemon.request("POST", "/v1/check", body, [("Content-Type", good)]).status == 200, good
    for bad in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/html"):
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
    body = form({"blog": "http://b.example/", "user_ip": "203.0.113.7", "api_key": site}) + b"&comment_content=%ff%fe%00x&comment_author=%00"
    reply = shared_daemon.request("POST", "/1.1/comment-check", body)
    assert reply.body in (b"true", b"false"), reply
    got = shared_daemon.native("/v1/verdicts/" + ulid_of(reply.headers["x-akismet-guid"]), where="admin")
    assert got.status == 200 and "x" in got.json()["comment"]["content"]
