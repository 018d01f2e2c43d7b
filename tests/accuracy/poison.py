"""One site's visitors report spam as ham, 200 times.  What does it do to other sites, and can the owner mend it?

A real daemon on a state directory of its own, with two sites.  Both check the same comments before and after; the corrections go
through the service like any other.
"""
import dataclasses
import http.client
import json
import os
import random
import socket
import subprocess
import time
import typing

from judge import Failed, program
from rows import Missing, folds, pooled_halves, spam_of

CORRECTIONS = 200
WAITING = 60
QUIET = 4  # seconds; the daemon learns every second


@dataclasses.dataclass
class Step:
    """One line of the result."""

    title: str
    rows: int
    figure: str
    note: str = ""
    goal: str = ""
    met: typing.Optional[bool] = None  # None: for the record


def ended(number, _frame):
    raise Failed(f"ended by signal {number}")


class Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=WAITING)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(WAITING)
        self.sock.connect(self.path)


class Service:
    """A daemon, and what its sites ask of it."""

    def __init__(self, hamlet, state):
        self.hamlet, self.state = hamlet, state
        self.keys = {name: json.loads(self.tool("sites", "add", name, "--json"))["key"] for name in ("one", "two")}
        with open(os.path.join(state, "log"), "wb") as log:
            command = [program("HAMLETD"), "--state", state]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.wait("the daemon to be ready", self.ready)

    def tool(self, *args):
        return self.hamlet.run(*args, "--state", self.state)

    def wait(self, what, condition):
        end = time.monotonic() + WAITING
        while not condition():
            if time.monotonic() > end or self.process.poll() is not None:
                raise Failed(f"waited in vain for {what}")
            time.sleep(0.05)

    def ready(self):
        try:
            return self.ask("GET", "/readyz", None, None)[0] == 200
        except OSError:
            return False

    def ask(self, method, path, body, site):
        """(status, body) of one request."""
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {self.keys[site]}"} if site else {})}
        connection = Connection(os.path.join(self.state, "hamlet.sock"))
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            reply = connection.getresponse()
            return reply.status, reply.read()
        finally:
            connection.close()

    def post(self, path, body, site):
        status, text = self.ask("POST", path, body, site)
        if status != 200:
            raise Failed(f"{path}: {status} {text[:200]!r}")
        return json.loads(text)

    def check(self, comments, site):
        """Verdict objects; the label is not sent."""
        body = [{k: c[k] for k in ("author", "content") if k in c} for c in comments]
        return [v for i in range(0, len(body), 500)
                for v in self.post("/v1/check?evidence=none", {"comments": body[i:i + 500]}, site)["verdicts"]]

    def model(self):
        """The id of the model in use, and up to which correction it has learnt."""
        current = next(m for m in map(json.loads, self.tool("models", "list", "--json").splitlines()) if m["current"])
        return current["id"], current["position"]

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(WAITING)


def settled(service, comments):
    """Return once nothing has changed for QUIET seconds: neither the model nor what site one hears of these comments."""
    last, since = None, time.monotonic()
    end = since + WAITING
    while time.monotonic() < min(since + QUIET, end):
        now = service.model(), [v["probability"] for v in service.check(comments[:20], "one")]
        if now != last:
            last, since = now, time.monotonic()
        time.sleep(0.2)


def poisoned(service, comments):
    """Check each at site one, then report it as ham; return once that is learnt."""
    for v in service.check(comments, "one"):
        service.post("/v1/feedback", {"id": v["id"], "label": "ham"}, "one")
    settled(service, comments)


def changed(before, after):
    """Rows whose verdict changed, and the farthest that a probability moved."""
    return (sum(a["verdict"] != b["verdict"] for a, b in zip(before, after)),
            max(abs(a["probability"] - b["probability"]) for a, b in zip(before, after)))


def unchanged(title, before, after):
    """A step that wants nothing to have changed."""
    flips, moved = changed(before, after)
    return Step(title, len(before), f"{flips} changed", f"probability by up to {moved:.2g}", "0 changed", flips == 0)


def harm(before, after):
    """What it did to the site itself: for the record, nobody has promised it anything."""
    caught = [i for i, v in enumerate(before) if v["verdict"] == "spam"]
    still = sum(after[i]["verdict"] == "spam" for i in caught)
    return Step("  the site's own spam that was caught", len(caught), f"{100 * still / max(1, len(caught)):.1f} %")


def warned(service):
    """Whether the tool says a word of it."""
    text = "".join(service.tool(*verb) for verb in (("status",), ("models", "list"), ("sites", "list"))).lower()
    words = [w for w in ("warn", "suspicious", "poison", "unusual") if w in text]
    return Step("  the owner is warned", 1, "yes" if words else "no", "by status, models list or sites list", "yes", bool(words))


def restored(service, model, probes, before):
    """Going back to the model of before."""
    service.tool("models", "use", model)
    service.wait("the old model", lambda: service.check(probes[:1], "one")[0]["model"] == model)
    return unchanged("  the site's verdicts after models use OLD", before, service.check(probes, "one"))


def measure(service, comments, probes):
    before = {site: service.check(probes, site) for site in ("one", "two")}
    model, _ = service.model()
    poisoned(service, comments)
    after = {site: service.check(probes, site) for site in ("one", "two")}
    return [unchanged("  verdicts of the other site", before["two"], after["two"]), harm(before["one"], after["one"]),
            warned(service), restored(service, model, probes, before["one"])]


def run(hamlet, folder):
    """The steps, or why it was skipped: three folds to learn from, 200 spam of the other two to report, their rest as probes."""
    try:
        everything = list(folds(pooled_halves()))
    except Missing as e:
        return f"{e}: not there"
    held = everything[0][1] + everything[1][1]
    train = [row for part in everything[2:] for row in part[1]]
    comments = random.Random(1).sample(spam_of(held), CORRECTIONS)
    probes = [row for row in held if row not in comments]
    state, path = os.path.join(folder, "state"), hamlet.write(train)
    hamlet.run("init", "--state", state, "--corpus", path)
    service = Service(hamlet, state)
    try:
        return measure(service, comments, probes)
    finally:
        service.end()
