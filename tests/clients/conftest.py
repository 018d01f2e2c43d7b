import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "api")]

import harness
from fixtures import daemon, daemons, shared_daemon, site, state, states  # noqa: F401


def pytest_unconfigure(config):
    harness.remove_session_folder()
