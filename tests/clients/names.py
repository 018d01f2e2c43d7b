"""Run a client where chosen host names mean a loopback address, by a hosts file of its own in a private mount namespace."""
import functools
import os
import shutil
import subprocess
import tempfile

import pytest

SCRIPT = 'mount --bind "$0" /etc/hosts && exec "$@"'
PROXIES = ("http_proxy", "https_proxy", "all_proxy")


@functools.lru_cache(maxsize=None)
def unshare():
    """The command that gives a process mounts of its own, as root or else as root of a user namespace; None where it doesn't work."""
    options = ["-m"] if os.geteuid() == 0 else ["-r", "-m"]
    command = [shutil.which("unshare") or "unshare", *options]
    try:
        done = subprocess.run([*command, "mount", "--bind", "/dev/null", "/etc/hosts"], stderr=subprocess.DEVNULL)
    except FileNotFoundError:
        return None
    return command if done.returncode == 0 else None


def plain_environment(**more):
    """The environment without proxies, and MORE."""
    return {**{k: v for k, v in os.environ.items() if k.lower() not in PROXIES}, **more}


class Names:
    """Names for programs: command() wraps one so that it finds NAMES at ADDRESS."""

    def __init__(self, names, address="127.0.0.1"):
        self.prefix = unshare()
        if self.prefix is None:
            pytest.skip("a private hosts file needs unshare(1) and the right to mount")
        self.hosts = tempfile.NamedTemporaryFile("w", prefix="hosts-")
        self.hosts.write(f"127.0.0.1 localhost\n{address} {' '.join(names)}\n")
        self.hosts.flush()

    def command(self, *args):
        return [*self.prefix, "sh", "-c", SCRIPT, self.hosts.name, *args]

    def close(self):
        self.hosts.close()
