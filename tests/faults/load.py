"""A load of checks for the tests of faults: threads that ask on one connection each, and note what they got."""
import json
import threading

from harness import Closed, request_bytes


def check_request(text, author="client"):
    body = json.dumps({"author": author, "content": text}).encode()
    return request_bytes("POST", "/v1/check?evidence=none", body, [("Content-Type", "application/json")])


class Load:
    """THREADS clients that ask until stop() or the daemon's end."""

    def __init__(self, daemon, threads=8, where="unix"):
        self.ids, self.odd, self.closed = [], [], 0
        self.ended, self.where = threading.Event(), where
        self.threads = [threading.Thread(target=self.ask, args=(daemon, i)) for i in range(threads)]
        for t in self.threads:
            t.start()

    def ask(self, daemon, i):
        n = 0
        try:
            with daemon.connect(self.where) as c:
                while not self.ended.is_set():
                    n += 1
                    c.send(check_request(f"comment {i} {n} about the weather in spring", f"client {i}"))
                    reply = c.reply()
                    if reply.status == 200:
                        self.ids.append(reply.json()["id"])
                    else:
                        self.odd.append(reply)
        except (OSError, Closed):
            self.closed += 1

    def stop(self):
        self.ended.set()
        for t in self.threads:
            t.join()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stop()


def lost(daemon, ids):
    """Which of IDS aren't on record."""
    recorded = {row[0] for row in daemon.query("SELECT id FROM verdict")}
    return set(ids) - recorded
