"""The README and docs/ say what is so: keys, defaults, commands, codes, examples and links."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from onnx_convert import cli
from onnx_convert.commands import shared
from onnx_convert.diagnostics import entries
from onnx_convert.github import permission
from onnx_convert.report.model import Blame, Case, ModelReport, ProviderResult, Report
from onnx_convert.spec import model as spec
from onnx_convert.spec.load import load

PROJECT = Path(__file__).resolve().parents[2]
README = PROJECT / "README.md"
DOCS = PROJECT / "docs"
PAGES = tuple(path for path in (README, *sorted(DOCS.glob("*.md")), PROJECT / "CHANGELOG.md"))
SCHEMA: dict[str, Any] = json.loads((PROJECT / "schema" / "onnx-convert.schema.json").read_text())
ACTION: dict[str, Any] = YAML(typ="safe").load(PROJECT / "action.yml")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks(page: Path, language: str | None = None) -> list[Block]:
    text = page.read_text()
    found = [
        Block(page, text.count("\n", 0, match.start()) + 1, match[1], match[2])
        for match in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    ]
    return [block for block in found if language in {None, block.language}]


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """What GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def rows(page: Path, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading."""
    section = re.split(rf"^#+ {re.escape(heading)}$", prose(page), maxsplit=1, flags=re.MULTILINE)[1]
    table = re.search(r"(?:^\|.*\n)+", section, re.MULTILINE)
    assert table is not None
    return [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table[0].splitlines()[2:]]


def every(language: str | None = None) -> list[Block]:
    return [block for page in PAGES for block in blocks(page, language)]


# --- links -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        path, _, anchor = target.partition("#")
        if path.startswith(("https://", "http://")):
            continue
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert not broken


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = {README}, [README]
    while waiting:
        page = waiting.pop()
        for target in re.findall(r"\]\(([^)\s#]+\.md)", prose(page)):
            file = (page.parent / target).resolve()
            if file not in reached and file.is_file():
                reached.add(file)
                waiting.append(file)
    assert set(PAGES) <= reached


def test_pictures_have_a_description_and_are_small() -> None:
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", README.read_text())
    assert {Path(path).name for _, path in pictures} == {"posted.png", "comment.png", "report.png"}
    for description, path in pictures:
        assert len(description) > 20
        assert (PROJECT / path).stat().st_size < 200_000


# --- the spec --------------------------------------------------------------------------------------------------------


def schema_keys() -> set[str]:
    definitions = [SCHEMA, *SCHEMA["$defs"].values()]
    return {key for definition in definitions for key in definition.get("properties", {})}


@pytest.mark.parametrize("key", sorted(schema_keys()))
def test_the_spec_page_has_every_key_of_the_schema(key: str) -> None:
    assert f"| `{key}` |" in (DOCS / "spec.md").read_text()


TABLES: dict[str, tuple[type[BaseModel], dict[str, Any]]] = {
    "A model": (spec.Model, {"source": "m.onnx"}),
    "An input": (spec.Input, {}),
    "`parity`": (spec.Parity, {}),
    "`parity.outputs.NAME`": (spec.OutputParity, {}),
    "`parity.variants.NAME`": (spec.VariantParity, {}),
    "`benchmark`": (spec.Benchmark, {}),
    "`custom-ops`": (spec.CustomOps, {}),
    "`[gates]`": (spec.Gates, {}),
}


@pytest.mark.parametrize("heading", TABLES)
def test_the_spec_page_has_the_keys_and_defaults_of_the_model(heading: str) -> None:
    kind, required = TABLES[heading]
    fields = {field.alias or name: (name, field) for name, field in kind.model_fields.items()}
    documented = {cells[0].strip("`"): cells[1] for cells in rows(DOCS / "spec.md", heading)}
    assert set(documented) == set(fields)
    for key, cell in documented.items():
        name, field = fields[key]
        if cell == "required":
            assert field.is_required(), key
        elif cell.startswith("none"):
            assert field.default in (None, {}, ()), key
        elif cell == "below":
            assert isinstance(field.default, BaseModel), key
        else:
            written = tomllib.loads(f"value = {cell.strip('`')}")["value"]
            assert getattr(kind.model_validate({**required, key: written}), name) == field.default, key


def test_the_spec_page_names_every_gate() -> None:
    text = (DOCS / "spec.md").read_text()
    assert all(f"| `{gate}` |" in text for gate in get_args(spec.Gate))


@pytest.mark.parametrize("block", every("toml"), ids=str)
def test_every_toml_example_is_a_spec_that_loads(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "onnx-convert.toml"
    begin = "" if "spec-version" in block.text else "spec-version = 1\n\n"
    path.write_text(begin + block.text)
    assert load(path, root=tmp_path).spec.models


# --- the command, the codes, the report ------------------------------------------------------------------------------


TOOL = "onnx-convert "
DOCKERS = {"--gpus"}  # the option that a container action cannot be given


def test_commands_and_options_in_the_pages_exist(capsys: pytest.CaptureFixture[str]) -> None:
    called = {
        name
        for page in PAGES
        for name in re.findall(r"(?:^|\$ |\) |`|bin/)onnx-convert ([a-z]+)", page.read_text(), re.MULTILINE)
    }
    assert {"run", "check", "init", "explain", "env"} <= called
    known = ""
    for command in (*sorted(called), "env list", "env build"):
        with pytest.raises(SystemExit) as ended:
            cli.main([*command.split(), "--help"])
        assert ended.value.code == 0, command
        known += capsys.readouterr().out
    not_yet = prose(README).partition("## Not yet")[2]
    pages = [page for page in PAGES if page.name not in {"performance.md", "architecture.md"}]
    shown = [line for block in every() if block.page in pages for line in block.text.splitlines() if TOOL in line]
    spans = re.findall(r"`([^`]+)`", "".join(prose(page) for page in pages).replace(not_yet, ""))
    told = [span for span in spans if span.startswith("--") or TOOL in span]
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", "\n".join((*shown, *told))))
    assert {"--shards", "--baseline"} <= options
    assert {option for option in options if option not in known} == DOCKERS


def test_the_readme_has_the_exit_codes_of_the_command() -> None:
    codes = {int(cells[0]) for cells in rows(README, "Exit codes")}
    assert codes == {shared.OK, shared.GATE_FAILED, shared.USAGE, shared.AROUND, shared.INTERRUPTED}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_codes_in_the_pages_are_in_the_catalogue(page: Path) -> None:
    assert set(re.findall(r"OCA\d{3}(?!\d)", page.read_text())) <= set(entries())


def paths_of(kind: type[BaseModel]) -> set[str]:
    """The keys of a report value, those of values in it as `outer.inner`."""
    found = set()
    for name, field in kind.model_fields.items():
        found.add(name)
        inner = next((one for one in (field.annotation, *get_args(field.annotation)) if _is_value(one)), None)
        if inner is not None:
            found |= {f"{name}.{key}" for key in paths_of(inner)}
    return found


def _is_value(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


@pytest.mark.parametrize(
    ("kind", "table"), [(Report, "`report.json`"), (ModelReport, "`report.json` rows")], ids=["run", "row"]
)
def test_keys_of_the_report_page_are_in_the_report(kind: type[BaseModel], table: str) -> None:
    text = prose(DOCS / "report.md").partition("A row of `models`:")
    part = text[2] if table.endswith("rows") else text[0]
    table_rows = re.findall(r"^\| (`[^|]+`) \|", part, re.MULTILINE)
    keys = [key for cell in table_rows for key in re.findall(r"`([^`]+)`", cell)]
    assert keys
    assert set(keys) <= paths_of(kind)
    top = {name for name in kind.model_fields if name not in {"comparison", "seconds"}}
    assert top <= {key.partition(".")[0] for key in keys}


@pytest.mark.parametrize(
    ("page", "heading", "kind"),
    [("parity.md", "What is reported", Case), ("benchmark.md", "What the numbers are", ProviderResult)],
)
def test_explained_measurements_are_fields_of_the_report(page: str, heading: str, kind: type[BaseModel]) -> None:
    keys = [key for cells in rows(DOCS / page, heading) for key in re.findall(r"`(\w+)`", cells[0])]
    assert keys
    assert set(keys) <= set(kind.model_fields)


def test_the_parity_page_explains_every_stage_that_is_blamed() -> None:
    stages = {cells[0].strip("`") for cells in rows(DOCS / "parity.md", "The stage to blame")}
    assert stages == set(get_args(Blame.model_fields["stage"].annotation))


# --- the action ------------------------------------------------------------------------------------------------------

REUSABLE: dict[str, Any] = YAML(typ="safe").load(PROJECT / ".github/workflows/convert.yml")
INPUTS = {"steps": set(ACTION["inputs"]), "jobs": set(REUSABLE["on"]["workflow_call"]["inputs"])}
WHOLE = tuple(block for block in every("yaml") if "\njobs:" in block.text and "\non:" in block.text)


def values(block: Block) -> list[Any]:
    """Every value of a YAML block, outer ones first: a workflow, a part of one, or steps."""
    waiting, found = [YAML(typ="safe").load(block.text)], []
    while waiting:
        found.append(one := waiting.pop(0))
        waiting += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
    return found


def uses(block: Block) -> list[dict[str, Any]]:
    """The steps and jobs of a block that use something."""
    return [one for one in values(block) if isinstance(one, dict) and isinstance(one.get("uses"), str)]


@pytest.mark.parametrize("block", every("yaml"), ids=str)
def test_workflows_give_the_action_inputs_it_has_and_read_outputs_it_has(block: Block) -> None:
    for one in uses(block):
        if "onnx-convert-action" in one["uses"]:
            kind = "jobs" if "/.github/workflows/convert.yml@v1" in one["uses"] else "steps"
            assert set(one.get("with", {})) <= INPUTS[kind]
    assert set(re.findall(r"steps\.onnx\.outputs\.([a-z-]+)", block.text)) <= set(ACTION["outputs"])


def test_the_pages_use_the_versions_of_other_actions_that_the_examples_pin() -> None:
    pinned = "".join(path.read_text() for path in (PROJECT / "examples/workflows").glob("*.yml"))
    known = {f"{name}@{major}" for name, major in re.findall(r"uses: (actions/\S+)@\S+ # (v\d+)", pinned)}
    shown = {one["uses"] for block in every("yaml") for one in uses(block)}
    assert {use for use in shown if not use.startswith("org/onnx-convert-action")} <= known


@pytest.mark.parametrize("block", every("yaml"), ids=str)
def test_permissions_that_are_shown_are_those_of_the_permissions_page(block: Block) -> None:
    named = {
        cell for cells in rows(DOCS / "permissions.md", "Permissions") for cell in re.findall(r"`(.+?)`", cells[1])
    }
    for one in values(block):
        granted = one.get("permissions") if isinstance(one, dict) else None
        assert {f"{key}: {level}" for key, level in (granted or {}).items()} <= named


def test_the_permissions_page_has_every_permission_that_a_refusal_may_name() -> None:
    table = rows(DOCS / "permissions.md", "Permissions")
    asked = [one for one in vars(permission).values() if isinstance(one, permission.Permission)]
    assert len(asked) > 3
    for one in asked:
        granting = {f"`{one.key}: {level}`" for level in (one.level, "write")}
        assert any(granting & set(re.findall(r"`.+?`", cells[1])) for cells in table), one


def test_the_matrices_page_has_every_input_of_the_reusable_workflow() -> None:
    table = rows(DOCS / "matrices.md", "Many models: a matrix, one report")
    assert {name for cells in table for name in re.findall(r"`(.+?)`", cells[0])} == INPUTS["jobs"]


def test_whole_workflows_are_valid_for_github_and_as_safe_as_the_examples(tmp_path: Path) -> None:
    files = []
    for number, block in enumerate(WHOLE):
        files.append(tmp_path / f"{block.page.stem}-{number}.yml")
        files[-1].write_text(block.text)
    assert {file.stem.partition("-")[0] for file in files} >= {"README", "action", "forks", "releases", "matrices"}
    # By tag, to be read: the examples that the pages lead to are pinned by commit.
    config = tmp_path / "zizmor.config"
    config.write_text('rules: { unpinned-uses: { config: { policies: { "*": ref-pin } } } }')
    schema = ("--builtin-schema", "vendor.github-workflows")
    for command in (
        [sys.executable, "-m", "check_jsonschema", *schema, *files],
        [Path(sys.executable).with_name("zizmor"), "--quiet", "--offline", "--config", config, *files],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_readme_gives_the_defaults_of_the_actions_inputs() -> None:
    documented = {cells[0].strip("`"): cells[1] for cells in rows(README, "Inputs and outputs")}
    assert list(documented) == list(ACTION["inputs"])
    for name, one in ACTION["inputs"].items():
        # An empty default is a word of what it means.
        assert documented[name] == f"`{one['default']}`" if one["default"] else "`" not in documented[name], name


def test_the_test_command_of_the_readme_is_what_ci_runs() -> None:
    tried = "".join(block.text for block in blocks(README) if block.text.startswith("make demo"))
    assert re.findall(r"^make \w+", tried, re.MULTILINE) == ["make demo", "make test"]
    assert (PROJECT / ".ci" / "run").read_text().splitlines()[-1] == "make test"


def test_nothing_names_a_machine_or_is_left_to_be_filled_in() -> None:
    for page in PAGES:
        assert not re.search(r"/tmp/|/home/\w|/work/|TODO|@@", page.read_text()), page.name
