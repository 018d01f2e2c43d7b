"""contrib/nginx, set up as its README says, on a loopback address of its own."""
import os
import random
import re
import shutil
import socket
import subprocess
import tempfile

import pytest

from harness import REPOSITORY, wait_until
from lifecycle import need
from names import plain_environment

FOLDER = os.path.join(REPOSITORY, "contrib", "nginx")


def own_address():
    """A loopback address with nobody on the ports 80 and 443, which this process may take."""
    address = "127." + ".".join(str(random.randint(1, 250)) for _ in range(3))
    for port in (80, 443):
        with socket.socket() as s:
            try:
                s.bind((address, port))
            except OSError as e:
                pytest.skip(f"{address}:{port}: {e}")
    return address


class Front:
    """nginx for a daemon: https and http at ADDRESS; CA: what clients are to trust."""

    def __init__(self, daemon):
        nginx = need("nginx")
        need("openssl")
        self.address = own_address()
        self.folder = tempfile.mkdtemp(prefix="hamlet-tls-")
        self.ca = os.path.join(self.folder, "ca.pem")
        subprocess.run([os.path.join(FOLDER, "make-certificate"), self.folder], check=True)
        with open(os.path.join(FOLDER, "hamlet-tls.conf"), encoding="utf-8") as f:
            site = f.read()
        for old, new in (("/var/lib/hamlet/hamlet.sock", f"{daemon.state}/hamlet.sock"), ("/etc/hamlet/tls", self.folder), ("127.0.0.1", self.address)):
            assert old in site
            site = site.replace(old, new)
        user = "user root;" if os.geteuid() == 0 else ""
        folders = "".join(f"{name}_temp_path {self.folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        main = os.path.join(self.folder, "nginx.conf")
        with open(main, "w", encoding="utf-8") as f:
            f.write(f"{user} daemon off; worker_processes 1; pid {self.folder}/pid; error_log {self.folder}/error.log;\n"
                    f"events {{ worker_connections 64; }}\nhttp {{ {folders}\n{site}\n}}\n")
        self.process = subprocess.Popen([nginx, "-c", main, "-e", f"{self.folder}/error.log"], stdin=subprocess.DEVNULL, env=plain_environment())
        wait_until("nginx to listen", self.listens)

    def listens(self):
        if self.process.poll() is not None:
            with open(f"{self.folder}/error.log", encoding="utf-8") as f:
                pytest.fail("nginx ended: " + f.read())
        with socket.socket() as s:
            return s.connect_ex((self.address, 443)) == 0

    def logs(self):
        """All that it has logged."""
        texts = []
        for name in os.listdir(self.folder):
            if name.endswith(".log"):
                with open(os.path.join(self.folder, name), encoding="utf-8") as f:
                    texts.append(f.read())
        assert texts
        return "".join(texts)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)


def readme_variable(name):
    """That contrib/nginx/README.md tells users of the environment variable NAME."""
    with open(os.path.join(FOLDER, "README.md"), encoding="utf-8") as f:
        assert re.search(rf"`{name}=/etc/hamlet/tls/ca.pem`", f.read()), name
    return name
