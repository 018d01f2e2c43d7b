"""GET /privacy: the page behind the line under a comment form."""
import base64
import hashlib
import html.parser
import json
import os
import re
import signal

import pytest

from harness import wait_until

LANGUAGES = ("en", "de", "fr", "es")
HOSTILE = '<script>alert("1")</script> & \'co\''
VOID = {"meta", "link", "br"}

CONFIG = '''contact = "privacy@example.org"
retain_person = 1d
retain_evidence = forever
unsure_as = spam
discard_threshold = 0.9995
site "blog" {
	retain_content = 36h
	contact = "%s"
}
''' % HOSTILE.replace('"', '\\"')


@pytest.fixture(scope="module")
def told(request):
    """A daemon with settings that the page must tell, and a site at blog.example.org."""
    import harness
    state = harness.copy_state()
    with open(os.path.join(state, "hamlet.conf"), "w") as f:
        f.write(CONFIG)
    harness.hamlet("sites", "add", "blog", "--url", "https://blog.example.org/", state=state)
    daemon = harness.Daemon(state)
    try:
        yield daemon.start()
        daemon.stop()
    finally:
        daemon.kill()
        harness.remove_state(state)


class Page(html.parser.HTMLParser):
    """Checks that tags are balanced; keeps tags, attributes and text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.words = [], [], []
        self.feed(text)
        self.close()
        assert not self.open, self.open
        self.text = re.sub(r"\s+", " ", " ".join(self.words))

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def get(daemon, query="", where="tcp", headers=(), **kwargs):
    reply = daemon.request("GET", "/privacy" + query, None, list(headers), where, **kwargs)
    assert reply.status == 200, reply
    return reply


def told_json(daemon, query="", **kwargs):
    return get(daemon, query + ("&" if query else "?") + "format=json", **kwargs).json()


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_is_sound(told, language):
    reply = get(told, f"?lang={language}")
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["content-language"] == language
    page = Page(reply.body.decode("utf-8"))
    assert page.all("html") == [{"lang": language}]
    assert len(page.all("h1")) == 1 and len(page.all("main")) == 1 and len(page.all("title")) == 1
    assert not page.all("script") and not page.all("img") and not page.all("link")
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")
    assert [attrs["lang"] for attrs in page.all("a") if "hreflang" in attrs] == [l for l in LANGUAGES if l != language]
    assert "{}" not in page.text and "(null)" not in page.text


def test_policy_lets_the_style_in_and_nothing_else(told):
    reply = get(told)
    style = re.search(rb"<style>(.*?)</style>", reply.body, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
    policy = dict(part.strip().split(" ", 1) for part in reply.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'" and policy["style-src"] == f"'sha256-{digest}'"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert b"prefers-color-scheme:dark" in style


def test_settings_are_told(told):
    page = Page(get(told, "?lang=en").body.decode()).text
    assert "Kept for 90 days" in page and "Kept for 1 day" in page and "Kept for 7 days" in page
    assert "Kept for as long as the site’s owner does not delete it" in page
    assert "treated as spam until someone has looked" in page and "99.95 %" in page
    assert {"href": "mailto:privacy@example.org"} in Page(get(told).body.decode()).all("a")
    assert "36 Stunden" in Page(get(told, "?site=blog&lang=de").body.decode()).text


def test_settings_are_told_as_json(told):
    answer = told_json(told)
    assert {part["part"]: part["seconds"] for part in answer["stored"]} == {
        "content": 90 * 86400, "person": 86400, "addresses": 7 * 86400, "evidence": None, "verdict": None, "example": None}
    assert answer["contact"] == "privacy@example.org" and answer["site"] == "default" and answer["recipients"] == []
    assert answer["unsure_as"] == "spam" and answer["discard_threshold"] == 0.9995
    assert told_json(told, "?site=blog")["contact"] == HOSTILE


def test_what_settings_say_is_escaped(told):
    body = get(told, "?site=blog").body.decode()
    assert "<script" not in body
    assert HOSTILE in Page(body).text


def test_site(told):
    assert told_json(told)["site"] == "default"
    assert told_json(told, "?site=blog")["site"] == "blog"
    assert told_json(told, host="blog.example.org")["url"] == "https://blog.example.org/"
    assert told_json(told, host="BLOG.example.org")["site"] == "blog"
    assert "blog.example.org" in Page(get(told, "?site=blog").body.decode()).text
    links = [a["href"] for a in Page(get(told, "?site=blog&lang=fr").body.decode()).all("a") if "hreflang" in a]
    assert links == ["?site=blog&lang=en", "?site=blog&lang=de", "?site=blog&lang=es"]
    for query, status in (("?site=nowhere", 404), ("?key=000000000000", 401), ("?format=pdf", 400)):
        reply = told.request("GET", "/privacy" + query, None, [], "tcp")
        assert reply.status == status and reply.error(), query


@pytest.mark.parametrize("header, language", [
    ("de", "de"), ("de-AT", "de"), ("DE-at;q=0.3, fr;q=0.4", "fr"), ("xx, es;q=0.5, de;q=0.8", "de"), ("xx", "en"),
    ("fr;q=0, de;q=0.001", "de"), ("*", "en"), ("it, *;q=0.1", "en"), ("", "en"), ("deu", "en"), (";;,,=q;q=q", "en"),
    ("fr;q=1.5, es", "es"), ("fr ; q=0.9 , es ; q=0.95", "es")])
def test_language_is_negotiated(told, header, language):
    reply = get(told, headers=[("Accept-Language", header)])
    assert reply.headers["content-language"] == language
    assert "accept-language" in reply.headers["vary"].lower()


def test_language_in_the_query_comes_first(told):
    assert get(told, "?lang=es", headers=[("Accept-Language", "de")]).headers["content-language"] == "es"
    assert get(told, "?lang=fr-CA").headers["content-language"] == "fr"
    assert get(told, "?lang=klingon", headers=[("Accept-Language", "de")]).headers["content-language"] == "de"


@pytest.mark.parametrize("header, is_json", [
    ("application/json", True), ("application/*", True), ("*/*", False), ("text/html,application/xhtml+xml,*/*;q=0.8", False),
    ("text/html;q=0.5, application/json;q=0.9", True), ("application/json;q=0, */*", False), ("image/png", False)])
def test_form_is_negotiated(told, header, is_json):
    reply = get(told, headers=[("Accept", header)])
    assert reply.headers["content-type"].startswith("application/json") == is_json
    if is_json:
        json.loads(reply.body)


def test_head(told):
    assert told.request("HEAD", "/privacy").headers["content-length"] == get(told, where="unix").headers["content-length"]


def test_reload_changes_the_page(daemon):
    assert told_json(daemon)["contact"] is None
    assert "Ask the owner of the site." in Page(get(daemon).body.decode()).text
    with open(daemon.config_path, "a") as f:
        f.write('contact = "https://example.org/privacy"\nsite default { retain_person = 2h }\n')
    daemon.signal(signal.SIGHUP)
    wait_until("the new contact", lambda: told_json(daemon)["contact"])
    assert told_json(daemon)["stored"][1]["seconds"] == 7200
    assert {"href": "https://example.org/privacy"} in Page(get(daemon).body.decode()).all("a")
