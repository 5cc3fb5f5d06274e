"""`python -m tests.support`: convert every model at every opset and write `docs/support.md`.

A framework at a time is enough: results of the others stay as they were, and so do opsets that are not asked for.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from onnx_convert.stages.export import AUTO_OPSETS
from tests.support import fragments, page, results
from tests.support.harness import convert, repository

ASKED = 17
PAGE = Path(__file__).resolve().parents[2] / "docs" / "support.md"


def main(arguments: list[str] | None = None) -> int:
    """Run what is asked for, framework by framework, and render the page from all that is known."""
    options = _parser().parse_args(arguments)
    if options.together:
        _together(options.jobs)
    elif not options.render:
        for fragment in fragments.read(options.only):
            with repository([fragment]) as root:
                for simplify in (True, False):
                    asked = options.opsets if simplify else options.plain_opsets
                    if asked:
                        _generate(fragment, root, asked, simplify=simplify, jobs=options.jobs)
    known = results.load()
    ordered = {name: known[name] for name in fragments.FRAMEWORKS if name in known}
    PAGE.write_text(page.render(ordered, results.load_together(), results.peers()), "utf-8")
    return 0


def _generate(fragment: fragments.Fragment, root: Path, opsets: list[int], *, simplify: bool, jobs: int) -> None:
    spec = fragments.join([fragment], opsets=opsets, simplify=simplify)
    with tempfile.TemporaryDirectory(prefix="onnx-convert-support-out-") as out:
        began = time.monotonic()
        report = convert(root, spec, Path(out), ("--jobs", str(jobs)))
        wall = time.monotonic() - began
    new = results.of_report(fragment, report, simplify=simplify)
    _keep(new)
    passed = sum(cell.good for cell in new.cells)
    kind = "simplified" if simplify else "not simplified"
    print(f"{fragment.framework}, {kind}: {passed} of {len(new.cells)} passed in {wall:.0f} s", file=sys.stderr)


def _together(jobs: int) -> None:
    parts = fragments.read()
    with repository(parts) as root, tempfile.TemporaryDirectory() as out:
        spec = fragments.join(parts, opsets=[ASKED])
        report = convert(root, spec, Path(out), ("--no-cache", "--jobs", str(jobs)))
    results.save_together(results.together(report, opset=ASKED, jobs=jobs))
    for part in parts:
        _keep(results.of_report(part, report, simplify=True))


def _keep(new: results.Results) -> None:
    results.save(results.merge(results.load().get(new.framework), new))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.support", description=__doc__)
    parser.add_argument("--only", action="append", default=[], choices=fragments.FRAMEWORKS, help="may be repeated")
    every = list(range(13, AUTO_OPSETS.stop))
    parser.add_argument("--opsets", type=_opsets, default=every, help="simplified, such as 13,17,21 (13 to the newest)")
    parser.add_argument("--plain-opsets", type=_opsets, default=[ASKED], help="not simplified (17)")
    cores = len(os.sched_getaffinity(0))
    parser.add_argument("--jobs", type=int, default=cores, help="conversions side by side (CPU cores)")
    parser.add_argument("--together", action="store_true", help="all models in one run at opset 17, to time it")
    parser.add_argument("--render", action="store_true", help="write the page from the results that are there")
    return parser


def _opsets(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part]


if __name__ == "__main__":
    sys.exit(main())
