"""OCA1xx: the spec and the files it names."""

from onnx_convert.diagnostics.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "OCA100",
        "the spec cannot be read",
        "error",
        "give the path of an onnx-convert.toml, or write a first one with `onnx-convert init`",
        "The command looks for `onnx-convert.toml` in the working directory unless it is given another path, and there "
        "is no such file, it is a folder, or this user may not read it.",
        "Pass the path, or run `onnx-convert init`. In a workflow, check that `actions/checkout` ran before.",
    ),
    Entry(
        "OCA101",
        "the spec is not valid TOML",
        "error",
        "see https://toml.io for the syntax; the place is where reading stopped",
        "The file breaks the syntax of TOML. The mistake is at the place shown or a little before it: an unclosed "
        "string or bracket is often noticed only where the file ends.",
        "Text stands in quotes, true and false in lower case, a table's name in brackets. In double quotes a backslash "
        "begins an escape: write paths with `/` or in single quotes.",
    ),
    Entry(
        "OCA102",
        "the spec is not a text file of moderate size in UTF-8",
        "error",
        "save the file as UTF-8 without byte-order mark",
        "TOML is UTF-8. Editors on Windows may save UTF-16 or begin the file with a byte-order mark. Specs above 4 MiB "
        "are not read, because nobody writes one by hand.",
        "Save the file as UTF-8 without BOM. Split a very large spec into several.",
    ),
    Entry(
        "OCA103",
        "the spec is nested too deeply",
        "error",
        "close the brackets that are left open; no key needs more than a few levels",
        "Tables and lists inside each other go deeper than any key needs, which is a mistake or an attempt to exhaust "
        "the reader.",
        "Look for brackets that are not closed near the place shown.",
    ),
    Entry(
        "OCA104",
        "unknown key",
        "error",
        "compare the key with the documentation of the spec",
        "A key that is not known would otherwise be ignored, and a misspelt tolerance would silently be the default.",
        "Correct the key: they are in kebab-case, and many belong into a table of the model such as `parity` or "
        "`benchmark`.",
    ),
    Entry(
        "OCA105",
        "a value has the wrong type",
        "error",
        "change the value to the type that the message names",
        "Values are not converted: a number in quotes is a string, and `1` is not `true`.",
        "Write the value in the type that the message names.",
    ),
    Entry(
        "OCA106",
        "a value is not allowed",
        "error",
        "use one of the values that the message names",
        "The value has the right type but is outside what the key takes.",
        "Use one of the values or a number in the range that the message names.",
    ),
    Entry(
        "OCA107",
        "something required is missing",
        "error",
        "add what the message names",
        "A spec has a `spec-version` and at least one model; a model has a `source`. PyTorch modules do not declare "
        "their inputs, so their models need `inputs` with a `shape` each.",
        "Add the key. `onnx-convert init` writes a spec with all that is needed.",
    ),
    Entry(
        "OCA108",
        "two names collide",
        "error",
        "give one of them another name",
        "Artifacts lie in folders named like their models, and on the file systems of macOS and Windows names that "
        "differ only in case are the same. In an ONNX graph, an input and an output cannot share a name.",
        "Rename one of them.",
    ),
    Entry(
        "OCA109",
        "the spec is written for another version",
        "error",
        "write `spec-version = 1`, or use the version of onnx-convert that reads this spec",
        "`spec-version` says which meaning the keys have, so that an old spec keeps its meaning.",
        "Use the release of onnx-convert that reads this version, or change the spec to the one that is named.",
    ),
    Entry(
        "OCA110",
        "a name is not valid",
        "error",
        "use letters, digits, `_` and `-`",
        "A model's name becomes a folder and a file name on every platform; the name of a dimension becomes a symbol "
        "in the ONNX file.",
        "Use letters, digits, `_` and `-`; in model names also `.`.",
    ),
    Entry(
        "OCA111",
        "a path leaves the repository or is not portable",
        "error",
        "use a path relative to the spec's folder, with `/`",
        "Everything a spec names lies in the repository, so that a pull request cannot make the runner convert or "
        "publish its other files. Absolute paths, `..` and symbolic links that lead out are refused.",
        "Move the file into the repository and name it relative to the spec's folder, with `/` between folders.",
    ),
    Entry(
        "OCA112",
        "a file is missing or is not what it should be",
        "error",
        "check the path; large files may need Git LFS: `actions/checkout` with `lfs: true`",
        "The path leads to nothing, to a folder where a file is needed, to an empty file, or to the pointer that Git "
        "LFS leaves where the file itself was not downloaded.",
        "Correct the path, commit the file, or check out with `lfs: true`. Files that a workflow makes must be made "
        "before this step.",
    ),
    Entry(
        "OCA113",
        "the source does not name a callable of its file",
        "error",
        "write `file.py:callable` with a class or function defined at the top of the file",
        "A Python source is `file.py:callable`: a class or function at the top level of the file that returns the "
        "model. The file is read, not run, to find it.",
        "Correct the name, or define the callable at the top level of the file.",
    ),
    Entry(
        "OCA114",
        "the framework is not clear from the source",
        "error",
        'add `framework = "..."` to the model',
        "The framework is recognised from the file: its type, or what a Python file imports. This source fits none, or "
        "several.",
        'Add `framework = "pytorch"`, "sklearn" or "onnx" to the model.',
    ),
    Entry(
        "OCA115",
        "loading the source would execute code",
        "error",
        "add `trust = true` if you trust everyone who can change this file, or use a format that is only data",
        "Pickles (`.pkl`, `.joblib`, whole modules in `.pt`) are programs: loading one runs what it says. That is not "
        "done unless the spec says so.",
        "Save the model in a format that is only data: a `file.py:callable` with `weights` in `.safetensors`, "
        "TorchScript, `.pt2` or `.skops`. Or add `trust = true`: the pickle then runs behind the fence, as another "
        "user and without tokens.",
    ),
    Entry(
        "OCA116",
        "an input cannot be filled like this",
        "error",
        "give one of `data`, `range` or `values`, and values that the dtype can hold",
        "An input is filled from one of `data`, `range` or `values`, and what they give must be elements of its dtype.",
        "Keep one of them and change values or dtype until they fit.",
    ),
    Entry(
        "OCA117",
        "a name refers to nothing",
        "error",
        "correct the name, or remove the entry",
        "`dims` gives sizes to dimensions that a `shape` names, `parity.outputs` tolerances to names in `outputs`, "
        "`provider-options` options to providers. An entry for a name that is not there would have no effect.",
        "Correct the name, or remove the entry.",
    ),
    Entry(
        "OCA118",
        "keys do not go together",
        "error",
        "remove one of them",
        "Some keys have a meaning only for some sources: `args` and `weights` need a `file.py:callable`, `exporter` is "
        "PyTorch's, and what the spec itself decides cannot be passed as an export option.",
        "Remove the key, or change the source as the message says.",
    ),
    Entry(
        "OCA121",
        "a key is defined twice",
        "error",
        "keep one of the two; a table is opened once, or extended with dotted keys in one place",
        "TOML allows each key and each table once.",
        "Merge the two tables or remove one key.",
    ),
    Entry(
        "OCA122",
        "a value is in a list twice",
        "error",
        "list it once",
        "Each entry is converted, tried or measured once; two equal ones would overwrite each other.",
        "Remove one of them.",
    ),
)
