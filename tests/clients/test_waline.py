"""Waline, a comment server from npm, unmodified: AKISMET_KEY and a line in /etc/hosts are all it is told."""
import http.server
import json
import os
import subprocess
import threading

import pytest

from blog import Browser, Database
from conftest import npm_install
from harness import HAM, SPAM, free_port, hamlet, wait_until
from lifecycle import Learning, check_evidence, need, need_node, rows
from names import Names, plain_environment

TABLES = """
create database waline; use waline;
create user waline@'%' identified by 'waline'; grant all on waline.* to waline@'%';
create table wl_Comment (id int unsigned not null auto_increment primary key, user_id int, comment text, insertedAt datetime default now(), ip varchar(100),
  link varchar(255), mail varchar(255), nick varchar(255), pid int, rid int, sticky boolean, status varchar(50) not null default '', `like` int,
  ua text, url varchar(255), createdAt datetime default now(), updatedAt datetime default now()) default charset utf8mb4;
create table wl_Counter (id int unsigned not null auto_increment primary key, time int, url varchar(255) not null default '',
  createdAt datetime default now(), updatedAt datetime default now());
create table wl_Users (id int unsigned not null auto_increment primary key, display_name varchar(255), email varchar(255), password varchar(255),
  type varchar(50), label varchar(255), url varchar(255), avatar varchar(255), createdAt datetime default now(), updatedAt datetime default now());
"""


class NoServices(http.server.BaseHTTPRequestHandler):
    """Where Waline asks, on each request, by whom one may log in."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"services":[]}')

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def modules(tmp_path_factory):
    """The folder with Waline in node_modules: $HAMLET_WALINE, which is kept, or else a temporary one."""
    need_node(20)
    folder = os.environ.get("HAMLET_WALINE") or str(tmp_path_factory.mktemp("waline"))
    if not os.path.isdir(f"{folder}/node_modules/@waline/vercel"):
        npm_install(folder, "@waline/vercel@1")
    return f"{folder}/node_modules"


@pytest.fixture(scope="module")
def oauth():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), NoServices)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def database():
    database = Database(free_port())
    database.query(TABLES, "mysql")
    yield database
    database.stop()


class Waline:
    def __init__(self, modules, database, oauth, key, names, log):
        port = free_port()
        self.home, self.log = f"http://127.0.0.1:{port}", log
        env = plain_environment(MYSQL_HOST="127.0.0.1", MYSQL_PORT=str(database.port), MYSQL_DB="waline", MYSQL_USER="waline", MYSQL_PASSWORD="waline",
                                JWT_TOKEN="a test's", SITE_NAME="Test", SITE_URL="http://blog.example.com", AKISMET_KEY=key, OAUTH_URL=oauth,
                                IPQPS="0")
        with open(log, "wb") as out:
            self.process = subprocess.Popen(names.command(need("node"), f"{modules}/@waline/vercel/vanilla.js", str(port)), stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=out, env=env, start_new_session=True)
        wait_until("Waline to answer", self.answers)

    def answers(self):
        if self.process.poll() is not None:
            with open(self.log, encoding="utf-8") as f:
                pytest.fail("Waline ended: " + f.read()[-3000:])
        try:
            return Browser(self.home).open("/api/comment?type=recent").status == 200
        except OSError:
            return False

    def comment(self, comment):
        """Post a comment; return its status."""
        body = {"nick": comment["author"], "mail": comment["email"], "link": comment.get("url", ""), "comment": comment["content"], "url": "/bread",
                "ua": "Mozilla/5.0 Example"}
        page = Browser(self.home, User_Agent="Mozilla/5.0 Example").open("/api/comment", data=json.dumps(body).encode(), kind="application/json")
        answer = json.loads(page)
        assert answer["errno"] == 0, page
        return answer["data"]["status"]

    def stop(self):
        os.killpg(self.process.pid, 15)
        self.process.wait()


def test_waline(shared_daemon, modules, database, oauth, front, tmp_path):
    key = shared_daemon.add_site("waline")
    names = Names(["rest.akismet.com", f"{key}.rest.akismet.com"], front.address)
    waline = Waline(modules, database, oauth, key, names, tmp_path / "log")
    try:
        go_through(shared_daemon, waline, database)
    finally:
        waline.stop()
        names.close()


def again(comment):
    """Waline refuses the same comment twice."""
    return {**comment, "content": comment["content"] + " :-)"}


def go_through(daemon, waline, database):
    assert waline.comment(HAM) == "approved"
    assert waline.comment(SPAM) == "spam"
    ham, spam = rows(daemon, "--site", "waline")
    assert (ham["verdict"], spam["verdict"]) == ("ham", "spam")
    assert ham["comment"]["author"] == HAM["author"] and ham["comment"]["permalink"] == "http://blog.example.com/bread"
    for row, comment, label, status in ((spam, SPAM, "ham", "approved"), (ham, HAM, "spam", "spam")):
        with Learning(daemon):
            hamlet("mark", label, row["id"], state=daemon.state)
        assert waline.comment(again(comment)) == status
    assert database.query("select status from wl_Comment order by id", "waline") == [("approved",), ("spam",), ("approved",), ("spam",)]
    for row in rows(daemon, "--site", "waline"):
        check_evidence(daemon, row)
