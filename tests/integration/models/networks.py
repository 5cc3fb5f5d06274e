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


class Counts(Linear):
    """Python side effects: each call adds to what the next one returns."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        return self.fc(x) * self.calls


class Unsupported(nn.Module):
    def forward(self, x):
        y = torch.special.bessel_j0(x) + torch.special.bessel_y1(x)
        return torch.nn.functional.grid_sample(x[None, None], x[None, :, :2, None].repeat(1, 1, 1, 2)).sum() + y


class GridSample(nn.Module):
    def forward(self, x):
        grid = x[:, :2, None, None].repeat(1, 1, 2, 1).transpose(1, 3)
        return torch.nn.functional.grid_sample(x[:, None, :, None].repeat(1, 1, 1, 4), grid, align_corners=False)


class Pooled(nn.Module):
    def forward(self, x):
        return torch.nn.functional.adaptive_avg_pool1d(x[:, None], 3)


class Spectrum(nn.Module):
    def forward(self, x):
        return torch.view_as_real(torch.fft.fft(x) * 1j)


class Clipped(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clamp(min=0) * 2


class ClippedSymbolic(Clipped):
    @staticmethod
    def symbolic(g, x):
        return g.op("Mul", g.op("Relu", x), g.op("Constant", value_t=torch.tensor(2.0)))


class OwnGradient(Linear):
    def forward(self, x):
        return Clipped.apply(self.fc(x)) + ClippedSymbolic.apply(x).sum()


class Conditional(Linear):
    def forward(self, x):
        return torch.cond(x.sum() > 0, lambda y: y * 2, lambda y: y - 1, (self.fc(x),))


class BatchNormed(Linear):
    """The often given advice: it normalises with the batch's own statistics from then on."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(3, track_running_stats=False)

    def forward(self, x):
        return self.norm(self.fc(x))


class Half(Linear):
    def __init__(self) -> None:
        super().__init__()
        self.half()


class BFloatInside(Linear):
    def __init__(self) -> None:
        super().__init__()
        self.bfloat16()

    def forward(self, x):
        return self.fc(x.bfloat16()).float()


def quantised():
    return torch.ao.quantization.quantize_dynamic(Linear(), {nn.Linear}, dtype=torch.qint8)


class Chunked(Linear):
    """Operators that changed at opset 18: Split and ReduceMean."""

    def forward(self, x):
        a, b = self.fc(x).repeat(1, 2).chunk(2, 1)
        return (a * b).mean(1), nn.functional.gelu(a)


class Encoder(nn.Module):
    """In inference PyTorch takes a fast path through it: one operator that no exporter knows."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)

    def forward(self, x):
        return self.encoder(x)
