"""What the black-box tests stand on: a real hamletd in a state directory of its own, and raw HTTP to it.

Programs and data come from the environment: HAMLET and HAMLETD (absolute paths), HAMLET_CORPUS (the folder of the
shipped corpus), HAMLET_SHARED (the folder with protocol/ and data/; by default ../shared beside the repository).
HAMLET_QUICK=1 trains on a part of the corpus and samples the larger data sets, for slow builds.
"""
import functools
import itertools
import json
import math
import os
import re
import shutil
import socket
import sqlite3
import struct
import subprocess
import tempfile
import time
import urllib.parse

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
SHARED = os.environ.get("HAMLET_SHARED") or os.path.join(os.path.dirname(REPOSITORY), "shared")
CORPUS = os.environ.get("HAMLET_CORPUS") or os.path.join(REPOSITORY, "corpus", "data")
QUICK = os.environ.get("HAMLET_QUICK", "") not in ("", "0")

# The longest any awaited event may take.  Generous: a sanitizer build on a busy machine must pass; nothing waits it out.
DEADLINE = 60.0
LEARNING = 30.0  # a correction takes half a second of processor time; the rest is for machines with other work
STARTING = 240.0
SANITIZER = re.compile(
    r"AddressSanitizer|LeakSanitizer|ThreadSanitizer|MemorySanitizer|UndefinedBehaviorSanitizer|runtime error:")
NUMBERS = itertools.count()
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

SPAM = {
    "author": "cheap pills online",
    "email": "sales4471@pharma-deals.example",
    "url": "http://cheap-viagra-pills-24.example/buy-viagra-online",
    "content": "Buy cheap viagra online without prescription! Best casino bonus, payday loans, 80% discount. "
    '<a href="http://cheap-viagra-pills-24.example/buy">buy viagra</a> <a href="http://casino-bonus-777.example/">casino '
    "bonus</a> CLICK HERE NOW http://cheap-pills.example/order",
}
HAM = {
    "author": "Tom Berger",
    "email": "tom.berger@mail.example",
    "content": "Thanks, this helped me a lot. I had the same issue with my router last week, and the firmware update fixed it.",
}
# The real reader's comment of the README.
READER = (
    "Great to get the conversation started! Twitter is about sharing information, but it can also be a strategic tool as "
    "well (as you well know). I'm a proponent of using Twitter to help in finding a job.")


def program(variable):
    """The absolute path of a program under test."""
    path = os.environ.get(variable)
    if not path:
        pytest.exit(f"{variable} is not set: it names the program to test", 2)
    if not os.access(path, os.X_OK):
        pytest.exit(f"{variable}={path}: no such program", 2)
    return path


def shared(*parts):
    """A path in the shared folder; the test is skipped where there is none."""
    path = os.path.join(SHARED, *parts)
    if not os.path.exists(path):
        pytest.skip(f"{path}: not there (HAMLET_SHARED names the folder)")
    return path


def wait_until(what, condition, deadline=DEADLINE, every=0.02):
    """Return the first true value of condition(); fail, naming what was awaited, when the deadline has passed."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            pytest.fail(f"waited {deadline:.0f} s in vain for {what}")
        time.sleep(every)


def logit(p):
    return math.log(p) - math.log1p(-p)


def ulid_of(guid):
    """The verdict id that an X-akismet-guid stands for: the same 128 bits."""
    n = int(guid, 16)
    return "".join(CROCKFORD[n >> shift & 31] for shift in range(125, -1, -5))


def form(fields):
    """A urlencoded body; pairs or a dict, text or bytes."""
    return urllib.parse.urlencode(list(fields.items()) if isinstance(fields, dict) else fields).encode()


# -- HTTP over a raw socket ------------------------------------------------------------------------------------------


class Closed(Exception):
    """The peer closed (or reset) the connection before a whole reply had come."""


class Reply:
    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.head, self.body = head, body
        self.version, status, self.reason = (lines[0] + "  ").split(" ", 2)
        self.status = int(status)
        self.headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers.setdefault(name.strip().lower(), value.strip())

    def json(self):
        return json.loads(self.body.decode("utf-8"))

    def error(self):
        """The code of a native error reply."""
        return self.json()["error"]["code"]

    def __repr__(self):
        return f"<{self.status} {self.body[:200]!r}>"


class Connection:
    """A client's end of one connection."""

    def __init__(self, sock, timeout=DEADLINE):
        self.sock, self.buffer = sock, b""
        sock.settimeout(timeout)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data)

    def send_anyway(self, data):
        """Send as much as the peer takes; return whether it took all."""
        try:
            self.sock.sendall(data)
            return True
        except OSError:
            return False

    def more(self):
        """Read once; False at the end."""
        try:
            data = self.sock.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            return False
        self.buffer += data
        return bool(data)

    def take(self, n):
        while len(self.buffer) < n:
            if not self.more():
                raise Closed(f"closed after {len(self.buffer)} of {n} bytes")
        data, self.buffer = self.buffer[:n], self.buffer[n:]
        return data

    def head(self):
        while b"\r\n\r\n" not in self.buffer:
            if not self.more():
                raise Closed(f"closed after {self.buffer!r}")
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        return head

    def reply(self, head_only=False):
        """Read one reply; interim ones (100) are passed over."""
        while True:
            reply = Reply(self.head(), b"")
            if reply.status != 100:
                break
        assert "transfer-encoding" not in reply.headers, "replies are never chunked"
        if "content-length" in reply.headers:
            if not head_only:
                reply.body = self.take(int(reply.headers["content-length"]))
        elif reply.status not in (204, 304):
            reply.body = self.rest()
        return reply

    def rest(self):
        """All bytes until the peer closes."""
        while self.more():
            pass
        data, self.buffer = self.buffer, b""
        return data

    def at_end(self):
        """Whether the peer has closed and nothing is left to read; waits for it."""
        return self.rest() == b""


