"""Networks of the kinds that people convert, with seeded weights: convolutional, recurrent, with attention."""

import torch
from torch import nn
from torch.nn import functional


def seeded(build, *args, seed=0):
    """A module with the same weights each time, its BatchNorm statistics those of some data rather than 0 and 1."""
    torch.manual_seed(seed)
    model = build(*args)
    for part in model.modules():
        if isinstance(part, nn.modules.batchnorm._BatchNorm):
            nn.init.uniform_(part.running_mean, -0.2, 0.2)
            nn.init.uniform_(part.running_var, 0.5, 1.5)
    return model.eval()


class Residual(nn.Module):
    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(channels, out, 3, stride, 1, bias=False),
            nn.BatchNorm2d(out),
            nn.ReLU(inplace=True),
            nn.Conv2d(out, out, 3, 1, 1, bias=False),
            nn.BatchNorm2d(out),
        )
        same = stride == 1 and channels == out
        self.side = (
            nn.Identity()
            if same
            else nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))
        )

    def forward(self, x):
        return functional.relu(self.main(x) + self.side(x))


class ResNet18(nn.Module):
    """Eighteen layers, as in He et al. 2015."""

    def __init__(self, classes: int = 1000, width: int = 64) -> None:
        super().__init__()
        sizes = [width, width, 2 * width, 4 * width, 8 * width]
        self.stem = nn.Sequential(
            nn.Conv2d(3, width, 7, 2, 3, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2, 1),
        )
        self.body = nn.Sequential(
            *(
                Residual(sizes[stage + block] if block == 0 else sizes[stage + 1], sizes[stage + 1], stride)
                for stage in range(4)
                for block, stride in enumerate((1 if stage == 0 else 2, 1))
            )
        )
        self.head = nn.Linear(sizes[-1], classes)

    def forward(self, image):
        return self.head(self.body(self.stem(image)).mean((2, 3)))


class Inverted(nn.Module):
    def __init__(self, channels: int, out: int, stride: int, expand: int) -> None:
        super().__init__()
        hidden = channels * expand
        self.same = stride == 1 and channels == out
        self.main = nn.Sequential(
            nn.Conv2d(channels, hidden, 1, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU6(inplace=True),
            nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU6(inplace=True),
            nn.Conv2d(hidden, out, 1, bias=False),
            nn.BatchNorm2d(out),
        )

    def forward(self, x):
        return x + self.main(x) if self.same else self.main(x)


class MobileNetV2(nn.Module):
    """Inverted residuals, as in Sandler et al. 2018."""

    PLAN = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        parts = [nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU6(inplace=True)]
        channels = 32
        for expand, out, count, stride in self.PLAN:
            for position in range(count):
                parts.append(Inverted(channels, out, stride if position == 0 else 1, expand))
                channels = out
        self.features = nn.Sequential(
            *parts, nn.Conv2d(channels, 1280, 1, bias=False), nn.BatchNorm2d(1280), nn.ReLU6()
        )
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, classes))

    def forward(self, image):
        return self.classifier(functional.adaptive_avg_pool2d(self.features(image), 1).flatten(1))


class UNet(nn.Module):
    """Down and up with skips; sizes that are no multiple of 8 are padded and cut again."""

    def __init__(self, classes: int = 2, width: int = 16) -> None:
        super().__init__()
        sizes = [width * 2**level for level in range(4)]
        self.down = nn.ModuleList(self._double(a, b) for a, b in zip([3, *sizes], sizes, strict=False))
        self.up = nn.ModuleList(nn.ConvTranspose2d(2 * size, size, 2, 2) for size in reversed(sizes[:-1]))
        self.join = nn.ModuleList(self._double(2 * size, size) for size in reversed(sizes[:-1]))
        self.out = nn.Conv2d(width, classes, 1)

    @staticmethod
    def _double(channels: int, out: int) -> nn.Module:
        return nn.Sequential(
            *(nn.Conv2d(channels, out, 3, padding=1), nn.GroupNorm(4, out), nn.SiLU()),
            *(nn.Conv2d(out, out, 3, padding=1), nn.GroupNorm(4, out), nn.SiLU()),
        )

    def forward(self, image):
        x = functional.pad(image, (0, -image.shape[3] % 8, 0, -image.shape[2] % 8))
        skips = []
        for level, block in enumerate(self.down):
            x = block(functional.max_pool2d(x, 2) if level else x)
            skips.append(x)
        for up, join, skip in zip(self.up, self.join, reversed(skips[:-1]), strict=True):
            x = join(torch.cat((up(x), skip), 1))
        return self.out(x)[:, :, : image.shape[2], : image.shape[3]]


