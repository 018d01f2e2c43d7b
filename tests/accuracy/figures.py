"""Figures from judged rows, as `hamlet eval` defines them, and how much of each is chance."""
import collections
import math
import random

BINS = 10
DRAWS = 400
Z = 1.959964  # two-sided 95 %

Judged = collections.namedtuple("Judged", "spam p blocked unsure")  # what it is; probability; called spam; called unsure


def share(part, whole):
    return part / whole if whole else 0.0


def confusion(judged, said):
    """(tp, fp, tn, fn), where SAID tells what a row was called."""
    tp = fp = tn = fn = 0
    for j in judged:
        hit = said(j)
        tp, fn = tp + (j.spam and hit), fn + (j.spam and not hit)
        fp, tn = fp + (not j.spam and hit), tn + (not j.spam and not hit)
    return tp, fp, tn, fn


def mcc(judged, said):
    tp, fp, tn, fn = confusion(judged, said)
    return share(tp * tn - fp * fn, math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))


def at_threshold(j):
    return j.blocked


def at_half(j):
    return j.p >= 0.5


def auc(judged):
    """The chance that of a spam and a ham the spam has the higher probability; ties count half."""
    spam, ham = collections.Counter(j.p for j in judged if j.spam), collections.Counter(j.p for j in judged if not j.spam)
    won = below = 0
    for p in sorted(set(spam) | set(ham)):
        won += spam[p] * (below + ham[p] / 2)
        below += ham[p]
    return won / (sum(spam.values()) * below) if spam and ham else None


def caught_at(judged, rate):
    """Spam strictly above the ham that may not be blocked when at most RATE of it may be."""
    ham = sorted((j.p for j in judged if not j.spam), reverse=True)
    allowed = math.floor(rate * len(ham) + 1e-9)
    limit = ham[allowed] if allowed < len(ham) else -1
    spam = [j.p for j in judged if j.spam]
    return share(sum(p > limit for p in spam), len(spam)) if spam and ham else None


def best_mcc(judged):
    """The best that any threshold could give on these very rows: nobody can choose it, so it bounds what thresholds are worth."""
    spam = sum(j.spam for j in judged)
    ham, best, tp, fp = len(judged) - spam, 0.0, 0, 0
    ordered = sorted(judged, key=lambda j: -j.p)
    for i, j in enumerate(ordered):
        tp, fp = tp + j.spam, fp + (not j.spam)
        if i + 1 == len(ordered) or ordered[i + 1].p != j.p:
            tn, fn = ham - fp, spam - tp
            best = max(best, share(tp * tn - fp * fn, math.sqrt((tp + fp) * spam * ham * (tn + fn))))
    return best


def bootstrap_intervals(parts, figures, seed=1):
    """95 % of what each of FIGURES, {name: of judged rows}, gives on rows drawn anew from each of PARTS (mean over the parts)."""
    draw, found = random.Random(seed), {name: [] for name in figures}
    for _ in range(DRAWS):
        drawn = [draw.choices(part, k=len(part)) for part in parts]
        for name, figure in figures.items():
            values = [figure(part) for part in drawn]
            if None not in values:
                found[name].append(sum(values) / len(values))
    at = lambda values, q: sorted(values)[round(q * (len(values) - 1))]
    return {name: (at(values, 0.025), at(values, 0.975)) for name, values in found.items() if values}


def bin_of(p):
    return min(int(p * BINS), BINS - 1)


def calibration_error(pairs):
    """The mean distance of probability and truth over ten bins; PAIRS are (probability, is spam)."""
    off = [0.0] * BINS
    for p, spam in pairs:
        off[bin_of(p)] += p - spam
    return sum(map(abs, off)) / len(pairs)


def calibration_interval(judged, seed=1):
    """Between which values 95 % of the errors of a perfectly calibrated model lie, on as many rows with these probabilities."""
    draw, ps = random.Random(seed).random, [j.p for j in judged]
    errors = sorted(calibration_error([(p, draw() < p) for p in ps]) for _ in range(DRAWS))
    return errors[round(0.025 * (DRAWS - 1))], errors[round(0.975 * (DRAWS - 1))]


def interval(seen, n):
    """Wilson's 95 % interval of a share."""
    if not n:
        return 0.0, 1.0
    middle, spread = seen + Z * Z / 2, Z * math.sqrt(seen * (n - seen) / n + Z * Z / 4)
    return max(0.0, (middle - spread) / (n + Z * Z)), min(1.0, (middle + spread) / (n + Z * Z))


def binomial_interval(n, rate):
    """The fewest and the most of N that a true RATE gives in 95 % of all cases."""
    total, lowest, k = 0.0, 0, -1
    while total < 0.975 and k < n:
        k += 1
        total += math.exp(math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
                          + k * math.log(rate) + (n - k) * math.log1p(-rate))
        lowest = k + 1 if total < 0.025 else lowest
    return lowest, k


def measure(judged, rate):
    """All figures of one set of rows; those that need a class which isn't there are None."""
    tp, fp, tn, fn = confusion(judged, at_threshold)
    both = tp + fn > 0 and fp + tn > 0
    return {
        "rows": len(judged), "ham": fp + tn, "blocked": fp, "blocked_ham": share(fp, fp + tn) if fp + tn else None,
        "blocked_interval": interval(fp, fp + tn), "caught": share(tp, tp + fn) if tp + fn else None,
        "mcc": mcc(judged, at_threshold) if both else None, "mcc_half": mcc(judged, at_half) if both else None,
        "mcc_best": best_mcc(judged) if both else None,
        "auc": auc(judged), "caught_at": caught_at(judged, rate), "rate": rate,
        "ece": calibration_error([(j.p, j.spam) for j in judged]), "ece_interval": calibration_interval(judged),
        "unsure": share(sum(j.unsure for j in judged), len(judged))}
