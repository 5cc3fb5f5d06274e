"""The environment of a worker: an allow-list, and folders of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Nothing that may hold a secret (tokens, proxies with passwords) and nothing that changes what Python imports.
ALLOWED = (
    "CUDA_VISIBLE_DEVICES",
    "LANG",
    "LANGUAGE",
    "LD_LIBRARY_PATH",
    "NVIDIA_DRIVER_CAPABILITIES",
    "NVIDIA_VISIBLE_DEVICES",
    "PATH",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TZ",
)


def template_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Variables of a template process.

    Strings hash alike in every run, so that exporters that walk a set write the same bytes each time.
    """
    allowed = {name: value for name, value in environ.items() if name in ALLOWED or name.startswith("LC_")}
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", **allowed, "PYTHONHASHSEED": "0"}


def worker_environ(environ: Mapping[str, str], folder: Path, threads: int | None) -> dict[str, str]:
    """Variables of a worker: a template's, its own home and temporary folder, and model hubs switched off."""
    home, temporary = folder / "home", folder / "tmp"
    own = {
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "USER": "onnx-convert",
        "LOGNAME": "onnx-convert",
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local" / "share"),
        "XDG_RUNTIME_DIR": str(temporary),
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
    }
    limits = {} if threads is None else {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
    return {**template_environ(environ), **own, **limits}
