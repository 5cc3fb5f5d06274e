"""Networks for variants: weights seeded and scaled as in trained ones, sizes at which a lower precision can pay off."""

import torch
from torch import nn


class _Block(nn.Module):
    """An inverted residual, as in MobileNetV2: its depthwise convolution is what 8 bits are hard on."""

    def __init__(self, channels: int, wide: int, stride: int) -> None:
        super().__init__()
        self.narrow_to_wide = nn.Sequential(nn.Conv2d(channels, wide, 1), nn.BatchNorm2d(wide), nn.ReLU6())
        self.depthwise = nn.Sequential(
            nn.Conv2d(wide, wide, 3, stride, 1, groups=wide), nn.BatchNorm2d(wide), nn.ReLU6()
        )
        self.wide_to_narrow = nn.Sequential(nn.Conv2d(wide, channels, 1), nn.BatchNorm2d(channels))
        self.residual = stride == 1

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.wide_to_narrow(self.depthwise(self.narrow_to_wide(x)))
        return x + y if self.residual else y


def cnn() -> nn.Module:
    torch.manual_seed(0)
    blocks = [_Block(32, 192, 2 if position % 3 == 0 else 1) for position in range(6)]
    model = nn.Sequential(nn.Conv2d(3, 32, 3, 2, 1), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 100))
    return _settled(model, torch.randn(16, 3, 96, 96)).eval()


def _settled(model: nn.Module, batch: torch.Tensor) -> nn.Module:
    """Let BatchNorm see data: with its initial statistics, values shrink to nothing over the depth."""
    model.train()
    with torch.no_grad():
        for _ in range(20):
            model(batch)
    return model


def encoder() -> nn.Module:
    """A transformer encoder with a classifier on its first token."""
    torch.manual_seed(0)
    return _Encoder().eval()


class _Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Embedding(5000, 256)
        self.positions = nn.Embedding(128, 256)
        layer = nn.TransformerEncoderLayer(256, 4, 1024, batch_first=True, activation="gelu", norm_first=True)
        self.layers = nn.TransformerEncoder(layer, 4, enable_nested_tensor=False)
        self.score = nn.Linear(256, 20)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        positions = torch.arange(tokens.shape[1], device=tokens.device)
        return self.score(self.layers(self.tokens(tokens) + self.positions(positions))[:, 0])


def mlp() -> nn.Module:
    torch.manual_seed(0)
    layers = [layer for width in (64, 512, 512) for layer in (nn.Linear(width, 512), nn.ReLU())]
    return nn.Sequential(*layers, nn.Linear(512, 10)).eval()


class _Lstm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(2000, 64)
        self.lstm = nn.LSTM(64, 128, num_layers=2, batch_first=True, bidirectional=True)
        self.score = nn.Linear(256, 5)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        return self.score(self.lstm(self.words(words))[0].mean(1))


def lstm() -> nn.Module:
    torch.manual_seed(0)
    return _Lstm().eval()


class _Physics(nn.Module):
    """Works in pascals: what passes between its layers is far beyond the end of float16."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Linear(16, 64)
        self.scale = _Pascals()
        self.score = nn.Linear(64, 4)

    def forward(self, sensors: torch.Tensor) -> torch.Tensor:
        pressure = self.scale(self.features(sensors))
        return self.score(torch.tanh(pressure / 101_325.0))


class _Pascals(nn.Module):
    def forward(self, atmospheres: torch.Tensor) -> torch.Tensor:
        return atmospheres * 101_325.0


def physics() -> nn.Module:
    torch.manual_seed(0)
    return _Physics().eval()


class _Masked(nn.Module):
    """Attention with the smallest float32 as its mask, as most published transformers have it."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(32, 32) for _ in range(3))
        self.register_buffer("lowest", torch.tensor(torch.finfo(torch.float32).min))

    def forward(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        scores = self.query(states) @ self.key(states).transpose(1, 2) / 32**0.5
        masked = scores + (1.0 - mask[:, None, :]) * self.lowest
        return torch.softmax(masked, -1) @ self.value(states)


def masked() -> nn.Module:
    torch.manual_seed(0)
    return _Masked().eval()
