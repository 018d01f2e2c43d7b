"""What a link looks like once it has been made hard to see; the text around it stays."""
import re

LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'\]]+"
    r"|\b[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|info|ru|tk|ly|gl|be|co|me|tv|us|uk|biz|xyz|top)\b(?:/[^\s<>\"'\]]*)?", re.I)
ANCHOR = re.compile(r"<a\s[^>]*?href\s*=\s*[\"']?([^\"'\s>]+)[\"']?[^>]*>(.*?)</a\s*>", re.I | re.S)
SHORTENERS = ("https://bit.ly/", "https://tinyurl.com/", "https://is.gd/", "https://cutt.ly/")
LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def has_link(row):
    return bool(LINK.search(row["content"]))


def plain(text):
    """Anchors as their words and the address."""
    return ANCHOR.sub(lambda m: f"{m[2]} {m[1]}", text)


def bare(link):
    """Without scheme and www."""
    return re.sub(r"^https?://|^www\.", "", re.sub(r"^https?://", "", link, flags=re.I), flags=re.I)


def rewritten(row, change):
    """The row with CHANGE(link) for each link of its text."""
    return {**row, "content": LINK.sub(lambda m: change(m[0]), plain(row["content"]))}


def split_by(dot):
    def attack(row, _site, _draw):
        def change(link):
            host, slash, path = bare(link).partition("/")
            return host.replace(".", dot) + slash + path
        return rewritten(row, change)
    return attack


def without_scheme(row, _site, _draw):
    return rewritten(row, bare)


def shortened(row, _site, draw):
    """Every link by way of a service that tells nothing of where it leads."""
    short = lambda _: draw.choice(SHORTENERS) + "".join(draw.choices(LETTERS, k=7))
    return {**row, "content": LINK.sub(short, row["content"])}


def marked_up(anchor, link):
    """Anchors by the form ANCHOR, links that stand alone by the form LINK."""
    def attack(row, _site, _draw):
        text, at, out = row["content"], 0, []
        for m in ANCHOR.finditer(text):
            out += [LINK.sub(lambda n: link.format(n[0]), text[at:m.start()]), anchor.format(m[1], m[2])]
            at = m.end()
        return {**row, "content": "".join(out) + LINK.sub(lambda n: link.format(n[0]), text[at:])}
    return attack


def in_the_author_field(row, _site, _draw):
    """No link in the text; the first of those that were there is the commenter's own site."""
    link = LINK.search(row["content"])[0]
    address = link if link.lower().startswith("http") else "http://" + link
    text = LINK.sub("", ANCHOR.sub(lambda m: m[2], row["content"]))
    return {**row, "content": re.sub(r"[ \t]+", " ", text).strip(), "url": address}


ATTACKS = (
    ("link split: example . com", split_by(" . ")),
    ("link split: example (dot) com", split_by(" (dot) ")),
    ("link shortened", shortened),
    ("link without scheme", without_scheme),
    ("link in BBCode", marked_up("[url={0}]{1}[/url]", "[url]{0}[/url]")),
    ("link in Markdown", marked_up("[{1}]({0})", "[link]({0})")),
    ("link in the author field only", in_the_author_field),
)