class ViT(nn.Module):
    """Patches, a class token, and PyTorch's own encoder layers."""

    def __init__(self, size: int = 32, patch: int = 8, width: int = 64, depth: int = 4, classes: int = 10) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.token = nn.Parameter(torch.randn(1, 1, width))
        self.places = nn.Parameter(torch.randn(1, (size // patch) ** 2 + 1, width) * 0.02)
        layer = nn.TransformerEncoderLayer(width, 4, 4 * width, 0.1, "gelu", batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
        self.head = nn.Linear(width, classes)

    def forward(self, image):
        x = self.patches(image).flatten(2).transpose(1, 2)
        x = torch.cat((self.token.expand(x.shape[0], -1, -1), x), 1) + self.places
        return self.head(self.encoder(x)[:, 0])


class Tagger(nn.Module):
    """An LSTM over embedded words."""

    def __init__(self, kind=nn.LSTM, *, bidirectional: bool = False) -> None:
        super().__init__()
        self.embedding = nn.Embedding(500, 32)
        self.rnn = kind(32, 48, num_layers=2, batch_first=True, bidirectional=bidirectional)
        self.head = nn.Linear(48 * (1 + bidirectional), 9)

    def forward(self, words):
        hidden, state = self.rnn(self.embedding(words))
        return self.head(hidden), state


class PackedTagger(Tagger):
    """Sequences of different lengths, packed, so that what lies behind their end has no influence."""

    def forward(self, words, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(
            self.embedding(words), lengths, batch_first=True, enforce_sorted=False
        )
        hidden, (last, _) = self.rnn(packed)
        padded, _ = nn.utils.rnn.pad_packed_sequence(hidden, batch_first=True, total_length=words.shape[1])
        return self.head(padded), last


class Ranker(nn.Module):
    """Several inputs of several dtypes; nested outputs, one of them the input itself, one changed in place."""

    def __init__(self) -> None:
        super().__init__()
        self.items = nn.Embedding(100, 16)
        self.dense = nn.Linear(4, 16)

    def forward(self, item, features, seen, *, weight=None):
        scores = (self.items(item) * self.dense(features)).sum(-1)
        scores[:, 0] += 1.0
        scores = torch.where(seen, scores - 10.0, scores)
        if weight is not None:
            scores = torch.mul(scores, weight, out=torch.empty_like(scores))
        best = scores.topk(2)
        return {"scores": scores, "best": (best.values, best.indices), "input": (features, None), "any": seen.any(1)}


class Clip(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clamp(0, 1)

    @staticmethod
    def backward(ctx, gradient):
        return gradient


class ClipWithSymbolic(Clip):
    @staticmethod
    def symbolic(g, x):
        return g.op("Clip", x, g.op("Constant", value_t=torch.tensor(0.0)), g.op("Constant", value_t=torch.tensor(1.0)))


class StraightThrough(nn.Module):
    """A quantiser with a gradient of its own, as in vector quantisation and binary networks."""

    def __init__(self, function: type[Clip] = Clip) -> None:
        super().__init__()
        self.function = function
        self.layers = nn.Sequential(nn.Linear(16, 32), nn.LayerNorm(32), nn.Linear(32, 16))

    def forward(self, x):
        return self.layers(self.function.apply(x))


@torch.jit.script
def relaxed(x: torch.Tensor, steps: int) -> torch.Tensor:
    """A loop and a branch that depend on the values, which only a script keeps."""
    for step in range(steps):
        if bool(x.abs().max() > 1.0):
            x = x * 0.7
        else:
            x = x + 0.1 * float(step)
    return x


class ScriptedPart(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(8, 8)

    def forward(self, x):
        return relaxed(self.fc(x), 5)


class Gated(nn.Module):
    """Two experts, of which torch.cond runs one."""

    def __init__(self) -> None:
        super().__init__()
        self.small = nn.Linear(8, 8)
        self.large = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 8))

    def forward(self, x):
        return torch.cond(x.mean() > 0, self.large, self.small, (x,))


class Spectrogram(nn.Module):
    """Complex numbers inside: the magnitude of a Fourier transform."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("window", torch.hann_window(64))
        self.fc = nn.Linear(33, 4)

    def forward(self, wave):
        frames = wave.unfold(1, 64, 32) * self.window
        spectrum = torch.fft.rfft(frames)
        return self.fc((spectrum.abs() + 1e-3).log())


class Generator(nn.Module):
    """A DCGAN's generator."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.ConvTranspose2d(32, 64, 4, 1, 0), nn.BatchNorm2d(64), nn.ReLU()),
            *(nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.BatchNorm2d(32), nn.LeakyReLU(0.2)),
            *(nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(32, 3, 3, padding=1), nn.Tanh()),
        )

    def forward(self, noise):
        return self.layers(noise[:, :, None, None])


class Warp(nn.Module):
    """A spatial transformer: turns each image by an angle."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)

    def forward(self, image, angle):
        cos, sin, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
        turn = torch.stack((cos, -sin, zero, sin, cos, zero), 1).view(-1, 2, 3)
        line = torch.linspace(-1, 1, 16)
        places = torch.stack((line[None, :].expand(16, 16), line[:, None].expand(16, 16), torch.ones(16, 16)), -1)
        grid = (places.view(1, 256, 3) @ turn.transpose(1, 2)).view(-1, 16, 16, 2)
        return self.conv(functional.grid_sample(image, grid, align_corners=False))


class LowPrecision(nn.Module):
    """An encoder layer that computes in half the bits and answers in float32."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.kept = dtype
        self.layers = nn.Sequential(nn.Linear(16, 64), nn.GELU(), nn.LayerNorm(64), nn.Linear(64, 8)).to(dtype)

    def forward(self, x):
        return self.layers(x.to(self.kept)).float()


def resnet18(classes=1000, width=64):
    return seeded(ResNet18, classes, width)


def mobilenet_v2():
    return seeded(MobileNetV2)


def unet():
    return seeded(UNet)


def vit():
    return seeded(ViT)


def lstm():
    return seeded(Tagger)


def gru_bidirectional():
    return seeded(lambda: Tagger(nn.GRU, bidirectional=True))


def packed_lstm():
    return seeded(lambda: PackedTagger(nn.LSTM, bidirectional=True))


def ranker():
    return seeded(Ranker)


def autograd_function(*, symbolic=False):
    return seeded(StraightThrough, ClipWithSymbolic if symbolic else Clip)


def scripted_part():
    return seeded(ScriptedPart)


def gated():
    return seeded(Gated)


def spectrogram():
    return seeded(Spectrogram)


def generator():
    return seeded(Generator)


def warp():
    return seeded(Warp)


def low_precision(dtype):
    return seeded(LowPrecision, getattr(torch, dtype))


def quantised():
    return torch.ao.quantization.quantize_dynamic(seeded(StraightThrough), {nn.Linear}, dtype=torch.qint8)
