"""A real architecture as an ONNX file, as for the `onnx` models, at an opset of its own.

python make.py OUTDIR
"""

import runpy
import sys
from pathlib import Path

import onnx

ONNX = runpy.run_path(str(Path(__file__).parents[1] / "onnx" / "make.py"))

if __name__ == "__main__":
    onnx.save(ONNX["network"]("resnet50", 15), Path(sys.argv[1]) / "resnet50.onnx")
