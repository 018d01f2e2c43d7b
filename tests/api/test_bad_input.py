"""Hostile and broken input: a clear 4xx (or a closed connection) within the limits, nothing recorded, the daemon alive, and
not a word of the comment in the log."""
import gzip
import json
import os
import random
import select
import socket
import struct
import time

import pytest

import harness
from harness import HAM, Closed, form, request_bytes, wait_until

MARK = "zebrasecretword"
MAX_BODY = 1 << 20
MAGIC = (b"true", b"false", b"valid", b"invalid", b"connected", b"deactivated", b"")
FORM_TYPE = ("Content-Type", "application/x-www-form-urlencoded")
JSON_TYPE = ("Content-Type", "application/json")


@pytest.fixture(autouse=True)
def unharmed(request):
    """After each test on the shared daemon: it is alive and answers, nothing was recorded, nothing was told."""
    if "shared_daemon" not in request.fixturenames:
        yield
        return
    daemon = request.getfixturevalue("shared_daemon")
    before = daemon.count()
    yield
    assert daemon.alive()
    assert daemon.request("GET", "/readyz").status == 200
    assert daemon.count() == before
    assert MARK not in daemon.log_text()


def check_refusal(reply, native, statuses=range(400, 500)):
    assert reply.status in statuses, reply
    assert reply.body.strip() not in MAGIC
    if native:
        error = reply.json()["error"]
        assert error["code"] and error["message"]


def native(daemon, body, headers=(JSON_TYPE,), path="/v1/check", where="unix"):
    return daemon.request("POST", path, body, headers, where)


def akismet(daemon, site, body, headers=(FORM_TYPE,)):
    return daemon.request("POST", "/1.1/comment-check", b"blog=b&user_ip=i&api_key=" + site.encode() + b"&" + body, headers)


# -- Bodies

BAD_JSON = {
    "nothing": b"", "half": b'{"content":"' + MARK.encode(), "no object": b'"%s"' % MARK.encode(),
    "number": b"7", "null": b"null", "list": b"[]", "trailing comma": b'{"content":"a",}',
    "two values": b'{"content":"a"} {"content":"b"}',
    "single quotes": b"{'content':'a'}", "form": b"content=" + MARK.encode(), "no content": b'{"author":"a"}',
    "content a number": b'{"content":1}', "content null": b'{"content":null}', "content a list": b'{"content":["a"]}',
    "author an object": b'{"content":"a","author":{}}', "context a text": b'{"content":"a","context":"b"}',
    "context of numbers": b'{"content":"a","context":[1]}', "comments no list": b'{"comments":{}}',
    "bad UTF-8": b'{"content":"%s \xff\xfe"}' % MARK.encode(), "overlong UTF-8": b'{"content":"\xc0\xaf"}',
    "surrogate in UTF-8": b'{"content":"\xed\xa0\x80"}',
    "bad escape": b'{"content":"\\x41"}',
    "control character": b'{"content":"a\x01b"}', "NUL": b'{"content":"a\x00b"}', "NUL after": b'{"content":"a"}\x00',
    "deep lists": b'{"content":"a","x":' + b"[" * 100000 + b"]" * 100000 + b"}", "deep objects": b'{"a":' * 50000,
    "UTF-16": '{"content":"a"}'.encode("utf-16"), "infinity": b'{"content":"a","context":[Infinity]}',
}


@pytest.mark.parametrize("name", BAD_JSON)
def test_bad_json(shared_daemon, name):
    check_refusal(native(shared_daemon, BAD_JSON[name]), True, (400,))


def test_a_number_no_double_can_hold(shared_daemon):
    check_refusal(native(shared_daemon, b'{"content":1e999999}'), True, (400,))


BAD_FORMS = {
    "lone percent": b"comment_content=100%" + MARK.encode(), "half an escape": b"comment_content=%e",
    "no hex": b"comment_content=%zz" + MARK.encode(), "percent at the end": b"comment_content=" + MARK.encode() + b"%",
    "in a name": b"comment%XXcontent=a",
}


