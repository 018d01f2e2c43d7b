"""The fixtures that api/, faults/ and clients/ share."""
import pytest

import harness


@pytest.fixture
def states():
    """Make state directories: states() is a copy of a trained one, states(SOURCE) of another.  They are removed when the
    daemons have ended."""
    made = []

    def make(source=None):
        made.append(harness.copy_state(source))
        return made[-1]

    yield make
    for path in made:
        harness.remove_state(path)


@pytest.fixture
def state(states):
    """A trained state directory to do with as one likes."""
    return states()


@pytest.fixture
def daemons(states):
    """Make daemons: daemons(config={...}, ...) starts one, on STATE or else on a copy of SOURCE; all are stopped, and their
    ends checked, at the end."""
    made = []

    def make(state=None, start=True, source=None, **kwargs):
        daemon = harness.Daemon(state or states(source), **kwargs)
        made.append(daemon)
        return daemon.start() if start else daemon

    yield make
    try:
        for daemon in made:
            daemon.stop()
    finally:
        for daemon in made:
            daemon.kill()


@pytest.fixture
def daemon(daemons):
    """A running daemon on a fresh trained state directory, with TCP."""
    return daemons()


@pytest.fixture(scope="module")
def shared_daemon():
    """One daemon for all tests of a module that leave it as they found it."""
    daemon = harness.Daemon(harness.copy_state())
    try:
        yield daemon.start()
        daemon.stop()
    finally:
        daemon.kill()
        harness.remove_state(daemon.state)


@pytest.fixture(scope="module")
def site(shared_daemon):
    """The key of a site of the shared daemon."""
    return shared_daemon.add_site("blog")
