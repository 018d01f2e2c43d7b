#!/usr/bin/env python3
"""The benchmark: what a check costs, beside what the machine can do.  Run by `make bench`.

Absolute figures don't travel from one machine to another, so every row is a ratio: our daemon and its anchor take turns in the
same rounds, and the median of the rounds' ratios is what counts.  Prints a TSV and a table with the bar beside each ratio.

Programs come from the environment: HAMLET, HAMLETD, HAMLET_CORPUS (folder) and BENCH_TOOLS (the folder of the built anchors).
"""
import argparse
import glob
import json
import os
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "faults"))

import crowd
from machine import Machine, children_cpu, model_bytes, process_cpu, rss
from peers import Peers, installed

PADDED_TOKENS = 1_000_000
CLIENT = ("127.0.0.1", 0)
IDLE, SLOW, RUDE = 10_000, 1_000, 50  # how many there are of each crowd


class Failed(Exception):
    """The benchmark can't go on."""


def ended(number, _frame):
    """Being told to end is a failure too: what was started is to be taken down."""
    raise Failed(f"ended by signal {number}")


def program(variable):
    path = os.environ.get(variable, "")
    if not os.access(path, os.X_OK):
        raise Failed(f"{variable}={path}: no such program; run `make bench`")
    return path


def figures(text):
    """The numbers of a line of NAME=VALUE words."""
    return {name: float(value) for name, _, value in (word.partition("=") for word in text.split()) if value}


