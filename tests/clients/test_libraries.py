"""The Akismet libraries that blog software uses, unmodified, each through verify, ham, spam and both corrections."""
import os
import subprocess

import pytest

from front import readme_variable
from harness import DEADLINE
from lifecycle import WRONG_KEY, Program, go_through, need, need_node, program

HOST = "akismet.test"
FIXED_HOST = "rest.akismet.com"


@pytest.fixture
def blog(shared_daemon, request):
    """(name, key) of a site of this test's own."""
    name = request.node.name.replace("[", "-").rstrip("]")
    return name, shared_daemon.add_site(name)


def key_names(host, key):
    return [host, f"{key}.{host}", f"{WRONG_KEY}.{host}"]


# -- node


def node(script, *args, node_path, names=None, **env):
    command = [need("node"), program(script), *map(str, args)]
    return Program(names.command(*command) if names else command, NODE_PATH=node_path, **env)


def test_akismet_api(shared_daemon, blog, node_path, names):
    site, key = blog
    client = node("akismet-api.js", f"{HOST}:{shared_daemon.port}", key, node_path=node_path, names=names(key_names(HOST, key)))
    go_through(shared_daemon, site, key, client)
    client.close()


def test_cedx(shared_daemon, blog, node_path):
    need_node(20)
    site, key = blog
    client = node("cedx.js", f"http://127.0.0.1:{shared_daemon.port}", key, node_path=node_path)
    go_through(shared_daemon, site, key, client)
    client.close()


def test_cedx_by_tls(shared_daemon, blog, node_path, names, front):
    need_node(20)
    site, key = blog
    client = node("cedx.js", f"https://{FIXED_HOST}", key, node_path=node_path, names=names(key_names(FIXED_HOST, key), front.address),
                  **{readme_variable("NODE_EXTRA_CA_CERTS"): front.ca})
    go_through(shared_daemon, site, key, client)
    client.close()


@pytest.mark.parametrize("version", [1, 2])
def test_akismet_callbacks(shared_daemon, blog, node_path, names, version):
    site, key = blog
    client = node("akismet-callbacks.js", f"akismet{version}", HOST, shared_daemon.port, key, node_path=node_path,
                  names=names(key_names(HOST, key)))
    go_through(shared_daemon, site, key, client)
    client.close()


# -- Perl, Ruby, Go


def test_net_akismet(shared_daemon, blog, names):
    perl = need("perl")
    if subprocess.run([perl, "-MNet::Akismet", "-e", "1"], stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("libnet-akismet-perl isn't installed")
    site, key = blog
    client = Program(names(key_names(HOST, key)).command(perl, program("net-akismet.pl"), f"{HOST}:{shared_daemon.port}", key))
    go_through(shared_daemon, site, key, client)
    client.close()


def test_ruby_akismet(shared_daemon, blog, names, front):
    ruby = need("ruby")
    if subprocess.run([ruby, "-rakismet", "-e", "1"], stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("ruby-akismet isn't installed")
    site, key = blog
    client = Program(names(key_names(FIXED_HOST, key), front.address).command(ruby, program("akismet.rb"), key),
                     **{readme_variable("SSL_CERT_FILE"): front.ca})
    go_through(shared_daemon, site, key, client)
    client.close()


@pytest.fixture(scope="session")
def go_program(tmp_path_factory):
    go = need("go", "golang-go")
    path = "/usr/share/gocode"
    if not os.path.isdir(f"{path}/src/github.com/adtac/go-akismet"):
        pytest.skip("golang-github-adtac-go-akismet-dev isn't installed")
    folder = tmp_path_factory.mktemp("go")
    subprocess.run([go, "build", "-o", str(folder / "akismet"), program("akismet.go")], check=True, timeout=10 * DEADLINE,
                   env={**os.environ, "GO111MODULE": "off", "GOPATH": f"{folder}:{path}", "GOCACHE": str(folder / "cache"), "GOFLAGS": ""})
    return str(folder / "akismet")


def test_go_akismet_by_tls(shared_daemon, blog, names, front, go_program):
    site, key = blog
    client = Program(names(key_names(FIXED_HOST, key), front.address).command(go_program, key), **{readme_variable("SSL_CERT_FILE"): front.ca})
    assert client.verify(WRONG_KEY) == "invalid"
    go_through(shared_daemon, site, key, client, verifies=False)
    client.close()


def test_go_akismet_by_unix_socket(shared_daemon, blog, go_program):
    site, key = blog
    client = Program([go_program, key, os.path.join(shared_daemon.state, "hamlet.sock")])
    assert client.verify(WRONG_KEY) == "invalid"
    go_through(shared_daemon, site, key, client, verifies=False)
    client.close()


# -- curl


class Curl:
    """curl as people use it in scripts.  WAY: its options for the way there; FORM: -d or -F, to send by."""

    ANSWERS = {"true": "spam", "false": "ham", "Thanks for making the web a better place.": "thanked"}
    FIELDS = {"author": "comment_author", "email": "comment_author_email", "url": "comment_author_url", "content": "comment_content"}

    def __init__(self, key, base, way=(), multipart=False):
        self.curl, self.key, self.base, self.way, self.multipart = need("curl"), key, base, list(way), multipart

    def ask(self, call, fields):
        option = "--form-string" if self.multipart else "--data-urlencode"
        command = [self.curl, "-sS", "--noproxy", "*", *self.way]
        for name, value in {"blog": "http://blog.example.com/", **fields}.items():
            command += [option, f"{name}={value}"]
        done = subprocess.run([*command, f"{self.base}/1.1/{call}"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=DEADLINE)
        assert done.returncode == 0, done.stderr
        return self.ANSWERS.get(done.stdout, done.stdout)

    def verify(self, key):
        return self.ask("verify-key", {"key": key})

    def check(self, comment, call="comment-check"):
        return self.ask(call, {"api_key": self.key, "user_ip": "203.0.113.7", **{self.FIELDS[k]: v for k, v in comment.items()}})

    def submit(self, label, comment):
        return self.check(comment, f"submit-{label}")


@pytest.mark.parametrize("way", ["tcp", "unix", "multipart", "chunked", "expect", "http1.0"])
def test_curl(shared_daemon, blog, way):
    site, key = blog
    options = {
        "tcp": [],
        "chunked": ["-H", "Transfer-Encoding: chunked"],
        "expect": ["-H", "Expect: 100-continue"],
        "http1.0": ["--http1.0"],
    }.get(way, ["--unix-socket", os.path.join(shared_daemon.state, "hamlet.sock")])
    base = f"http://127.0.0.1:{shared_daemon.port}" if way in ("tcp", "chunked", "expect", "http1.0") else "http://localhost"
    go_through(shared_daemon, site, key, Curl(key, base, options, way == "multipart"))


def test_curl_by_tls(shared_daemon, blog, front):
    site, key = blog
    way = ["--cacert", front.ca, "--resolve", f"{FIXED_HOST}:443:{front.address}"]
    go_through(shared_daemon, site, key, Curl(key, f"https://{FIXED_HOST}", way))
