"""Architectures of `transformers` from configurations, small and with seeded weights; nothing is downloaded."""

import torch
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
    ViTConfig,
    ViTForImageClassification,
)

VOCABULARY = 200


def _seeded(kind, config):
    torch.manual_seed(0)
    return kind(config).eval()


def gpt2():
    """Logits, and the keys and values of every layer in a cache."""
    return _seeded(GPT2LMHeadModel, GPT2Config(vocab_size=VOCABULARY, n_positions=128, n_embd=64, n_layer=2, n_head=4))


def llama():
    """Rotary positions, grouped keys and values, RMSNorm."""
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=128,
    )
    return _seeded(LlamaForCausalLM, config)


def bert():
    """A dataclass with None in it, hidden states and attentions as tuples."""
    config = BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=128,
        output_hidden_states=True,
    )
    return _seeded(BertForSequenceClassification, config)


def vit():
    config = ViTConfig(
        hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=128, image_size=64, num_labels=5
    )
    return _seeded(ViTForImageClassification, config)


def t5():
    """Encoder and decoder, relative positions, no cache."""
    config = T5Config(
        vocab_size=VOCABULARY,
        d_model=64,
        d_kv=16,
        d_ff=128,
        num_layers=2,
        num_heads=4,
        use_cache=False,
        decoder_start_token_id=0,
    )
    return _seeded(T5ForConditionalGeneration, config)
