"""Pages as people see them: Debian's Chromium, driven by Playwright, and a comment as GitHub lays it out."""

from __future__ import annotations

import html
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cmarkgfm
from cmarkgfm.cmark import Options

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
_COMMENT = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>A comment</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="{modules}/github-markdown-css/github-markdown.css">
<style>body {{ margin: 0; }} .markdown-body {{ max-width: 56rem; padding: 1rem; margin: 0 auto; }}
.markdown-body table {{ max-width: 100%; overflow: auto; }} .mermaid {{ text-align: center; background: none; }}</style>
<script src="{modules}/mermaid/dist/mermaid.min.js"></script></head>
<body class="markdown-body"><article class="markdown-body">{body}</article><script>
for (const code of document.querySelectorAll("code.language-mermaid")) {{
  const chart = document.createElement("div");
  chart.className = "mermaid";
  chart.textContent = code.textContent;
  code.parentElement.replaceWith(chart);
}}
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
mermaid.initialize({{ startOnLoad: false, securityLevel: "strict", theme: dark ? "dark" : "default" }});
mermaid.run().catch((error) => console.error(String(error))).finally(() => {{ document.body.dataset.ready = "1"; }});
</script></body></html>
"""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a page: at a width in pixels, in the light or the dark; `shot` is a PNG to be written."""

    page: Path
    width: int
    dark: bool = False
    wait: str | None = None
    shot: Path | None = None


def missing() -> str | None:
    """Why there is no browser here; None if there is one."""
    if not _chromium():
        return "no chromium (apt-get install chromium)"
    if not shutil.which("node"):
        return "no node (apt-get install nodejs npm)"
    if not (MODULES / "playwright-core").is_dir():
        return "tests/browser/node_modules is missing (npm ci --prefix tests/browser)"
    return None


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


def look(looks: list[Look]) -> list[dict[str, Any]]:
    """What is seen in each: see `facts` in look.mjs."""
    pages = [
        {"url": one.page.as_uri(), "width": one.width, "dark": one.dark, "wait": one.wait}
        | ({"shot": str(one.shot)} if one.shot else {})
        for one in looks
    ]
    done = subprocess.run(
        ["node", "look.mjs"],
        cwd=HERE,
        input=json.dumps({"pages": pages}),
        env={**os.environ, "CHROMIUM": str(_chromium())},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def as_on_github(markdown: str) -> str:
    """A page that shows a comment: GitHub's Markdown renderer, its style sheet's copy, and Mermaid."""
    body = cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE)
    return _COMMENT.format(
        modules=html.escape(MODULES.as_uri()),
        body=body.replace('<pre lang="mermaid"><code>', '<pre><code class="language-mermaid">'),
    )
