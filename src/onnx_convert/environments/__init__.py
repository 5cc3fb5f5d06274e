"""Environments of frameworks and runtimes: locked, built on first use, shared, layered with a model's requirements."""

from onnx_convert.environments.locks import names
from onnx_convert.environments.registry import Environments, default_root
from onnx_convert.environments.values import Environment, EnvironmentFailed, Installed

__all__ = ["Environment", "EnvironmentFailed", "Environments", "Installed", "default_root", "names"]
