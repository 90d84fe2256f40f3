"""Adapters of PEFT on the checkpoints of families.py, and the logits that PEFT computes with them.

Run: python family_adapters.py [NAME...]. For each entry of ENTRIES it writes
golden/family-adapters/<name>.json: adapter_config.json, the names and shapes of the tensors as
save_pretrained writes them, a prompt, and rows of float32 logits of the adapter beside the weights.
Weights are not stored: they are made as those of checkpoints are, a whole weight or bias being the
model's own with noise. Copies of the model's own, which PEFT saves beside the pairs of an embedding
or head, follow from the model's name. The script fails where a tensor of the adapter does not count,
or where merging gives other logits though nothing is tied.
"""

import json
import sys
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import peft
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.numpy import load_file, save_file

import families
from families import VOCABULARY, build, distance, encode, hash_of, weight
from oracle import random_ids, versions

OUTPUT = families.OUTPUT.parent / "family-adapters"
PROMPT = 12
LEAST = 1e-3
LLAMA = ["q_proj", "v_proj", "o_proj", "gate_proj", "down_proj"]
HOSTS = {entry.name: entry for entry in families.ENTRIES}


@dataclass
class Adapter:
    """An adapter to make: LoraConfig's settings beside r and lora_alpha."""

    name: str
    host: str
    settings: dict = field(default_factory=dict)


ENTRIES = [
    # The embedding and the head
    Adapter("embedding", "gpt-neox-serial", dict(target_modules=["embed_in", "query_key_value"])),
    Adapter("embedding-tied", "llama-tied", dict(target_modules=["embed_tokens", "q_proj"])),
    Adapter("embedding-head-tied", "llama-tied", dict(target_modules=["embed_tokens", "lm_head"])),
    Adapter("embedding-scaled", "gemma3", dict(target_modules=["embed_tokens", "o_proj"])),
    Adapter("embedding-granite", "granite", dict(
        target_modules=["embed_tokens", "lm_head", "up_proj"], use_rslora=True)),
    Adapter("embedding-positions", "gpt2", dict(target_modules=["wte", "c_attn"])),
    # Whole weights
    Adapter("whole-head", "mistral", dict(target_modules=["q_proj"], modules_to_save=["lm_head"])),
    Adapter("whole-embedding", "mistral", dict(
        target_modules=["down_proj"], modules_to_save=["embed_tokens"])),
    Adapter("whole-both", "gemma2", dict(
        target_modules=["gate_proj"], modules_to_save=["lm_head", "embed_tokens"])),
    Adapter("whole-embedding-tied", "llama-tied", dict(
        target_modules=["q_proj"], modules_to_save=["embed_tokens"])),
    Adapter("whole-head-tied", "llama-tied", dict(
        target_modules=["q_proj"], modules_to_save=["lm_head"])),
    Adapter("whole-head-bias", "phi", dict(target_modules=["q_proj"], modules_to_save=["lm_head"])),
    Adapter("whole-norms", "qwen3", dict(target_modules=["q_proj"], modules_to_save=["norm"])),
    Adapter("whole-mlp", "llama-yarn", dict(target_modules=["q_proj"], modules_to_save=["mlp"])),
    # DoRA
    Adapter("dora", "llama-yarn", dict(target_modules=LLAMA, use_dora=True)),
    Adapter("dora-all", "llama-tied", dict(
        target_modules=LLAMA + ["embed_tokens", "lm_head"], use_dora=True)),
    Adapter("dora-head-bias", "phi", dict(
        target_modules=["lm_head", "fc1", "dense", "embed_tokens"], use_dora=True)),
    Adapter("dora-conv1d", "gpt2", dict(
        target_modules=["c_attn", "c_proj", "wte"], use_dora=True, fan_in_fan_out=True)),
    Adapter("dora-interleaved", "gpt-neox", dict(target_modules="all-linear", use_dora=True)),
    Adapter("dora-fused", "phi3", dict(target_modules="all-linear", use_dora=True)),
    Adapter("dora-biases", "qwen2", dict(
        target_modules=["q_proj", "k_proj"], use_dora=True, bias="all")),
    # Biases
    Adapter("bias-all", "llama-yarn", dict(target_modules=["q_proj", "up_proj"], bias="all")),
    Adapter("bias-lora", "starcoder2", dict(target_modules=["k_proj", "c_fc"], bias="lora_only")),
    Adapter("bias-norms", "gpt2", dict(target_modules=["c_attn"], bias="all")),
    Adapter("bias-interleaved", "gpt-neox", dict(
        target_modules=["query_key_value"], bias="lora_only")),
    # Every family's linear layers
    Adapter("gpt2", "gpt2-body", dict(target_modules=["c_attn", "c_fc", "c_proj"])),
    Adapter("gpt-neox", "gpt-neox", dict(target_modules=["query_key_value", "dense"])),
    Adapter("gpt-neox-head", "gpt-neox", dict(
        target_modules=["dense_h_to_4h"], modules_to_save=["lm_head"])),
    Adapter("phi3", "phi3", dict(target_modules=["qkv_proj", "gate_up_proj"])),
    Adapter("falcon", "falcon-new", dict(target_modules="all-linear")),
    Adapter("bloom", "bloom", dict(target_modules=["query_key_value", "dense_4h_to_h"])),
    Adapter("opt-sums", "opt-sums", dict(target_modules=["q_proj", "fc2"])),
    Adapter("opt-projections", "opt-sums", dict(target_modules="all-linear")),
    Adapter("gpt-bigcode", "gpt-bigcode", dict(target_modules="all-linear")),
    Adapter("mpt", "mpt", dict(target_modules=["Wqkv", "up_proj"])),
    Adapter("qwen2-moe", "qwen2-moe", dict(target_modules=["q_proj", "o_proj"])),
    Adapter("granite-moe-shared", "granite-moe-shared", dict(
        target_modules=["shared_mlp.input_linear", "shared_mlp.output_linear", "v_proj"])),
    Adapter("cohere", "cohere", dict(target_modules="all-linear")),
    Adapter("latent", "youtu", dict(target_modules="all-linear", bias="lora_only")),
    Adapter("latent-dora", "youtu", dict(
        target_modules=["q_b_proj", "kv_a_proj_with_mqa", "kv_b_proj", "up_proj"], use_dora=True)),
    Adapter("latent-one-step", "deepseek-v2-lite", dict(
        target_modules=["q_proj", "kv_a_proj_with_mqa", "kv_b_proj", "o_proj"])),
    Adapter("gemma3-images", "gemma3-images", dict(
        target_modules=["q_proj", "up_proj"], modules_to_save=["embed_tokens"])),
]


