"""The manual pages: well formed, and they tell of every verb, option and key."""
import glob
import os
import re
import shutil
import subprocess

import pytest

from harness import REPOSITORY, hamlet, program

MAN = os.path.join(REPOSITORY, "man")


def page(name):
    with open(os.path.join(MAN, name), encoding="utf-8") as f:
        return f.read()


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")
def test_pages_are_well_formed():
    pages = sorted(glob.glob(os.path.join(MAN, "*.[1-9]")))
    assert [os.path.basename(p) for p in pages] == ["hamlet-protocol.7", "hamlet-rules.5", "hamlet.1", "hamlet.conf.5", "hamletd.8"]
    done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", *pages], capture_output=True, text=True, check=False)
    assert done.stdout == "" and done.returncode == 0


def test_every_verb_and_option_is_in_the_manual():
    text = page("hamlet.1")
    verbs = re.findall(r"^  (\w+) ", hamlet("--help").stdout, re.M)
    assert len(verbs) >= 13
    for verb in verbs:
        section = re.search(rf"^\.Ss {verb}\b.*?(?=^\.S[sh] (?!{verb}\b))", text, re.M | re.S)
        assert section, verb
        for option in re.findall(r"^  --([\w-]+)", hamlet(verb, "--help").stdout, re.M):
            if option not in ("state", "json", "help"):
                assert f"Fl -{option}" in section[0], f"{verb} --{option}"


def test_every_key_is_in_the_manual_with_its_default():
    sample = subprocess.run([program("HAMLETD"), "--print-config"], stdout=subprocess.PIPE, text=True, check=True).stdout
    keys = dict(re.findall(r"^#?\s*(\w+) = (.*)$", sample, re.M))
    items = dict(re.findall(r"^\.It Ic (\w+) No =[^\n]*\n(.*?)(?=^\.It|^\.El)", page("hamlet.conf.5"), re.M | re.S))
    assert len(keys) > 20 and set(items) == set(keys)
    for key, value in keys.items():
        default = re.search(r"^Default:\s+(?:\.Cm )?(\S+?) ?\.$", items[key], re.M)
        assert default, key
        if default[1] not in ("none", "empty"):
            assert default[1] == value.strip('"'), key
