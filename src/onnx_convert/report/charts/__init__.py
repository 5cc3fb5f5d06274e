"""Charts as values: positions in a drawing of fixed width, which the HTML template draws as SVG."""

from onnx_convert.report.charts.axis import LEFT, WIDTH
from onnx_convert.report.charts.changes import change_plot
from onnx_convert.report.charts.errors import error_plot
from onnx_convert.report.charts.strips import latency_plot, sides_plot

__all__ = ["LEFT", "WIDTH", "change_plot", "error_plot", "latency_plot", "sides_plot"]
