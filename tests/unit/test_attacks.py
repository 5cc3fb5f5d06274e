"""docs/security.md tells of the attacks as they are."""

from __future__ import annotations

from tests.e2e.attacks import page
from tests.e2e.attacks.catalogue import ATTACKS


def test_the_table_is_current() -> None:
    text = page.PAGE.read_text("utf-8")
    assert page.replaced(text) == text, "run python -m tests.e2e.attacks.page"


def test_each_attack_has_its_row_and_says_what_it_tries_and_what_stops_it() -> None:
    text = page.PAGE.read_text("utf-8")
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 60
    assert all(attack.tries and attack.stopped and page._row(attack) in text for attack in ATTACKS)
