"""What executes an ONNX file: an interface and a module a kind."""
