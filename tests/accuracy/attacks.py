"""What spammers do to words: padding, disguised letters, spellings.  Each attack is (row, site, draw) -> row.

SITE (see below) is what the attacker knows; DRAW is a random.Random of the row's own, so that every run is the same.
Links and markup are left as they are: a link with a disguised letter leads nowhere.
"""
import collections
import dataclasses
import functools
import math
import re

from links import LINK

WORD = re.compile(r"[^\W\d_]{2,}")
KEPT = re.compile(f"(?:{LINK.pattern})|<[^>]*>|&#?\\w+;", re.I)
TELLING = math.log(2)  # a word that is twice as frequent in spam

LOOKALIKE = dict(zip("aceopxyijsBCEHKMOPTXAIJS" "vnukNZYdqw", "асеорхуіјѕВСЕНКМОРТХАІЈЅ" "νոυκΝΖΥԁԛԝ"))
ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"
COMBINING = "\u0301\u0306\u0308\u0323\u0330\u0332\u0336\u0338"
MATH = ((0x1D400, 0x1D41A), (0x1D468, 0x1D482), (0x1D4D0, 0x1D4EA), (0x1D56C, 0x1D586), (0x1D5D4, 0x1D5EE), (0x1D670, 0x1D68A))
LEET = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7", "g": "9", "b": "8", "l": "1"}


@dataclasses.dataclass
class Site:
    """The words that pass best: of the site under attack, of another; and which of all the filter knows as spam's."""

    own: list
    other: list
    vocabulary: list
    spam_ratio: dict


def words_of(row):
    return set(w.lower() for w in WORD.findall(KEPT.sub(" ", row["content"])))


def ratios(rows):
    """Word -> log of how much more frequent it is in spam: plain naive Bayes, from presence."""
    seen, n = (collections.Counter(), collections.Counter()), [0, 0]
    for row in rows:
        spam = row["label"] == "spam"
        n[spam] += 1
        seen[spam].update(words_of(row))
    rate = lambda word, spam: (seen[spam][word] + 0.5) / (n[spam] + 1)
    return {w: math.log(rate(w, True) / rate(w, False)) for w in set(seen[0]) | set(seen[1])}


def innocent(rows):
    """The words of these rows, the most innocent first."""
    by = ratios(rows)
    return sorted(by, key=lambda w: (by[w], w))


def site_of(train, own, other):
    """What can be known of a site, from the training rows: all, its own, another site's."""
    vocabulary = sorted(set().union(*(words_of(r) for r in other if r["label"] == "ham")))
    return Site(innocent(own), innocent(other), vocabulary, ratios(train))


# -- Padding


def appended(row, words, draw):
    words = list(words)
    draw.shuffle(words)
    return {**row, "content": row["content"] + " " + " ".join(words)}


def pad(source, n):
    return lambda row, site, draw: appended(row, getattr(site, source)[:n], draw)


def pad_random(n):
    return lambda row, site, draw: appended(row, draw.sample(site.vocabulary, min(n, len(site.vocabulary))), draw)


# -- Words and letters of the text alone


def outside_links(text, change):
    """TEXT with CHANGE of all that is neither link nor markup."""
    out, at = [], 0
    for m in KEPT.finditer(text):
        out += [change(text[at:m.start()]), m[0]]
        at = m.end()
    return "".join(out) + change(text[at:])


def letters(change, part=1.0):
    """CHANGE(letter, draw) of that PART of the letters."""
    def attack(row, _site, draw):
        one = lambda c: change(c, draw) if c.isalpha() and draw.random() < part else c
        return {**row, "content": outside_links(row["content"], lambda text: "".join(map(one, text)))}
    return attack


def words(change, telling_only=False, shortest=3):
    """CHANGE(word, draw) of the words of SHORTEST letters or more, or of those among them that tell of spam."""
    def attack(row, site, draw):
        def one(m):
            known = site.spam_ratio.get(m[0].lower(), 0) >= TELLING
            return change(m[0], draw) if len(m[0]) >= shortest and (known or not telling_only) else m[0]
        return {**row, "content": outside_links(row["content"], lambda text: WORD.sub(one, text))}
    return attack


