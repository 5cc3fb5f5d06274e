"""`python make.py OUTDIR` writes the samples that the models are compared on, and the files that hold estimators."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import data
import estimators
import joblib
import numpy as np
import skops.io


def main(out: Path) -> None:
    """Write everything into `out`."""
    for name in ("iris", "wine", "cancer", "diabetes", "digits", "linnerud"):
        np.save(out / f"{name}.npy", data.load(name)[0])
        np.save(out / f"{name}-scaled.npy", data.load(name, scaled=True)[0])
    np.save(out / "cancer-gaps.npy", estimators.with_gaps(data.load("cancer", scaled=True)[0]))
    table = data.table()
    for column in table.columns:
        values = table[column].to_numpy()
        kept = values.astype(np.float32) if values.dtype.kind == "f" else values.astype(np.str_)
        np.save(out / f"{column}.npy", kept.reshape(-1, 1))
    np.save(out / "documents.npy", np.array(data.documents()[0]))
    skops.io.dump(estimators.classifier("boosting"), out / "boosting.skops")
    joblib.dump(estimators.classifier("forest"), out / "forest.joblib", compress=3)
    (out / "tree.pkl").write_bytes(pickle.dumps(estimators.classifier("tree")))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