def quiet(work):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return work()


def host(adapter):
    with tempfile.TemporaryDirectory() as folder:
        return build(HOSTS[adapter.host], HOSTS[adapter.host].settings, Path(folder))


def filled(stored, own, trains_biases):
    """The adapter's tensors by formula, and how they are made: offset and unit, or a copy."""
    tensors, specs = {}, {}
    for name, tensor in sorted(stored.items()):
        short = name.removeprefix("base_model.model.")
        if short.endswith(".base_layer.weight") or (
                short.endswith(".base_layer.bias") and not trains_biases):
            tensors[name] = tensor
            specs[name] = [list(tensor.shape), own[short.replace(".base_layer", "")]]
            continue
        offset, unit = 0.0, 1 / 64
        if "magnitude" in name:
            offset, unit = float(2 ** round(np.log2(tensor.mean()))), 1 / 64
        elif "norm.weight" in name:
            offset = 1.0
        elif name.endswith(".weight") and "lora_" not in name:
            unit = 1 / 128
        specs[name] = [list(tensor.shape), offset, unit]
        tensors[name] = weight(
            {"name": name, "shape": tensor.shape, "offset": offset, "unit": unit})
    return tensors, specs


def rows_of(model, prompt):
    return model(torch.tensor([prompt])).logits[0].float()


def check_counts(adapter, folder, tensors, specs, prompt, rows):
    """Each kind of tensor changes the logits."""
    path = folder / "adapter_model.safetensors"
    kinds = {name.split(".layers.1.")[-1] for name in tensors if isinstance(specs[name][1], float)}
    for kind in sorted(kinds):
        changed = {name: tensor * 1.5 if name.endswith(kind) else tensor
                   for name, tensor in tensors.items()}
        save_file(changed, path, metadata={"format": "pt"})
        other = rows_of(PeftModel.from_pretrained(host(adapter)[0], folder).eval(), prompt)
        # A bias of keys adds the same to all scores of a query.
        if "k_proj.b" not in kind and "k_proj.base_layer.b" not in kind:
            assert distance(rows, other) > 1e-5, (adapter.name, kind)
    save_file(tensors, path, metadata={"format": "pt"})


def make(adapter):
    random = torch.Generator().manual_seed(hash_of(adapter.name) & 0x7FFFFFFF)
    prompt = random_ids(random, PROMPT, VOCABULARY)
    model, specs = host(adapter)
    plain = rows_of(model, prompt)
    own = {spec["own"]: spec["name"] for spec in specs}
    if "lm_head.weight" not in own and getattr(model.config, "tie_word_embeddings", False):
        own["lm_head.weight"] = next(n for o, n in own.items() if "embed" in o or "wte" in o)
    settings = dict(r=3, lora_alpha=5, task_type="CAUSAL_LM") | adapter.settings
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        get_peft_model(model, LoraConfig(**settings)).save_pretrained(folder)
        tensors, stored = filled(
            load_file(folder / "adapter_model.safetensors"), own, "bias" in adapter.settings)
        save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})
        config = json.loads((folder / "adapter_config.json").read_text())
        fresh, _ = host(adapter)
        adapted = PeftModel.from_pretrained(fresh, folder).eval()
        rows = rows_of(adapted, prompt)
        check_counts(adapter, folder, tensors, stored, prompt, rows)
    assert distance(rows, plain) > LEAST, adapter.name
    merged = rows_of(adapted.merge_and_unload(), prompt)
    if distance(rows, merged) > 1e-5:  # PEFT merges into what is tied
        assert getattr(fresh.config, "tie_word_embeddings", False), adapter.name
    if isinstance(config["target_modules"], list):
        config["target_modules"].sort()  # a set in PEFT
    config["base_model_name_or_path"] = None
    content = {
        "made": versions("family_adapters.py") | {"peft": peft.__version__},
        "host": adapter.host, "config": config, "tensors": stored, "prompt": prompt,
        "rows": encode(rows)}
    OUTPUT.mkdir(parents=True, exist_ok=True)
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in content.items()]
    (OUTPUT / f"{adapter.name}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{adapter.name}: {len(stored)} tensors, changed by {distance(rows, plain):.3g}, merged"
          f" {distance(rows, merged):.2g}", flush=True)


if __name__ == "__main__":
    chosen = sys.argv[1:]
    for each in ENTRIES:
        if not chosen or each.name in chosen:
            quiet(lambda: make(each))
