"""The configuration file, and SIGHUP."""
import os
import signal
import threading

import pytest

from harness import HAM, SPAM, free_port, hamletd, request_bytes, wait_until, write_config


def check_config(tmp_path, text):
    path = tmp_path / "test.conf"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return hamletd("--state", tmp_path / "state", "--check-config", "--config", path)


def test_good_file(tmp_path):
    done = check_config(tmp_path, '# a comment\nmax_body = 2097152\nstrict_fields = off\n'
                        'listen = { "127.0.0.1:8095", "[::1]:8095" }\n\nworkers = 2\n')
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "state").exists(), "a mere check makes nothing"


def test_a_group_that_is_not_there(tmp_path):
    done = check_config(tmp_path, 'socket_group = "no-such-group-here"\n')
    assert done.returncode == 1 and "no-such-group-here" in done.stderr and done.stdout == ""


def test_empty_file(tmp_path):
    assert check_config(tmp_path, "").returncode == 0


BAD = {
    "unknown key": ("max_body = 2097152\n\nmax_bodies = 1\n", 3, "max_bodies"),
    "after a comment": ("# one\n/* two\nthree */\n// four\nmax_bodies = 1\n", 5, "max_bodies"),
    "not a number": ('workers = 1\nmax_body = "much"\n', 2, "max_body"),
    "too small": ("max_body = 1\n", 1, "max_body"),
    "too large": ("workers = 1000\n", 1, "workers"),
    "not a choice": ('\n\n\n\nsynchronous = "sometimes"\n', 5, "synchronous"),
    "not on or off": ("strict_fields = maybe\n", 1, "strict_fields"),
    "no port": ('listen = { "127.0.0.1" }\n', 1, "listen"),
    "port too large": ('listen = { "127.0.0.1:65536" }\n', 1, "listen"),
    "no value": ("workers\n", None, None),
    "no end of a quotation": ('workers = 1\nlog_level = "info\n', 2, None),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_file(tmp_path, name):
    text, line, key = BAD[name]
    done = check_config(tmp_path, text)
    assert done.returncode in (1, 2), (done.returncode, done.stderr)
    assert f"test.conf:{line or ''}" in done.stderr
    assert key is None or key in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_missing_file(tmp_path):
    done = hamletd("--check-config", "--config", tmp_path / "none.conf")
    assert done.returncode in (1, 2)
    assert "none.conf" in done.stderr


def test_binary_file(tmp_path):
    assert check_config(tmp_path, b"\x00\xff\xfe" * 100).returncode in (1, 2)


def test_bad_file_keeps_the_daemon_from_starting(state):
    write_config(os.path.join(state, "hamlet.conf"), no_such_key=1)
    done = hamletd("--state", state)
    assert done.returncode in (1, 2)
    assert "hamlet.conf:1" in done.stderr and "no_such_key" in done.stderr
    assert not os.path.exists(os.path.join(state, "hamlet.sock"))


@pytest.mark.parametrize("args", [
    ["--no-such-option"], ["--state"], ["--listen", "nonsense"], ["--listen", "127.0.0.1:99999"], ["extra"]])
def test_wrong_usage(args, state):
    done = hamletd(*([] if "--state" in args else ["--state", state]), *args)
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert done.stderr.startswith("hamletd: ")


def test_help_and_version():
    assert hamletd("--help").returncode == 0 and "--check-config" in hamletd("--help").stdout
    assert hamletd("--version").returncode == 0 and "hamletd" in hamletd("--version").stdout


def test_config_option_comes_before_the_state_directory(daemons, state, tmp_path):
    write_config(os.path.join(state, "hamlet.conf"), no_such_key=1)
    path = write_config(tmp_path / "other.conf", max_body=2048)
    daemon = daemons(state=state, args=["--config", str(path)])
    assert daemon.native("/v1/check", {"content": "a" * 3000}).status == 413
    assert daemon.native("/v1/check", {"content": "a" * 1000}).status == 200


def test_listen_in_the_file(daemons):
    import harness
    port = harness.free_port()
    daemon = daemons(config={"listen": [f"127.0.0.1:{port}"]}, tcp=False)
    daemon.port = port
    assert daemon.request("GET", "/healthz", where="tcp").status == 200


def test_no_tcp_unless_asked_for(daemons):
    daemon = daemons(tcp=False)
    with open("/proc/net/tcp") as f4, open("/proc/net/tcp6") as f6:
        listening = {line.split()[9] for f in (f4, f6) for line in f.readlines()[1:] if line.split()[3] == "0A"}
    fds = f"/proc/{daemon.process.pid}/fd"
    mine = {os.readlink(os.path.join(fds, fd)) for fd in os.listdir(fds)}
    assert not {f"socket:[{inode}]" for inode in listening} & mine


def test_socket_permissions(daemons):
    daemon = daemons()
    assert os.stat(os.path.join(daemon.state, "hamlet.sock")).st_mode & 0o777 == 0o660
    assert os.stat(os.path.join(daemon.state, "admin.sock")).st_mode & 0o007 == 0
    assert daemons(config={"socket_mode": "0600"}).request("GET", "/healthz").status == 200


def test_a_form_may_have_all_fields_that_wordpress_sends(shared_daemon, site):
    """It copies the commenter's, whatever he put there, until PHP's max_input_vars stops it at 1000, and adds the key."""
    comment = {"blog": "http://blog.example.com/", "user_ip": "203.0.113.7", "comment_content": SPAM["content"]}

    def check(n):
        padding = {f"POST_x{i}": "1" for i in range(n - len(comment) - 1)}
        return shared_daemon.akismet("comment-check", {**comment, **padding}, site)

    for n in (1001, 2000):
        assert (check(n).status, check(n).body) == (200, b"true"), n
    assert check(2001).status == 413


# -- SIGHUP


def test_sighup_reloads(daemon):
    key = daemon.add_site("blog")
    sent = {"comment_content": HAM["content"]}
    assert daemon.akismet("comment-check", sent, key).body.startswith(b"Missing required field")
    write_config(daemon.config_path, strict_fields=False)
    daemon.signal(signal.SIGHUP)
    wait_until("the new setting", lambda: daemon.akismet("comment-check", sent, key).body == b"false")
    os.unlink(daemon.config_path)
    daemon.signal(signal.SIGHUP)
    wait_until("the default again", lambda: daemon.akismet("comment-check", sent, key).body.startswith(b"Missing"))


def test_sighup_with_a_bad_file_changes_nothing(daemons):
    daemon = daemons(config={"strict_fields": False})
    key = daemon.add_site("blog")
    with open(daemon.config_path, "a") as f:
        f.write("\nno_such_key = 1\n")
    daemon.signal(signal.SIGHUP)
    wait_until("the complaint", lambda: "no_such_key" in daemon.log_text())
    assert "hamlet.conf:3" in daemon.log_text()
    assert daemon.akismet("comment-check", {"comment_content": HAM["content"]}, key).body == b"false"


def test_sighup_says_what_it_cannot_apply(daemon):
    write_config(daemon.config_path, max_body=4096)
    daemon.signal(signal.SIGHUP)
    wait_until("word of it", lambda: "max_body" in daemon.log_text())
    assert daemon.native("/v1/check", {"content": "a" * 5000}).status == 200


def test_sighup_under_load_loses_no_request(daemon):
    stop, failures, answered = threading.Event(), [], [0] * 4

    def ask(i):
        body = b'{"content":"Thanks, this helped me a lot."}'
        request = request_bytes("POST", "/v1/check?evidence=none", body, [("Content-Type", "application/json")])
        try:
            while not stop.is_set():
                with daemon.connect() as c:
                    for _ in range(1 if i % 2 else 10):
                        c.send(request)
                        reply = c.reply()
                        answered[i] += 1
                        if reply.status != 200:
                            failures.append(reply)
                            return
        except Exception as e:
            failures.append(e)

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    try:
        for i in range(20):
            write_config(daemon.config_path, strict_fields=i % 2 == 0)
            daemon.signal(signal.SIGHUP)
            goal = sum(answered) + 20
            wait_until("more answers", lambda: sum(answered) >= goal or failures)
    finally:
        stop.set()
        for t in threads:
            t.join()
    assert not failures
    assert daemon.count() == sum(answered)


def test_metrics_have_an_address_of_their_own(daemons):
    """metrics_listen answers what watches over the daemon, without a key, and nothing else."""
    port = free_port()
    daemon = daemons(config={"metrics_listen": [f"127.0.0.1:{port}"]})
    key = daemon.add_site("blog")
    reply = daemon.request("GET", "/metrics", where=port)
    assert reply.status == 200 and reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert b"# TYPE hamlet_requests_total counter" in reply.body
    assert daemon.request("GET", "/healthz", where=port).status == 200
    assert daemon.native("/readyz", where=port).json()["ready"] is True
    assert daemon.request("HEAD", "/metrics", where=port).status == 200
    assert daemon.request("POST", "/metrics", b"", where=port).status == 405
    assert daemon.native("/metrics", key="ffffffffffff", where=port).status == 401
    for method, path in (("POST", "/v1/check"), ("POST", "/v1/feedback"), ("GET", "/v1/verdicts/x"), ("POST", "/"),
                         ("GET", "/privacy"), ("POST", "/1.1/comment-check"), ("GET", "/v1/admin/status"),
                         ("POST", "/v1/admin/reload")):
        assert daemon.request(method, f"{path}?key={key}", b"{}", where=port).status == 403, path
    for where in ("unix", "tcp"):
        assert daemon.native("/metrics", key=key, where=where).status == 403, "nowhere else"
