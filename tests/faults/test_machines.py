"""
Another build computes the same: what was judged by this one is judged again, to the last bit, by programs whose arithmetic is made by
other compilers, at other levels of optimisation, for other processors.
"""
import concurrent.futures
import json
import os
import shlex
import shutil
import subprocess

import pytest

import harness
from harness import hamlet, wait_until

BUILDS = [("gcc", ["-O0"]), ("gcc", ["-O3", "-march=native", "-funroll-loops"]), ("clang", ["-O3", "-march=native"])]
FOLDERS = ("base", "classifier")  # where sums are done, and
FILES = ("engine/check.c", "engine/mix.c", "engine/outlook.c", "engine/recompute.c")
COMMENTS = 40


def of_make(build, text):
    """What the build's Makefile makes of TEXT."""
    rule = f"show: ; @printf '%s\\n' '{text}'"
    env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}  # of who runs this
    done = subprocess.run(["make", "-s", "--no-print-directory", "-C", build, "--eval", rule, "show"], check=True, stdout=subprocess.PIPE,
                          text=True, env=env)
    return shlex.split(done.stdout)


@pytest.fixture(scope="module")
def build():
    folder = os.path.dirname(os.path.abspath(harness.program("HAMLET")))
    if not os.path.exists(os.path.join(folder, "Makefile")):
        pytest.skip("not in a folder of a build")
    return folder


@pytest.fixture(scope="module")
def comments():
    rows = []
    for name in sorted(os.listdir(harness.CORPUS)):
        if name.endswith(".jsonl"):
            with open(os.path.join(harness.CORPUS, name), encoding="utf-8") as file:
                rows += [json.loads(line) for line in file.readlines()[::9]]
    return rows


@pytest.fixture(scope="module")
def judged(comments):
    """A state with verdicts, of a site with counts and a mix of its own too, and their ids."""
    daemon = harness.Daemon(harness.copy_state(harness.trained(60)))
    try:
        daemon.start()
        key = daemon.add_site("blog")
        hamlet("sites", "set", "blog", "--spam-share", "0.07", state=daemon.state)
        step = len(comments) // COMMENTS
        chosen = [{k: v for k, v in row.items() if k in ("author", "email", "url", "content", "title", "context")}
                  for row in comments[::step]]
        first = daemon.check(chosen[0], key=key)
        hamlet("mark", "spam" if first["verdict"] == "ham" else "ham", first["id"], state=daemon.state)
        wait_until("it to be learnt", lambda: daemon.check(chosen[1], key=key)["model"] != first["model"])
        ids = [daemon.check(row, key=key if i % 2 else None)["id"] for i, row in enumerate(chosen)]
        daemon.stop()
        yield daemon.state, [first["id"]] + ids
    finally:
        daemon.kill()
        harness.remove_state(daemon.state)


def compile_all(build, folder, compiler, flags):
    """A hamlet whose arithmetic is compiled anew; the rest is that of the build."""
    variables = "$(DEFS) $(DEFAULT_INCLUDES) $(AM_CPPFLAGS) $(engine_libengine_a_CPPFLAGS) $(CPPFLAGS)"
    ours = of_make(build, variables)
    ours += [word for word in of_make(build, "$(AM_CFLAGS)") if word == "-ffp-contract=off" or word.startswith(("-std", "-pthread"))]
    source = of_make(build, "$(abs_top_srcdir)")[0]
    files = list(FILES) + [os.path.join(part, name) for part in FOLDERS for name in sorted(os.listdir(os.path.join(source, part))) if name.endswith(".c")]

    def one(file):
        out = os.path.join(folder, file.replace("/", "-") + ".o")
        command = [compiler, *flags, *ours, "-fPIE", "-c", os.path.join(source, file), "-o", out]
        subprocess.run(command, check=True, cwd=build)
        return out

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = list(pool.map(one, files))
    program = os.path.join(folder, "hamlet")  # what is linked first isn't taken from the build's libraries
    subprocess.run([compiler, "-pthread", "-o", program, *of_make(build, "$(hamlet_OBJECTS)"), *objects,
                    *of_make(build, "$(hamlet_LDADD) $(LIBS)")], check=True, cwd=build)
    return program


def run(program, *arguments):
    done = subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.returncode in (0, 1), done.stderr  # 1: not the same, as the answer says
    return done.stdout


@pytest.mark.parametrize("compiler, flags", BUILDS, ids=lambda value: value if isinstance(value, str) else "".join(value))
def test_another_build(build, judged, comments, tmp_path, compiler, flags):
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    state, ids = judged
    program = compile_all(build, str(tmp_path), compiler, flags)
    for id in ids:
        found = json.loads(run(program, "explain", id, "--recompute", "--json", "--state", state))
        assert found["same"] and found["recorded"] == found["computed"], found
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps(row) + "\n" for row in comments), encoding="utf-8")
    ours = run(harness.program("HAMLET"), "score", "--json", "--state", state, str(rows))
    assert run(program, "score", "--json", "--state", state, str(rows)) == ours
    assert len(ours.splitlines()) == len(comments) > 500
    # the same examples make the same model: its id is a digest of all its numbers
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("".join(json.dumps(row) + "\n" for row in comments), encoding="utf-8")
    made = [json.loads(run(p, "init", "--corpus", str(corpus), "--json", "--state", str(tmp_path / name)))["model"]
            for p, name in ((program, "theirs"), (harness.program("HAMLET"), "ours"))]
    assert made[0] == made[1]
