"""WordPress with the Akismet plugin that comes with it, both unmodified, and contrib/wordpress/hamlet.php set up as its README says."""
import itertools
import json
import re

import pytest

import harness
from blog import WordPress
from harness import HAM, SPAM, ulid_of
from lifecycle import WRONG_KEY, Learning, check_evidence, corrections, rows

SITE = "myblog"
ADDRESSES = (f"203.0.113.{n}" for n in itertools.count(1))
POST = "1"


@pytest.fixture(scope="module")
def wordpress(shared_daemon, request):
    try:
        address = request.getfixturevalue("front").address
    except pytest.skip.Exception:
        address = None
    wordpress = WordPress(shared_daemon, address)
    yield wordpress
    wordpress.stop()


@pytest.fixture(scope="module")
def admin(wordpress):
    return wordpress.browser().login()


@pytest.fixture(scope="module")
def key(shared_daemon, wordpress, admin):
    """The key of the blog, saved by the form of the Akismet plugin."""
    key = shared_daemon.add_site(SITE)
    save_key(admin, WRONG_KEY)
    assert wordpress.eval("return get_option('wordpress_api_key');") is False
    save_key(admin, key)
    assert wordpress.eval("return get_option('wordpress_api_key');") == key
    return key


def save_key(admin, key):
    page = admin.open("/wp-admin/options-general.php?page=akismet-key-config")
    nonce = page.find(r'name="_wpnonce" value="(\w+)"')
    admin.open("/wp-admin/options-general.php?page=akismet-key-config", {"_wpnonce": nonce, "action": "enter-key", "key": key})


def set_option(wordpress, name, value):
    wordpress.eval(f"update_option({json.dumps(name)}, {json.dumps(value)}); return true;")


def post(wordpress, comment, **headers):
    """A visitor's comment, from an address of its own."""
    browser = wordpress.browser(X_Test_IP=next(ADDRESSES), User_Agent="Mozilla/5.0 Example", **headers)
    fields = {"author": comment["author"], "email": comment["email"], "url": comment.get("url", ""), "comment": comment["content"],
              "comment_post_ID": POST, "comment_parent": "0", "submit": "Post Comment"}
    return browser.open("/wp-comments-post.php", fields)


def latest(wordpress):
    """(ID, comment_approved, comment_type) of the newest comment."""
    return wordpress.database.query("SELECT comment_ID, comment_approved, comment_type FROM wp_comments ORDER BY comment_ID DESC LIMIT 1")[0]


def status(wordpress, comment):
    return wordpress.database.query(f"SELECT comment_approved FROM wp_comments WHERE comment_ID = {int(comment)}")[0][0]


def meta(wordpress, comment, name):
    found = wordpress.database.query(f"SELECT meta_value FROM wp_commentmeta WHERE comment_id = {int(comment)} AND meta_key = '{name}'")
    return found[0][0] if found else None


def text(n, of=HAM):
    """A comment that WordPress hasn't seen: it refuses duplicates."""
    return {**of, "content": f"{of['content']} ({n})"}


def recorded(daemon):
    return rows(daemon, "--site", SITE)


def check_recorded(daemon, wordpress, comment, verdict):
    """That the verdict on record that the comment points to says so, and is the newest."""
    row = recorded(daemon)[-1]
    assert row["id"] == ulid_of(meta(wordpress, comment, "hamlet_verdict"))
    assert (row["verdict"] == "spam", row["client"]) == (verdict == "spam", "akismet")
    if not row["forced"]:
        check_evidence(daemon, row)
    return row


# -- Verdicts


def test_key_is_on_its_page(admin, key):
    page = admin.open("/wp-admin/options-general.php?page=akismet-key-config")
    assert key in page and "Active" in page


