#!/usr/bin/env python3
"""How well Hamlet judges, beside what others reached on the same rows.  Run by `make accuracy`.

Each row of the table is a protocol (protocols.py): the real `hamlet` is trained on some rows and judges others, and what it said of
each is counted here.  Blocked ham comes first, at the model's own threshold and a budget of 0.5 %, with its 95 % interval.  A goal
for Matthews correlation is judged at probability 0.5, as the peers' figures are; the figure at the threshold stands beside it, and
what the best of all thresholds would have given, which only the test rows can tell.  The intervals of Matthews correlation, AUC and
spam caught are those of rows drawn anew (bootstrap): a goal within one is not told from what was reached by so few rows.

The programs come from the environment: HAMLET, HAMLET_CORPUS and HAMLET_SHARED (the folder that holds data/).
"""
import argparse
import concurrent.futures
import json
import os
import shutil
import signal
import sys
import tempfile
import time

import figures
import protocols
from judge import Failed, Hamlet
from rows import Missing
from table import number, percent, print_table

BUDGET = 0.005
MIX_OPTION = "spam-share"  # of `hamlet score`, if it has it: how much of what comes is spam
HEAD = ("protocol", "rows", "blocked ham (95 %)", "caught", "MCC", "MCC .5 (95 %)", "MCC best", "AUC (95 %)", "SC at BH (95 %)",
        "cal. error (if perfect)",
        "naive Bayes", "best filter", "prototype", "to reach", "outcome")

# Figure: (how it is called, whether more is better, how it is written).
GOALS = {
    "mcc": ("MCC", True, number), "auc": ("AUC", True, number), "caught_at": ("SC", True, percent),
    "trained_caught": ("SC trained for BH <= 1 %", True, percent), "trained_blocked": ("its BH", False, percent),
    "blocked_ham": ("BH", False, percent), "unsure": ("unsure", True, percent), "ece": ("cal.", False, number),
    "caught_at_loss": ("loss of SC", False, percent), "auc_loss": ("loss of AUC", False, number),
    "mcc_loss": ("loss of MCC", False, number),
}
NO_COLUMN = ("trained_caught", "trained_blocked", "unsure", "caught_at_loss", "auc_loss", "mcc_loss")


def ended(number_, _frame):
    raise Failed(f"ended by signal {number_}")


# -- Measuring


def mix_options(hamlet, protocol, test):
    """What a site whose mix is known would have set."""
    if not (protocol.mix and hamlet.takes("score", MIX_OPTION)):
        return []
    spam = sum(row["label"] == "spam" for row in test)
    return [f"--{MIX_OPTION}", f"{spam / len(test):.4f}"]


def agrees(judged, theirs):
    """Whether `hamlet eval` counts what `hamlet score` says as we do."""
    confusion = figures.confusion(judged, figures.at_threshold)
    near = lambda a, b: a is None or abs(a - b) < 1e-6
    return (confusion == tuple(theirs["confusion"][k] for k in ("tp", "fp", "tn", "fn"))
            and near(figures.auc(judged), theirs["auc"])
            and near(figures.calibration_error([(j.p, j.spam) for j in judged]), theirs["ece"])
            and near(figures.caught_at(judged, 0.01), theirs["caught_at_blocked_ham"]["0.01"]))


def with_budget(hamlet, splits, protocol):
    """What a model trained for another budget catches and blocks: eval counts, for score knows one budget only."""
    seen = [hamlet.evaluate(train, test, protocol.content, protocol.budget)["confusion"] for train, test in splits]
    tp, fp, tn, fn = (sum(c[k] for c in seen) for k in ("tp", "fp", "tn", "fn"))
    return {"trained_caught": figures.share(tp, tp + fn), "trained_blocked": figures.share(fp, fp + tn)}


def mean_of(parts, key):
    values = [p[key] for p in parts]
    return None if None in values else sum(values) / len(values)


def chance(parts, protocol):
    """How far Matthews correlation, AUC and spam caught would be elsewhere on other rows of the same kind."""
    whole = parts if protocol.mean else [[j for part in parts for j in part]]
    of = {"mcc_half": lambda rows: figures.mcc(rows, figures.at_half), "auc": figures.auc,
          "caught_at": lambda rows: figures.caught_at(rows, protocol.rate)}
    return figures.bootstrap_intervals(whole, of)


