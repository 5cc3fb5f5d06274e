"""OCA64x: what a run is compared with, and why it may have nothing."""

from onnx_convert.diagnostics.entry import Entry

ENTRIES = (
    Entry(
        code="OCA640",
        title="there is no baseline",
        severity="warning",
        hint="models were converted and judged, but compared with nothing",
        cause=(
            "A baseline was asked for and could not be had: the clone is shallow and its remote gave no more history, "
            "the spec is not there at that commit or not valid there, or the folder's report cannot be read. The "
            "message says which. The run goes on; the gates `latency` and `size` judge nothing."
        ),
        remedy=(
            "In a workflow, give `actions/checkout` the input `fetch-depth: 0`, or leave `persist-credentials` on, so "
            "that missing history can be fetched. A spec that is new in this pull request has a baseline in the next "
            "one."
        ),
    ),
)
