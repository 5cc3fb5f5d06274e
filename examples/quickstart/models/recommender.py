"""Two inputs, two outputs: a user's recent items and features of theirs to a score and an embedding."""

import torch
from torch import nn


class Recommender(nn.Module):
    """Embeds the items, weights them by attention to the profile, and scores the result."""

    def __init__(self, items: int = 50, profile: int = 8, width: int = 16) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embedding = nn.Embedding(items, width)
        self.query = nn.Linear(profile, width)
        self.score = nn.Sequential(nn.Linear(2 * width, width), nn.GELU(), nn.Linear(width, 1))

    def forward(self, history: torch.Tensor, profile: torch.Tensor) -> dict[str, torch.Tensor]:
        """Score [batch] and taste [batch, width] of item numbers [batch, length] and profiles [batch, profile]."""
        items = self.embedding(history)
        query = self.query(profile)
        weights = torch.softmax((items * query[:, None]).sum(dim=-1), dim=1)
        taste = (items * weights[..., None]).sum(dim=1)
        score = self.score(torch.cat([taste, query], dim=1)).squeeze(1)
        return {"score": torch.sigmoid(score), "taste": taste}
