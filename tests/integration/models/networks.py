"""Small PyTorch modules, each with one trait that an export must cope with or report."""

from dataclasses import dataclass

import torch
from torch import nn


class Linear(nn.Module):
    def __init__(self, features: int = 4) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.fc = nn.Linear(features, 3)

    def forward(self, x):
        return self.fc(x)


class Nested(Linear):
    def forward(self, x):
        y = self.fc(x)
        return {"last": [y, None, y + 1], "first": {"half": (y * 2,)}}


@dataclass
class Pair:
    one: torch.Tensor
    two: torch.Tensor | None = None


class Dataclass(Linear):
    def forward(self, x):
        return Pair(self.fc(x), x.sum(1))


class KeywordOnly(nn.Module):
    def forward(self, a, *, b=None, c):
        return a + 2 * b - c


class Masked(nn.Module):
    def forward(self, x, mask):
        return x.masked_fill(mask, 0.0), mask.any(dim=1)


class Downsampled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3, stride=2, padding=1)

    def forward(self, image):
        return self.conv(image)


class InPlace(Linear):
    def forward(self, x):
        x.add_(1)
        return self.fc(x)


class Noisy(Linear):
    def forward(self, x):
        return self.fc(x) + torch.rand(3)


class DropsOut(Linear):
    def __init__(self) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        self.drop.train()
        return self.drop(self.fc(x))


class Branches(Linear):
    def forward(self, x):
        if x.sum() > 0:
            return self.fc(x)
        return self.fc(-x)


class FixedBatch(Linear):
    def forward(self, x):
        return self.fc(x) * 2 if x.shape[0] == 4 else self.fc(x)


class Bessel(Linear):
    def forward(self, x):
        return torch.special.bessel_j0(self.fc(x))


class Named(Linear):
    def forward(self, x):
        return {"y": self.fc(x), "kind": "linear"}


class Embeds(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(3, 4)

    def forward(self, ids):
        return self.embedding(ids).sum(1)


class Infinite(Linear):
    def forward(self, x):
        return self.fc(x) / 0


class BFloat(Linear):
    def forward(self, x):
        return self.fc(x).to(torch.bfloat16)


def nothing():
    return None


def leaves():
    raise SystemExit(3)


def needs_a_package():
    import a_package_that_nobody_has

    return a_package_that_nobody_has
