"""The output folder: where artifacts, manifests, logs and reproductions of a run are put."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from importlib import resources
from typing import TYPE_CHECKING, Any

from onnx_convert import __version__
from onnx_convert.cache import file_digest
from onnx_convert.report.model import Artifact
from onnx_convert.spec.model import OutputParity

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from onnx_convert.plan import Row
    from onnx_convert.spec.model import Parity
    from onnx_convert.stages.values import Exported, Ran, Simplified

LOGS = "baseline"
"""The folder of the output folder with what workers printed about models of the base."""


class OutputFolder:
    """The folder of section 3 of the contract. Raises OSError where it cannot be written."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.models = root / "models"
        self._restoring = root / ".restoring"
        self.models.mkdir(parents=True, exist_ok=True)

    def begin(self) -> None:
        """Remove what an earlier run said in words: until this one ends, report.json alone says how things are."""
        for name in ("comment.md", "report.html", "junit.xml"):
            (self.root / name).unlink(missing_ok=True)
        shutil.rmtree(self._restoring, ignore_errors=True)

    def clear(self, row: Row) -> Path:
        """An empty folder for a row: what an earlier run left there is not this run's."""
        folder = self.models / row.key
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def forget_others(self, keys: Collection[str]) -> None:
        """Remove the folders of models that the spec no longer has: a publisher would take them for this run's."""
        for folder in self.models.iterdir():
            if folder.name not in keys and (folder / "manifest.json").is_file():
                shutil.rmtree(folder, ignore_errors=True)

    def restore(self, row: Row, files: Path) -> None:
        """Put a cached row's files where they were, all of them or, should the run be killed, none."""
        whole, folder = self._restoring / row.key, self.models / row.key
        shutil.rmtree(whole, ignore_errors=True)
        try:
            shutil.copytree(files, whole)
            shutil.rmtree(folder, ignore_errors=True)
            whole.rename(folder)
        finally:
            shutil.rmtree(self._restoring, ignore_errors=True)

    def place(self, row: Row, exported: Exported, simplified: Simplified) -> Artifact:
        """Put the artifact in its place and describe it."""
        folder = self.models / row.key
        file = simplified.file
        target = folder / f"{row.key}.onnx"
        shutil.copyfile(file.path, target)
        data = tuple(folder / path.name for path in file.data)
        for source, copy in zip(file.data, data, strict=True):
            shutil.copyfile(source, copy)
        kept = simplified.simplification.status == "kept"
        return Artifact(
            path=str(target.relative_to(self.root)),
            bytes=file.bytes,
            sha256=file_digest(target),
            opsets=file.facts.opsets,
            ir_version=file.facts.ir_version,
            nodes=file.facts.nodes,
            nodes_before_simplify=exported.file.facts.nodes if kept else None,
            operators=file.facts.operators,
            external_data=tuple(str(path.relative_to(self.root)) for path in data),
        )

    def write_manifest(self, row: Row, artifact: Artifact, exported: Exported, commit: str | None) -> None:
        """models/NAME/manifest.json: what the artifact is and what it was made from."""
        manifest = {
            "schema_version": 1,
            "name": row.name,
            "variant": row.variant,
            "opset": exported.opset,
            "files": {path: file_digest(self.root / path) for path in (artifact.path, *artifact.external_data)},
            "bytes": artifact.bytes,
            "opsets": artifact.opsets,
            "ir_version": artifact.ir_version,
            "inputs": [tensor.model_dump() for tensor in exported.file.facts.inputs],
            "outputs": [tensor.model_dump() for tensor in exported.file.facts.outputs],
            "spec": row.model.model_dump(mode="json", by_alias=True, exclude_defaults=True),
            "tool": {"name": "onnx-convert-action", "version": __version__},
            "exporter": exported.export.exporter,
            "versions": exported.export.versions,
            "commit": commit,
        }
        self._write_json(self.models / row.key / "manifest.json", manifest)

    def write_ran(self, row: Row, ran: Ran) -> str:
        """models/NAME/providers/PROVIDER.json: what ran there, node by node; its path in the output folder."""
        path = self.models / row.key / "providers" / f"{ran.provider}.json"
        path.parent.mkdir(exist_ok=True)
        self._write_json(path, {"provider": ran.provider, **ran.shares.model_dump(mode="json")})
        return str(path.relative_to(self.root))

    def write_repro(self, row: Row, exported: Exported, provider: str, case: int, library: Path | None = None) -> None:
        """models/NAME/repro/: the failing case with nothing but numpy, onnx and onnxruntime, and custom operators."""
        folder = self.models / row.key / "repro"
        folder.mkdir(exist_ok=True)
        reference = exported.reference
        source = reference.folder / f"{case:04d}"
        names = {"in": reference.inputs, "out": reference.outputs}
        arrays: dict[str, dict[str, str]] = {"in": {}, "out": {}}
        for kind, tensors in names.items():
            for position, tensor in enumerate(tensors):
                with suppress(FileNotFoundError):
                    shutil.copyfile(source / f"{kind}{position}.npy", folder / f"{kind}{position}.npy")
                    arrays[kind][tensor.name] = f"{kind}{position}.npy"
        parity = row.model.parity
        about: dict[str, Any] = {
            "model": f"../{row.key}.onnx",
            "provider": provider,
            "inputs": arrays["in"],
            "expected": arrays["out"],
            "tolerance": _tolerance(parity, OutputParity()),
            "tolerances": {name: _tolerance(parity, own) for name, own in parity.outputs.items()},
        }
        if library:
            shutil.copyfile(library, folder / library.name)
            about["library"] = library.name
        self._write_json(folder / "case.json", about)
        script = resources.files("onnx_convert.report") / "templates" / "repro.py.txt"
        (folder / "repro.py").write_text(script.read_text("utf-8"), "utf-8")

    @staticmethod
    def _write_json(path: Path, values: Any) -> None:
        partial = path.with_name(path.name + ".partial")
        partial.write_text(json.dumps(values, indent=2) + "\n", "utf-8")
        partial.replace(path)


def _tolerance(parity: Parity, own: OutputParity) -> dict[str, float]:
    """What decides on an output: a signal to noise where any element may differ, else tolerances of elements."""
    given = parity.model_dump() | own.model_dump(exclude_none=True)
    whole = given["max_mismatch"] == 1 and given["min_sqnr"] is not None
    return {key: given[key] for key in (("min_sqnr",) if whole else ("rtol", "atol"))}
