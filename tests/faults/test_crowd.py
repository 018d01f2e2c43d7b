"""Crowds of idle, slow and rude clients: service for the others goes on.  What it costs them is measured by `make bench`."""
import resource
import select
import time

import pytest

import crowd
from harness import HAM, QUICK, wait_until
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
