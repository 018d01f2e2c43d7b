"""Crowds of idle, slow and rude clients; for the tests of faults, and for the benchmark to measure what they do to the others."""
import json
import socket
import threading


def request(comments, target="/v1/check"):
    """The bytes of a native check of COMMENTS, one or a list."""
    body = json.dumps({"comments": comments} if isinstance(comments, list) else comments).encode()
    return (f"POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def sent(sock, data):
    """Send as much as the peer takes; whether it took all."""
    try:
        sock.sendall(data)
        return True
    except OSError:
        return False


def endless_head(sock):
    sent(sock, b"POST /v1/check HTTP/1.1\r\n")
    while sent(sock, b"X-More: " + b"m" * 1000 + b"\r\n"):
        pass


def half_a_body(sock):
    data = request({"content": "half of this never comes " * 10})
    sent(sock, data[:len(data) // 2])


def never_reads(sock):
    data = request([{"content": f"number {i}"} for i in range(100)], "/v1/check?evidence=all")
    sock.settimeout(0.2)
    while sent(sock, data):
        pass


RUDE = (endless_head, half_a_body, never_reads)


class Crowd:
    """N clients on sockets that connect(i) opens, until the end of a `with`: idle, or each with behave(socket) in a thread of its own."""

    def __init__(self, connect, n, behave=None):
        self.socks, self.ended = [], threading.Event()
        for i in range(n):
            self.socks.append(connect(i))
        self.threads = [threading.Thread(target=behave, args=(s,)) for s in self.socks if behave]

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *exc):
        self.ended.set()
        for s in self.socks:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for t in self.threads:
            t.join()
        for s in self.socks:
            s.close()


class Slow(Crowd):
    """N clients who each send the next byte of a request, once a second."""

    def __init__(self, connect, n):
        super().__init__(connect, n)
        self.threads = [threading.Thread(target=self.drip)]

    def drip(self):
        for byte in request({"content": "so slow"})[:-1]:
            for s in self.socks:
                sent(s, bytes([byte]))
            if self.ended.wait(1):
                return
