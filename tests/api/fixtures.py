"""The fixtures that api/, faults/ and clients/ share."""
import pytest

import harness


@pytest.fixture
def state():
    """A trained state directory to do with as one likes."""
    path = harness.copy_state()
    yield path
    harness.remove_state(path)


@pytest.fixture
def daemons():
    """Make daemons: daemons(config={...}, ...) starts one; all are stopped, and their ends checked, at the end."""
    made = []

    def make(state=None, start=True, **kwargs):
        daemon = harness.Daemon(state or harness.copy_state(), **kwargs)
        made.append((daemon, state is None))
        return daemon.start() if start else daemon

    yield make
    try:
        for daemon, _ in made:
            daemon.stop()
    finally:
        for daemon, own in made:
            daemon.kill()
            if own:
                harness.remove_state(daemon.state)


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
