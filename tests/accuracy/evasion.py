#!/usr/bin/env python3
"""How hard Hamlet is to fool.  Run by `make evasion`.

Held-out spam that was caught is written as spammers write it (attacks.py, links.py) and judged again by the same model: which share is
still caught?  What honest people write so too (other alphabets, marks, odd spellings) must not be blocked for it: the same is done
to held-out ham.  TubeSpam's train halves in five folds, the text alone; links with all fields, and on a WordPress blog too.

The programs come from the environment: HAMLET, HAMLETD (for the row with poisoned corrections) and HAMLET_SHARED.
"""
import argparse
import concurrent.futures
import dataclasses
import json
import random
import shutil
import signal
import sys
import tempfile
import time
import typing

import attacks
import figures
import links
import poison
from attacks import Attack
from judge import Failed, Hamlet
from rows import Missing, folds, load, pooled_halves
from table import percent, print_table

HAM_MAY_RISE = 0.01
HEAD = ("attack", "spam", "still caught", "of p >= .5", "ham blocked", "at p >= .5", "best before", "to reach", "outcome")


@dataclasses.dataclass
class Target:
    """What is attacked, and with what."""

    key: str
    title: str
    load: typing.Callable
    content: bool  # the filter sees the text alone
    attacks: tuple
    applies: typing.Callable = lambda _row: True


LINK_ATTACKS = tuple(Attack(name, change, 0.95) for name, change in links.ATTACKS)
OWN_WORDS = Attack("20 most innocent words of the very site", attacks.pad("own", 20), 0.80, "54 %")
TARGETS = (
    Target("words", "TubeSpam, content only", pooled_halves, True, attacks.text_attacks()),
    Target("links", "TubeSpam with a link, the full comment", pooled_halves, False, LINK_ATTACKS, links.has_link),
    Target("blog", "WordPress blog, the full comment", lambda: load("wordpress-mkb-earlier"), False, (OWN_WORDS,)),
    Target("blog-links", "WordPress blog with a link, the full comment", lambda: load("wordpress-mkb-earlier"), False,
           LINK_ATTACKS, links.has_link),
)


@dataclasses.dataclass
class Count:
    """Of one attack: rows caught (blocked) before, and of these after; by the threshold and by probability 0.5."""

    rows: int = 0
    before: int = 0
    after: int = 0
    half_before: int = 0
    half_after: int = 0

    def spam(self, was, now):
        self.rows += 1
        self.before += was.blocked
        self.after += was.blocked and now.blocked
        self.half_before += was.p >= 0.5
        self.half_after += was.p >= 0.5 and now.p >= 0.5

    def ham(self, was, now):
        self.rows += 1
        self.before += was.blocked
        self.after += now.blocked
        self.half_before += was.p >= 0.5
        self.half_after += now.p >= 0.5


# -- Attacking


def site_of(row, train, sites):
    """What the attacker knows of the row's site (its video, its blog) and of the next one."""
    own, names = row["source"], sorted({r["source"] for r in train})
    if own not in sites:
        other = names[(names.index(own) + 1) % len(names)] if own in names else names[0]
        of = lambda name: [r for r in train if r["source"] == name]
        sites[own] = attacks.site_of(train, of(own), of(other))
    return sites[own]


def attacked(target, train, test):
    """(attack, index of the row, the row as the attacker writes it) for each that applies."""
    sites = {}
    for attack in target.attacks:
        for i, row in enumerate(test):
            if target.applies(row) and (row["label"] == "spam" or attack.ham):
                draw = random.Random(f"{attack.name}/{i}")
                yield attack, i, attack.change(row, site_of(row, train, sites), draw)


def judge_fold(hamlet, target, train, test):
    """All attacks on the test rows of one fold, by one call: (attack name, before, after)."""
    tried = list(attacked(target, train, test))
    judged = hamlet.score(train, test + [row for _, _, row in tried], target.content)
    return [(attack.name, judged[i], after) for (attack, i, _), after in zip(tried, judged[len(test):])]


def run(hamlet, target, pool):
    """{attack: (Count of spam, Count of ham)}, or why it was skipped."""
    try:
        parts = list(folds(by_site(target.load())))
    except Missing as e:
        return f"{e}: not there"
    counts = {attack.name: (Count(), Count()) for attack in target.attacks}
    for seen in pool.map(lambda part: judge_fold(hamlet, target, *part), parts):
        for name, was, now in seen:
            spam, ham = counts[name]
            if was.spam:
                spam.spam(was, now)
            else:
                ham.ham(was, now)
    return counts


def by_site(rows):
    """Rows whose source tells the site: a video of TubeSpam, or the blog."""
    return [{**row, "source": row.get("source", "")} for row in rows]


# -- What it means


