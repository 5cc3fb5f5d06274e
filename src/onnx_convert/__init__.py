"""Convert models to ONNX, prove parity with their framework, benchmark them, and say so in the pull request."""

__version__ = "1.0.0"
