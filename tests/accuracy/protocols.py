"""Which rows are trained on and which are judged, what others reached there, and what is to be reached.

The figures of the peers and the goals are those of the issue "Judgement".  Every split is fixed: the data set's own, by order, or by
the folds of rows.py; thresholds, weights and calibration come from the training rows alone.
"""
import dataclasses
import random
import typing

import rows
from rows import blogs, bootstrap, corpus, folds, ham_of, halves, load, pooled_halves, sample, spam_of

UNKNOWN_SCRIPTS = (0x10D0, 0x13A0, 0x1200, 0x0561)  # Georgian, Cherokee, Ethiopic, Armenian: 32 letters from each


@dataclasses.dataclass
class Protocol:
    """One row of the table.  splits() gives (train, test) pairs, judged one by one and counted together."""

    key: str
    title: str
    splits: typing.Callable
    content: bool = True  # the text alone, as peers see it
    rate: float = 0.01  # of blocked ham, at which spam caught is read off
    goals: tuple = ()  # (figure, value): see GOALS in accuracy.py
    bayes: str = ""  # plain naive Bayes
    field: str = ""  # the best filter in the field
    prototype: str = ""
    base: str = ""  # the row that a loss is counted from
    mean: bool = False  # mean over the splits of Matthews correlation and AUC
    budget: float = 0  # train for this budget too, and say what it caught
    counted: bool = False  # in the last line: blocked ham over all sets, each row once
    mix: bool = False  # tell the model how much of what comes is spam, where it can be told


# -- The splits


def own_split():
    """Psy and Katy Perry; the other videos are judged on rows that are kept back."""
    return [(load(v, split="train"), load(v, split="test")) for v in rows.VIDEOS[:2]]


def tubespam_folds():
    return list(folds(pooled_halves()))


def across_videos():
    """Train on four videos, judge the fifth."""
    videos = halves()
    return [([r for other in videos if other != v for r in videos[other]], videos[v]) for v in videos]


def sms():
    return [(load("sms-spam-60", split="train"), load("sms-spam-60", split="test"))]


def wordpress():
    return list(folds(load("wordpress-mkb-earlier")))


def wordpress_and_blogs():
    """Ham of other sites is added to the training: another mix, another kind of text."""
    return [(train + blogs(), test) for train, test in wordpress()]


def gambling():
    everything = load("judol-youtube-id")
    cut = int(0.7 * len(everything))
    return [(everything[:cut], everything[cut:])]


def instagram():
    return list(folds(load("instagram-id")))


def from_corpus(test):
    return lambda: [(corpus(), test())]


def blog_sample(name):
    return from_corpus(lambda: sample(load(name), 500))


def few_ham():
    """145 ham against 26,000 spam."""
    return [(sample(ham_of(train), 145) + bootstrap(spam_of(train), 26000), test) for train, test in tubespam_folds()]


def more_ham():
    return [(train + ham_of(load("sms-spam-60")), test) for train, test in tubespam_folds()]


def more_spam():
    others = spam_of(load("sms-spam-60")) + spam_of(load("judol-youtube-id")) + spam_of(load("wordpress-mkb-earlier"))
    return [(train + others, test) for train, test in tubespam_folds()]


def balanced():
    """As much spam as ham to learn from, then 4 % spam."""
    (train, test), = sms()
    spam, ham = spam_of(train), ham_of(test)
    return [(spam + sample(ham_of(train), len(spam)), ham + sample(spam_of(test), round(len(ham) * 0.04 / 0.96)))]


def unknown_texts(n):
    """Texts of which no model can know a word or a part of one, for there is nothing in these scripts to learn from."""
    draw = random.Random(1)
    word = lambda script: "".join(chr(script + draw.randrange(32)) for _ in range(draw.randint(2, 9)))
    text = lambda script: " ".join(word(script) for _ in range(draw.randint(5, 30)))
    return [{"label": "ham", "content": text(UNKNOWN_SCRIPTS[i % 4])} for i in range(n)]


def unknown():
    """The same texts by models whose training rows were 46 %, 13 %, 3 % and 99 % spam."""
    trained = (tubespam_folds()[0][0], sms()[0][0], wordpress_and_blogs()[0][0], few_ham()[0][0])
    return [(train, unknown_texts(100)) for train in trained]


def tubespam_to_wordpress():
    return [(pooled_halves(), load("wordpress-mkb-earlier"))]


def wordpress_to_tubespam():
    return [(load("wordpress-mkb-earlier"), pooled_halves())]


# -- The rows

CALIBRATED = ("ece", 0.03)
MIX_GOALS = (("auc_loss", 0.01), ("mcc_loss", 0.03))  # ours: the issue only says that it must work

