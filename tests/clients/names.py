"""Run a client where chosen host names mean 127.0.0.1, by a hosts file of its own in a private mount namespace."""
import os
import shutil
import subprocess
import tempfile

import pytest


def unshare():
    """The command that gives a process mounts of its own, as root or else as root of a user namespace."""
    options = ["-m"] if os.geteuid() == 0 else ["-r", "-m"]
    command = [shutil.which("unshare") or "unshare", *options]
    try:
        works = subprocess.run([*command, "mount", "--bind", "/dev/null", "/etc/hosts"], stderr=subprocess.DEVNULL).returncode == 0
    except FileNotFoundError:
        works = False
    if not works:
        pytest.skip("a private hosts file needs unshare(1) and the right to mount")
    return command


def with_names(names, command, timeout, **kwargs):
    prefix = unshare()
    with tempfile.NamedTemporaryFile("w", prefix="hosts-") as hosts:
        hosts.write("127.0.0.1 localhost " + " ".join(names) + "\n")
        hosts.flush()
        script = 'mount --bind "$0" /etc/hosts && exec "$@"'
        env = {k: v for k, v in os.environ.items() if k.lower() not in ("http_proxy", "https_proxy", "all_proxy")}
        return subprocess.run([*prefix, "sh", "-c", script, hosts.name, *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=timeout, env=env, **kwargs)
