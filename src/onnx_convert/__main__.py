"""`python -m onnx_convert`."""

import sys

from onnx_convert.cli import main

sys.exit(main())
