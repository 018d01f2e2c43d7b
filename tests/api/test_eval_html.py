"""hamlet eval --html: one page that stands by itself, says what --json says, and that no comment can break."""
import html.parser
import json
import os
import re
import resource
import signal
import stat

import pytest

from cli_fixtures import corpus, ham, small, small_trained, spam, write_lines  # noqa: F401
from harness import hamlet

VOID = {"meta", "br", "hr", "img", "link", "input", "col", "source", "wbr"}
SVG_ENDS_ITSELF = {"path", "line", "rect", "circle"}


class Page(html.parser.HTMLParser):
    """A page that must be well formed: every element closed, in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.stack, self.elements, self.data, self.texts, self.current = [], [], {}, {}, None
        self.feed(text)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag, attrs):
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice in <{tag}>"
        attrs = dict(attrs)
        self.elements.append((tag, attrs))
        if tag == "data":
            assert attrs["id"] not in self.data
            self.data[attrs["id"]] = float(attrs["value"])
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in SVG_ENDS_ITSELF, tag
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.stack and self.stack.pop() == tag, f"</{tag}>"

    def handle_data(self, data):
        if self.stack:
            self.texts.setdefault(self.stack[-1], []).append(data)

    def handle_comment(self, data):
        pytest.fail("a comment in the page")

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


def report(path):
    with open(path, "rb") as f:
        text = f.read().decode("utf-8")  # strictly
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]", text)
    return text


def evaluate(path, *args, **kwargs):
    """Run with --html and --json; return the page and the figures."""
    done = hamlet("eval", *args, "--html", path, "--json", **kwargs)
    return Page(report(path)), json.loads(done.stdout)


def figures_on(page):
    """The page's figures, in the form of --json."""
    d = page.data
    return {"caught_at_blocked_ham": {"0.002": d["caught_at_0.002"], "0.01": d["caught_at_0.01"]},
            "confusion": {k: d[k] for k in ("tp", "fp", "tn", "fn")},
            **{k: d[k] for k in ("test", "accuracy", "spam_caught", "blocked_ham", "f1", "mcc", "auc", "brier", "ece", "unsure",
                                 "features")}}


def swap(row):
    return {**row, "label": "spam" if row["label"] == "ham" else "ham"}


