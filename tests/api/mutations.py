"""Captured requests with byte ranges cut out, doubled or flipped at random, sent to a daemon, and what must hold of the
answers and of the record.  The same seed makes the same variants."""
import concurrent.futures
import json
import os
import random
import re
import socket
import urllib.parse

from harness import Closed, ulid_of

MARK = "qzmark"
PLACES = (b"comment_content=", b'"comment":"', b'name="comment_content"\r\n\r\n')
WORDS = (b"true", b"false", b"valid", b"invalid", b"connected", b"deactivated", b"Thanks for making the web a better place.")
SENTENCE = re.compile(rb"Missing required field: (blog|user_ip)\.")
CLEAR = (400, 401, 403, 404, 405, 408, 413, 415, 417, 431)
UNKNOWN = (501, 505)  # another transfer coding, another version: what HTTP has for them
CHUNK = re.compile(rb"([0-9A-Fa-f]+)[^\r\n]*\r\n")


def dechunked(body):
    """The content of a sound chunked body."""
    content = b""
    while True:
        size = CHUNK.match(body)
        n = int(size.group(1), 16)
        if n == 0:
            return content
        content += body[size.end():size.end() + n]
        body = body[size.end() + n + 2:]


def marked(data, number):
    """DATA with a word in its comment, or else at its end, that no other request has."""
    head, _, body = data.partition(b"\r\n\r\n")
    mark, chunked = f"{MARK}{number:06d} ".encode().replace(b" ", b"+"), b"chunked" in head.lower()
    if chunked:
        body = dechunked(body)
    if not body:
        return data
    place = next((p for p in PLACES if p in body), None)
    if place is not None:
        body = body.replace(place, place + mark, 1)
    elif not body.startswith(b"--") and not body.startswith(b"{"):
        body += b"&qz=" + mark
    if chunked:
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    head = re.sub(rb"(?i)(content-length: *)\d+", lambda m: m.group(1) + str(len(body)).encode(), head)
    return head + b"\r\n\r\n" + body


def mutated(data, rnd):
    """DATA with one to three ranges cut, doubled or flipped."""
    for _ in range(rnd.choice((1, 1, 1, 2, 3))):
        at = rnd.randrange(len(data))
        end = min(len(data), at + rnd.choice((1, 1, 2, 4, 16, 64, rnd.randrange(1, len(data) + 1))))
        part, way = data[at:end], rnd.randrange(4)
        if way == 0:
            part = b""
        elif way == 1:
            part += part
        elif way == 2:
            part = bytes(b ^ 1 << rnd.randrange(8) for b in part)
        else:
            part = bytes(rnd.randrange(256) for _ in part)
        data = data[:at] + part + data[end:] or b"\n"
    return data


def variants(folder, names, key, count, seed):
    """COUNT requests; each capture comes up as often as any other."""
    rnd, captures = random.Random(seed), []
    for name in names:
        with open(os.path.join(folder, name), "rb") as f:
            captures.append(f.read().replace(b"0123456789ab", key.encode()))
    return [mutated(marked(captures[i % len(captures)], i), rnd) for i in range(count)]


def whole(request):
    """Whether REQUEST is complete as far as its own head says; None where that can't be told."""
    head, blank, body = re.sub(rb"\r\n", b"\n", request).partition(b"\n\n")
    if not blank:
        return False
    length = re.findall(rb"(?im)^content-length:[ \t]*(\d+)[ \t]*$", head)
    if b"transfer-encoding" in head.lower() or len(length) != 1:
        return None
    return len(request.split(b"\n\r\n" if b"\n\r\n" in request else b"\n\n", 1)[-1]) >= int(length[0])


def ask(daemon, request, where):
    """The first reply to REQUEST, or None when the daemon closed without one."""
    with daemon.connect(where) as c:
        if c.send_anyway(request):
            try:
                c.sock.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it has closed already
        try:
            return c.reply(head_only=request.lstrip(b"\r\n").startswith(b"HEAD "))
        except Closed:
            return None


def check_reply(request, reply):
    """The reply is one of the protocols' or a clear refusal; none at all only to what isn't a whole request."""
    if reply is None:
        assert whole(request) is not True, request
    elif reply.status == 200:
        assert reply.body in WORDS or SENTENCE.fullmatch(reply.body) or isinstance(json.loads(reply.body), (dict, list)), (
            request, reply)
    elif reply.status == 500:  # how blogspam.net says that a body is no JSON
        assert reply.body.startswith(b"Failed to parse JSON submission: "), (request, reply)
    else:
        assert reply.status in CLEAR + UNKNOWN, (request, reply)
        assert reply.body.strip() not in WORDS, (request, reply)


def verdict_of(reply):
    """The id of the verdict that a reply names; None if it names none."""
    if reply is None:
        return None
    if "x-akismet-guid" in reply.headers:
        return ulid_of(reply.headers["x-akismet-guid"])
    return reply.headers.get("x-hamlet-verdict")


def letters(data):
    """The ASCII letters and digits of DATA, which no charset changes."""
    return re.sub(rb"[^0-9A-Za-z]", b"", data)


def marks(data):
    """The words that marked() put in, as they are after the damage."""
    return set(re.findall(MARK.encode() + rb"\d{6}", data))


def check_about(request, text):
    """What is on record under a request's verdict came with that request, and with no other."""
    assert marks(text.encode()) <= marks(request), (request, text)
    if b"chunked" in request.lower():
        return  # sizes stand between the pieces
    raw = re.sub(rb"\\u[0-9A-Fa-f]{4}|\\[nrt]", b"", request)
    sent = letters(urllib.parse.unquote_to_bytes(raw)) + b" " + letters(raw)
    for piece in re.split(r"\n\n|\r\n\r\n", text):
        assert letters(re.sub(r"[\n\r\t]", "", piece).encode()) in sent, (request, piece)


def run(daemon, requests, where, threads=8):
    """Send REQUESTS, each on a connection of its own, and check every answer and the record."""
    before = {row[0] for row in daemon.query("SELECT id FROM verdict")}
    learnt = daemon.query("SELECT coalesce(max(seq), 0) FROM example")[0][0]
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        replies = list(pool.map(lambda request: ask(daemon, request, where), requests))
    about = {}
    for number, (request, reply) in enumerate(zip(requests, replies)):
        check_reply(request, reply)
        if verdict_of(reply) is not None:
            assert verdict_of(reply) not in about
            about[verdict_of(reply)] = number
    recorded = {row[0]: [t for t in row[1:] if t] for row in daemon.query(
        "SELECT id, author, content, ip, url FROM verdict") if row[0] not in before}
    assert set(recorded) == set(about)
    for verdict, texts in recorded.items():
        for text in texts:
            check_about(requests[about[verdict]], text)
    check_examples(daemon, requests, replies, learnt)
    return replies


def check_examples(daemon, requests, replies, since):
    """What was learnt came with a submission that was thanked for."""
    thanked = [marks(request) for request, reply in zip(requests, replies) if reply is not None and reply.status == 200]
    for row in daemon.query("SELECT author, content FROM example WHERE seq > ?", since):
        found = marks(" ".join(text or "" for text in row).encode())
        assert any(found <= own for own in thanked), row