class Bench:
    """The servers, the clients and what they measured."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.seconds = 0.5 if options.quick else 1.2
        self.rounds = options.rounds or (3 if options.quick else 5)
        self.tools = os.environ.get("BENCH_TOOLS", "")
        self.hamlet, self.hamletd = program("HAMLET"), program("HAMLETD")
        self.forms = sorted(glob.glob(os.path.join(os.environ.get("HAMLET_CORPUS", ""), "*.jsonl")))
        if not self.forms:
            raise Failed("HAMLET_CORPUS: no *.jsonl there")
        self.prefix = ["chrt", "-r", "1"] if options.realtime else []
        self.state = os.path.join(folder, "state")
        self.processes, self.rows, self.rates = [], [], {}
        self.key = self.daemon = self.evhttp = self.evhttp_port = self.port = None

    # -- Programs

    def tool(self, name):
        return os.path.join(self.tools, name)

    def run(self, *args, realtime=True, codes=(0,), stdout=subprocess.PIPE, **kwargs):
        """Run a program to its end, which is one of CODES; its output, unless it goes to a file."""
        command = [*(self.prefix if realtime else []), *map(str, args)]
        done = subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=120, check=False, **kwargs)
        if done.returncode not in codes:
            raise Failed(f"{' '.join(command)[:200]}: exit {done.returncode}: {done.stderr.strip()[-500:]}")
        return done.stdout

    def spawn(self, *args, **kwargs):
        with open(os.path.join(self.folder, "servers.log"), "ab") as log:
            process = subprocess.Popen([*self.prefix, *map(str, args)], stdin=subprocess.DEVNULL, stderr=log,
                                       **{"stdout": log, **kwargs})
        self.processes.append(process)
        return process

    def end(self, process):
        """End a server that was started here."""
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.remove(process)

    def end_all(self):
        for process in list(self.processes):
            self.end(process)

    def socket_path(self, state=None):
        return os.path.join(state or self.state, "hamlet.sock")

    def first_answer(self, process, path, state_key):
        """Wait until a daemon answers a check on PATH; the time that it took, in milliseconds."""
        body = f"api_key={state_key}&blog=x&user_ip=192.0.2.1&comment_content=hello".encode()
        request = b"POST /1.1/comment-check HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n" \
            b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        begun = time.monotonic()
        while time.monotonic() < begun + 30:
            if process.poll() is not None:
                with open(os.path.join(self.folder, "servers.log"), encoding="utf-8", errors="replace") as log:
                    raise Failed(f"hamletd ended: {log.read()[-500:]}")
            with socket.socket(socket.AF_UNIX) as s:
                try:
                    s.connect(path)
                    s.settimeout(10)
                    s.sendall(request)
                    if b" 200 " in s.recv(4096):
                        return (time.monotonic() - begun) * 1000
                except (FileNotFoundError, ConnectionError):
                    pass
            time.sleep(0.0005)
        raise Failed("hamletd doesn't answer")

    def start_daemon(self, state=None, *args):
        begun = time.monotonic()
        process = self.spawn(self.hamletd, "--state", state or self.state, *args)
        self.first_answer(process, self.socket_path(state), self.key)
        return process, (time.monotonic() - begun) * 1000

    def set_up(self):
        """Make the state and start what stays up."""
        print("making a state directory with the shipped corpus ...", file=sys.stderr)
        self.run(self.hamlet, "init", "--state", self.state, realtime=False)
        self.key = json.loads(self.run(self.hamlet, "sites", "add", "bench", "--json", "--state", self.state))["key"]
        with socket.socket() as s:
            s.bind(CLIENT)
            self.port = s.getsockname()[1]
        self.daemon, _ = self.start_daemon(None, "--listen", f"127.0.0.1:{self.port}")
        self.evhttp = self.spawn(self.tool("anchor_http"), os.path.join(self.folder, "evhttp.sock"), stdout=subprocess.PIPE)
        self.evhttp_port = int(self.evhttp.stdout.readline())

    # -- Clients

    def load(self, where, connections=64, seconds=None, **options):
        """Load on "hamletd" or "evhttp" over "unix" or "tcp"; the figures, with `cpu_us` of the server a request."""
        server, transport = where.split("/")
        process = self.daemon if server == "hamletd" else self.evhttp
        if transport == "unix":
            to = ["--unix", self.socket_path() if server == "hamletd" else os.path.join(self.folder, "evhttp.sock")]
        else:
            to = ["--tcp", f"127.0.0.1:{self.port if server == 'hamletd' else self.evhttp_port}"]
        words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
        before = process_cpu(process.pid)
        text = self.run(self.tool("loadgen"), *to, "--key", self.key, "--connections", connections,
                        "--seconds", seconds or self.seconds, *words, *self.forms)
        lines = text.splitlines()
        found = figures(lines[-1])
        found["windows"] = [figures(line) for line in lines[:-1]]
        # warm-up included on both sides of the division
        answers = found["served"] * (1 + float(options.get("warm_up", 0.2)) / max(found["seconds"], 0.001))
        found["cpu_us"] = (process_cpu(process.pid) - before) * 1e6 / max(answers, 1)
        if found["yes"] + found["no"] != found["served"]:
            raise Failed(f"{where}: answers that are no verdicts: {lines[-1]}")
        return found

    def load_other(self, protocol, port, connections):
        """The same on another filter."""
        found = figures(self.run(self.tool("loadgen"), "--tcp", f"127.0.0.1:{port}", "--as", protocol, "--path", "/checkv2",
                                 "--connections", connections, "--seconds", self.seconds, *self.forms))
        found["served"] *= 1 + 0.2 / max(found["seconds"], 0.001)  # as in load(): the warm-up is in the processor time too
        return found

    def sqlite(self, batch):
        return figures(self.run(self.tool("anchor_sqlite"), "-b", batch, "-s", self.seconds,
                                os.path.join(self.folder, f"anchor-{batch}.db"), *self.forms))

    # -- Results

    def row(self, what, against, values, bar=None, least=True, unit="x", note=""):
        """Note one row: VALUES are the rounds' ratios (or figures); a BAR of None has no say."""
        values = [v for v in values if v is not None]
        if not values:
            self.rows.append((what, against, None, bar, least, unit, "skipped: " + note, []))
            return
        self.rows.append((what, against, statistics.median(values), bar, least, unit, note, values))

    # -- The measurements

    def throughput(self):
        """All that takes turns: each round once each, in this order."""
        rounds = []
        counts = (1, 64) if self.options.quick else (1, 8, 64, 256)
        for number in range(self.rounds):
            r = {"sqlite-1": self.sqlite(1), "sqlite-64": self.sqlite(64)}
            for connections in counts:
                for transport in ("unix", "tcp"):
                    if connections != 64 and transport != ("tcp" if connections == 8 else "unix"):
                        continue
                    for server in ("evhttp", "hamletd"):
                        r[f"{server}/{transport}/{connections}"] = self.load(f"{server}/{transport}", connections)
            rate = r["hamletd/unix/64"]["rps"] / 2
            r["half"] = self.load("hamletd/unix", 64, rate=rate, seconds=2 * self.seconds)
            rounds.append(r)
            print(f"round {number + 1} of {self.rounds}: hamletd {r['hamletd/tcp/64']['rps']:.0f}/s, "
                  f"evhttp {r['evhttp/tcp/64']['rps']:.0f}/s over TCP; SQLite {r['sqlite-1']['rows_per_s']:.0f} rows/s; "
                  f"load {os.getloadavg()[0]:.1f}", file=sys.stderr)
        self.report_throughput(rounds, counts)

    def report_throughput(self, rounds, counts):
        def ratio(a, b, of="rps", to="rps"):
            return [r[a][of] / r[b][to] for r in rounds]

        row = self.row
        row("checks/s, 64 connections, TCP", "bare evhttp", ratio("hamletd/tcp/64", "evhttp/tcp/64"), 0.70)
        row("checks/s, 64 connections, Unix", "bare evhttp", ratio("hamletd/unix/64", "evhttp/unix/64"), 0.70)
        row("checks/s, 64 connections", "SQLite FULL, 1 row", ratio("hamletd/unix/64", "sqlite-1", to="rows_per_s"), 7)
        row("checks/s, 1 connection", "SQLite FULL, 1 row", ratio("hamletd/unix/1", "sqlite-1", to="rows_per_s"), 0.75)
        row("CPU per check, 64 connections, TCP", "bare evhttp", ratio("hamletd/tcp/64", "evhttp/tcp/64", "cpu_us", "cpu_us"),
            2.5, least=False)
        row("CPU per check, 64 connections, Unix", "bare evhttp", ratio("hamletd/unix/64", "evhttp/unix/64", "cpu_us", "cpu_us"),
            None, least=False)
        row("p99 at half load, open loop", "median 64-row commit", ratio("half", "sqlite-64", "p99_us", "p50_us"), 12, least=False)
        row("p50 at half load, open loop", "median 64-row commit", ratio("half", "sqlite-64", "p50_us", "p50_us"), None, least=False)
        if 8 in counts:
            row("checks/s, 8 connections, TCP", "bare evhttp", ratio("hamletd/tcp/8", "evhttp/tcp/8"))
            row("checks/s, 256 connections, Unix", "bare evhttp", ratio("hamletd/unix/256", "evhttp/unix/256"))
        for name, unit in (("rps", "/s"), ("cpu_us", "us"), ("p50_us", "us"), ("p99_us", "us")):
            for server in ("evhttp", "hamletd"):
                row(f"{server}: {name}, 64 connections, TCP", "-", [r[f"{server}/tcp/64"][name] for r in rounds], unit=unit)
        row("SQLite FULL, 1 row", "-", [r["sqlite-1"]["rows_per_s"] for r in rounds], unit="/s")
        row("SQLite FULL, 64 rows: median commit", "-", [r["sqlite-64"]["p50_us"] for r in rounds], unit="us")
        row("hamletd: p99 at half load", "-", [r["half"]["p99_us"] for r in rounds], unit="us")
        self.rates = {"capacity": statistics.median(r["hamletd/unix/64"]["rps"] for r in rounds),
                      "half_p99": statistics.median(r["half"]["p99_us"] for r in rounds)}

    def overload(self):
        """Twice what it can do; then half of it again."""
        seconds = 3 if self.options.quick else 10
        best = self.load("hamletd/unix", 64, seconds=2)["rps"]
        before = rss(self.daemon.pid)
        over = self.load("hamletd/unix", 4000, rate=2 * best, seconds=seconds, warm_up=0.5)
        grown = rss(self.daemon.pid) - before
        after = self.load("hamletd/unix", 64, rate=best / 2, seconds=3, window=0.5, warm_up=0)
        usual = self.rates["half_p99"]
        calm = [w["window"] for w in after["windows"] if w["p99_us"] <= 2 * usual]
        self.row("overload: share served", "its own best rate", [over["rps"] / best], 0.9,
                 note=f"of {over['due']:.0f}: {over['refused']:.0f} refused, {over['unopened']:.0f} not even connected, "
                      f"{over['broken']:.0f} broken, {over['unsent'] + over['unfinished']:.0f} without an answer")
        self.row("overload: p99 of a refusal", "-", [over["refused_p99_us"] / 1000 if over["refused"] else None], unit="ms",
                 note="" if over["refused"] else "nothing was refused")
        self.row("overload: p99 of an answer", "-", [over["p99_us"] / 1000], unit="ms")
        self.row("overload: memory grown by", "-", [grown / 1e6], unit="MB")
        self.row("overload: p99 is normal again after", "twice the usual", [calm[0] if calm else 99], 2, least=False, unit="s")

    def crowds(self):
        """What idle, slow and rude clients cost the others."""
        idle, slow = (count // (10 if self.options.quick else 1) for count in (IDLE, SLOW))
        self.end(self.daemon)
        config = os.path.join(self.state, "hamlet.conf")
        with open(config, "w", encoding="utf-8") as f:
            f.write(f"max_connections = {idle + slow}\nidle_timeout = 3600\nrequest_timeout = 600\nwrite_timeout = 600\n")
        self.daemon, _ = self.start_daemon(None, "--listen", f"127.0.0.1:{self.port}")

        def connect(_):
            s = socket.socket(socket.AF_UNIX)
            s.connect(self.socket_path())
            return s

        def p99():  # mostly the disk's, and it wanders: so alone before and after, and five rounds at least
            return self.load("hamletd/unix", 16, rate=self.rates["capacity"] / 4, seconds=max(1, self.seconds))["p99_us"]

        kinds = {f"{idle} idle connections": lambda: crowd.Crowd(connect, idle),
                 f"{slow} clients, a byte a second": lambda: crowd.Slow(connect, slow)}
        for rude in crowd.RUDE:
            kinds[f"{RUDE} clients, {rude.__name__.replace('_', ' ')}"] = lambda rude=rude: crowd.Crowd(connect, RUDE, rude)
        for name, make in kinds.items():
            ratios = []
            for _ in range(max(5, self.rounds)):
                before = p99()
                with make():
                    beside = p99()
                ratios.append(beside / statistics.mean((before, p99())))
            self.row(f"p99 beside {name}", "p99 alone", ratios, 2, least=False)
        os.unlink(config)

    def memory(self):
        """Resident memory less the model, after so many checks on a fresh daemon."""
        count = 20_000 if self.options.quick else 100_000
        sizes, model = [], os.path.join(self.state, "models", "current")
        self.end(self.daemon)
        self.daemon, _ = self.start_daemon(None, "--listen", f"127.0.0.1:{self.port}")
        for _ in range(2):
            self.load("hamletd/unix", 64, seconds=60, requests=count, warm_up=0)
            sizes.append((rss(self.daemon.pid) - model_bytes(model)) / 1e6)
        self.row(f"RSS less model after {count:,} checks", "-", sizes[:1], 16, least=False, unit="MB")
        self.row(f"RSS less model, growth to {2 * count:,}", "-", [max(0, sizes[1] - sizes[0])], 0.5, least=False, unit="MB")

    def start_up(self):
        """Start to first answer with a large model, against reading as many rows."""
        padded = os.path.join(self.folder, "padded")
        self.end(self.daemon)  # a database that is written to can't be copied
        shutil.copytree(self.state, padded, symlinks=True, ignore=shutil.ignore_patterns("*.sock"))
        models = os.path.join(padded, "models")
        words = dict(w.split("=") for w in self.run(self.tool("pad_model"), os.path.join(models, "current"), models,
                                                    PADDED_TOKENS, realtime=False).split())
        os.unlink(os.path.join(models, "current"))
        os.symlink(words["id"] + ".model", os.path.join(models, "current"))
        tokens = int(words["tokens"])
        database = os.path.join(self.folder, "tokens.db")
        self.run(self.tool("anchor_sqlite"), "-m", tokens, database, realtime=False)
        ours, reads = [], []
        for _ in range(self.rounds):
            process, ms = self.start_daemon(padded)
            self.end(process)
            ours.append(ms)
            reads.append(figures(self.run(self.tool("anchor_sqlite"), "-r", database))["ms"])
        self.row(f"start to first answer, {tokens:,} tokens", "reading rows from SQLite", [a / b for a, b in zip(ours, reads)], 0.15,
                 least=False, note=f"{statistics.median(ours):.1f} ms against {statistics.median(reads):.1f} ms")
        self.row("model, bytes a token looked up", "-", [int(words["table_bytes"]) / tokens], 28, least=False, unit="B")
        self.row("model, bytes a token of the file, names too", "-", [int(words["bytes"]) / tokens], unit="B")
        shutil.rmtree(padded)
        self.daemon, _ = self.start_daemon(None, "--listen", f"127.0.0.1:{self.port}")

    def score(self, peers):
        """Judging a file, without a daemon; and learning from one."""
        path, copies = os.path.join(self.folder, "score.jsonl"), 2 if self.options.quick else 5
        with open(path, "w", encoding="utf-8") as out:
            for _ in range(copies):
                for name in self.forms:
                    with open(name, encoding="utf-8") as f:
                        shutil.copyfileobj(f, out)
        count = len(peers.rows) * copies
        ours, theirs, bogofilter = [], [], installed("bogofilter")
        if bogofilter:
            peers.bogofilter_train("bogofilter-0")
        for _ in range(self.rounds):
            begun = time.monotonic()
            with open(os.path.join(self.folder, "verdicts"), "w", encoding="utf-8") as out:  # whoever read a pipe would need a core
                self.run(self.hamlet, "score", "--state", self.state, path, stdout=out)
            ours.append(count / (time.monotonic() - begun))
            theirs += [peers.bogofilter_score(copies)] if bogofilter else []
        self.row("classify only, from a file", "bogofilter, bulk", [a / b for a, b in zip(ours, theirs)], 2,
                 note=f"theirs: {statistics.median(theirs):.0f}/s" if bogofilter else "bogofilter is not installed")
        self.row("hamlet score", "-", ours, unit="/s")
        self.train(peers, bogofilter)

    def new_rows(self):
        """The path of a file of as many labelled rows as were trained on, none of which is known yet."""
        path = os.path.join(self.folder, "new.jsonl")
        with open(path, "w", encoding="utf-8") as out:
            for name in self.forms:
                with open(name, encoding="utf-8") as f:
                    for number, line in enumerate(f):
                        row = json.loads(line)
                        row["content"] = f"{row.get('content', '')} {os.path.basename(name)[:4]}{number}x"
                        out.write(json.dumps(row, ensure_ascii=False) + "\n")
        return path

    def train(self, peers, bogofilter):
        """A model from files: ours fits weights and measures itself on the way.  And a file learnt into a model there is, by counts
        alone, which is what bogofilter does; ours also keeps each row, chained, and counts some twenty times as many tokens."""
        ours, theirs, learnt = [], [], []
        rows = self.new_rows()
        for number in range(1 if self.options.quick else 3):
            begun = time.monotonic()
            self.run(self.hamlet, "init", "--state", os.path.join(self.folder, f"train-{number}"), realtime=False)
            ours.append(len(peers.rows) / (time.monotonic() - begun))
            begun = time.monotonic()
            self.run(self.hamlet, "import", "--state", os.path.join(self.folder, f"train-{number}"), rows)
            learnt.append(len(peers.rows) / (time.monotonic() - begun))
            if bogofilter:
                theirs.append(len(peers.rows) / peers.bogofilter_train(f"bogofilter-{number + 1}"))
        self.row("a file learnt by counts, durable at the end", "bogofilter, bulk", [a / b for a, b in zip(learnt, theirs)], 1,
                 note=f"theirs: {statistics.median(theirs):.0f}/s" if bogofilter else "bogofilter is not installed")
        self.row("hamlet import, each row recorded and learnt", "-", learnt, unit="/s")
        self.row("training from files, durable at the end", "bogofilter, bulk", [a / b for a, b in zip(ours, theirs)], 1,
                 note=f"theirs: {statistics.median(theirs):.0f}/s" if bogofilter else "bogofilter is not installed")
        self.row("hamlet init, cross-validation included", "-", ours, unit="/s")

    def run_all(self):
        begun = time.monotonic()
        peers = Peers(self)
        self.set_up()
        for step in (self.throughput, self.overload, self.crowds, self.memory, self.start_up, lambda: self.score(peers), peers.servers):
            if time.monotonic() - begun > self.options.limit:
                print("the time is up: the remaining rows are left out", file=sys.stderr)
                break
            step()
        self.end_all()


# -- Printing ----------------------------------------------------------------------------------------------------------


def outcome(value, bar, least):
    if value is None or bar is None:
        return ""
    return "met" if (value >= bar if least else value <= bar) else "MISSED"


def number(x):
    return "-" if x is None else f"{x:.3g}" if abs(x) < 1000 else f"{x:.0f}"


def print_tsv(rows, out):
    out.write("what\tagainst\tvalue\tunit\tbar\toutcome\tlowest\thighest\trounds\tnote\n")
    for what, against, value, bar, least, unit, note, values in rows:
        want = "" if bar is None else f"{'>=' if least else '<='}{bar:g}"
        spread = (number(min(values)), number(max(values))) if values else ("-", "-")
        out.write("\t".join([what, against, number(value), unit, want, outcome(value, bar, least), *spread, str(len(values)), note]) + "\n")


def print_table(rows):
    for what, against, value, bar, least, unit, note, values in rows:
        want = "" if bar is None else f"{'at least' if least else 'at most'} {bar:g}"
        spread = f"{number(min(values))}..{number(max(values))}" if len(values) > 1 else ""
        if value is None:
            print(f"{what:48} {against:26} {note}")
            continue
        print(f"{what:48} {against:26} {number(value):>8} {unit:3} {spread:16} {want:14} {outcome(value, bar, least):6} {note}".rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, help="rounds of all that takes turns (5; 3 with --quick)")
    parser.add_argument("--quick", action="store_true", help="a rough idea, in some three minutes")
    parser.add_argument("--realtime", action="store_true", help="all under chrt -r 1, so that other work waits (needs the right to)")
    parser.add_argument("--limit", type=float, default=None, help="seconds after which no further step is begun")
    parser.add_argument("--tsv", help="write the TSV to this file instead of standard output")
    parser.add_argument("--folder", default="/var/tmp", help="where to make the temporary folder: on a disk, not in memory")
    options = parser.parse_args()
    options.limit = options.limit or (150 if options.quick else 720)
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    signal.signal(signal.SIGTERM, ended)
    folder = tempfile.mkdtemp(prefix="hamlet-bench-", dir=options.folder)
    machine, bench, failed = Machine(), None, False
    try:
        bench = Bench(options, folder)
        bench.run_all()
    except Failed as e:
        print(f"bench: {e}", file=sys.stderr)
        failed = True  # what was measured before is told all the same
    finally:
        if bench is not None:
            bench.end_all()
        shutil.rmtree(folder, ignore_errors=True)
    if bench is None:
        return 1
    if options.tsv:
        with open(options.tsv, "w", encoding="utf-8") as f:
            print_tsv(bench.rows, f)
    else:
        print_tsv(bench.rows, sys.stdout)
    print()
    print_table(bench.rows)
    print(machine.report(children_cpu()))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