def look_alike(c, _draw):
    return LOOKALIKE.get(c, c)


def mark_after(marks):
    return lambda c, draw: c + draw.choice(marks)


def full_width(c, _draw):
    return chr(ord(c) + 0xFEE0) if c.isascii() else c


def mathematical(word, draw):
    """One style a word; their letters stand in order from A and from a."""
    upper, lower = draw.choice(MATH)
    return "".join(chr((upper - 65 if c.isupper() else lower - 97) + ord(c)) if c.isascii() else c for c in word)


def entity(c, draw):
    return f"&#{ord(c)};" if draw.random() < 0.5 else f"&#x{ord(c):x};"


def reversed_by_override(word, _draw):
    """Written backwards and shown forwards."""
    return f"\u202e{word[::-1]}\u202c"


def leet(word, draw):
    return "".join(draw.choice(LEET[c]) if c in LEET else c for c in word.lower())


def joined(mark):
    """The letters one by one, and room around, so that a reader can still tell words."""
    return lambda word, _draw: f" {mark.join(word)} "


# -- The list: what it is called, the attack, the best measured before, the share to reach


LETTERS = (
    ("look-alike letters (Cyrillic, Greek)", letters(look_alike), letters(look_alike, 1 / 3)),
    ("zero-width marks", letters(mark_after(ZERO_WIDTH)), letters(mark_after(ZERO_WIDTH), 1 / 3)),
    ("full-width letters", letters(full_width), letters(full_width, 1 / 3)),
    ("mathematical letters", words(mathematical, shortest=2), words(mathematical, telling_only=True)),
    ("HTML entities", letters(entity), letters(entity, 1 / 3)),
    ("soft hyphens", letters(mark_after("\u00ad")), letters(mark_after(("&shy;",)), 1 / 3)),
    ("combining marks", letters(mark_after(COMBINING)), letters(mark_after(COMBINING), 1 / 3)),
    ("right-to-left marks", letters(mark_after("\u200e\u200f\u202a\u202c\u2066\u2069")),
     letters(mark_after("\u200e\u200f\u202a\u202c\u2066\u2069"), 1 / 3)),
    ("right-to-left override, word reversed", words(reversed_by_override), words(reversed_by_override, telling_only=True)),
)
SPELLINGS = (
    ("leet spelling", leet, "72-76 %"),
    ("spaced-out words", joined(" "), "61-67 %"),
    ("dotted words", joined("."), "61-67 %"),
)


@dataclasses.dataclass
class Attack:
    name: str
    change: object
    goal: float
    before: str = ""
    ham: bool = False  # ham is written so too, and must not be blocked for it


def padding():
    for n, before, goal in ((20, "92-97 %", 0.97), (100, "74-86 %", 0.90)):
        yield Attack(f"{n} most innocent words of another site", pad("other", n), goal, before)
        yield Attack(f"{n} random words of another site's ham", pad_random(n), goal, before)
    yield Attack("20 most innocent words of the very site", pad("own", 20), 0.80, "54 %")


def disguises():
    for name, every, some in LETTERS:
        rest = "telling words" if "word" in name or "mathematical" in name else "a third of them"
        rest = "a third of them, as &shy;" if name == "soft hyphens" else rest
        yield Attack(f"{name}: all", every, 1.0, "100 %", True)
        yield Attack(f"{name}: {rest}", some, 1.0, "100 %", True)
    for name, change, before in SPELLINGS:
        yield Attack(f"{name}: all of 3 letters or more", words(change), 0.90, before, True)
        yield Attack(f"{name}: telling words", words(change, telling_only=True), 0.90, before, True)


@functools.lru_cache(maxsize=None)
def text_attacks():
    return (*padding(), *disguises())
