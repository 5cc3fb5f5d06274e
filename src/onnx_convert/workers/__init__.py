"""What runs behind the fence, in an environment of its own.

Modules here depend on the standard library, numpy and, in the `onnx` environment, onnx and ONNX Runtime; never on the
core. They run beside MXNet's old numpy too. A worker is given a folder (see `protocol`), reads `job.json` in it, and
writes what it makes under `out/`.
"""