def test_ham_is_published(shared_daemon, wordpress, key):
    post(wordpress, HAM)
    comment, approved, _ = latest(wordpress)
    assert (approved, meta(wordpress, comment, "akismet_result")) == ("1", "false")
    row = check_recorded(shared_daemon, wordpress, comment, "ham")
    assert {name: row["comment"][name] for name in HAM} == HAM
    assert row["comment"]["user_agent"] == "Mozilla/5.0 Example" and row["comment"]["ip"].startswith("203.0.113.")


def test_spam_goes_to_the_spam_folder(shared_daemon, wordpress, key):
    post(wordpress, SPAM)
    comment, approved, _ = latest(wordpress)
    assert (approved, meta(wordpress, comment, "akismet_result")) == ("spam", "true")
    assert meta(wordpress, comment, "akismet_pro_tip") is None
    check_recorded(shared_daemon, wordpress, comment, "spam")


def test_over_tcp(shared_daemon, wordpress, key):
    for n, comment, approved in ((1, HAM, "1"), (2, SPAM, "spam")):
        post(wordpress, text(f"tcp {n}", comment), X_Test_Address=f"127.0.0.1:{shared_daemon.port}")
        assert latest(wordpress)[1] == approved
        check_recorded(shared_daemon, wordpress, latest(wordpress)[0], "ham" if approved == "1" else "spam")


def test_without_the_plugin_by_the_hosts_file(shared_daemon, wordpress, key):
    """Nothing but a line in /etc/hosts: https fails, since nobody trusts the certificate, so the Akismet plugin falls back to http."""
    if not wordpress.names:
        pytest.skip("it needs nginx on the ports 80 and 443, and a private hosts file by unshare(1)")
    before = len(recorded(shared_daemon))
    for n, comment, approved in ((1, HAM, "1"), (2, SPAM, "spam")):
        post(wordpress, text(f"hosts {n}", comment), X_Test_Plugins="mu-plain")
        assert (latest(wordpress)[1], meta(wordpress, latest(wordpress)[0], "hamlet_verdict")) == (approved, None)
    assert [row["verdict"] for row in recorded(shared_daemon)[before:]] == ["ham", "spam"]
    wordpress.eval("return delete_option('akismet_ssl_disabled');")


def test_silent_discard(shared_daemon, wordpress, key):
    harness.write_config(shared_daemon.config_path, discard_threshold=0.99)
    shared_daemon.stop()
    shared_daemon.start()
    before, count = latest(wordpress), int(wordpress.eval("return get_option('akismet_spam_count');"))
    set_option(wordpress, "akismet_strictness", "1")
    post(wordpress, text("discard", SPAM))
    set_option(wordpress, "akismet_strictness", "0")
    assert latest(wordpress) == before
    assert int(wordpress.eval("return get_option('akismet_spam_count');")) == count + 1
    row = recorded(shared_daemon)[-1]
    assert (row["verdict"], row["discard"]) == ("spam", True) and row["comment"]["content"].endswith("(discard)")
    post(wordpress, text("no discard", SPAM))
    assert latest(wordpress)[1] == "spam" and meta(wordpress, latest(wordpress)[0], "akismet_pro_tip") == "discard"


def test_trackback(shared_daemon, wordpress, key):
    for of, approved, verdict in ((HAM, "1", "ham"), (SPAM, "spam", "spam")):
        fields = {"title": of["author"], "url": of.get("url", "http://other.example/") + "?post", "excerpt": of["content"], "blog_name": of["author"]}
        page = wordpress.browser(X_Test_IP=next(ADDRESSES)).open(f"/wp-trackback.php?p={POST}", fields)
        assert "<error>0</error>" in page, page
        comment, got, kind = latest(wordpress)
        assert (got, kind) == (approved, "trackback")
        assert check_recorded(shared_daemon, wordpress, comment, verdict)["comment"]["type"] == "trackback"


def ping(wordpress, source):
    call = ("<?xml version='1.0'?><methodCall><methodName>pingback.ping</methodName><params><param><value><string>"
            f"{source}</string></value></param><param><value><string>{wordpress.home}/?p={POST}</string></value></param></params></methodCall>")
    return wordpress.browser(X_Test_IP=next(ADDRESSES)).open("/xmlrpc.php", data=call.encode(), kind="text/xml")


