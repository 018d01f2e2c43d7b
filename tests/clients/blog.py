"""WordPress of Debian's package, with its own database server and web server, set up from nothing."""
import http.cookiejar
import json
import os
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request

import pytest

from harness import DEADLINE, REPOSITORY, STARTING, free_port, wait_until
from lifecycle import need
from names import Names, plain_environment, unshare

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "wordpress")
PACKAGE = "/usr/share/wordpress"
PLUGIN = os.path.join(REPOSITORY, "contrib", "wordpress", "hamlet.php")
LINE_GOES_HERE = "// The line of the README goes here."
EXTENSIONS = {"curl", "mysqli", "mbstring", "xml"}


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=STARTING,
                          env=plain_environment())
    assert done.returncode == 0, f"{command[0]}: {done.stdout[-1000:]}{done.stderr[-3000:]}"
    return done.stdout


class Database:
    """A MariaDB server that is reached by its socket, and by TCP where PORT isn't 0."""

    def __init__(self, port=0):
        server, install, self.client = need("mariadbd", "mariadb-server-core"), need("mariadb-install-db", "mariadb-server-core"), need("mariadb")
        self.port, self.folder = port, tempfile.mkdtemp(prefix="hamlet-db-", dir="/tmp")
        self.socket, data, self.log = f"{self.folder}/sock", f"{self.folder}/data", f"{self.folder}/log"
        user = ["--user=root"] if os.geteuid() == 0 else []
        run(install, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db", *user)
        network = [f"--port={port}", "--bind-address=127.0.0.1"] if port else ["--skip-networking"]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [server, "--no-defaults", f"--datadir={data}", f"--socket={self.socket}", f"--pid-file={self.folder}/pid", *network, *user,
                 "--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until("the database to listen", self.listens)

    def listens(self):
        if self.process.poll() is not None:
            with open(self.log, encoding="utf-8", errors="replace") as f:
                pytest.fail("mariadbd ended: " + f.read()[-3000:])
        return subprocess.run([self.client, "--no-defaults", "-S", self.socket, "-u", "root", "-e", "select 1"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0

    def query(self, sql, database="wp"):
        """Rows of text; SQL names its columns."""
        out = run(self.client, "--no-defaults", "-S", self.socket, "-u", "root", "-N", "-B", "-e", sql, database)
        return [tuple(line.split("\t")) for line in out.splitlines()]

    def stop(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Page(str):
    """What came back: the text, and its status and address after redirections."""

    def __new__(cls, response):
        page = super().__new__(cls, response.read().decode("utf-8", "replace"))
        page.status, page.url = response.status, response.url
        return page

    def find(self, pattern):
        """The first group of PATTERN in the page, which must be there."""
        found = re.search(pattern, self, re.S)
        assert found, f"{pattern}: not in {self.url} ({self.status}): {self[:3000]}"
        return found.group(1).replace("&amp;", "&").replace("&#038;", "&")


class Browser:
    """Somebody's browser, with cookies.  HEADERS are sent with each request."""

    def __init__(self, home, **headers):
        self.home, self.headers = home, {name.replace("_", "-"): value for name, value in headers.items()}
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def open(self, path, fields=None, data=None, kind=None):
        url = path if path.startswith("http") else self.home + path
        body = urllib.parse.urlencode(fields).encode() if fields is not None else data
        request = urllib.request.Request(url, body, {**self.headers, **({"Content-Type": kind} if kind else {})})
        try:
            with self.opener.open(request, timeout=DEADLINE) as response:
                return Page(response)
        except urllib.error.HTTPError as e:
            with e:
                return Page(e)

    def login(self):
        """As the administrator."""
        self.open("/wp-login.php")
        page = self.open("/wp-login.php", {"log": "admin", "pwd": "pw", "testcookie": "1"})
        assert page.url.endswith("/wp-admin/") or "wp-admin" in page.url, page[:2000]
        return self


class WordPress:
    """A running site.  ADDRESS: where the host names of Akismet lead to, by a hosts file; None: nowhere in particular."""

    def __init__(self, daemon, address=None):
        self.php = need("php", "php-cli")
        if not os.path.isdir(f"{PACKAGE}/wp-content/plugins/akismet"):
            pytest.skip("wordpress isn't installed")
        if missing := EXTENSIONS - set(run(self.php, "-m").lower().split()):
            pytest.skip(f"PHP hasn't got {', '.join(sorted(missing))}")
        self.database = self.process = None
        self.folder = tempfile.mkdtemp(prefix="hamlet-wp-", dir="/tmp")
        self.site, self.home = f"{self.folder}/site", f"http://127.0.0.1:{free_port()}"
        self.names = Names(["rest.akismet.com"], address) if address and unshare() else None
        try:
            self.database = Database()
            self.make_site(daemon)
            self.database.query("create database wp", "mysql")
            run(self.php, f"{HERE}/cli.php", self.site, "install")
            self.serve()
        except BaseException:
            self.stop()
            raise

    def make_site(self, daemon):
        shutil.copytree(PACKAGE, self.site, ignore=shutil.ignore_patterns("wp-config.php", ".htaccess"))
        self.write_config(f"{daemon.state}/hamlet.sock")
        for name, plugins in (("mu-plugins", [PLUGIN, f"{HERE}/test.php"]), ("mu-plain", [f"{HERE}/test.php"])):
            os.mkdir(f"{self.site}/wp-content/{name}")
            for plugin in plugins:
                shutil.copy(plugin, f"{self.site}/wp-content/{name}")
        with open(f"{self.site}/settings.json", "w", encoding="utf-8") as f:
            json.dump({"database": self.database.socket, "home": self.home}, f)

    def write_config(self, socket):
        """wp-config.php, with the line of contrib/wordpress/README.md that says where the socket is."""
        with open(f"{HERE}/wp-config.php", encoding="utf-8") as f:
            config = f.read()
        with open(os.path.join(os.path.dirname(PLUGIN), "README.md"), encoding="utf-8") as f:
            line = re.search(r"^ +(define\('HAMLET_SOCKET', '([^']+)'\);)$", f.read(), re.M)
        assert LINE_GOES_HERE in config
        with open(f"{self.site}/wp-config.php", "w", encoding="utf-8") as f:
            f.write(config.replace(LINE_GOES_HERE, line.group(1).replace(line.group(2), socket)))

    def serve(self):
        command = [self.php, "-S", self.home[len("http://"):], "-t", self.site, f"{HERE}/router.php"]
        command = self.names.command(*command) if self.names else command
        with open(f"{self.folder}/log", "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                            env=plain_environment(PHP_CLI_SERVER_WORKERS="2"))
        wait_until("WordPress to answer", self.answers)

    def answers(self):
        assert self.process.poll() is None
        try:
            return self.browser().open("/wp-login.php").status == 200
        except OSError:
            return False

    def browser(self, **headers):
        return Browser(self.home, **headers)

    def eval(self, code, *options):
        """What PHP code, run within WordPress, returns.  OPTIONS go to PHP."""
        return json.loads(run(self.php, *options, f"{HERE}/cli.php", self.site, "eval", code))

    def stop(self):
        if self.process:
            os.killpg(self.process.pid, 15)
            self.process.wait()
        if self.database:
            self.database.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.names:
            self.names.close()