def run(hamlet, protocol):
    """All figures of one protocol; {"skipped": why} where its data is absent."""
    try:
        splits = list(protocol.splits())
    except Missing as e:
        return {"skipped": f"{e}: not there"}
    parts = [hamlet.score(train, test, protocol.content, mix_options(hamlet, protocol, test)) for train, test in splits]
    found = figures.measure([j for part in parts for j in part], protocol.rate)
    found["unsure_each"] = [figures.share(sum(j.unsure for j in part), len(part)) for part in parts]
    if protocol.mean:
        each = [figures.measure(part, protocol.rate) for part in parts]
        found.update({key: mean_of(each, key) for key in ("mcc", "mcc_half", "mcc_best", "auc")})
    found["chance"] = chance(parts, protocol) if found["auc"] is not None else {}
    if protocol.budget:
        found.update(with_budget(hamlet, splits, protocol))
    if len(splits) == 1 and not protocol.mix and not agrees(parts[0], hamlet.evaluate(*splits[0], protocol.content)):
        raise Failed(f"{protocol.key}: eval and score don't agree")
    return found


def add_losses(found, protocol, results):
    """How much worse than the row that a protocol is compared with, over the same test rows."""
    base = results.get(protocol.base, {})
    if not base or "skipped" in base or "skipped" in found:
        return
    for loss, key in (("caught_at_loss", "caught_at"), ("auc_loss", "auc"), ("mcc_loss", "mcc_half")):
        found[loss] = base[key] - found[key]


def run_all(chosen, folder):
    """Results by key, two protocols at a time; what they are compared with runs too."""
    hamlet, bases = Hamlet(folder), {p.base for p in chosen}
    todo = [p for p in protocols.PROTOCOLS if p in chosen or p.key in bases]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = dict(zip([p.key for p in todo], pool.map(lambda p: run(hamlet, p), todo)))
    for p in chosen:
        add_losses(results[p.key], p, results)
    return results


# -- What it means


def goal_value(found, figure):
    return found.get("mcc_half" if figure == "mcc" else figure)


def reached(found, figure, bar):
    """Whether a goal is met; None where it can't be told."""
    value = goal_value(found, figure)
    if value is None:
        return None
    if figure == "ece":  # no model can be better than chance allows
        bar = max(bar, found["ece_interval"][1])
    return value >= bar - 1e-9 if GOALS[figure][1] else value <= bar + 1e-9


def in_chance(found, figure, bar):
    """Whether a goal lies within the interval of what was reached."""
    low, high = found["chance"].get("mcc_half" if figure == "mcc" else figure, (1, 0))
    return low <= bar <= high


def outcome(found, goals):
    """Whether all goals are met; each that isn't, with its figure, and the figures that have no column."""
    notes, met = [], True
    for figure, bar in goals:
        name, _, write = GOALS[figure]
        ok, value = reached(found, figure, bar), goal_value(found, figure)
        met = met and bool(ok)
        within = " (within its interval)" if in_chance(found, figure, bar) else ""
        if figure == "mcc" and found["mcc"] < bar:
            notes.append(f"MCC {write(value)}{within}" if not ok else f"MCC at the threshold {write(found['mcc'])}")
        elif not ok or figure in NO_COLUMN:
            notes.append(f"{name} {write(value)}{within if not ok else ''}")
    return ("" if not goals else "met" if met else "NOT MET") + (": " + ", ".join(notes) if notes else "")


def goals_text(goals):
    words = []
    for figure, bar in goals:
        name, more, write = GOALS[figure]
        words.append(f"{name} {'' if more else '<= '}{write(bar, 2) if figure == 'ece' else write(bar)}")
    return ", ".join(words)


def blocked_text(found):
    if found["blocked_ham"] is None:
        return "-"
    low, high = found["blocked_interval"]
    return f"{found['blocked']}: {percent(found['blocked_ham'], 2)} ({100 * low:.1f}..{100 * high:.1f})"


def with_chance(found, figure, text):
    """TEXT and between which values the figure's chance is."""
    if figure not in found["chance"]:
        return text
    low, high = found["chance"][figure]
    return f"{text} ({low:.3f}..{high:.3f})"