@pytest.fixture
def hard(tmp_path):
    """Test rows of which every fourth is labelled wrong, so that there are mistakes of both kinds."""
    rows = [f(300 + i) for i in range(60) for f in (ham, spam)]
    return write_lines(tmp_path / "hard.jsonl", [swap(row) if i // 2 % 4 == 0 else row for i, row in enumerate(rows)])


def test_the_page_is_well_formed_and_stands_by_itself(corpus, hard, tmp_path):
    page, _ = evaluate(tmp_path / "report.html", "--train", corpus, "--test", hard)
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form", "a", "use", "image"}
    for tag, attrs in page.elements:
        assert not {"src", "href", "xlink:href", "srcset", "style", "action"} & set(attrs), tag
        assert not [name for name in attrs if name.startswith("on")], tag
    style = "".join(page.texts["style"])
    assert "url(" not in style and "@import" not in style and "prefers-color-scheme:dark" in style
    assert any("default-src 'none'" in meta.get("content", "") for meta in page.all("meta"))
    assert page.all("html")[0]["lang"] == "en" and page.texts["title"]


def test_the_page_is_accessible(corpus, hard, tmp_path):
    page, _ = evaluate(tmp_path / "report.html", "--train", corpus, "--test", hard)
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(set(ids)) == len(ids)
    for _, attrs in page.elements:
        assert attrs.get("aria-labelledby", ids[0]) in ids
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(levels, levels[1:])), levels
    assert len(page.all("svg")) == 5
    assert all(svg["role"] == "img" and len(svg["aria-label"]) > 20 for svg in page.all("svg"))
    assert len(page.all("table")) == len(page.all("caption")) > 5
    assert len(page.all("main")) == 1 and len(page.all("meta")) >= 3


@pytest.mark.parametrize("way", ["split", "folds", "model", "content"])
def test_figures_are_those_of_json(corpus, hard, small, tmp_path, way):
    args = {"split": ["--train", corpus, "--test", hard], "folds": ["--folds", "4", hard],
            "model": ["--model", os.path.realpath(os.path.join(small, "models", "current")), "--test", hard],
            "content": ["--fields", "content", "--train", corpus, "--test", hard]}[way]
    path = tmp_path / "report.html"
    page, figures = evaluate(path, *args)
    mine = figures_on(page)
    assert mine == {k: figures[k] for k in mine}
    assert page.data.get("train", 0) == figures["train"]
    text = report(path)
    assert str(hard) in text and re.search(r'<time datetime="20\d\d-\d\d-\d\dT', text)
    assert ("4-fold cross-validation" in text) == (way == "folds")
    assert ("comment's text only" in text) == (way == "content")
    assert text.index('id="blocked_ham"') < text.index('id="spam_caught"') < text.index('id="mcc"')
    assert len(page.all("article")) == sum(min(20, figures["confusion"][k]) for k in ("fp", "fn")) > 2
    # The figures alone are the same without the page, but for the time.
    alone = json.loads(hamlet("eval", *args, "--json").stdout)
    assert {**alone, "seconds": 0} == {**figures, "seconds": 0}


def test_the_worst_mistakes_come_with_their_evidence(corpus, tmp_path):
    rows = [swap(ham(400 + i)) for i in range(30)] + [swap(spam(1)), ham(450), spam(450)]
    test = write_lines(tmp_path / "test.jsonl", rows)
    path = tmp_path / "report.html"
    page, figures = evaluate(path, "--train", corpus, "--test", test)
    text = report(path)
    assert figures["confusion"]["fp"] == 1 and figures["confusion"]["fn"] == 30
    assert "The only one." in text and "The 20 most confident of 30." in text
    blocked, missed = text.split('id="blocked"')[1].split('id="missed"')
    assert blocked.count("<article>") == 1 and missed.count("<article>") == 20
    assert "casino" in blocked and "http://casino1.example/" in blocked and f"{test}, line&nbsp;31" in blocked
    shown = [float(p) for p in re.findall(r"<h4>Probability ([\d.]+)", missed)]
    assert shown == sorted(shown)
    # What is listed adds up to the log-odds.
    weights = [float(w.replace("−", "-")) for w in re.findall(r'<td class="(?:for|against)">([^<]+)</td>', blocked)]
    assert len(weights) == 11 and weights[-1] > 0
    assert abs(sum(weights[:-1]) - weights[-1]) < 0.06  # each is rounded
    assert page.all("blockquote")


HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "</style></blockquote></body></html><!-- <![CDATA[ ]]> --> &lt;script&gt; &#60;b>",
    "\" onload=\"alert(1)\" ' onclick='x' `",
    "bells \x07 escapes \x1b[31m\x9b31m nul \x00 tab\tnew\nline\r\x85\u2028 end",
    "turned \u202e gnirts \u2066 hidden \u200b \u00ad \ufeff marks \U000e0041",
    "x" * 100000,
    "word " * 20000,
    "\u0301" * 100000,
    "\u05d0" * 3000 + " \u0627\u0644",
    " \n\t " * 30000,
    "\ufffe\uffff\U0010ffff",
    "",
]


def hostile_rows(label):
    for i, text in enumerate(HOSTILE):
        yield {"label": label, "content": text + (f" casino {i}" if label == "ham" else f" thanks for the post {i}" * (i % 2)),
               "author": text[:3000], "url": text[:3000], "email": text[:300]}


def test_hostile_comments_cannot_break_the_page(corpus, tmp_path):
    test = tmp_path / os.fsdecode(b"<b>&\"'\x1b[31m;\xff`.jsonl")  # comments are UTF-8 once they are read, names needn't be
    rows = [json.dumps(row).encode() for label in ("ham", "spam") for row in hostile_rows(label)]
    rows += [json.dumps(swap(ham(i))).encode() for i in range(3)]
    test.write_bytes(b"\n".join(rows) + b"\n")
    train = tmp_path / "train.jsonl"
    train.write_bytes(corpus.read_bytes() + b"".join(
        json.dumps({**row, "label": "ham" if row["label"] == "spam" else "spam"}).encode() + b"\n"
        for label in ("ham", "spam") for row in hostile_rows(label)))
    path = tmp_path / "report.html"
    page, figures = evaluate(path, "--train", train, "--test", test)
    wrong = figures["confusion"]["fp"] + figures["confusion"]["fn"]
    assert wrong >= 15, "the test needs mistakes"
    assert os.path.getsize(path) < 300_000
    assert not {tag for tag, _ in page.elements} & {"script", "img", "b"}
    assert len(page.all("body")) == len(page.all("style")) == 1
    for _, attrs in page.elements:
        assert not {"onload", "onclick", "onerror"} & set(attrs)
    text = report(path)
    assert max(len(t) for t in page.texts["blockquote"]) < 400 * 8
    assert "bytes in all" in text and "&lt;b&gt;&amp;&quot;&#39;\\x1b[31m;\\xff`.jsonl" in text


