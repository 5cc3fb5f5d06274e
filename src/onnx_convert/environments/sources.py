"""Where packages come from: pip's configuration, told to uv.

uv reads neither pip's configuration files nor its variables. Users and runners have those set, so they are read here,
as pip does (https://pip.pypa.io/en/stable/topics/configuration/): variables win over files, the user's file over the
machine's. Whatever `UV_*` variable is set wins over both.
"""

from __future__ import annotations

import configparser
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_OPTIONS = ("index-url", "extra-index-url", "find-links", "no-index", "cert", "trusted-host")
_SECTIONS = ("global", "install")
_TRUE = ("1", "true", "yes", "on")


def configuration_files(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Configuration files of pip in the order it reads them, those last winning; also ones that do not exist."""
    named = environ.get("PIP_CONFIG_FILE")
    if named == "/dev/null":  # pip: no file at all
        return ()
    home = Path(environ.get("HOME") or "/")
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    shared = [Path(each) / "pip" / "pip.conf" for each in environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":") if each]
    files = (*shared, Path("/etc/pip.conf"), home / ".pip" / "pip.conf", config / "pip" / "pip.conf")
    return (*files, Path(named)) if named else files


def pip_options(environ: Mapping[str, str], files: Iterable[Path]) -> dict[str, str]:
    """Options of pip that say where packages come from. Files that cannot be read or parsed are passed over."""
    found: dict[str, str] = {}
    for path in files:
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, configparser.Error):
            continue
        for section in _SECTIONS:
            if parser.has_section(section):
                found |= {key: value for key, value in parser.items(section) if key in _OPTIONS}
    for option in _OPTIONS:
        if value := environ.get("PIP_" + option.upper().replace("-", "_")):
            found[option] = value
    return found


def uv_environ(environ: Mapping[str, str], files: Iterable[Path] | None = None) -> dict[str, str]:
    """The environment for uv: the caller's, with pip's options added as uv's variables where those are not set."""
    options = pip_options(environ, configuration_files(environ) if files is None else files)
    told = {
        "UV_DEFAULT_INDEX": options.get("index-url", ""),
        "UV_INDEX": " ".join(options.get("extra-index-url", "").split()),
        "UV_FIND_LINKS": ",".join(options.get("find-links", "").split()),
        "UV_INSECURE_HOST": " ".join(options.get("trusted-host", "").split()),
        "UV_NO_INDEX": "1" if options.get("no-index", "").lower() in _TRUE else "",
        "SSL_CERT_FILE": options.get("cert", ""),
    }
    if {"UV_INDEX_URL", "UV_DEFAULT_INDEX"} & set(environ):
        told["UV_DEFAULT_INDEX"] = ""
    if {"UV_EXTRA_INDEX_URL", "UV_INDEX"} & set(environ):
        told["UV_INDEX"] = ""
    # pip looks for the best version on all its indexes; uv by default stops at the first that has the package.
    told["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {**{name: value for name, value in told.items() if value}, **environ}


def find_links(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The find-links of an environment made by `uv_environ`: folders, files and addresses."""
    return tuple(filter(None, environ.get("UV_FIND_LINKS", "").replace(",", " ").split()))