SECTION_1 = (
    Protocol("own", "TubeSpam own split, Psy and Katy Perry (mean)", own_split, goals=(("mcc", 0.95), CALIBRATED),
             bayes="0.85", field="0.85", prototype="0.936", mean=True, counted=True),
    Protocol("own-full", "  the full comment", own_split, content=False, mean=True),
    Protocol("pooled", "TubeSpam train halves pooled, 5-fold", tubespam_folds, budget=0.01, counted=True,
             goals=(("mcc", 0.935), ("auc", 0.994), ("trained_caught", 0.94), ("trained_blocked", 0.012), CALIBRATED),
             prototype="0.919, 0.992; 92 %"),
    Protocol("pooled-full", "  the full comment", tubespam_folds, content=False, budget=0.01),
    Protocol("across", "TubeSpam across videos (train halves)", across_videos, goals=(("mcc", 0.89), ("auc", 0.988), CALIBRATED),
             bayes="0.78, 0.966", field="0.75", prototype="0.88, 0.988"),
    Protocol("across-full", "  the full comment", across_videos, content=False),
    Protocol("sms", "SMS (60 %), own split", sms, rate=0.002, goals=(("mcc", 0.955), ("caught_at", 0.93), CALIBRATED),
             bayes="0.92", field="0.88", prototype="0.943; 91 %", counted=True),
    Protocol("wordpress", "WordPress blog, 5-fold, full comment", wordpress, content=False, counted=True,
             goals=(("auc", 0.996), ("caught_at", 0.95), CALIBRATED), prototype="0.995; 94 %"),
    Protocol("wordpress-content", "  content only", wordpress),
    Protocol("wordpress-blogs", "  + both blog-ham files as training ham", wordpress_and_blogs, content=False, base="wordpress",
             goals=(("caught_at_loss", 0.05), CALIBRATED), bayes="-64 points", prototype="-16 points", mix=True),
    Protocol("gambling", "Indonesian gambling comments, 70 % -> 30 %", gambling, goals=(("mcc", 0.985), CALIBRATED),
             bayes="0.89", prototype="0.983", counted=True),
    Protocol("gambling-full", "  the full comment", gambling, content=False),
    Protocol("instagram", "Instagram, 5-fold", instagram, goals=(("mcc", 0.90), CALIBRATED), bayes="0.80", prototype="0.884",
             counted=True),
)

MIXES = (
    Protocol("few-ham", "mix: 145 ham + 26,000 spam (TubeSpam)", few_ham, goals=MIX_GOALS, base="pooled", mix=True),
    Protocol("more-ham", "mix: TubeSpam + 2,896 SMS ham", more_ham, goals=MIX_GOALS, base="pooled", mix=True),
    Protocol("more-spam", "mix: TubeSpam + 4,949 spam of SMS, id, blog", more_spam, goals=MIX_GOALS, base="pooled", mix=True),
    Protocol("balanced", "mix: SMS, balanced -> 4 % spam", balanced, rate=0.002, goals=(CALIBRATED,), mix=True),
    Protocol("unknown", "mix: texts of unknown tokens, 4 models", unknown, goals=(("unsure", 1.0),)),
    Protocol("tube-wordpress", "other source: TubeSpam -> WordPress, full", tubespam_to_wordpress, content=False,
             prototype="AUC 0.55"),
    Protocol("wordpress-tube", "other source: WordPress -> TubeSpam, full", wordpress_to_tubespam, content=False),
)

SECTION_2 = (
    Protocol("corpus-wordpress", "shipped corpus -> WordPress blog, full", from_corpus(lambda: load("wordpress-mkb-earlier")),
             content=False, rate=0.02, goals=(("auc", 0.97), ("caught_at", 0.80))),
    Protocol("corpus-wordpress-content", "  content only", from_corpus(lambda: load("wordpress-mkb-earlier")), rate=0.02),
    Protocol("corpus-tubespam", "shipped corpus -> TubeSpam train halves, full", from_corpus(pooled_halves), content=False,
             goals=(("auc", 0.90),)),
    Protocol("corpus-tubespam-content", "  content only", from_corpus(pooled_halves)),
    Protocol("corpus-haacked", "shipped corpus -> 500 ham, haacked", blog_sample("blog-ham-haacked"), content=False,
             goals=(("blocked_ham", 0.01),)),
    Protocol("corpus-mademistakes", "shipped corpus -> 500 ham, mademistakes", blog_sample("blog-ham-mademistakes"), content=False,
             goals=(("blocked_ham", 0.01),)),
)

PROTOCOLS = SECTION_1 + MIXES + SECTION_2