def request_bytes(method, path, body=None, headers=(), version="1.1", host="localhost"):
    lines = [f"{method} {path} HTTP/{version}"]
    names = {name.lower() for name, _ in headers}
    if host is not None and "host" not in names:
        lines.append(f"Host: {host}")
    lines += [f"{name}: {value}" for name, value in headers]
    if body is not None and not names & {"content-length", "transfer-encoding"}:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (body or b"")


# -- The programs ----------------------------------------------------------------------------------------------------


def run(variable, args, check, env, timeout, **kwargs):
    """Run a program to its end; a sanitizer's report fails the test, and so does another exit code than CHECK (None: any)."""
    kwargs.setdefault("stdin", subprocess.DEVNULL if "input" not in kwargs else None)
    done = subprocess.run([program(variable), *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=timeout, env={**os.environ, "HAMLET_CORPUS": CORPUS, **(env or {})}, **kwargs)
    assert not SANITIZER.search(done.stderr), done.stderr
    assert check is None or done.returncode == check, f"{args}: exit {done.returncode}: {done.stderr}"
    return done


def hamlet(*args, state=None, check=0, env=None, timeout=STARTING, **kwargs):
    """Run the admin tool."""
    args = args if state is None else (*args, "--state", state)
    return run("HAMLET", args, check, env, timeout, **kwargs)


def hamletd(*args, check=None, env=None):
    """Run a daemon that is expected to end by itself."""
    return run("HAMLETD", args, check, env, STARTING)


def new_folder():
    """A folder whose name is short enough for the sockets in it; the caller removes it."""
    return tempfile.mkdtemp(prefix="hamlet-", dir="/tmp")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def write_config(path, **keys):
    """Write a configuration file."""
    words = {True: "on", False: "off"}
    with open(path, "w", encoding="utf-8") as f:
        for key, value in keys.items():
            if isinstance(value, (list, tuple)):
                value = "{ " + ", ".join(f'"{item}"' for item in value) + " }"
            elif isinstance(value, str):
                value = f'"{value}"'
            f.write(f"{key} = {words[value] if isinstance(value, bool) else value}\n")
    return path


class Daemon:
    """A hamletd on the state directory STATE.  CONFIG: keys for a configuration file of its own.  UNDER: the command that runs it."""

    def __init__(self, state, config=None, tcp=True, args=(), user=None, env=None, under=()):
        self.state, self.tcp, self.user = state, tcp, user
        self.under, self.args, self.env = list(under), list(args), {**os.environ, "HAMLET_CORPUS": CORPUS, **(env or {})}
        self.process = self.log = self.port = None
        self.log_path = os.path.join(session_folder(), f"log-{next(NUMBERS)}")
        self.config_path = os.path.join(state, "hamlet.conf")
        if config is not None:
            write_config(self.config_path, **config)

    # -- Life

    def spawn(self):
        """Start the process without waiting for it."""
        command = [*self.under, program("HAMLETD"), "--state", self.state, *self.args]
        if self.tcp:
            self.port = free_port()
            command += ["--listen", f"127.0.0.1:{self.port}"]
        user = {} if self.user is None else {"user": self.user, "group": self.user, "extra_groups": []}
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env, **user)

    def is_ready(self):
        if self.process.poll() is not None:
            pytest.fail(f"hamletd ended with {self.process.returncode}:\n{self.log_text()}")
        try:
            return self.request("GET", "/readyz").status == 200
        except (OSError, Closed):
            return False

    def start(self, deadline=STARTING):
        self.spawn()
        wait_until("hamletd to be ready", self.is_ready, deadline)
        return self

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        """SIGTERM; the daemon must end with 0 and leave no sanitizer's report."""
        if self.process is None:
            return
        if self.process.poll() is not None:
            pytest.fail(f"hamletd had ended by itself, with {self.process.returncode}:\n{self.log_text()[-4000:]}")
        self.process.terminate()
        self.end(0)

    def end(self, code, deadline=DEADLINE):
        """Wait for the process to end with CODE."""
        process, self.process = self.process, None
        try:
            process.wait(deadline)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            pytest.fail(f"hamletd doesn't end:\n{self.log_text()[-4000:]}")
        text = self.log_text()
        assert not SANITIZER.search(text), text[-8000:]
        assert process.returncode == code, f"exit code {process.returncode}:\n{text[-4000:]}"

    def kill(self):
        """kill -9"""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def log_text(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    # -- Talking to it

    def connect(self, where="unix", timeout=DEADLINE):
        """WHERE: unix, admin, tcp, or the number of another port."""
        if where == "tcp" or isinstance(where, int):
            port = self.port if where == "tcp" else where
            return Connection(socket.create_connection(("127.0.0.1", port), timeout), timeout)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # blocking, for else a full queue of those who wait for a place is an error at once
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", math.ceil(timeout), 0))
            sock.connect(os.path.join(self.state, {"unix": "hamlet.sock", "admin": "admin.sock"}[where]))
        except OSError:
            sock.close()
            raise
        return Connection(sock, timeout)

    def request(self, method, path, body=None, headers=(), where="unix", host="localhost", version="1.1"):
        """One request on a connection of its own."""
        headers = list(headers)
        if "connection" not in {name.lower() for name, _ in headers}:
            headers.append(("Connection", "close"))
        with self.connect(where) as c:
            c.send(request_bytes(method, path, body, headers, version, host))
            return c.reply(head_only=method == "HEAD")

    def raw(self, data, where="unix"):
        with self.connect(where) as c:
            c.send(data)
            return c.reply()

    def native(self, path, value=None, key=None, where="unix", method=None, headers=()):
        """A native call: VALUE is sent as JSON."""
        body = None if value is None else json.dumps(value).encode()
        headers = list(headers)
        if body is not None:
            headers.append(("Content-Type", "application/json"))
        if key is not None:
            headers.append(("Authorization", f"Bearer {key}"))
        return self.request(method or ("GET" if value is None else "POST"), path, body, headers, where)

    def check(self, comment, evidence=None, **kwargs):
        """The verdict object of one comment; a text stands for a comment with that content."""
        comment = {"content": comment} if isinstance(comment, str) else comment
        reply = self.native("/v1/check" + (f"?evidence={evidence}" if evidence else ""), comment, **kwargs)
        assert reply.status == 200, reply
        return reply.json()

    def akismet(self, name, fields, key=None, where="unix", headers=(), host="rest.akismet.com", version="1.1"):
        """An Akismet call with the key in the form."""
        fields = list(fields.items()) if isinstance(fields, dict) else list(fields)
        if key is not None:
            fields.append(("api_key", key))
        headers = [("Content-Type", "application/x-www-form-urlencoded"), *headers]
        return self.request("POST", f"/1.1/{name}", form(fields), headers, where, host, version)

    # -- What it recorded

    def db(self, **kwargs):
        return sqlite3.connect(os.path.join(self.state, "hamlet.db"), timeout=DEADLINE, isolation_level=None, **kwargs)

    def query(self, sql, *values):
        db = self.db()
        try:
            return db.execute(sql, values).fetchall()
        finally:
            db.close()

    def count(self):
        """How many verdicts are on record."""
        return self.query("SELECT count(*) FROM verdict")[0][0]

    def add_site(self, name):
        """Add a site; return its key once the daemon knows it."""
        key = json.loads(hamlet("sites", "add", name, "--json", state=self.state).stdout)["key"]
        if self.alive():
            wait_until(f"the daemon to know site {name}", lambda: self.akismet(
                "verify-key", {"key": key, "blog": "http://blog.example.com/"}).body == b"valid")
        return key


# -- State directories -----------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=None)
def session_folder():
    folder = new_folder()
    return folder


def remove_session_folder():
    if session_folder.cache_info().currsize:
        shutil.rmtree(session_folder(), ignore_errors=True)


def corpus_files():
    files = sorted(os.path.join(CORPUS, n) for n in os.listdir(CORPUS) if n.endswith(".jsonl")) if os.path.isdir(CORPUS) else []
    if not files:
        pytest.exit(f"{CORPUS}: no corpus there (HAMLET_CORPUS names its folder)", 2)
    return files


@functools.lru_cache(maxsize=None)
def part_of_corpus(step):
    """A folder with a corpus of every STEPth row of the shipped one."""
    folder = os.path.join(session_folder(), f"corpus-{step}")
    os.mkdir(folder)
    with open(os.path.join(folder, "part.jsonl"), "wb") as out:
        for name in corpus_files():
            with open(name, "rb") as f:
                out.writelines(f.read().splitlines(keepends=True)[::step])
    return folder


@functools.lru_cache(maxsize=None)
def trained(step=None):
    """A state directory with a model, made once a session and only to be copied.  STEP: of that part of the corpus."""
    if step is None:
        step = 3 if QUICK else 1
    folder = os.path.join(session_folder(), f"trained-{step}")
    hamlet("init", state=folder, env={"HAMLET_CORPUS": CORPUS if step == 1 else part_of_corpus(step)})
    return folder


def copy_state(source=None):
    """A fresh copy of a trained state directory, in a folder of its own that the caller removes."""
    folder = new_folder()
    state = os.path.join(folder, "s")
    shutil.copytree(source or trained(), state, symlinks=True)
    return state


def remove_state(state):
    shutil.rmtree(os.path.dirname(state), ignore_errors=True)
