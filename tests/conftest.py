"""What every test shares."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

# Time is never asserted in a test: machines are shared and noisy.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


@pytest.fixture
def stand_in() -> Iterator[object]:
    """A running stand-in for GitHub; the test fails if anything was not as GitHub describes it."""
    from tests.github_stand_in import StandIn  # noqa: PLC0415 - most tests never import it

    with StandIn() as running:
        yield running
    assert not running.violations