@pytest.mark.parametrize("name", BAD_FORMS)
def test_bad_forms(shared_daemon, site, name):
    check_refusal(akismet(shared_daemon, site, BAD_FORMS[name]), False, (400,))


def test_bad_escape_in_the_query(shared_daemon):
    check_refusal(native(shared_daemon, b'{"content":"a"}', path="/v1/check?evidence=%zz"), True, (400,))


def test_unknown_evidence(shared_daemon):
    check_refusal(native(shared_daemon, b'{"content":"a"}', path="/v1/check?evidence=some"), True, (400,))


@pytest.mark.parametrize("path", ["/%", "/v1/%zz", "/v1/check%00", "/v1/check%2"])
def test_bad_escape_in_the_path(shared_daemon, path):
    check_refusal(native(shared_daemon, b'{"content":"a"}', path=path), False, (400, 404))


MULTIPART = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="comment_content"\r\n\r\n'
BAD_MULTIPART = {
    "no boundary": ("multipart/form-data", b"--x\r\n"), "empty boundary": ("multipart/form-data; boundary=", b"--\r\n"),
    "never begins": (MULTIPART, b"nothing of the kind " + MARK.encode()),
    "never ends": (MULTIPART, PART + MARK.encode()),
    "no name": (MULTIPART, b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n"),
}


@pytest.mark.parametrize("name", BAD_MULTIPART)
def test_bad_multipart(shared_daemon, site, name):
    """The key is in the query, so that the body is what is wrong."""
    content_type, body = BAD_MULTIPART[name]
    reply = shared_daemon.request("POST", "/1.1/comment-check?api_key=" + site, body, [("Content-Type", content_type)])
    # A part without a name is nothing at all: what follows is that "blog" is missing.
    assert reply.status == 400 or (name == "no name" and reply.body.startswith(b"Missing required field")), reply
    assert reply.body not in MAGIC


def test_unknown_body_type(shared_daemon, site):
    check_refusal(akismet(shared_daemon, site, b"a=b", [("Content-Type", "image/png")]), False, (415,))


@pytest.mark.parametrize("coding", ["gzip", "br", "Deflate"])
def test_compressed_body(shared_daemon, site, coding):
    """It says what is wrong, instead of calling what it can't read malformed."""
    packed = gzip.compress(b'{"content":"a"}')
    check_refusal(native(shared_daemon, packed, [JSON_TYPE, ("Content-Encoding", coding)]), True, (415,))
    check_refusal(akismet(shared_daemon, site, packed, [FORM_TYPE, ("Content-Encoding", coding)]), False, (415,))


@pytest.mark.parametrize("where", ["unix", "tcp"])
def test_body_over_the_limit(shared_daemon, site, where):
    """Refused by its length alone: before a byte of it has come, and if all of it is sent."""
    body = b"comment_content=" + b"a" * (MAX_BODY + 1 - 16)
    assert len(body) == MAX_BODY + 1
    for send in (b"", body[:100000], body):
        with shared_daemon.connect(where) as c:
            c.send(request_bytes("POST", "/1.1/comment-check", None, [FORM_TYPE, ("Content-Length", str(len(body)))]))
            c.send_anyway(send)
            check_refusal(c.reply(), False, (413,))
            assert c.at_end()


def test_body_over_the_limit_in_chunks(shared_daemon):
    body = b'{"content":"' + b"a" * MAX_BODY + b'"}'
    for size in (1000, 65536, len(body)):
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + size]), body[i:i + size]) for i in range(0, len(body), size))
        with shared_daemon.connect() as c:
            c.send(request_bytes("POST", "/v1/check", None, [JSON_TYPE, ("Transfer-Encoding", "chunked")]))
            c.send_anyway(chunks + b"0\r\n\r\n")
            check_refusal(c.reply(), True, (413,))
            assert c.at_end()


def test_body_at_the_limit_is_taken(daemons):
    daemon = daemons(tcp=False)
    for n in (MAX_BODY - 14, MAX_BODY - 15):
        body = b'{"content":"' + b"a" * n + b'"}'
        assert len(body) <= MAX_BODY
        assert native(daemon, body).status == 200
    assert daemon.count() == 2


