"""contrib/moderate, as its README says, against servers that answer as Isso and Remark42 do."""
import base64
import html
import http.server
import json
import os
import re
import shlex
import subprocess
import sys
import threading
import urllib.parse

import pytest

from harness import DEADLINE, HAM, REPOSITORY, SPAM
from lifecycle import rows
from names import plain_environment

FOLDER = os.path.join(REPOSITORY, "contrib", "moderate")
SCRIPT = "<script>alert('isso-9')</script> <b>bold</b>"


class Server(http.server.ThreadingHTTPServer):
    """What both have in common: comments by name, and what was asked of them."""

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.comments, self.asked = {}, []
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server_port}"

    def stop(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    def reply(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()

    def log_message(self, *args):
        pass


class FakeIsso(Handler):
    """Logging in gives a cookie; the admin page has a signed key for each comment, which is needed to publish or delete it."""

    def do_POST(self):
        path, body = urllib.parse.urlsplit(self.path).path, self.body()
        if path == "/login/":
            if urllib.parse.parse_qs(body).get("password") == ["secret"]:
                self.reply(302, "", Location="/admin/", Set_Cookie="admin-session=signed; Path=/")
            else:
                self.reply(200, '<form><input type="password" name="password"></form>')
            return
        moderated = re.fullmatch(r"/id/(\d+)/(activate|delete)/key-\1\.x_-", path)
        if not moderated:
            self.reply(403, "")
            return
        self.server.asked.append(moderated.groups())
        self.server.comments.pop(moderated.group(1))
        self.reply(200, "done")

    def do_GET(self):
        if self.headers.get("Cookie") != "admin-session=signed":
            self.reply(200, '<form><input type="password" name="password"></form>')
            return
        self.reply(200, "<html><body><main>" + "".join(self.comment(n, c) for n, c in self.server.comments.items()) + "</main></body></html>")

    def comment(self, n, comment):
        text = {k: html.escape(v) for k, v in comment.items()}
        site = f"<a href=\"{text['url']}\" rel='nofollow' class='website'>({text['url']})</a>" if "url" in text else ""
        return (f"<div class='isso-comment' id='isso-{n}'><div class='text-wrapper'><div class='isso-comment-header' role='meta'>"
                f"<span class='author'>{text['author']}</span>{site}<span class='spacer'>&bull;</span></div>"
                f"<div class='text'>{text['content']}<br></div><div class='isso-comment-footer'>"
                f"<a class=\"delete\" onClick=\"javascript:delete_com({n}, 'key-{n}.x_-')\">Delete</a>"
                f"<a class='validate' onClick=\"javascript:validate_com({n}, 'key-{n}.x_-')\">Validate</a></div></div></div>")


class FakeRemark(Handler):
    """Comments are read by everybody, deleted by the administrator."""

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        assert re.fullmatch(r"/api/v1/last/\d+", url.path) and urllib.parse.parse_qs(url.query) == {"site": ["mysite"]}
        self.reply(200, json.dumps([self.comment(n, c) for n, c in self.server.comments.items()]))

    def comment(self, n, comment):
        return {"id": n, "pid": "", "text": f"<p>{html.escape(comment['content'])}</p>", "orig": comment["content"], "score": 0, "time": "2026-11-22T19:04:02Z",
                "user": {"name": comment["author"], "id": f"anonymous_{n}", "admin": comment.get("admin", False)},
                "locator": {"site": "mysite", "url": "https://blog.example.com/bread?x=1&y=2"}}

    def do_DELETE(self):
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        name = url.path.rsplit("/", 1)[1]
        if self.headers.get("Authorization") != "Basic " + base64.b64encode(b"admin:secret").decode():
            self.reply(401, "")
        elif query != {"site": ["mysite"], "url": ["https://blog.example.com/bread?x=1&y=2"]} or not url.path.startswith("/api/v1/admin/comment/"):
            self.reply(500, "")
        else:
            self.server.asked.append((name, "delete"))
            self.server.comments.pop(name)
            self.reply(200, json.dumps({"id": name}))


@pytest.fixture
def isso():
    server = Server(FakeIsso)
    yield server
    server.stop()


@pytest.fixture
def remark():
    server = Server(FakeRemark)
    yield server
    server.stop()


def command(system, changes):
    """The README's command for SYSTEM with CHANGES made to its words: (environment, arguments)."""
    with open(f"{FOLDER}/README.md", encoding="utf-8") as f:
        words = shlex.split(re.search(rf"^(\w+=secret \./moderate\.py {system} .*)$", f.read(), re.M).group(1))
    assert set(changes) <= set(words)
    words = [changes.get(word, word) for word in words]
    name, value = words[0].split("=")
    return {name: value}, words[2:]


def moderate(env, args, password=None):
    env = {name: password or value for name, value in env.items()}
    return subprocess.run([sys.executable, "-B", f"{FOLDER}/moderate.py", *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=DEADLINE, env=plain_environment(**env))


def changes(daemon, server, url, seen, tmp_path):
    return {url: server.url, "/var/lib/hamlet/hamlet.sock": f"{daemon.state}/hamlet.sock", seen: str(tmp_path / "seen")}


def test_isso(shared_daemon, isso, tmp_path):
    env, args = command("isso", changes(shared_daemon, isso, "https://comments.example.com", "/var/tmp/isso.seen", tmp_path))
    isso.comments.update({"1": HAM, "2": {**SPAM, "content": SPAM["content"] + SCRIPT}})
    done = moderate(env, args, "wrong")
    assert done.returncode == 1 and "password" in done.stderr and not isso.asked
    done = moderate(env, [*args, "--dry-run", "--seen", str(tmp_path / "other")])
    assert done.returncode == 0 and not isso.asked
    done = moderate(env, args)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [["1", "ham"], ["2", "spam"]]
    assert isso.asked == [("1", "activate")] and list(isso.comments) == ["2"]
    ham, spam = rows(shared_daemon)[-2:]
    assert (ham["comment"]["content"], ham["comment"]["author"]) == (HAM["content"], HAM["author"])
    assert spam["comment"]["content"] == SPAM["content"] + SCRIPT and spam["comment"]["url"] == SPAM["url"]
    # A second time there is nothing new; with a limit, spam that is new goes.
    assert moderate(env, args).stdout == "" and len(isso.asked) == 1
    isso.comments["3"] = SPAM
    assert "deleted" in moderate(env, [*args, "--delete-above", "0.9"]).stdout
    assert isso.asked[1:] == [("3", "delete")]


def test_remark42(shared_daemon, remark, tmp_path):
    env, args = command("remark42", changes(shared_daemon, remark, "https://remark.example.com", "/var/tmp/remark.seen", tmp_path))
    remark.comments.update({"aa-1": HAM, "bb-2": SPAM, "cc-3": {**SPAM, "admin": True}})
    done = moderate(env, args, "wrong")
    assert done.returncode == 1 and list(remark.comments) == ["aa-1", "bb-2", "cc-3"]
    os.unlink(tmp_path / "seen")
    done = moderate(env, args)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[:2] + line.split()[4:] for line in done.stdout.splitlines()] == [["aa-1", "ham", "left"], ["bb-2", "spam", "deleted"]]
    assert remark.asked == [("bb-2", "delete")]
    assert rows(shared_daemon)[-1]["comment"]["permalink"] == "https://blog.example.com/bread?x=1&y=2"
    assert moderate(env, args).stdout == ""


def test_trouble_is_told(isso, tmp_path):
    isso.comments["1"] = HAM
    done = moderate({"ISSO_PASSWORD": "secret"}, ["isso", isso.url, "--socket", str(tmp_path / "none")])
    assert done.returncode == 1 and done.stderr.startswith("moderate.py: ") and not isso.asked
    done = moderate({}, ["isso", isso.url])
    assert done.returncode == 1 and "ISSO_PASSWORD" in done.stderr
    done = moderate({"ISSO_PASSWORD": "secret"}, ["isso", "http://127.0.0.1:1"])
    assert done.returncode == 1 and done.stderr.startswith("moderate.py: http://127.0.0.1:1: ")
