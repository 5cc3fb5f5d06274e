"""The onnx framework."""