def test_ten_thousand_fields(shared_daemon, site):
    body = b"&".join(b"field%d=%d" % (i, i) for i in range(10000))
    check_refusal(akismet(shared_daemon, site, body), False, (400, 413))
    check_refusal(akismet(shared_daemon, site, b"&".join([b"a"] * 10000)), False, (400, 413))
    parts = (PART + b"a\r\n") * 10000 + b"--x--\r\n"
    reply = shared_daemon.request("POST", "/1.1/comment-check?key=" + site, parts, [("Content-Type", MULTIPART)])
    check_refusal(reply, False, (400, 413))


# -- Heads

BAD_LENGTHS = {
    "two": "Content-Length: 5\r\nContent-Length: 5", "two that differ": "Content-Length: 5\r\nContent-Length: 6",
    "negative": "Content-Length: -1", "plus": "Content-Length: +5", "hex": "Content-Length: 0x5",
    "a list": "Content-Length: 5, 5", "empty": "Content-Length:", "word": "Content-Length: many",
    "with chunks": "Content-Length: 5\r\nTransfer-Encoding: chunked",
    "chunks first": "Transfer-Encoding: chunked\r\nContent-Length: 5", "blank before the colon": "Content-Length : 5",
    "two encodings": "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
}


@pytest.mark.parametrize("where", ["unix", "tcp"])
@pytest.mark.parametrize("name", BAD_LENGTHS)
def test_bad_lengths(shared_daemon, name, where):
    """A request whose end two parties could see in two places is refused, and nothing more is read from its connection."""
    with shared_daemon.connect(where) as c:
        c.send(f"POST /v1/check HTTP/1.1\r\nHost: a\r\n{BAD_LENGTHS[name]}\r\n\r\n0\r\n\r\n".encode())
        c.send_anyway(request_bytes("GET", "/healthz"))
        check_refusal(c.reply(), False, (400,))
        assert c.at_end()


@pytest.mark.parametrize("value", [1 << 31, 1 << 32, 1 << 63, 1 << 64, 10**26])
def test_enormous_length(shared_daemon, value):
    data = f"POST /v1/check HTTP/1.1\r\nHost: a\r\nContent-Length: {value}\r\n\r\n".encode()
    check_refusal(shared_daemon.raw(data), False, (400, 413))


@pytest.mark.parametrize("value", ["gzip", "gzip, chunked", "identity", "chunked, chunked"])
def test_unknown_transfer_encoding(shared_daemon, value):
    data = f"POST /v1/check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: {value}\r\n\r\n0\r\n\r\n".encode()
    check_refusal(shared_daemon.raw(data), False, (400, 501))


BAD_CHUNKS = [b"zz\r\n", b"-1\r\n", b"ffffffffffffffffff\r\n", b"5\r\nabcdefgh\r\n0\r\n\r\n", b"\r\n",
              b"0x5\r\nabcde\r\n0\r\n\r\n", b"5 5\r\nabcde\r\n0\r\n\r\n", b"1;" + b"e" * 100000 + b"\r\n",
              b"0\r\n" + b"Trailer: a\r\n" * 20000 + b"\r\n"]


@pytest.mark.parametrize("chunks", BAD_CHUNKS, ids=lambda c: repr(c[:12]))
def test_bad_chunks(shared_daemon, chunks):
    with shared_daemon.connect() as c:
        c.send(request_bytes("POST", "/v1/check", None, [JSON_TYPE, ("Transfer-Encoding", "chunked")]))
        c.send_anyway(chunks)
        check_refusal(c.reply(), False)
        assert c.at_end()


BAD_LINES = [b"", b"GET", b"GET /healthz", b"GET  /healthz HTTP/1.1", b"GET /healthz HTTP/1.1 x", b"GET healthz HTTP/1.1",
             b"GET /healthz HTTP/9", b"GET /healthz FTP/1.1", b"G\x00T /healthz HTTP/1.1", b"GET /heal\x00thz HTTP/1.1",
             b"GET /health\x7fz\x01 HTTP/1.1", b"GET\t/healthz\tHTTP/1.1", b"(GET) /healthz HTTP/1.1"]


