"""The filters of the distribution, where they are installed: Bayes only, trained on the same comments as ours."""
import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import time

from machine import tree_cpu

STARTING = 90
LEARN_MAX = 3000  # comments that rspamd learns: one request each

RSPAMD = """
options {{
  filters = ""; check_all_filters = false;
  pidfile = "{0}/rspamd.pid"; tempdir = "{0}"; dbdir = "{0}"; hs_cache_dir = "{0}"; control_socket = "{0}/control.sock mode=0600";
  dns {{ nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }}
  url_tld = "{0}/tld";
}}
logging {{ type = "file"; filename = "{0}/rspamd.log"; level = "error"; }}
metric {{ name = "default"; actions {{ reject = 15; }}
  symbol {{ name = "BAYES_SPAM"; weight = 5.0; }} symbol {{ name = "BAYES_HAM"; weight = -3.0; }} }}
worker "normal" {{ bind_socket = "127.0.0.1:{1}"; count = 1; }}
worker "controller" {{ bind_socket = "127.0.0.1:{2}"; count = 1; secure_ip = "127.0.0.1"; }}
redis {{ servers = "127.0.0.1:{3}"; }}
classifier "bayes" {{
  tokenizer {{ name = "osb"; }} backend = "redis"; servers = "127.0.0.1:{3}"; new_schema = true; min_tokens = 1; min_learns = 10;
  statfile {{ symbol = "BAYES_HAM"; spam = false; }} statfile {{ symbol = "BAYES_SPAM"; spam = true; }}
}}
lua = "{0}/none.lua";
"""

