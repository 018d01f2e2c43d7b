"""The owner's rules and the flood guard: in force, on record, reloaded, refused, remembered."""
import json
import os
import signal

import pytest

from cli_fixtures import lines, small, small_daemon, small_trained, value  # noqa: F401
from harness import hamlet, hamletd, logit, shared, wait_until, write_config

SPAM = {"content": "Cheap casino now, click http://casino41.example/buy today 41", "author": "casino online",
        "url": "http://casino41.example/", "ip": "203.0.113.9"}
HAM = {"content": "Thanks for the post about the garden, part 3 helped me.", "author": "Reader 3"}
RULES = """# an owner's rules
allow friends
	email   friend.example
block swearing
	words   darn "gosh darn"
hold  new-shop
	url     shop.example
evidence gardens -1.5
	match   content \\bgarden
"""


def write(state, text, name="rules.conf"):
    path = os.path.join(state, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def reload(daemon):
    return daemon.native("/v1/admin/reload", None, where="admin", method="POST")


def adds_up(row):
    assert abs(sum(e["weight"] for e in row["evidence"]) + row["prior"] - logit(row["probability"])) < 1e-6


def said(row, field):
    return {e["token"]: e["weight"] for e in row["evidence"] if e["field"] == field}


@pytest.fixture
def ruled(small, daemons):  # noqa: F811
    write(small, RULES)
    return daemons(small)


# -- verdicts


def test_allow_beats_the_classifier_and_every_other_rule(ruled):
    plain = ruled.check(SPAM, "all")
    assert plain["verdict"] == "spam" and "rule" not in plain and said(plain, "rule") == {}
    row = ruled.check({**SPAM, "content": SPAM["content"] + " darn", "email": "a@mail.friend.example"}, "all")
    assert row["verdict"] == "ham" and row["rule"] == "friends" and row["discard"] is False
    assert row["probability"] > 0.5, "the classifier's own"
    assert said(row, "rule") == {"friends": 0, "swearing": 0}
    adds_up(row)


def test_block_and_hold_and_evidence(ruled):
    row = ruled.check({**HAM, "content": "Gosh DARN, " + HAM["content"]}, "all")
    assert (row["verdict"], row["rule"]) == ("spam", "swearing") and row["probability"] < 0.5
    assert said(row, "rule") == {"swearing": 0, "gardens": -1.5}
    adds_up(row)
    row = ruled.check({**HAM, "url": "https://www.shop.example/x"})
    assert (row["verdict"], row["rule"]) == ("unsure", "new-shop")
    row = ruled.check(HAM, "all")
    assert row["verdict"] == "ham" and "rule" not in row and said(row, "rule") == {"gardens": -1.5}
    adds_up(row)


def test_on_record(ruled):
    given = ruled.check({**HAM, "content": "darn " + HAM["content"]}, "all")
    row = ruled.native(f"/v1/verdicts/{given['id']}?evidence=all").json()
    assert row["forced"] == "rule:swearing" and row["rule"] == "swearing" and row["verdict"] == "spam"
    assert row["evidence"] == given["evidence"] and row["probability"] == given["probability"]
    row = value(hamlet("explain", given["id"], "--json", state=ruled.state))
    assert row["evidence_complete"] and row["rule"] == "swearing" and row["threshold"] is None
    assert "Judged spam because the owner's rule \u201cswearing\u201d says so" in row["summary"]
    adds_up(row)
    text = hamlet("explain", given["id"], state=ruled.state).stdout
    assert "gardens" in text and "swearing" in text and "prior:" in text
    text = hamlet("explain", given["id"], "--recompute", state=ruled.state).stdout
    assert text.endswith("the same to the last bit\n"), "the classifier was asked, only not obeyed"
    row = value(hamlet("explain", ruled.check({**HAM, "url": "shop.example"})["id"], "--json", state=ruled.state))
    assert row["summary"].startswith("Held for somebody to look at because the owner's rule \u201cnew-shop\u201d")


def test_check_and_privacy_name_them(ruled):
    done = hamlet("check", state=ruled.state, input="darn", check=1)
    assert done.stdout.startswith("spam, ") and ", by rule swearing, id " in done.stdout
    page = ruled.request("GET", "/privacy").body.decode()
    assert "rules of their own" in page and "for up to 2 hours" in page


def test_privacy_tells_of_the_rules_that_may_decide_there(ruled):
    ruled.add_site("blog")
    write(ruled.state, "evidence gardens -1\n\tmatch content garden\n")
    write(ruled.state, "block swearing\n\twords darn\n", "rules/blog.conf")
    assert reload(ruled).status == 200
    told = {site: json.loads(ruled.request("GET", f"/privacy?format=json&site={site}").body)["rules"] for site in ("blog", "default")}
    assert told == {"blog": True, "default": False}


def test_akismet_names_the_rule(ruled):
    key = ruled.add_site("blog")
    sent = {"blog": "http://blog.example/", "user_ip": "203.0.113.9", "comment_content": "darn, " + HAM["content"]}
    reply = ruled.akismet("comment-check", sent, key)
    assert reply.body == b"true" and reply.headers["x-hamlet-rule"] == "swearing"
    reply = ruled.akismet("comment-check", {**sent, "comment_content": HAM["content"]}, key)
    assert reply.body == b"false" and "x-hamlet-rule" not in reply.headers


def test_forced_verdicts_ask_no_rule(ruled):
    key = ruled.add_site("blog")
    sent = {"blog": "http://blog.example/", "user_ip": "203.0.113.9", "comment_content": "darn", "user_role": "administrator"}
    reply = ruled.akismet("comment-check", sent, key)
    assert reply.body == b"false" and "x-hamlet-rule" not in reply.headers


def test_a_sites_own_rules(small, daemons):  # noqa: F811
    write(small, RULES)
    write(small, "allow mine\n words darn\n", "rules/blog.conf")
    daemon = daemons(small)
    key = daemon.add_site("blog")
    comment = {**HAM, "content": "darn " + HAM["content"]}
    row = daemon.check(comment, key=key, where="tcp")
    assert (row["verdict"], row["rule"]) == ("ham", "mine")
    assert set(said(row, "rule")) == {"swearing", "gardens", "mine"}
    assert daemon.check(comment)["verdict"] == "spam", "another site's rules"


def test_searches_given_up_are_counted(small, daemons):  # noqa: F811
    write(small, "block slow\n\tmatch content ^(a+)+$\n")
    daemon = daemons(small)
    row = daemon.check({**HAM, "content": "a" * 60000 + "b"})
    assert "rule" not in row
    row, = lines(hamlet("rules", "list", "--json", state=daemon.state).stdout)
    assert (row["hits"], row["given_up"]) == (0, 1)
    table = hamlet("rules", "list", state=daemon.state).stdout.splitlines()
    assert "GIVEN UP" in table[0] and table[1].split()[:5] == ["slow", "block", "all", "0", "1"]


# -- reloading


def test_reload_takes_new_rules_and_keeps_the_counts(ruled):
    ruled.check({**HAM, "content": "darn"})
    ruled.check({**HAM, "content": "darn"})
    write(ruled.state, RULES + "block polite\n words please\n")
    assert ruled.check({**HAM, "content": "please"})["verdict"] != "spam", "not before it is told"
    assert reload(ruled).status == 200
    assert ruled.check({**HAM, "content": "please"})["rule"] == "polite"
    assert "event=rules_loaded rules=5" in ruled.log_text()
    rows = {row["name"]: row for row in lines(hamlet("rules", "list", "--json", state=ruled.state).stdout)}
    assert rows["swearing"]["hits"] == 2 and rows["polite"]["hits"] == 1 and rows["friends"]["hits"] == 0
    assert rows["gardens"]["weight"] == -1.5 and rows["polite"]["line"] == 10
    table = hamlet("rules", "list", state=ruled.state).stdout
    assert "evidence -1.5" in table and "rules.conf:10" in table


def test_a_bad_rule_changes_nothing(ruled):
    write(ruled.state, RULES + "\nblock broken\n match content (oops\n")
    reply = reload(ruled)
    assert reply.status == 500 and "rules.conf:12: " in reply.json()["error"]["message"]
    assert "rules_refused" in ruled.log_text() and "rules.conf:12" in ruled.log_text()
    assert ruled.check({**HAM, "content": "darn"})["rule"] == "swearing"
    write(ruled.state, "")
    ruled.signal(signal.SIGHUP)
    wait_until("no rules", lambda: "rule" not in ruled.check({**HAM, "content": "darn"}))


def test_bad_rules_keep_the_daemon_from_starting(state):
    path = write(state, "alow x\n author y\n")
    done = hamletd("--state", state)
    assert done.returncode in (1, 2) and f"{path}:1: " in done.stderr and "alow" in done.stderr
    done = hamletd("--state", state, "--check-config")
    assert done.returncode == 1 and f"{path}:1: " in done.stderr
    write(state, RULES)
    assert "4 rules: in order" in hamletd("--state", state, "--check-config", check=0) .stdout


def recorded(daemon):
    return daemon.query("SELECT who, detail FROM event WHERE kind = 'rules' ORDER BY seq")


def test_what_is_in_force_is_in_the_log(small, daemons):  # noqa: F811
    daemon = daemons(small)
    assert reload(daemon).status == 200
    assert daemon.check(HAM)["verdict"] and recorded(daemon) == [], "that there never were any rules says nothing"
    write(small, RULES)
    assert reload(daemon).status == 200
    wait_until("the event", lambda: len(recorded(daemon)) == 1)
    assert reload(daemon).status == 200
    listed = daemon.native("/v1/admin/rules", where="admin").json()
    who, detail = recorded(daemon)[0]
    assert who == "hamletd" and json.loads(detail) == {"digest": listed["digest"], "rules": 4}
    daemon.stop()
    daemon.start()
    assert reload(daemon).status == 200 and daemon.check(HAM)["verdict"] and len(recorded(daemon)) == 1
    daemon.stop()
    write(small, "")  # while it is down
    daemon.start()
    wait_until("the event", lambda: len(recorded(daemon)) == 2)
    assert json.loads(recorded(daemon)[1][1])["rules"] == 0


# -- the tool


def test_check(small, tmp_path):  # noqa: F811
    write(small, RULES)
    assert "4 rules, in order" in hamlet("rules", "check", state=small).stdout
    assert value(hamlet("rules", "check", "--json", state=small)) == {"rules": 4}
    bad = tmp_path / "bad.conf"
    bad.write_text("allow a\n author b\n\nblock c\n address 1.2.3.4/40\n")
    done = hamlet("rules", "check", bad, check=1)
    assert done.stdout == "" and done.stderr.startswith(f"hamlet: {bad}:5: ")
    assert "none.conf" in hamlet("rules", "check", tmp_path / "none.conf", check=1).stderr


def test_list_without_a_daemon(small):  # noqa: F811
    write(small, RULES)
    rows = lines(hamlet("rules", "list", "--json", state=small).stdout)
    assert [row["name"] for row in rows] == ["friends", "swearing", "new-shop", "gardens"]
    assert all(row["hits"] is None and row["given_up"] is None for row in rows)


def test_test(small, tmp_path):  # noqa: F811
    write(small, RULES)
    write(small, "allow mine\n match content mine\n", "rules/blog.conf")

    def tried(text, *args):
        return hamlet("rules", "test", *args, state=small, input=text).stdout

    assert tried("nothing of note\n") == "no rule fires; the classifier decides\n"
    out = tried("a garden, darn it, is mine")
    assert out.splitlines()[0].split() == ["FIRES", "ACTION", "BY", "WHERE"] and out.endswith("spam, by rule swearing\n")
    assert tried("a garden, darn it, is mine", "--site", "blog").endswith("ham, by rule mine\n")
    row = json.loads(tried('{"content":"a garden","email":"x@friend.example"}', "--json"))
    assert (row["verdict"], row["rule"]) == ("ham", "friends")
    assert [f["name"] for f in row["fired"]] == ["friends", "gardens"]
    assert json.loads(tried("darn", "--json"))["fired"][0]["matched"] == "darn"
    other = tmp_path / "other.conf"
    other.write_text("hold all\n match any .\n")
    comment = tmp_path / "comment.txt"
    comment.write_text("darn")
    out = hamlet("rules", "test", "--rules", other, comment, state=small).stdout
    assert out.endswith("unsure, by rule all\n")
    other.write_text("hold slow\n match content ^(a+)+$\n")
    comment.write_text("a" * 60000 + "b")
    out = hamlet("rules", "test", "--rules", other, comment, state=small).stdout
    assert out == "rule slow doesn't fire: its search takes too long and was given up\nno rule fires; the classifier decides\n"
    row = value(hamlet("rules", "test", "--json", "--rules", other, comment, state=small))
    assert row["given_up"] == ["slow"] and row["fired"] == [] and row["verdict"] is None
    # what a stranger wrote doesn't reach the terminal
    other.write_text('block evil\n words "\x1b[31m"\n match any .\n', encoding="utf-8")
    assert "\x1b" not in hamlet("rules", "test", "--rules", other, comment, state=small, check=None).stdout


@pytest.mark.parametrize("args", [["list", "x"], ["nonsense"], ["check", "--site", "x"], [], ["list", "--rules", "x"]])
def test_usage(args):
    assert hamlet("rules", *args, check=2).stderr


def test_wordpress_keys(small, daemons):  # noqa: F811
    keys = shared("data", "wordpress-disallowed-keys.txt")
    write(small, f"hold wordpress\n disallowed_keys {keys}\n")
    daemon = daemons(small)
    assert daemon.check({"content": "cheap ViAgRaS"})["rule"] == "wordpress"
    assert "rule" not in daemon.check({"content": "I like it"})


# -- rules and verdicts that are forced


def blogspam(daemon, **fields):
    body = json.dumps({"site": "http://blog.example", "name": "Ann", "email": "a@mail.example", **fields}).encode()
    reply = daemon.request("POST", "/", body, [("Content-Type", "application/json")])
    assert reply.status == 200, reply
    row = daemon.native("/v1/verdicts/" + reply.headers["x-hamlet-verdict"], where="admin").json()
    return reply.json(), row["verdict"], row["forced"]


def test_rules_and_the_tests_of_blogspam(ruled):
    bad = {"ip": "203.0.113.7", "comment": "Thanks for the post about the garden", "options": "blacklist=203.0.113.7"}
    said, verdict, forced = blogspam(ruled, **bad)
    assert (said["result"], said["blocker"], verdict) == ("SPAM", "20-ip.js", "spam") and forced.startswith("blogspam 20-ip.js")
    said, verdict, forced = blogspam(ruled, **{**bad, "email": "a@friend.example"})
    assert (said["result"], verdict, forced) == ("OK", "ham", "rule:friends")
    assert blogspam(ruled, **{**bad, "email": "a@friend.example", "options": "fail"})[1] == "spam", "a test of the connection"
    assert blogspam(ruled, **{**bad, "link": "http://shop.example/"})[1:] == ("unsure", "rule:new-shop")
    said, verdict, forced = blogspam(ruled, **{**bad, "comment": "darn " + bad["comment"]})
    assert verdict == "spam" and forced.startswith("blogspam 20-ip.js"), "the test came first, and both say the same"
    good = {**bad, "comment": "darn " + bad["comment"]}
    assert blogspam(ruled, **{**good, "options": "whitelist=203.0.113.7"})[1] == "ham", "what a client lets through stays"
    said, verdict, forced = blogspam(ruled, **{**good, "options": "exclude=bayesian"})
    assert (said["result"], verdict, forced) == ("SPAM", "spam", "rule:swearing")
    assert said["reason"] == "A rule of the owner's says so."


def test_rules_and_the_verdicts_that_akismet_clients_ask_for(ruled):
    key = ruled.add_site("blog")
    for fields, verdict in (({"user_role": "administrator", "comment_content": "darn"}, "false"),
                            ({"comment_author": "viagra-test-123", "comment_author_email": "a@friend.example"}, "true")):
        reply = ruled.akismet("comment-check", {"blog": "http://blog.example", "user_ip": "192.0.2.1", **fields}, key)
        assert reply.body.decode() == verdict


# -- the honeypot


def test_a_filled_honeypot_is_evidence(ruled):
    given = ruled.check({**SPAM, "honeypot": "Ann"}, "all")
    assert said(given, "honeypot") == {"filled in": 2.5}
    adds_up(given)
    row = value(hamlet("explain", given["id"], "--json", state=ruled.state))
    assert row["evidence_complete"] and row["evidence"] == given["evidence"] and row["fields"]["honeypot"] == 2.5
    assert hamlet("explain", given["id"], "--recompute", state=ruled.state).stdout.endswith("the same to the last bit\n")
    given = ruled.check({"content": "xqzzw vbbnk", "honeypot": "Ann"})
    assert given["verdict"] == "unsure"
    text = hamlet("explain", given["id"], state=ruled.state).stdout
    assert "the field hidden from people, which was filled in" in " ".join(text.split())


# -- floods

TEXT = "This wonderful article has told me everything that I ever wanted to know of gardens in the north"


def flood(daemon, n, text=TEXT):
    """Let one text come in on n sites; return what the guard says of it on the last."""
    weight = {}
    for i in range(n):
        name = f"site{i}"
        if name not in flood.keys.setdefault(daemon.state, {}):
            flood.keys[daemon.state][name] = daemon.add_site(name)
        row = daemon.check({"content": text, "ip": f"203.0.113.{i + 1}"}, "all", key=flood.keys[daemon.state][name], where="tcp")
        adds_up(row)
        weight = said(row, "flood")
    return weight


flood.keys = {}


def again(daemon, site="site0"):
    return said(daemon.check({"content": TEXT, "ip": "203.0.113.99"}, "all", key=flood.keys[daemon.state][site], where="tcp"), "flood")


def test_one_text_on_many_sites(small_daemon):  # noqa: F811
    assert flood(small_daemon, 1) == {}
    assert flood(small_daemon, 5) == {"the same text on 5 sites from 5 addresses": 3}
    for _ in range(3):
        assert said(small_daemon.check({"content": "Thanks!", "ip": "203.0.113.7"}), "flood") == {}
    given = small_daemon.check({"content": TEXT}, "all")
    row = value(hamlet("explain", given["id"], "--json", state=small_daemon.state))
    assert row["evidence_complete"] and said(row, "flood") == said(given, "flood") != {}
    assert row["evidence"] == given["evidence"]


def test_a_replay_by_the_same_rules_flips_nothing(ruled, tmp_path):
    ruled.check({**SPAM, "email": "a@friend.example"})
    ruled.check({**HAM, "content": "Gosh DARN, " + HAM["content"]})
    ruled.check({**HAM, "url": "https://www.shop.example/x"})
    ruled.check(HAM)
    ruled.check({"content": "darn", "ip": "192.0.2.1", "honeypot": "x"})
    assert flood(ruled, 5) == {"the same text on 5 sites from 5 addresses": 3}

    def replay(*arguments):
        said = lines(hamlet("replay", "--json", *arguments, state=ruled.state).stdout)
        return said[:-1], said[-1]["replay"]

    flips, total = replay()
    assert flips == [] and total["judged"] == 10 and total["skipped"]["forced"] == 0 and total["incomplete"] == 0
    flips, total = replay("--rules", "/dev/null")
    assert total["judged"] == 10
    assert {(f["was"]["verdict"], f["would_be"]["verdict"]) for f in flips} >= {("ham", "spam"), ("spam", "ham")}
    flips, _ = replay("--spam-threshold", "0.000001")  # what isn't decided by a rule is spam now, as probably as it was
    assert len(flips) >= 5 and all(f["was"]["probability"] == f["would_be"]["probability"] for f in flips)
    assert any(e["field"] == "flood" for f in flips for e in f["would_be"]["evidence"])
    more = write(tmp_path, RULES + "block gardens-too\n\tmatch content \\bgarden\n", "more.conf")
    flips, _ = replay("--rules", more)
    assert flips and {f["would_be"]["verdict"] for f in flips} == {"spam"}
    bad = write(tmp_path, "allow\n", "bad.conf")
    assert "bad.conf:1" in hamlet("replay", "--rules", bad, state=ruled.state, check=1).stderr


def test_it_can_be_switched_off(small, daemons):  # noqa: F811
    daemon = daemons(small, config={"flood_guard": False})
    assert flood(daemon, 5) == {}
    write_config(daemon.config_path, flood_guard=True)
    assert reload(daemon).status == 200
    assert flood(daemon, 5) == {"the same text on 5 sites from 5 addresses": 3}


def test_a_restart_forgets_nothing(small_daemon):  # noqa: F811
    flood(small_daemon, 3)
    small_daemon.stop()
    assert os.stat(os.path.join(small_daemon.state, "flood.state")).st_mode & 0o077 == 0
    small_daemon.start()
    assert list(again(small_daemon).values()) == [2]


def test_a_kill_loses_what_was_not_saved_yet(small_daemon):  # noqa: F811
    flood(small_daemon, 3)
    assert reload(small_daemon).status == 200  # saves it, as each minute does
    flood(small_daemon, 5)
    small_daemon.kill()
    small_daemon.start()
    assert list(again(small_daemon).values()) == [2]


def test_a_damaged_file_is_ignored(small_daemon):  # noqa: F811
    flood(small_daemon, 3)
    small_daemon.stop()
    path = os.path.join(small_daemon.state, "flood.state")
    with open(path, "r+b") as f:
        f.seek(50)
        f.write(b"\xff\xff")
    small_daemon.start()
    assert "event=flood_state_ignored" in small_daemon.log_text() and "checksum" in small_daemon.log_text()
    assert again(small_daemon) == {}