def shares(spam, ham):
    """The figures of one attack."""
    found = {"spam": spam.before, "caught": figures.share(spam.after, spam.before),
             "caught_half": figures.share(spam.half_after, spam.half_before)}
    if ham.rows:
        found.update({"ham": ham.rows, "blocked": [ham.before / ham.rows, ham.after / ham.rows],
                      "blocked_half": [ham.half_before / ham.rows, ham.half_after / ham.rows]})
    return found


def missed(attack, found):
    """What of the goal isn't reached."""
    out = []
    if not found["spam"]:
        out.append("no spam was caught before")
    elif found["caught"] < attack.goal - 1e-9:
        out.append("caught")
    if "ham" in found and found["blocked"][1] - found["blocked"][0] > HAM_MAY_RISE + 1e-9:
        out.append("ham")
    return out


def line(attack, found):
    arrow = lambda pair: f"{100 * pair[0]:.1f} -> {percent(pair[1])}"
    wanting = missed(attack, found)
    return (attack.name, str(found["spam"]), percent(found["caught"]), percent(found["caught_half"]),
            arrow(found["blocked"]) if "ham" in found else "-", arrow(found["blocked_half"]) if "ham" in found else "-",
            attack.before, percent(attack.goal, 0) + (", ham +1 point" if attack.ham else ""),
            "NOT MET: " + ", ".join(wanting) if wanting else "met")


def poison_line(step):
    outcome = "" if step.met is None else "met" if step.met else "NOT MET"
    return (step.title, str(step.rows), step.figure, "", "", "", "", step.goal, ": ".join(filter(None, (outcome, step.note))))


def table(results, steps):
    """Lines of the table, a heading before each target."""
    blank = ("",) * (len(HEAD) - 1)
    for target, counts in results:
        yield (target.title + ":", *blank)
        if isinstance(counts, str):
            yield ("  skipped: " + counts, *blank)
            continue
        for attack in target.attacks:
            cells = line(attack, shares(*counts[attack.name]))
            yield ("  " + cells[0], *cells[1:])
    if steps is not None:
        yield ("200 poisoned corrections by one site's visitors:", *blank)
        yield from [("  skipped: " + steps, *blank)] if isinstance(steps, str) else map(poison_line, steps)


def as_json(results, steps, seconds):
    out = {"seconds": seconds, "targets": {}}
    for target, counts in results:
        if isinstance(counts, str):
            out["targets"][target.key] = {"skipped": counts}
            continue
        found = [(a, shares(*counts[a.name])) for a in target.attacks]
        out["targets"][target.key] = {a.name: {**f, "goal": a.goal, "missed": missed(a, f)} for a, f in found}
    if steps is not None:
        out["poison"] = {"skipped": steps} if isinstance(steps, str) else [dataclasses.asdict(s) for s in steps]
    return out


# -- The program


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [*(t.key for t in TARGETS), "poison"]
    parser.add_argument("parts", nargs="*", help=f"{', '.join(names)} (default: all)")
    parser.add_argument("--attack", metavar="WORDS", help="only the attacks whose name has these words")
    parser.add_argument("--list", action="store_true", help="list the attacks")
    parser.add_argument("--json", action="store_true", help="all figures, as one JSON object")
    options = parser.parse_args()
    unknown = set(options.parts) - set(names)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    return options


def chosen_targets(options):
    """The parts asked for, with the attacks asked for."""
    for target in TARGETS:
        some = tuple(a for a in target.attacks if not options.attack or options.attack in a.name)
        if some and (not options.parts or target.key in options.parts):
            yield dataclasses.replace(target, attacks=some)


def measure(options, targets, folder):
    hamlet = Hamlet(folder)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = [(target, run(hamlet, target, pool)) for target in targets]
    wanted = "poison" in options.parts or (not options.parts and not options.attack)
    return results, poison.run(hamlet, folder) if wanted else None


def main():
    options = arguments()
    targets = list(chosen_targets(options))
    if options.list:
        print("\n".join(f"{t.key:12} {a.name}" for t in targets for a in t.attacks))
        return 0
    signal.signal(signal.SIGTERM, poison.ended)
    folder, begun = tempfile.mkdtemp(prefix="hamlet-evasion-", dir="/tmp"), time.monotonic()
    try:
        results, steps = measure(options, targets, folder)
    except Failed as e:
        print(f"evasion: {e}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    seconds = time.monotonic() - begun
    if options.json:
        print(json.dumps(as_json(results, steps, seconds), indent=1))
        return 0
    lines = list(table(results, steps))
    print_table(HEAD, lines)
    missed_rows, skipped = (sum(l[i].strip().startswith(word) for l in lines) for i, word in ((-1, "NOT MET"), (0, "skipped")))
    print(f"\n{missed_rows} rows not met, {skipped} parts skipped, in {seconds:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