@pytest.mark.parametrize("line", BAD_LINES)
def test_bad_request_lines(shared_daemon, line):
    with shared_daemon.connect() as c:
        c.send(line + b"\r\nHost: a\r\n\r\n")
        try:
            reply = c.reply()
        except Closed:
            return
        check_refusal(reply, False, (400, 404))


@pytest.mark.parametrize("version, statuses", [("2.0", (505,)), ("0.9", (400, 505)), ("1.2", (200, 505)), ("3.0", (505,))])
def test_other_versions(shared_daemon, version, statuses):
    assert shared_daemon.raw(f"GET /healthz HTTP/{version}\r\nHost: a\r\nConnection: close\r\n\r\n".encode()).status in statuses


BAD_HEADERS = [b"no colon here", b": no name", b"bad name: x", b"nul\x00: x", b"Name: a\x00b", b" folded: x", b"Host: b",
               b"(x): y", b"Name: a\rb"]


@pytest.mark.parametrize("line", BAD_HEADERS)
def test_bad_headers(shared_daemon, line):
    check_refusal(shared_daemon.raw(b"GET /healthz HTTP/1.1\r\nHost: a\r\n" + line + b"\r\n\r\n"), False, (400,))


def test_huge_header(shared_daemon):
    for head in (b"X-Long: " + b"a" * 100000, b"a" * 100000 + b": x"):
        with shared_daemon.connect() as c:
            c.send_anyway(b"GET /healthz HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n\r\n")
            check_refusal(c.reply(), False, (431, 400))
    with shared_daemon.connect() as c:
        c.send_anyway(b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n\r\n")
        check_refusal(c.reply(), False, (414, 431, 400))


def test_ten_thousand_headers(shared_daemon):
    with shared_daemon.connect() as c:
        c.send_anyway(b"GET /healthz HTTP/1.1\r\n" + b"".join(b"X%d: 1\r\n" % i for i in range(10000)) + b"\r\n")
        check_refusal(c.reply(), False, (431,))


@pytest.mark.parametrize("filler", [b"a" * 1000, b"X: y\r\n" * 100, b"\r\n"], ids=["one line", "lines", "empty lines"])
def test_head_without_an_end(shared_daemon, filler):
    with shared_daemon.connect() as c:
        if filler != b"\r\n":
            c.send(b"GET /healthz HTTP/1.1\r\n")
        for _ in range(100):
            if not c.send_anyway(filler):
                break
        check_refusal(c.reply(), False, (400, 431))
        assert c.at_end()


# -- Routes and methods


@pytest.mark.parametrize("path", [
    "/nothing", "/v1", "/v1/nothing", "/v2/check", "/1.1", "/1.1/nothing", "/1.3/verify-key", "/v1/check/more", "/v1/verdicts",
    "/../etc/passwd", "/v1/../healthz", "/hamlet.db", "*", "/v1/verdicts/a/b", "/V1/CHECK"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_routes(shared_daemon, method, path):
    reply = shared_daemon.request(method, path, b"a=b" if method == "POST" else None, where="unix")
    assert reply.status in (404, 405), reply
    check_refusal(reply, path.startswith("/v1/n"))


@pytest.mark.parametrize("method, path, allowed", [
    ("GET", "/v1/check", "POST"), ("DELETE", "/v1/check", "POST"), ("PUT", "/v1/feedback", "POST"), ("POST", "/healthz", "GET"),
    ("POST", "/readyz", "GET"), ("DELETE", "/v1/verdicts/01ARZ3NDEKTSV4RRFFQ69G5FAV", "GET"),
    ("DELETE", "/1.1/comment-check", "POST"), ("PUT", "/1.1/submit-spam", "POST"), ("OPTIONS", "/v1/check", "POST"),
    ("BREW", "/v1/check", "POST"), ("PATCH", "/1.1/verify-key", "POST"),
    ("TRACE", "/healthz", "GET"), ("get", "/healthz", "GET")])
def test_wrong_methods(shared_daemon, method, path, allowed):
    reply = shared_daemon.request(method, path, b"{}" if method in ("POST", "PUT") else None)
    check_refusal(reply, path.startswith("/v1"), (405,))
    assert allowed in [m.strip() for m in reply.headers["allow"].split(",")]


# -- Not HTTP at all


def test_garbage(shared_daemon):
    rnd = random.Random(3)
    for n in (1, 2, 16, 1000, 100000):
        for where in ("unix", "tcp"):
            with shared_daemon.connect(where) as c:
                c.send_anyway(rnd.randbytes(n))
                c.sock.shutdown(socket.SHUT_WR)
                data = c.rest()
                assert data == b"" or data.startswith(b"HTTP/1.1 4"), data[:100]


def test_tls_hello(shared_daemon):
    hello = bytes.fromhex("16030100c8010000c40303") + os.urandom(32) + b"\x20" + os.urandom(32) + b"\x00\x3e\x13\x02"
    with shared_daemon.connect("tcp") as c:
        c.send(hello + b"\r\n")
        data = c.rest()
        assert data == b"" or data.startswith(b"HTTP/1.1 400"), data[:100]


def test_http2_preface(shared_daemon):
    with shared_daemon.connect("tcp") as c:
        c.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00")
        assert c.reply().status in (400, 505)


# -- Clients that don't do their part


@pytest.fixture(scope="module")
def impatient():
    """A daemon that gives requests and replies a second, and eight connections."""
    limits = {"request_timeout": 1, "write_timeout": 1, "idle_timeout": 1, "max_connections": 8}
    daemon = harness.Daemon(harness.copy_state(), config=limits)
    try:
        yield daemon.start()
        assert daemon.alive()
        assert MARK not in daemon.log_text()
        assert daemon.count() == 0
        daemon.stop()
    finally:
        daemon.kill()
        harness.remove_state(daemon.state)


SLOW = {"line": b"POST /v1/che", "head": b"POST /v1/check HTTP/1.1\r\nHost: a\r\n",
        "body": request_bytes("POST", "/v1/check", None, [JSON_TYPE, ("Content-Length", "100")]) + b'{"content":"zebrasecretword',
        "chunk": request_bytes("POST", "/v1/check", None, [JSON_TYPE, ("Transfer-Encoding", "chunked")]) + b"5\r\nab"}


@pytest.mark.parametrize("where", ["unix", "tcp"])
@pytest.mark.parametrize("part", SLOW)
def test_slow_request(impatient, part, where):
    start = time.monotonic()
    with impatient.connect(where) as c:
        c.send(SLOW[part])
        check_refusal(c.reply(), False, (408,))
        assert c.at_end()
    assert 0.5 < time.monotonic() - start < 20


def test_trickling_request(impatient):
    """A byte now and then doesn't win more time."""
    start = time.monotonic()
    with impatient.connect() as c:
        c.send(b"GET /healthz HTTP/1.1\r\nX: ")
        while not select.select([c.sock], [], [], 0.1)[0]:
            assert time.monotonic() - start < 20
            if not c.send_anyway(b"a"):
                break
        check_refusal(c.reply(), False, (408,))


def test_idle_connection_is_closed(impatient):
    with impatient.connect() as c:
        assert c.at_end()
    with impatient.connect() as c:
        c.send(request_bytes("GET", "/healthz"))
        assert c.reply().status == 200
        assert c.at_end()


@pytest.mark.parametrize("where", ["unix", "tcp"])
def test_client_that_never_reads(impatient, where):
    """It is dropped once it has let an answer wait for write_timeout; others are served meanwhile."""
    with impatient.connect(where) as c:
        c.sock.setblocking(False)
        requests, gone = request_bytes("GET", "/nothing/at/all") * 100, False
        end = time.monotonic() + 30
        while not gone:
            assert time.monotonic() < end, "still connected"
            try:
                c.sock.send(requests)
            except BlockingIOError:
                poller = select.poll()
                poller.register(c.sock, select.POLLOUT)
                gone = any(events & (select.POLLHUP | select.POLLERR) for _, events in poller.poll(200))
                assert impatient.request("GET", "/healthz").status == 200
            except OSError:
                gone = True


def eight(daemon):
    """Eight connections that have been served, or None: those of earlier tests may not all be gone yet."""
    connections = [daemon.connect() for _ in range(8)]
    for c in connections:
        c.send_anyway(request_bytes("GET", "/healthz"))
    try:
        if all(c.reply().status == 200 for c in connections):
            return connections
    except Closed:
        pass
    for c in connections:
        c.close()
    return None


def test_too_many_connections(impatient):
    """The ninth gets 503; when the others go there is room again."""
    connections = wait_until("room for eight", lambda: eight(impatient))
    try:
        with impatient.connect() as c:
            c.send_anyway(request_bytes("GET", "/healthz"))
            reply = c.reply()
            assert reply.status == 503
            assert int(reply.headers["retry-after"]) >= 0
    finally:
        for c in connections:
            c.close()
    wait_until("room for one more", lambda: impatient.request("GET", "/healthz").status == 200)


@pytest.mark.parametrize("where", ["unix", "tcp"])
def test_clients_that_leave_early(shared_daemon, where):
    whole = request_bytes("POST", "/v1/check", json.dumps({"content": MARK}).encode(), [JSON_TYPE, ("Authorization", "Bearer x")])
    for n in range(0, len(whole) - 1, 7):
        with shared_daemon.connect(where) as c:
            c.send(whole[:n])
            if n % 2:  # leave by a reset
                c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_clients_that_leave_before_the_answer(daemon):
    """What was asked may be recorded, but whoever has gone harms nobody."""
    whole = request_bytes("POST", "/v1/check", json.dumps({"content": MARK}).encode(), [JSON_TYPE])
    for _ in range(100):
        with daemon.connect() as c:
            c.send(whole)
    daemon.check(HAM)
    wait_until("the last of them", lambda: daemon.count() > 1)
    assert MARK not in daemon.log_text()


def test_half_closed_client_gets_its_answer(shared_daemon):
    with shared_daemon.connect() as c:
        c.send(request_bytes("GET", "/healthz"))
        c.sock.shutdown(socket.SHUT_WR)
        assert c.reply().status == 200


def test_bad_request_after_a_good_one(shared_daemon):
    with shared_daemon.connect() as c:
        c.send(request_bytes("GET", "/healthz") + b"nonsense\r\n\r\n")
        assert c.reply().status == 200
        assert c.reply().status == 400
        assert c.at_end()


# -- The log


def test_the_log_has_no_secrets(daemon):
    """Whatever was asked, rightly or wrongly: no comment text, no address, no key and no body is in the log."""
    key = daemon.add_site("blog")
    comment = {"content": MARK, "author": MARK + "author", "email": MARK + "@mail.example", "url": f"http://{MARK}.example/"}
    daemon.check(comment)
    daemon.native("/v1/feedback", {**comment, "label": "spam"})
    daemon.native("/v1/check", {**comment, "author": 1})
    sent = {"blog": f"http://{MARK}.example/", "user_ip": "203.0.113.7", "comment_content": MARK, "PHP_AUTH_PW": MARK}
    for call in ("comment-check", "submit-spam", "submit-ham", "nothing"):
        daemon.akismet(call, sent, key)
        daemon.akismet(call, {**sent, "comment_author": MARK + "%"}, "feedfacecafe")
    daemon.request("POST", f"/1.1/comment-check?api_key={key}&x={MARK}", form(sent))
    daemon.request("POST", "/1.1/comment-check", form(sent) + b"%zz", host=f"{key}.rest.akismet.com")
    daemon.native("/v1/check", comment, key)
    daemon.raw(f"{MARK} nonsense\r\n\r\n".encode())
    daemon.stop()
    log = daemon.log_text()
    assert log.strip()
    for secret in (MARK, key, "feedfacecafe"):
        assert secret not in log, secret


def test_log_lines_are_key_value(daemon):
    daemon.check(HAM)
    daemon.raw(b"nonsense \x1b[31m\r\n\r\n")
    daemon.stop()
    for line in daemon.log_text().splitlines():
        assert line.isprintable() and line.isascii()
        assert line.startswith("time=2") and " level=" in line, line
