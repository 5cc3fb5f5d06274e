"""A report.json that anyone wrote: it is refused, or every rendering of it is sound."""

from __future__ import annotations

import io
import itertools
import json
import re
import unicodedata
import xml.etree.ElementTree as ET
from functools import cache
from html.parser import HTMLParser

from hypothesis import strategies as st
from rich.console import Console

from onnx_convert.github.annotations import MESSAGE_LIMIT, annotations_of
from onnx_convert.github.commands import annotate
from onnx_convert.github.gist import calm, failing, gist
from onnx_convert.github.hostile import contradictions
from onnx_convert.github.stamp import read_stamp
from onnx_convert.report import terminal
from onnx_convert.report.card import File, card
from onnx_convert.report.html import page
from onnx_convert.report.junit import junit
from onnx_convert.report.markdown import comment, summary
from onnx_convert.report.model import Report
from onnx_convert.report.write import ReportError, parse, to_json
from tests.fuzz import documents, runner, texts
from tests.fuzz.markdown import Seen
from tests.fuzz.targets.stamp import OURS
from tests.unit.report import compared, sample

MAX_LEN = 24 * 2**10
LIMITS = (65_536, 9_000, 2_500, 1_024)
mutate = documents.mutate
TOKENS = texts.TOKENS


def _seeds() -> list[dict[str, object]]:
    """The reports of the unit tests, one or two rows each so that they stay small."""
    found = []
    for report in (sample.report(), sample.hostile(), compared.report()):
        whole = json.loads(to_json(report), parse_constant=str)
        found += [
            whole | {"models": _thin(whole["models"][start : start + 2])} for start in range(0, len(whole["models"]), 2)
        ]
    return found


def _thin(value: object) -> object:
    """Without most of each long list of numbers."""
    if isinstance(value, dict):
        return {key: _thin(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_thin(each) for each in (value[:: len(value) // 5] if len(value) > 20 else value)]
    return value


SEEDS = _seeds()
structured = st.tuples(st.sampled_from(SEEDS), documents.edits).map(
    lambda both: documents.to_json(documents.edited(*both))
)


def one(data: bytes) -> None:
    try:
        report = parse(data, "report.json")
    except ReportError as error:
        str(error).encode()
        return
    text = to_json(report)
    assert to_json(parse(text.encode(), "again")) == text
    said = [*itertools.islice(contradictions(report), 100)]
    "\n".join(said).encode("utf-8", "strict")
    gist(report), calm(report), failing(report)
    _markdown(report)
    _cards(report)
    _commands(report)
    _html(report)
    _junit(report)
    _terminal(report)


def _markdown(report: Report) -> None:
    for limit in LIMITS:
        body = comment(report, limit=limit, check_name="gpu", stamp=str(OURS))
        assert len(body.encode()) <= limit
        assert read_stamp(body, "gpu") == OURS
    for whole in (comment(report, check_name="gpu", stamp=str(OURS)), summary(report)):
        seen = Seen(whole)
        assert {tag.partition(" ")[0].strip("/") for tag in seen.tags} <= _tags("markdown")
        assert [each for each in seen.references() if not each.isdigit()] == []  # measured numbers may be long
        assert len(seen.comments) <= 1


def _cards(report: Report) -> None:
    for row in report.models:
        if row.artifact is not None:
            seen = Seen(card(report, row, (File("a.onnx", 1, "0" * 64),)))
            assert seen.comments == []
            assert {tag.partition(" ")[0].strip("/") for tag in seen.tags} <= _tags("markdown") | {
                "h1",
                "h2",
                "blockquote",
            }


def _commands(report: Report) -> None:
    for line in annotate(report).lines:
        assert len(runner.commands(re.sub("[\v\f\x85\u2028\u2029]", "", line) + ".")) == 1
    for one in annotations_of(report):
        json.dumps([one.path, one.title, one.message], ensure_ascii=False).encode()
        assert not one.path.startswith("/")
        assert ".." not in one.path.split("/")
        assert one.start_line >= 1
        assert 0 < len(one.message) <= MESSAGE_LIMIT


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.add((tag, name))
            assert name != "href" or (value or "").startswith("#")


@cache
def _tags(form: str) -> frozenset[str]:
    """The elements that we write ourselves."""
    if form == "html":
        return frozenset().union(*(_Tags(page(report)).tags for report in (sample.report(), compared.report())))
    every = (Seen(comment(report)) for report in (sample.report(), compared.report()))
    ours = frozenset(tag.partition(" ")[0].strip("/") for seen in every for tag in seen.tags)
    assert not {"a", "img", "input", "script"} & ours
    return ours | {"h3", "h4", "ul", "li", "p", "strong", "details", "summary", "br", "pre", "em"}


def _html(report: Report) -> None:
    seen = _Tags(page(report))
    assert seen.tags <= _tags("html") | {
        "ul",
        "li",
        "details",
        "summary",
        "circle",
        "line",
        "rect",
        "text",
        "g",
        "title",
        "desc",
    }
    assert not [name for _, name in seen.attributes if name.startswith("on") or name in {"src", "action", "formaction"}]


def _junit(report: Report) -> None:
    root = ET.fromstring(junit(report))
    cases = root.findall("./testsuite/testcase")
    assert root.get("tests") == str(len(cases))
    assert {each.tag for case in cases for each in case} <= {"failure", "error", "skipped"}


def _terminal(report: Report) -> None:
    for width in (80, 140):
        stream = io.StringIO()
        terminal.show(report, Console(file=stream, width=width, force_terminal=False, color_system=None))
        shown = stream.getvalue()
        assert runner.commands(shown) == []
        odd = {each for each in shown if unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
        assert odd <= {"\n"}