SPAMASSASSIN = """
loadplugin Mail::SpamAssassin::Plugin::Check
loadplugin Mail::SpamAssassin::Plugin::Bayes
use_bayes 1
bayes_path {0}/bayes
bayes_file_mode 0777
bayes_auto_learn 0
bayes_min_spam_num 10
bayes_min_ham_num 10
body BAYES_99 eval:check_bayes('0.99', '1.00')
tflags BAYES_99 learn
score BAYES_99 6
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def one_line(text):
    return " ".join(text.split())


def mail(row):
    """A comment as a mail."""
    return (f"From: <c@mail.example>\nSubject: {one_line(row.get('author', ''))}\nMIME-Version: 1.0\n"
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
            f"{row.get('url', '')}\n{row['content']}\n").encode()


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)
    return path


def installed(*programs):
    return all(shutil.which(p, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") for p in programs)


def full_path(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


class Peers:
    def __init__(self, bench):
        self.bench, self.folder = bench, os.path.join(bench.folder, "peers")
        os.mkdir(self.folder)
        self.rows = []
        for name in bench.forms:
            with open(name, encoding="utf-8") as f:
                self.rows += [json.loads(line) for line in f]
        self.mails = [(row["label"], mail(row)) for row in self.rows]

    def mbox(self, label=None, copies=1):
        """The path of a mailbox of the comments with LABEL (None: all)."""
        path = os.path.join(self.folder, f"{label or 'all'}-{copies}.mbox")
        if not os.path.exists(path):
            one = b"".join(b"From c@mail.example Mon Jan  1 00:00:00 2024\n" + m.replace(b"\nFrom ", b"\n>From ") + b"\n"
                           for of, m in self.mails if label in (None, of))
            write(path, one * copies)
        return path

    # -- bogofilter

    def bogofilter_train(self, name):
        """Seconds to train on all comments, durable at the end."""
        folder = os.path.join(self.folder, name)
        os.mkdir(folder)
        boxes = self.mbox("spam"), self.mbox("ham")
        begun = time.monotonic()
        for option, box in zip(("-s", "-n"), boxes):
            self.bench.run("bogofilter", "-C", "-d", folder, option, "-M", "-I", box)
        return time.monotonic() - begun

    def bogofilter_score(self, copies):
        """Comments a second, the faster of its two bulk modes: a mailbox, or a file each."""
        folder, box = os.path.join(self.folder, "bogofilter-0"), self.mbox(None, copies)
        files = os.path.join(self.folder, "messages")
        if not os.path.exists(files):
            os.mkdir(files)
            for i, (_, m) in enumerate(self.mails):
                write(os.path.join(files, f"{i:05}"), m)
        names = "".join(os.path.join(files, f"{i:05}\n") for i in range(len(self.mails))) * copies
        rates = []
        for args, text in ((("-M", "-I", box), None), (("-b",), names)):
            begun = time.monotonic()
            with open(os.path.join(self.folder, "verdicts"), "w+", encoding="utf-8") as out:
                self.bench.run("bogofilter", "-C", "-d", folder, "-T", *args, codes=(0, 1, 2), input=text, stdout=out)
                took = time.monotonic() - begun
                out.seek(0)
                rates.append(sum(1 for _ in out) / took)
        return max(rates)

    # -- Servers

    def wait_for(self, port, process):
        end = time.monotonic() + STARTING
        while time.monotonic() < end and process.poll() is None:
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    return True
            time.sleep(0.05)
        return False

    def learn_rspamd(self, port):
        c, step = http.client.HTTPConnection("127.0.0.1", port, timeout=30), len(self.mails) // LEARN_MAX + 1
        for label, m in self.mails[::step]:
            c.request("POST", f"/learn{label}", m)
            c.getresponse().read()

    def start_rspamd(self):
        """Start it and redis; the processes and the port, or the reason why not."""
        if not installed("rspamd", "redis-server"):
            return None, "rspamd is not installed"
        folder = os.path.join(self.folder, "rspamd")
        os.mkdir(folder)
        ports = [free_port() for _ in range(3)]
        write(os.path.join(folder, "rspamd.conf"), RSPAMD.format(folder, *ports).encode())
        write(os.path.join(folder, "none.lua"), b"\n")
        write(os.path.join(folder, "tld"), b"com\nnet\norg\nexample\n")
        redis = self.bench.spawn("redis-server", "--port", ports[2], "--bind", "127.0.0.1", "--dir", folder, "--save", "")
        if not self.wait_for(ports[2], redis):
            return None, "redis-server doesn't start"
        user = ["-i"] if os.geteuid() == 0 else []
        rspamd = self.bench.spawn(full_path("rspamd"), "-f", *user, "-c", os.path.join(folder, "rspamd.conf"))
        if not (self.wait_for(ports[0], rspamd) and self.wait_for(ports[1], rspamd)):
            return None, "rspamd doesn't start"
        self.learn_rspamd(ports[1])
        return ([redis, rspamd], ports[0]), ""

    def start_spamd(self):
        if not installed("spamd", "sa-learn"):
            return None, "spamd is not installed"
        folder = os.path.join(self.folder, "spamd")
        for name in ("", "rules", "site"):
            os.mkdir(os.path.join(folder, name))
        for path in (self.bench.folder, self.folder, folder):
            os.chmod(path, 0o777)  # as root it would rather be nobody
        write(os.path.join(folder, "rules", "bayes.cf"), SPAMASSASSIN.format(folder).encode())
        where = ["-C", os.path.join(folder, "rules"), "--siteconfigpath", os.path.join(folder, "site")]
        for label in ("spam", "ham"):
            self.bench.run("sa-learn", *where, "--prefspath=/dev/null", "--no-sync", "--mbox", f"--{label}", self.mbox(label))
        self.bench.run("sa-learn", *where, "--prefspath=/dev/null", "--sync")
        for name in os.listdir(folder):
            if name.startswith("bayes_"):
                os.chmod(os.path.join(folder, name), 0o666)
        port = free_port()
        spamd = self.bench.spawn(full_path("spamd"), *where, "-x", "-L", "-i", "127.0.0.1", "-p", port, "-m", "1",
                                 "--min-children=1", "--max-conn-per-child=1000000", "-s", os.path.join(folder, "log"))
        return (([spamd], port), "") if self.wait_for(port, spamd) else (None, "spamd doesn't start")

    def measure(self, protocol, processes, port, counts):
        """The rounds of a peer and of ours in turn."""
        rounds = []
        for _ in range(self.bench.rounds):
            r = {}
            for n in counts:
                before = sum(tree_cpu(p.pid) for p in processes)
                theirs = self.bench.load_other(protocol, port, n)
                theirs["cpu_us"] = (sum(tree_cpu(p.pid) for p in processes) - before) * 1e6 / max(theirs["served"], 1)
                r[n] = (self.bench.load("hamletd/tcp", n), theirs)
            rounds.append(r)
        return rounds

    def compare(self, name, start, protocol, bars):
        """Rows against one peer; BARS: connections -> the least ratio of rates."""
        cpu = (f"CPU per check, {max(bars)} connections", name, 0.1)
        if self.bench.options.quick:
            found, why = None, "left out by --quick"
        else:
            found, why = start()
        if found is None:
            for n, bar in bars.items():
                self.bench.row(f"checks/s, {n} connections", name, [], bar, note=why)
            self.bench.row(*cpu[:2], [], cpu[2], least=False, note=why)
            return
        rounds = self.measure(protocol, *found, tuple(bars))
        for n, bar in bars.items():
            note = f"theirs: {statistics.median(r[n][1]['rps'] for r in rounds):.0f}/s"
            self.bench.row(f"checks/s, {n} connections", name, [r[n][0]["rps"] / r[n][1]["rps"] for r in rounds], bar, note=note)
        n = max(bars)
        self.bench.row(*cpu[:2], [r[n][0]["cpu_us"] / r[n][1]["cpu_us"] for r in rounds], cpu[2], least=False,
                       note=f"theirs: {statistics.median(r[n][1]['cpu_us'] for r in rounds):.0f} us")
        for process in found[0]:
            self.bench.end(process)

    def servers(self):
        self.compare("rspamd, 1 worker", self.start_rspamd, "rspamd", {8: 5, 64: 11})
        self.compare("spamd, 1 child", self.start_spamd, "spamc", {8: 40})
