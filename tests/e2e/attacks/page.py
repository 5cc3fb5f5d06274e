"""The table of attacks in docs/security.md.

python -m tests.e2e.attacks.page
"""

from __future__ import annotations

from pathlib import Path

from onnx_convert.diagnostics import entries
from tests.e2e.attacks.catalogue import ATTACKS, GROUPS, Attack

PAGE = Path(__file__).parents[3] / "docs" / "security.md"
BEGIN, END = "<!-- attacks: python -m tests.e2e.attacks.page -->", "<!-- end of attacks -->"


def table() -> str:
    """What lies between the marks."""
    many, inside = len(ATTACKS), sum(attack.container for attack in ATTACKS)
    parts = [
        f"{many} attacks, each a model of its own that the command converts as root, {inside} of them (marked ●)",
        "in the action's container, too. What is said is the diagnostic of the attacking model's row. The other models",
        "are whole.",
    ]
    for group in GROUPS:
        parts += ["", f"### {group.title}", "", "| it tries | what stops it | said | still open |", "|---|---|---|---|"]
        parts += [_row(attack) for attack in group.attacks]
    return "\n".join(parts)


def _row(attack: Attack) -> str:
    name = f"{'● ' if attack.container else ''}{attack.tries}"
    known = attack.code in entries()
    said = f"[{attack.code}](diagnostics/{attack.code}.md)" if known else "yes" if attack.code else "nothing"
    return " | ".join(("| " + _cell(name), _cell(attack.stopped), said, _cell(attack.still_open) or "no")) + " |"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def replaced(page: str) -> str:
    """The page with the table as it is now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(replaced(PAGE.read_text("utf-8")), "utf-8")