def test_pingback(shared_daemon, wordpress, key):
    """The Akismet plugin asks about a pingback before its page is fetched, and again with the page's text."""
    before = len(recorded(shared_daemon))
    page = ping(wordpress, "http://198.51.100.7/post")
    assert "registered" in page, page
    comment, _, kind = latest(wordpress)
    assert kind == "pingback" and meta(wordpress, comment, "akismet_result") == "false"
    types = [row["comment"]["type"] for row in recorded(shared_daemon)[before:]]
    assert len(types) == 2 and set(types) == {"pingback"}
    check_recorded(shared_daemon, wordpress, comment, recorded(shared_daemon)[-1]["verdict"])


def test_rest(shared_daemon, wordpress, key):
    for of, approved in ((HAM, "1"), (SPAM, "spam")):
        body = {"post": POST, "author_name": of["author"], "author_email": of["email"], "author_url": of.get("url", ""), "content": text("rest", of)["content"]}
        page = wordpress.browser(X_Test_IP=next(ADDRESSES), User_Agent="Mozilla/5.0 Example").open(
            "/?rest_route=/wp/v2/comments", data=json.dumps(body).encode(), kind="application/json")
        assert page.status == 201, page
        assert latest(wordpress)[1] == approved
        check_recorded(shared_daemon, wordpress, latest(wordpress)[0], "ham" if approved == "1" else "spam")


def test_the_administrators_own_comment(shared_daemon, wordpress, admin, key):
    admin.open("/wp-comments-post.php", {"comment": text("admin", SPAM)["content"], "comment_post_ID": POST, "comment_parent": "0"})
    assert latest(wordpress)[1] == "1"
    row = recorded(shared_daemon)[-1]
    assert row["comment"]["user_role"] == "administrator" and row["verdict"] == "ham" and row["forced"]


def test_without_curl_nothing_goes_to_akismet(wordpress):
    message = wordpress.eval("return wp_remote_post('https://rest.akismet.com/1.1/verify-key')->get_error_message();", "-d", "disable_functions=curl_exec")
    assert message == "Hamlet can't be asked without PHP's cURL extension"


# -- What the moderator does


def press(admin, comment, action, folder):
    """Follow the link of the button ACTION in the row of the comment."""
    page = admin.open(f"/wp-admin/edit-comments.php?comment_status={folder}")
    admin.open("/wp-admin/" + page.find(rf"href=['\"](comment\.php\?[^'\"]*action={action}comment&(?:amp;|#038;)?c={comment}&[^'\"]*|"
                                        rf"comment\.php\?c={comment}&(?:amp;|#038;)?action={action}comment&[^'\"]*)['\"]"))


@pytest.mark.parametrize("button, of, before, after, folder", [("spam", HAM, "1", "spam", "approved"), ("unspam", SPAM, "spam", "0", "spam")])
def test_buttons_teach(shared_daemon, wordpress, admin, key, button, of, before, after, folder):
    """O'Brien's "quotes" & more come in three kinds of escaping: on the check, from the database, and on the correction."""
    first, second = (text(f"{button} {n}, as O'Brien's \"friend\" said & more", of) for n in (1, 2))
    post(wordpress, first)
    comment, approved, _ = latest(wordpress)
    assert approved == before
    checked = recorded(shared_daemon)[-1]
    with Learning(shared_daemon):
        press(admin, comment, button, folder)
    assert status(wordpress, comment) == after
    assert corrections(shared_daemon, SITE)[-1] == ("spam" if button == "spam" else "ham", checked["id"])
    post(wordpress, second)
    assert latest(wordpress)[1] == ("spam" if after == "spam" else "1")
    check_recorded(shared_daemon, wordpress, latest(wordpress)[0], "spam" if after == "spam" else "ham")


