"""Crowds of idle, slow and rude clients: service for the others goes on.  What it costs them is measured by `make bench`."""
import os
import resource
import select
import subprocess
import sys
import time

import pytest

import crowd
from harness import HAM, QUICK, hamlet, request_bytes, wait_until
from load import Load, check_request

IDLE = 1000 if QUICK else 10000
SLOW = 100 if QUICK else 1000
RUDE = 50
ROUND = 400  # checks that must be answered beside a crowd


@pytest.fixture
def roomy(daemons):
    """A daemon that takes a crowd, and a test process that may be one."""
    need = IDLE + SLOW + 1000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < need:
        pytest.skip(f"this process may have {hard} descriptors, {need} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield daemons(config={"max_connections": need, "idle_timeout": 3600, "request_timeout": 600, "write_timeout": 600})
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def connecting(daemon):
    return lambda i: daemon.connect("tcp" if i % 2 else "unix").sock


def others_are_served(daemon):
    with Load(daemon, 4) as load:
        wait_until("checks", lambda: len(load.ids) >= ROUND or load.odd or load.closed)
    assert not load.odd and not load.closed


@pytest.mark.slow
def test_idle_connections(roomy):
    connections = {}

    def connect(i):
        c = connections[i] = roomy.connect("tcp" if i % 2 else "unix")
        return c.sock

    with crowd.Crowd(connect, IDLE):
        others_are_served(roomy)
        for i in range(0, IDLE, IDLE // 50):  # they weren't forgotten either
            connections[i].send(check_request("after a long silence"))
            assert connections[i].reply().status == 200


@pytest.mark.slow
def test_a_byte_a_second(roomy):
    with crowd.Slow(connecting(roomy), SLOW):
        others_are_served(roomy)


@pytest.mark.slow
@pytest.mark.parametrize("rudeness", crowd.RUDE)
def test_rude_clients(roomy, rudeness):
    with crowd.Crowd(connecting(roomy), RUDE, rudeness):
        others_are_served(roomy)
    others_are_served(roomy)


def test_rude_clients_are_cut_off(daemons):
    """With short limits: who doesn't come to the end of his request, or doesn't read, loses his connection."""
    daemon = daemons(config={"idle_timeout": 1, "request_timeout": 1, "write_timeout": 1})
    began = time.monotonic()
    with daemon.connect() as silent, daemon.connect() as half, daemon.connect() as deaf:
        crowd.half_a_body(half.sock)
        crowd.never_reads(deaf.sock)
        for c in (silent, half):
            c.sock.settimeout(20)
            c.rest()
        poller = select.poll()
        poller.register(deaf.sock, select.POLLHUP | select.POLLERR)
        assert poller.poll(20000), "the one that never reads is still connected"
    assert time.monotonic() - began < 20
    assert daemon.check(HAM)["verdict"] == "ham"


COMING_AND_GOING = """
import socket, sys, time
path, end = sys.argv[1], time.monotonic() + float(sys.argv[2])
print("begun", flush=True)
while time.monotonic() < end:
    s = socket.socket(socket.AF_UNIX)
    s.setblocking(False)
    try:
        s.connect(path)
    except OSError:
        pass
    s.close()
"""


def test_connections_without_end(daemon):
    """New connections come first, but whoever was connected before is served all the same."""
    with daemon.connect() as old:
        ask = request_bytes("GET", "/healthz")
        old.send(ask)
        assert old.reply().status == 200
        path = os.path.join(daemon.state, "hamlet.sock")
        crowd_of = [subprocess.Popen([sys.executable, "-c", COMING_AND_GOING, path, "30"], stdout=subprocess.PIPE)
                    for _ in range(3)]
        try:
            for p in crowd_of:
                assert p.stdout.readline() == b"begun\n"
            for _ in range(50):
                old.send(ask)
                assert old.reply().status == 200
            assert all(p.poll() is None for p in crowd_of), "the others came first until there were none left"
        finally:
            for p in crowd_of:
                p.kill()
                p.communicate()


def test_one_that_ends_its_connection_and_sends_on(daemon):
    """What comes after the last request is read so that the reply isn't lost, but not for ever."""
    with daemon.connect() as talker:
        talker.sock.settimeout(20)
        talker.send(request_bytes("GET", "/healthz", version="1.0"))
        more, sent = b"x" * 65536, 0
        try:
            while sent < 64 << 20:
                sent += talker.sock.send(more)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert sent < 64 << 20
    assert daemon.check(HAM)["verdict"] == "ham"


def test_long_answers_that_nobody_reads_are_bounded_together(daemon):
    """Who asks for another one is told to come back; short answers go on."""
    id = daemon.check(HAM)["id"]
    text = " ".join(f"word{i} of many" for i in range(45))
    batch = crowd.request([{"content": f"{text} {i}"} for i in range(1000)], "/v1/check?evidence=all")

    def status(path, value=None):
        return daemon.native(path, value).status

    deaf = []
    try:
        while status("/v1/check?evidence=all", HAM) == 200 and len(deaf) < 40:
            deaf.append(daemon.connect())
            deaf[-1].send(batch)
            assert select.select([deaf[-1].sock], [], [], 60)[0], "its answer begins"
        assert 2 < len(deaf) < 40
        assert status("/v1/check?evidence=all", HAM) == 503 and status(f"/v1/verdicts/{id}") == 503
        assert status("/v1/check", HAM) == 200
    finally:
        for c in deaf:
            c.close()
    wait_until("room for long answers", lambda: status(f"/v1/verdicts/{id}") == 200)
    assert status("/v1/check?evidence=all", HAM) == 200


def test_the_admin_finds_a_place(daemons):
    """However many have taken all the others."""
    daemon = daemons(config={"max_connections": 4})
    taken = [daemon.connect("tcp") for _ in range(4)]
    try:
        wait_until("all places to be taken", lambda: daemon.request("GET", "/healthz", where="tcp").status == 503)
        assert daemon.request("GET", "/metrics", where="admin").status == 200
        assert "max_connections" not in hamlet("status", state=daemon.state).stdout
    finally:
        for c in taken:
            c.close()
