import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))

import harness
from fixtures import daemon, daemons, shared_daemon, site, state, states  # noqa: F401


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes more than some ten seconds under a sanitizer")


def pytest_unconfigure(config):
    harness.remove_session_folder()
