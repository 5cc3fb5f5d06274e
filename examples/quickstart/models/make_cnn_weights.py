"""Write weights/cnn.safetensors: TinyCNN's weights from seed 0, BatchNorm statistics from seeded images.

python models/make_cnn_weights.py            (needs torch and safetensors)
"""

from pathlib import Path

import torch
from cnn import TinyCNN
from safetensors.torch import save_file

if __name__ == "__main__":
    torch.manual_seed(0)
    model = TinyCNN()
    model.train()
    with torch.no_grad():
        for _ in range(20):
            model(torch.randn(16, 3, 64, 64) * 0.5 + 0.2)
    target = Path(__file__).parent.parent / "weights" / "cnn.safetensors"
    target.parent.mkdir(exist_ok=True)
    save_file(model.state_dict(), target)
