"""Train a random forest on Iris and write models/iris.skops and models/iris_samples.npy.

python models/train_iris.py                  (needs scikit-learn and skops)
"""

from pathlib import Path

import numpy as np
import skops.io
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

if __name__ == "__main__":
    folder = Path(__file__).parent
    features, species = load_iris(return_X_y=True)
    train, test, train_species, test_species = train_test_split(features, species, test_size=0.3, random_state=0)
    forest = RandomForestClassifier(n_estimators=20, max_depth=4, random_state=0).fit(train, train_species)
    print(f"accuracy on held-out flowers: {forest.score(test, test_species):.3f}")
    skops.io.dump(forest, folder / "iris.skops", compression=8)
    np.save(folder / "iris_samples.npy", test.astype(np.float32))
