"""What a service manager sees: sockets that it hands over, and what it is told, by systemd's protocols."""
import os
import re
import signal
import socket
import subprocess
import sys

import pytest

from harness import DEADLINE, STARTING, hamlet, program


class Manager:
    """Where a daemon's notices arrive, at a PATH or, with "@", at a name outside the file system."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + path[1:] if path[0] == "@" else path)
        self.socket.settimeout(STARTING)

    def hears(self):
        return self.socket.recv(4096).decode()


@pytest.mark.parametrize("name", ["notify.sock", "@"])
def test_the_manager_is_told(daemons, tmp_path, name):
    manager = Manager(f"@{tmp_path}" if name == "@" else str(tmp_path / name))
    daemon = daemons(start=False, env={"NOTIFY_SOCKET": manager.path})
    daemon.spawn()
    assert manager.hears() == "READY=1"
    daemon.signal(signal.SIGHUP)
    assert re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=[0-9]+", manager.hears())
    assert manager.hears() == "READY=1"
    daemon.stop()
    assert manager.hears() == "STOPPING=1"


@pytest.mark.parametrize("path", ["relative", "/" + "x" * 200, "/no/such/socket"])
def test_an_address_that_nobody_listens_at_is_no_harm(daemons, path):
    daemon = daemons(env={"NOTIFY_SOCKET": path})
    assert daemon.request("GET", "/readyz").status == 200


# Puts its descriptors where the protocol wants them, says so in the environment, and becomes the daemon.
LAUNCHER = """
import os, sys
pid, count, state, program, *sockets = sys.argv[1:]
for i, fd in enumerate(sockets):
    os.dup2(int(fd), 3 + i)
os.environ.update(LISTEN_PID=pid or str(os.getpid()), LISTEN_FDS=count)
os.execv(program, [program, "--state", state])
"""


def run_with_sockets(state, sockets, pid="", fds=None):
    """Start hamletd as service managers do: with SOCKETS as descriptors from 3 on."""
    numbers = [str(s.fileno()) for s in sockets]
    return subprocess.Popen([sys.executable, "-c", LAUNCHER, str(pid), str(len(sockets) if fds is None else fds), state,
                             program("HAMLETD"), *numbers], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                            pass_fds=[s.fileno() for s in sockets])


def ask(port):
    with socket.create_connection(("127.0.0.1", port), timeout=STARTING) as s:
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return s.recv(4096)


def end(process):
    process.terminate()
    assert process.wait(DEADLINE) == 0
    process.stderr.close()


def test_a_socket_that_is_handed_over_is_served(state):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = run_with_sockets(state, [listening])
        assert b" 200 " in ask(listening.getsockname()[1])  # it waits in the socket's queue until the daemon is there
        end(process)


def test_sockets_for_another_process_are_left_alone(state):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = run_with_sockets(state, [listening], pid=os.getpid())
        while b"event=started" not in process.stderr.readline():
            assert process.poll() is None
        assert os.path.exists(os.path.join(state, "hamlet.sock"))  # one of its own
        end(process)


@pytest.mark.parametrize("fds, why", [("x", b"not a number"), ("-1", b"not a number"), ("33", b"more than 32"), ("30", b"Bad file")])
def test_what_was_not_handed_over_right_is_said(state, fds, why):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = run_with_sockets(state, [listening], fds=fds)
        _, said = process.communicate(timeout=DEADLINE)
        assert process.returncode != 0 and why in said
    assert hamlet("status", state=state).returncode == 0