def other(n):
    """Ham that no correction above has touched."""
    return {"author": "Ines Oliveira", "email": "ines@mail.example",
            "content": f"We baked it with rye flour on Sunday and it rose better than with wheat; the crust needs ten minutes more. ({n})"}


def test_daemon_down_then_cron_retry(shared_daemon, wordpress, key):
    shared_daemon.stop()
    try:
        post(wordpress, other("down"))
    finally:
        shared_daemon.start()
    comment, approved, _ = latest(wordpress)
    assert approved == "0" and meta(wordpress, comment, "akismet_error")
    before = len(recorded(shared_daemon))
    wordpress.eval("do_action('akismet_schedule_cron_recheck'); return true;")
    assert status(wordpress, comment) == "1" and not meta(wordpress, comment, "akismet_error")
    assert len(recorded(shared_daemon)) == before + 1
    check_recorded(shared_daemon, wordpress, comment, "ham")


def test_check_for_spam_button(shared_daemon, wordpress, admin, key):
    wordpress.eval("foreach (get_comments(['status' => 'hold']) as $c) wp_delete_comment($c->comment_ID, true); return true;")
    set_option(wordpress, "comment_moderation", "1")
    post(wordpress, other("held"))
    set_option(wordpress, "comment_moderation", "0")
    comment, approved, _ = latest(wordpress)
    assert approved == "0"
    page = admin.open("/wp-admin/edit-comments.php?comment_status=moderated")
    nonce = page.find(r'data-nonce="(\w+)"')
    before = len(recorded(shared_daemon))
    done = json.loads(admin.open("/wp-admin/admin-ajax.php", {"action": "akismet_recheck_queue", "nonce": nonce, "offset": "0", "limit": "100"}))
    assert done["counts"] == {"processed": 1, "spam": 0, "ham": 1, "error": 0}
    assert len(recorded(shared_daemon)) == before + 1
    check_recorded(shared_daemon, wordpress, comment, "ham")


# -- What hamlet.php shows


def test_reasons_are_shown(shared_daemon, wordpress, admin, key):
    content = ("Win big at the best online casino! Free spins, no deposit bonus, register now <script>alert(1)</script>"
               "<a href='http://lucky-spins-casino.example/register'>best slots casino</a> http://casino-slots.example/bonus")
    post(wordpress, {"author": "casino <b>slots</b>", "email": "a@casino.example", "url": "http://casino-slots.example/", "content": content})
    comment, approved, _ = latest(wordpress)
    assert approved == "spam"
    page = admin.open("/wp-admin/edit-comments.php?comment_status=spam")
    link = page.find(rf'<a href="([^"]*c={comment}#hamlet)" title="Spam, spam with a probability of [^"]*For spam: [^"]*">Hamlet: spam</a>')
    page = admin.open(link)
    row = recorded(shared_daemon)[-1]
    assert f"hamlet explain {row['id']}" in page and "with a probability of" in page
    shown = re.findall(r"<tr><td>(\w+)</td><td>([^<]*)</td><td>([+-][0-9.]+|0.00|-0.00)</td></tr>", page)
    assert shown and shown[0][0] == row["evidence"][0]["field"] and f"{row['evidence'][0]['weight']:+.2f}" == shown[0][2]
    assert "<script>alert(1)" not in page


def test_reasons_while_the_daemon_is_down(shared_daemon, wordpress, admin, key):
    comment = latest(wordpress)[0]
    shared_daemon.stop()
    try:
        page = admin.open(f"/wp-admin/comment.php?action=editcomment&c={comment}")
    finally:
        shared_daemon.start()
    assert "Hamlet can&#039;t be asked: " in page


def test_deactivating_takes_leave(shared_daemon, wordpress, key):
    wordpress.eval("deactivate_plugins('akismet/akismet.php'); return true;")
    metrics = shared_daemon.request("GET", "/metrics", where="admin").body.decode()
    assert re.search(r'hamlet_requests_total\{route="[^"]*deactivate[^"]*",status="200"\} 1', metrics), metrics