def line(protocol, found):
    if "skipped" in found:
        return (protocol.title, *[""] * 9, protocol.bayes, protocol.field, protocol.prototype, goals_text(protocol.goals),
                "skipped: " + found["skipped"])
    low, high = found["ece_interval"]
    at = f"{percent(found['caught_at'])} at {100 * protocol.rate:g} %" if found["caught_at"] is not None else "-"
    return (protocol.title, f"{found['rows']:,}", blocked_text(found), percent(found["caught"]), number(found["mcc"]),
            with_chance(found, "mcc_half", number(found["mcc_half"])), number(found["mcc_best"]),
            with_chance(found, "auc", number(found["auc"], 4)), with_chance(found, "caught_at", at), f"{number(found['ece'])} ({low:.3f}..{high:.3f})",
            protocol.bayes, protocol.field, protocol.prototype, goals_text(protocol.goals), outcome(found, protocol.goals))


def budget_kept(chosen, results):
    """Blocked ham over all sets, each row once, against what a true rate of the budget would give."""
    counted = [results[p.key] for p in chosen if p.counted and "skipped" not in results[p.key]]
    ham, blocked = sum(r["ham"] for r in counted), sum(r["blocked"] for r in counted)
    low, high = figures.binomial_interval(ham, BUDGET) if ham else (0, 0)
    return {"sets": len(counted), "ham": ham, "blocked": blocked, "share": figures.share(blocked, ham),
            "interval": figures.interval(blocked, ham), "allowed": (low, high), "met": blocked <= high if ham else None}


def print_budget(kept):
    low, high = kept["allowed"]
    a, b = kept["interval"]
    where = "within it: met" if low <= kept["blocked"] <= high else "below it: met" if kept["met"] else "above it: NOT MET"
    print(f"\nBlocked ham over {kept['sets']} sets (each comment once): {kept['blocked']} of {kept['ham']:,} = "
          f"{percent(kept['share'], 2)} (95 %: {percent(a, 2)} to {percent(b, 2)}); asked for {percent(BUDGET)}, "
          f"which allows {low} to {high}: {where}.  The field: 1.7 to 3 times the budget.")


# -- The program


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", help="the names of the rows to measure (default: all)")
    parser.add_argument("--list", action="store_true", help="list the rows' names")
    parser.add_argument("--json", action="store_true", help="all figures, as one JSON object")
    options = parser.parse_args()
    unknown = set(options.rows) - {p.key for p in protocols.PROTOCOLS}
    if unknown:
        parser.error(f"no such row: {', '.join(sorted(unknown))} (--list shows them)")
    return options


def report(options, chosen, results, seconds):
    kept = budget_kept(chosen, results)
    if options.json:
        met = lambda p: {figure: reached(results[p.key], figure, bar) for figure, bar in p.goals}
        rows = {p.key: {**results[p.key], "goals": dict(p.goals), "met": met(p)} for p in chosen}
        print(json.dumps({"rows": rows, "budget": kept, "seconds": seconds}, indent=1))
        return
    print_table(HEAD, [line(p, results[p.key]) for p in chosen])
    if kept["ham"]:
        print_budget(kept)
    missed = sum(outcome(results[p.key], p.goals).startswith("NOT") for p in chosen if "skipped" not in results[p.key])
    skipped = sum("skipped" in results[p.key] for p in chosen)
    print(f"{len(chosen)} rows, {missed} with a goal that isn't met, {skipped} skipped, in {seconds:.0f} s")


def main():
    options = arguments()
    chosen = [p for p in protocols.PROTOCOLS if not options.rows or p.key in options.rows]
    if options.list:
        print("\n".join(f"{p.key:26} {p.title.strip()}" for p in chosen))
        return 0
    signal.signal(signal.SIGTERM, ended)
    folder, begun = tempfile.mkdtemp(prefix="hamlet-accuracy-"), time.monotonic()
    try:
        results = run_all(chosen, folder)
    except Failed as e:
        print(f"accuracy: {e}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report(options, chosen, results, time.monotonic() - begun)
    return 0


if __name__ == "__main__":
    sys.exit(main())
