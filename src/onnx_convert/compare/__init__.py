"""`onnx-convert compare`: two ONNX files, or two output folders, in parity and latency."""
