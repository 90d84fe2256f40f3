"""Writes a Llama checkpoint of Hugging Face's as GGUF, without a tokenizer: to_gguf.py FOLDER FILE F32|BF16|Q8_0|Q4_0"""

import json
import pathlib
import sys

import gguf
import numpy as np
import torch
from safetensors import safe_open

NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}


def name(own):
    outer = {
        "model.embed_tokens.weight": "token_embd.weight",
        "model.norm.weight": "output_norm.weight",
        "lm_head.weight": "output.weight",
    }
    if own in outer:
        return outer[own]
    _, _, layer, rest = own.split(".", 3)
    return f"blk.{layer}.{NAMES[rest.removesuffix('.weight')]}.weight"


def permuted(weight, heads):
    """llama.cpp turns neighbouring pairs, Hugging Face halves."""
    rows = weight.shape[0]
    return weight.reshape(heads, 2, rows // heads // 2, -1).swapaxes(1, 2).reshape(weight.shape)


def main(folder, file, type_name):
    folder = pathlib.Path(folder)
    config = json.loads((folder / "config.json").read_text())
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_vocab_size(config["vocab_size"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_dimension_count(config["hidden_size"] // heads)
    theta = config.get("rope_theta") or config["rope_parameters"]["rope_theta"]
    writer.add_rope_freq_base(theta)
    writer.add_tokenizer_model("none")
    kind = gguf.GGMLQuantizationType[type_name]
    with safe_open(folder / "model.safetensors", "pt") as stored:
        for own in stored.keys():
            weight = stored.get_tensor(own).to(torch.float32).numpy()
            if ".q_proj." in own:
                weight = permuted(weight, heads)
            elif ".k_proj." in own:
                weight = permuted(weight, kv_heads)
            own_kind = gguf.GGMLQuantizationType.F32 if weight.ndim == 1 else kind
            data = gguf.quants.quantize(np.ascontiguousarray(weight), own_kind)
            writer.add_tensor(name(own), data, raw_dtype=own_kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
