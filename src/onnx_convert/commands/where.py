"""The options by which commands find the repository on GitHub."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_where(parser: argparse.ArgumentParser) -> None:
    """The options --repository and --github-api-url."""
    parser.add_argument("--repository", default="", metavar="OWNER/NAME", help="where (GITHUB_REPOSITORY)")
    parser.add_argument("--github-api-url", default="", metavar="URL", help="GitHub's API (GITHUB_API_URL)")
