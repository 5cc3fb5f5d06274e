"""Cannot be imported."""

import torch

raise RuntimeError(f"nobody imports me with torch {torch.__version__}")


def model():
    """Is never reached."""
