"""What is done to an ONNX file: check, simplify, compare, measure, rename. Runs in the `onnx` environment."""
