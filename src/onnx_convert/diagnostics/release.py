"""OCA730-OCA749: what was not published, and why."""

from onnx_convert.diagnostics.entry import Entry

_NOTHING = " Nothing on the release was changed."

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="OCA730",
        title="there is no such release",
        severity="error",
        hint="create it: gh release create TAG --draft",
        cause="No release, and no draft, has the tag. Models are published to a release that is there already; it is "
        "yours to say what it is called and when it goes out." + _NOTHING,
        remedy="Create it first: `gh release create v1.0.0 --draft --title v1.0.0 --notes ''`, then publish, then `gh "
        "release edit v1.0.0 --draft=false`. A token that may not write sees no drafts: grant `contents: write`.",
    ),
    Entry(
        code="OCA731",
        title="a report that is no success is not published",
        severity="error",
        hint="see the report; publish it all the same with --publish-failed, in the action `publish-failed: true`",
        cause="A model failed a gate, the run was not completed, or nothing was converted." + _NOTHING,
        remedy="Mend what the report says and run again. With `--publish-failed`, or `publish-failed: true` in the "
        "action, the artifacts that there are go out, and the cards of the failed models say so.",
    ),
    Entry(
        code="OCA732",
        title="the release is of another commit than the models",
        severity="error",
        hint="convert the tag's commit: check out the tag, run, publish",
        cause="The tag of the release and the report name different commits, or the tag is none. Whoever takes the "
        "models from the release would take them for what the tag's source makes." + _NOTHING,
        remedy="Run on the tag: on the event `release` actions/checkout does so by itself; by hand `git checkout TAG`, "
        "`onnx-convert run`, `onnx-convert publish`. If the models are of another commit for a reason, such as a "
        "release in another repository, `onnx-convert publish --other-commit` does not compare.",
    ),
    Entry(
        code="OCA733",
        title="several drafts have the tag of the release",
        severity="error",
        hint="delete the drafts that are not meant; the message has their pages",
        cause="GitHub lets any number of drafts have the same tag, and nothing says which one is meant." + _NOTHING,
        remedy="Delete the others on their pages, which the message names, or publish the one that is meant.",
    ),
    Entry(
        code="OCA734",
        title="the release is immutable",
        severity="error",
        hint="publish models to a draft first, then publish the draft",
        cause="The repository has immutable releases: once published, assets can be neither added nor changed. What is "
        "on the release is not all that was to be there." + _NOTHING,
        remedy="Create the next release as a draft, publish the models to it with `release-tag` or `onnx-convert "
        "publish --release TAG`, then `gh release edit TAG --draft=false`. Drafts start no workflow, so run it by hand "
        "(`workflow_dispatch`) or on the push of the tag. See docs/releases.md.",
    ),
    Entry(
        code="OCA735",
        title="a file is not what the report says",
        severity="error",
        hint="publish the output folder as the run left it",
        cause="A file of the output folder is missing, is a link, is not where the report may have it, or has another "
        "SHA-256 than the report or the model's manifest says." + _NOTHING,
        remedy="Run again, or take the whole output folder of one run: report.json and models/ belong together. If it "
        "was downloaded as an artifact of a workflow, check who could write to it.",
    ),
    Entry(
        code="OCA736",
        title="GitHub would not keep the name of an asset",
        severity="error",
        hint="rename the model: letters, digits, `-`, `_`, and single periods within",
        cause="GitHub changes names that begin or end with a period, or have two in a row or other characters. The "
        "checksums, and models that name the file with their weights, would then name files that are not there. Names "
        "that differ only in case cannot lie in one folder everywhere.",
        remedy="Rename the model in the spec.",
        upstream=(
            "https://github.com/github/rest-api-description/issues/2968",
            "https://github.com/travis-ci/dpl/issues/821",
        ),
    ),
    Entry(
        code="OCA737",
        title="a release cannot hold that much",
        severity="error",
        hint="an asset has to be under 2 GiB, and there may be 1000 of them",
        cause="A file has 2 GiB or more, or with the assets of others there would be more than 1000. What is replaced "
        "needs room for one more." + _NOTHING,
        remedy='Publish a smaller variant, such as `variants = ["fp16"]`, spread the models over several releases, '
        "or keep the large ones elsewhere, such as in a container registry.",
    ),
    Entry(
        code="OCA738",
        title="GitHub stored other content than was sent",
        severity="error",
        hint="run the job again",
        cause="The size or SHA-256 of an asset is not that of the file after its upload: the file was changed "
        "meanwhile, or the transfer was damaged. The asset was removed; what it was to replace is untouched.",
        remedy="Publish again. If it persists on a self-hosted runner, look for a proxy that rewrites uploads.",
    ),
    Entry(
        code="OCA739",
        title="there is nothing to publish",
        severity="error",
        hint="the report has no model with an artifact",
        cause="No model was converted, so there is no file." + _NOTHING,
        remedy="See the report for why; run on models that convert.",
    ),
    Entry(
        code="OCA740",
        title="the report of one shard is not published alone",
        severity="error",
        hint="merge the shards first: mode merge, or onnx-convert merge",
        cause="The report is of one leg of a matrix. Each leg would replace the checksums and the report of the "
        "others." + _NOTHING,
        remedy="Join the shards and publish what comes of it: docs/matrices.md.",
    ),
    Entry(
        code="OCA741",
        title="it is not said which release",
        severity="error",
        hint="give --release TAG, in the action `release-tag`",
        cause="The job was not started by a release, and no tag was given." + _NOTHING,
        remedy="Set `release-tag`, such as to `${{ github.ref_name }}` on the push of a tag.",
    ),
    Entry(
        code="OCA742",
        title="the release has checksums of somebody else",
        severity="error",
        hint="give the other SHA256SUMS another name, or publish the models to a release of their own",
        cause="The release has a SHA256SUMS that does not list a report.json, so it is not this action's; replacing it "
        "would take away the checksums of other files." + _NOTHING,
        remedy="Rename it where it is made, such as to SHA256SUMS-cli, and on the release; or use a release of its own "
        "for models, with a tag such as models-v1.",
    ),
    Entry(
        code="OCA744",
        title="the release was changed by somebody else at the same time",
        severity="error",
        hint="run the job again, and let one job at a time publish to a release",
        cause="After everything was put in place, the release does not hold it any more, or holds names that another "
        "run is using.",
        remedy="Publish again. Give the workflow a `concurrency` group with the tag's name, so that two do not meet.",
    ),
)
