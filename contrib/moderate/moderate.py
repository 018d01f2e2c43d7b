#!/usr/bin/env python3
"""Have Hamlet judge the comments of Isso or Remark42, which can't ask by themselves; to be run every minute or so.

    ISSO_PASSWORD=... moderate.py isso URL          publish the ham in the moderation queue, leave the rest to the owner
    ADMIN_PASSWD=... moderate.py remark42 URL SITE  look at the latest comments; they are public already

See README.md beside this file."""
import argparse
import base64
import html.parser
import http.cookiejar
import json
import os
import re
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "clients"))
from hamlet import Hamlet, HamletError

TIMEOUT = 30


class Trouble(Exception):
    """The comment system can't be reached, or doesn't answer as expected."""


class Site:
    """A comment system's web server."""

    def __init__(self, url, headers=None):
        self.url, self.headers = url.rstrip("/"), headers or {}
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def ask(self, method, path, form=None):
        body = urllib.parse.urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(self.url + path, body, self.headers, method=method)
        try:
            with self.opener.open(request, timeout=TIMEOUT) as response:
                return response.read().decode("utf-8", "replace")
        except (OSError, urllib.error.URLError) as e:
            raise Trouble(f"{self.url}: {e}") from e


class Queue(html.parser.HTMLParser):
    """The comments on Isso's admin page: {id: {key, author, url, content}}."""

    FIELDS = {"author": "author", "website": "url", "text": "content"}
    VOID = {"br", "img", "hr", "input", "link", "meta"}

    def __init__(self, page):
        super().__init__()
        self.comments, self.current, self.field, self.depth = {}, None, None, 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if self.field:
            self.depth += tag not in self.VOID
            return
        attrs = dict(attrs)
        start = re.fullmatch(r"isso-(\d+)", attrs.get("id") or "")
        if start:
            self.current = self.comments.setdefault(start.group(1), {"author": "", "url": "", "content": "", "key": ""})
        classes = (attrs.get("class") or "").split()
        field = next((self.FIELDS[name] for name in classes if name in self.FIELDS), None)
        if self.current is not None and field == "url":
            self.current["url"] = attrs.get("href") or ""
        elif self.current is not None and field:
            self.field, self.depth = field, 1
        action = re.search(r"(\d+), *'([^']+)'", attrs.get("onclick") or "")
        if action and action.group(1) in self.comments:
            self.comments[action.group(1)]["key"] = action.group(2)

    def handle_endtag(self, tag):
        if self.field and tag not in self.VOID:
            self.depth -= 1
            if self.depth == 0:
                self.field = None

    def handle_data(self, data):
        if self.field:
            self.current[self.field] += data


class Isso:
    """Isso with `[moderation] enabled` and `[admin] enabled`: new comments wait in a queue."""

    def __init__(self, options):
        self.site = Site(options.url)
        self.site.ask("POST", "/login/", {"password": os.environ["ISSO_PASSWORD"]})

    def comments(self):
        page = self.site.ask("GET", "/admin/?mode=2&page=0&order_by=created&asc=1")
        if 'name="password"' in page:
            raise Trouble("Isso doesn't take the password")
        self.keys = {}
        for name, comment in Queue(page).comments.items():
            self.keys[name] = comment.pop("key")
            yield name, {k: v.strip() for k, v in comment.items()}

    def act(self, name, action):
        self.site.ask("POST", f"/id/{name}/{action}/{urllib.parse.quote(self.keys[name])}", {})

    def publish(self, name):
        self.act(name, "activate")
        return "published"

    def delete(self, name):
        self.act(name, "delete")
        return "deleted"


class Remark42:
    """Remark42 with ADMIN_PASSWD set: comments are public at once and can only be deleted."""

    LATEST = 100

    def __init__(self, options):
        password = base64.b64encode(b"admin:" + os.environ["ADMIN_PASSWD"].encode()).decode()
        self.site, self.name = Site(options.url, {"Authorization": f"Basic {password}"}), options.site

    def comments(self):
        text = self.site.ask("GET", f"/api/v1/last/{self.LATEST}?" + urllib.parse.urlencode({"site": self.name}))
        self.pages = {}
        for item in json.loads(text):
            if item.get("delete") or item["user"].get("admin"):
                continue
            self.pages[item["id"]] = item["locator"]["url"]
            yield item["id"], {"author": item["user"].get("name", ""), "content": item.get("orig") or item["text"], "permalink": item["locator"]["url"],
                               "date": item.get("time", "")}

    def publish(self, name):
        return "left"

    def delete(self, name):
        query = urllib.parse.urlencode({"site": self.name, "url": self.pages[name]})
        self.site.ask("DELETE", f"/api/v1/admin/comment/{urllib.parse.quote(name)}?{query}")
        return "deleted"


class Seen:
    """The comments that were judged before: a JSON file {comment: verdict's id}."""

    def __init__(self, path):
        self.path, self.ids = path, {}
        if path and os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                self.ids = json.load(f)

    def add(self, name, verdict_id):
        self.ids[name] = verdict_id
        if not self.path:
            return
        with tempfile.NamedTemporaryFile("w", dir=os.path.dirname(os.path.abspath(self.path)), delete=False, encoding="utf-8") as f:
            json.dump(self.ids, f)
        os.replace(f.name, self.path)


def decide(system, name, verdict, options):
    """Do what the verdict says; return what was done."""
    if options.dry_run:
        return "left (dry run)"
    if verdict["verdict"] == "ham":
        return system.publish(name)
    if verdict["verdict"] == "spam" and verdict["probability"] >= options.delete_above:
        return system.delete(name)
    return "left"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    systems = parser.add_subparsers(dest="system", required=True)
    for name, more in (("isso", ()), ("remark42", ("site",))):
        system = systems.add_parser(name)
        system.add_argument("url", help="where it answers, such as https://comments.example.com")
        for argument in more:
            system.add_argument(argument, help="its name of the site")
        system.add_argument("--socket", default="/var/lib/hamlet/hamlet.sock", help="hamletd's socket (default: %(default)s)")
        system.add_argument("--seen", metavar="FILE", help="remember here what was judged, so that it isn't again")
        system.add_argument("--delete-above", metavar="P", type=float, default=2.0, help="delete spam of at least this probability (default: never)")
        system.add_argument("--dry-run", action="store_true", help="judge, and change nothing")
    return parser.parse_args()


def main():
    options = arguments()
    hamlet, seen = Hamlet(options.socket, os.environ.get("HAMLET_KEY")), Seen(options.seen)
    system = {"isso": Isso, "remark42": Remark42}[options.system](options)
    for name, comment in list(system.comments()):
        if name in seen.ids:
            continue
        verdict = hamlet.check(comment)
        done = decide(system, name, verdict, options)
        seen.add(name, verdict["id"])
        print(f"{name} {verdict['verdict']} {verdict['probability']:.4f} {verdict['id']} {done}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyError as e:
        sys.exit(f"moderate.py: {e.args[0]} is missing")
    except (HamletError, Trouble, ValueError) as e:
        sys.exit(f"moderate.py: {e}")