def test_many_rows_make_no_larger_page(corpus, tmp_path):
    """The curves of 30,000 rows have no more points than a screen can show."""
    rows = [f(i) for i in range(15000) for f in (ham, spam)]
    for i in range(0, len(rows), 3):
        rows[i]["content"] = " ".join(w for r in (rows[i], rows[i - 1]) for w in r["content"].split()[i % 4:])
    test = write_lines(tmp_path / "many.jsonl", rows)
    path = tmp_path / "report.html"
    page, figures = evaluate(path, "--train", corpus, "--test", test)
    assert figures["test"] == 30000 and os.path.getsize(path) < 250_000
    assert all(attrs["d"].count("L") < 2000 for attrs in page.all("path"))


@pytest.mark.parametrize("label", ["ham", "spam"])
def test_rows_of_one_class(corpus, tmp_path, label):
    test = write_lines(tmp_path / "one.jsonl", [(ham if label == "ham" else spam)(i) for i in range(5)])
    page, figures = evaluate(tmp_path / "report.html", "--train", corpus, "--test", test)
    assert figures_on(page)["confusion"] == figures["confusion"]
    assert "nan" not in report(tmp_path / "report.html").lower()


# -- Writing it


def test_the_page_replaces_another_and_is_private(corpus, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    path = folder / "report.html"
    path.write_text("old")
    hamlet("eval", "--folds", "3", corpus, "--html", path)
    assert report(path).startswith("<!DOCTYPE html>")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(folder) == ["report.html"]


@pytest.mark.parametrize("name", ["none/report.html", "folder", "file/report.html"])
def test_a_path_that_cannot_be_written_is_told_at_once(corpus, tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("a file")
    before = sorted(os.listdir(tmp_path))
    done = hamlet("eval", "--folds", "3", corpus, "--html", tmp_path / name, check=1)
    assert done.stdout == "" and done.stderr.startswith(f"hamlet: {tmp_path / name}: ")
    assert sorted(os.listdir(tmp_path)) == before and os.listdir(tmp_path / "folder") == []
    assert (tmp_path / "file").read_text() == "a file"


def test_a_device_is_left_alone(corpus):
    done = hamlet("eval", "--folds", "3", corpus, "--html", "/dev/null", check=1)
    assert "/dev/null" in done.stderr and stat.S_ISCHR(os.stat("/dev/null").st_mode)


def no_room():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


def test_nothing_half_done_stays(corpus, tmp_path):
    """The disk is full: the old report is still there, and the figures have been shown."""
    folder = tmp_path / "out"
    folder.mkdir()
    path = folder / "report.html"
    path.write_text("old")
    done = hamlet("eval", "--folds", "3", corpus, "--html", path, check=1, preexec_fn=no_room)
    assert done.stdout.startswith("blocked ham") and str(path) in done.stderr
    assert os.listdir(folder) == ["report.html"] and path.read_text() == "old"


def test_no_page_where_nothing_could_be_measured(corpus, tmp_path):
    path = tmp_path / "report.html"
    hamlet("eval", "--train", corpus, "--test", tmp_path / "none.jsonl", "--html", path, check=1)
    assert not path.exists()


@pytest.mark.parametrize("name", ["", "-"])
def test_the_page_needs_a_name(corpus, name):
    assert "--html" in hamlet("eval", "--folds", "3", corpus, "--html", name, check=2).stderr


def test_help_tells_of_it():
    assert re.search(r"--html REPORT +\S", hamlet("eval", "--help").stdout)
