import os
import shutil
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "api")]

import harness
from fixtures import daemon, daemons, state, states  # noqa: F401
from front import Front
from names import Names

# The npm modules that the tests use, by the name they are given here.
MODULES = {"akismet-api": "akismet-api@6", "@cedx/akismet": "@cedx/akismet@16", "akismet1": "akismet1@npm:akismet@1", "akismet2": "akismet2@npm:akismet@2"}


def pytest_unconfigure(config):
    harness.remove_session_folder()


def npm_install(folder, *packages):
    """Install npm PACKAGES in FOLDER; the test is skipped where npm can't."""
    npm = shutil.which("npm")
    if not shutil.which("node") or not npm:
        pytest.skip("node or npm isn't installed")
    os.makedirs(folder, exist_ok=True)
    try:
        done = subprocess.run([npm, "install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", *packages],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm can't fetch {' '.join(packages)}: it takes too long")
    if done.returncode != 0:
        pytest.skip(f"npm can't fetch {' '.join(packages)}: {done.stdout[-300:]}")


@pytest.fixture(scope="session")
def node_path(tmp_path_factory):
    """The folder with the npm modules: in $HAMLET_NPM, which is kept, or else in a temporary folder."""
    folder = os.environ.get("HAMLET_NPM") or str(tmp_path_factory.mktemp("npm"))
    path = os.path.join(folder, "node_modules")
    if not all(os.path.isdir(os.path.join(path, name)) for name in MODULES):
        npm_install(folder, *MODULES.values())
    return path


@pytest.fixture(scope="module")
def shared_daemon():
    """One daemon for all tests of a module, each with a site of its own.  They all send the same comments, which would be a flood to the guard."""
    daemon = harness.Daemon(harness.copy_state(), config={"flood_guard": False})
    try:
        yield daemon.start()
        daemon.stop()
    finally:
        daemon.kill()
        harness.remove_state(daemon.state)


@pytest.fixture(scope="module")
def front(shared_daemon):
    """nginx in front of the shared daemon."""
    front = Front(shared_daemon)
    yield front
    front.stop()


@pytest.fixture
def names():
    """Make hosts files: names(NAMES, ADDRESS)."""
    made = []

    def make(*args):
        made.append(Names(*args))
        return made[-1]

    yield make
    for item in made:
        item.close()
