"""Templates of Markdown: what is not marked as Markdown is escaped on its way out, so that nothing can be forgotten."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from onnx_convert.report.gfm import Markdown, prose


@cache
def template(name: str) -> Template:
    """A template of `report/templates`."""
    # autoescape is HTML's; here `finalize` escapes for Markdown.
    environment = Environment(  # noqa: S701
        loader=PackageLoader("onnx_convert.report"),
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value if isinstance(value, Markdown) else prose(str(value)),
    )
    return environment.get_template(name)
