"""OCA040 to OCA049: the cache of results."""

from onnx_convert.diagnostics.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="OCA040",
        title="a cached result was damaged",
        severity="note",
        hint="nothing has to be done: the model was done again, and its result is kept anew",
        cause="A result in the cache folder was not what onnx-convert had written there: a file of it is missing, was "
        "cut off, altered or added, or the whole result was put in another one's place. Each is verified by its "
        "digests before it is used. A full disk, a copy of the folder that broke off, or somebody who writes there "
        "can be the cause.",
        remedy="Nothing has to be done once. If it happens again and again, look at the disk, and at who can write to "
        "the cache folder.",
    ),
    Entry(
        code="OCA041",
        title="results could not be kept",
        severity="note",
        hint="let the cache folder be written, and give its disk room, or choose another one with --cache-dir",
        cause="The cache folder cannot be written, or its disk is full. The run itself is not affected: what it made "
        "is in the output folder. The next run has to do these models again.",
        remedy="Make room or let the folder be written; `--cache-dir`, in the action `cache-dir`, names another one.",
    ),
    Entry(
        code="OCA042",
        title="the results of one run take more than the cache may",
        severity="note",
        hint="raise --cache-size (ONNX_CONVERT_CACHE_SIZE)",
        cause="Cached results take at most `--cache-size`, 2 GB unless it says otherwise; what was used longest ago "
        "goes first. This run alone used more, so some of its models will be done again by the next one.",
        remedy="Raise `--cache-size`, or `ONNX_CONVERT_CACHE_SIZE` in the environment. GitHub keeps 10 GB of caches "
        "for a repository.",
    ),
    Entry(
        code="OCA043",
        title="a file changed while the run was going on",
        severity="note",
        hint="run it again when nobody changes its files",
        cause="A file that a model was seen to read was written or replaced after the run had begun, by an editor, by "
        "another step, or by the model's own code. It is not known which of its states was read, so the result is "
        "not kept for the next run.",
        remedy="Nothing has to be done once. Code of a model that writes into the repository is better changed to "
        "write to a temporary folder.",
    ),
)
