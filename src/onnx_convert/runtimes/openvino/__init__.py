"""OpenVINO without ONNX Runtime, and the environment of both ways to it."""
