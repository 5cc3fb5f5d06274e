"""A small convolutional network that takes images of any size."""

import torch
from torch import nn


class TinyCNN(nn.Module):
    """Two strided convolutions with BatchNorm, global average pooling, a linear classifier."""

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
        )
        self.classifier = nn.Linear(32, num_classes)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Logits [batch, num_classes] of images [batch, 3, height, width]."""
        return self.classifier(self.features(image).mean(dim=(2, 3)))
