"""OCA76x and OCA77x: parting a spec into shards, and joining their reports."""

from onnx_convert.diagnostics.entry import Entry

ENTRIES = (
    Entry(
        code="OCA760",
        title="more shards than a matrix may have jobs",
        severity="error",
        hint="ask for fewer with --shards and --gpu-shards: at most 256 together",
        cause="GitHub runs at most 256 jobs of a matrix, and refuses a workflow with more after it has started.",
        remedy="Plan fewer shards. A shard does its models one after the other where they are measured, so that more "
        "shards than models are never made.",
    ),
    Entry(
        code="OCA761",
        title="the matrix is larger than an output of a job may be",
        severity="error",
        hint="shorten the models' names, or split the spec",
        cause="GitHub keeps at most 1 MB of an output, counted in UTF-16: two bytes a character. The names of the "
        "models in the matrix take more.",
        remedy="Split the spec into several with a workflow each, or give the models shorter names. "
        "Shards without `models` (`--shard I/N` alone) need no matrix from `plan` at all.",
    ),
    Entry(
        code="OCA762",
        title="no model lists that provider",
        severity="error",
        hint="name providers that `benchmark.providers` of a model has",
        cause="`--provider` restricts what is measured to some of the providers that the spec lists. One that no "
        "model lists would measure nothing, silently.",
        remedy="Correct the name, or add the provider to `benchmark.providers` of the models that it is meant for.",
    ),
    Entry(
        code="OCA763",
        title="a shard without models",
        severity="error",
        hint="ask for at most as many shards as there are models",
        cause="`--shard I/N` without `--model` does the I-th of N parts of the spec's models, and the spec has fewer "
        "models than N.",
        remedy="Lower N in the matrix, or let `onnx-convert plan` write the matrix: it never has an empty leg.",
    ),
    Entry(
        code="OCA764",
        title="past durations cannot be read",
        severity="warning",
        hint="the plan goes by what else is known; in a first run there is nothing yet",
        cause="A file or folder given with `--durations` is not there, or is no report. Balance suffers, nothing else.",
        remedy="Give the folder that an earlier run or `merge` wrote, or that its artifact was downloaded to.",
    ),
    Entry(
        code="OCA770",
        title="no report of a shard there",
        severity="error",
        hint="give output folders of `run --shard`, or a folder whose subfolders they are",
        cause="`merge` was given a folder without a `report.json`, one that cannot be read or is of another version of "
        "the schema, or the report of a run that was no shard.",
        remedy="Look at the step that downloads the shards' artifacts: each goes into a folder of its own "
        "(`actions/download-artifact` without `merge-multiple`). Run the shards with `--shard I/N`.",
    ),
    Entry(
        code="OCA771",
        title="shards are missing",
        severity="error",
        hint="run the missing shards again, then merge",
        cause="Of the N shards that each report tells of, some are not there: their jobs failed before they "
        "could write a report, or their artifacts were not downloaded. A report without them would read as if "
        "all was well.",
        remedy="Look at the jobs of the missing shards; with `if: always()` on the upload, a failed one still leaves "
        "its report. Run again the failed jobs, and the merge after them.",
    ),
    Entry(
        code="OCA772",
        title="a shard is there twice",
        severity="error",
        hint="remove the older of the two folders",
        cause="Two reports tell of the same shard, or two shards did the same model on the same providers. Which of "
        "the two is right cannot be told.",
        remedy="Give each shard's artifact a name of its own, such as its index, and let every attempt replace it "
        "(`overwrite: true` of `actions/upload-artifact`). Let one plan make all legs.",
    ),
    Entry(
        code="OCA773",
        title="a shard of another run",
        severity="error",
        hint="merge the shards of one run alone",
        cause="The reports are not of the same thing: another spec, another commit, another number of shards or "
        "another version of onnx-convert. Joined they would be a report of something that never existed.",
        remedy="Take the folders of one workflow run; empty the folder that they are downloaded to first. On a "
        "self-hosted runner check that all legs check out the same commit.",
    ),
    Entry(
        code="OCA774",
        title="the merged folder cannot be one of the shards",
        severity="error",
        hint="choose another folder with --out",
        cause="The folder to write to is one of those to read from, or lies in one.",
        remedy="Give `--out` a folder beside those of the shards.",
    ),
    Entry(
        code="OCA775",
        title="a shard was not finished",
        severity="warning",
        hint="run that shard again, then merge",
        cause="The job of a shard was cancelled or killed before it was done. Its report has what was known until "
        "then, and is joined; the result is not complete and fails.",
        remedy="Run the failed job again. Models that were finished are taken from the cache if it was kept.",
    ),
    Entry(
        code="OCA776",
        title="two shards converted the same model to different files",
        severity="warning",
        hint="the file of the first shard is kept; the other was measured by the other one",
        cause="A model is done by a shard for CPUs and by one for GPUs, each of which converts it. Their files "
        "differ: the shards had other versions of a framework, or its exporter does not give the same file twice.",
        remedy="Use the same image in all legs. Where the exporter is at fault, differences are in names and order, "
        "and the latencies are comparable; the digests in the manifests say which file was measured.",
    ),
    Entry(
        code="OCA777",
        title="shards were compared with different baselines",
        severity="warning",
        hint="give all legs the same --baseline",
        cause="What the rows of one shard were compared with is not what those of another were: another commit or "
        "folder, or one found its base and another did not.",
        remedy="Give all legs the same `baseline`, and `actions/checkout` in each the input `fetch-depth: 0`.",
    ),
    Entry(
        code="OCA778",
        title="a shard's files are not what its report says",
        severity="warning",
        hint="upload the whole output folder of each shard",
        cause="An artifact that the report tells of is missing in the shard's folder, is another file by its digest, "
        "or is a link, which is never followed. It is not in the merged folder.",
        remedy="Upload the shard's whole output folder, not its report alone. A file that changed on the way is a "
        "reason to look at what the workflow does between `run` and `merge`.",
    ),
)
