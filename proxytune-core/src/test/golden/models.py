"""Tiny seeded Llama checkpoints and the logits that transformers computes with them.

Run: python models.py. For each checkpoint it writes the folder <name>, and under expected/ the
manifest <name>.json with the rows in <name>.bin. A manifest lists, for each dtype to load with,
sequences of steps: forwards with the rows to compare, and truncations. Each sequence starts from an
empty cache. RoPE with dynamic scaling turns each forward by the frequencies of that forward's own
end position, keys stay as they were cached, and a truncation forgets the lengths seen before it.
"""

import json
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

from oracle import (
    OUTPUT, greedy, load, play, random_ids, seed_weights, versions, write_json, write_rows)

VOCABULARY = 96
LEAST_MARGIN = 0.01
# With larger weights two right ways to round to bfloat16 differ by more than the tolerance.
CALM = 0.12
DTYPES = {"FLOAT32": torch.float32, "BFLOAT16": torch.bfloat16, "FLOAT16": torch.float16}
TOLERANCES = {"FLOAT32": 1e-4, "BFLOAT16": 2e-2, "FLOAT16": 1e-2}


@dataclass
class Checkpoint:
    """A checkpoint to make; settings are LlamaConfig's."""

    name: str
    about: str
    settings: dict
    stored: str = "FLOAT32"
    # More dtypes to load it with than the stored one.
    loads: list = field(default_factory=list)
    shard_size: str = "5GB"
    # Where the tied matrix is stored: as "embed", as "head" or as "both".
    tied_as: str = "embed"
    # Makes config.json as older versions of transformers wrote it, to be read the same way.
    old_config: object = None
    # Whether config.json itself is the old one; otherwise it lies beside the manifest.
    old_only: bool = False
    # The standard deviation of the linear layers' weights.
    linear: float = 0.3


def wide(**more):
    return dict(hidden_size=32, intermediate_size=40, num_attention_heads=4, **more)


def narrow(**more):
    return dict(hidden_size=24, intermediate_size=32, num_attention_heads=3, num_key_value_heads=1,
                **({"tie_word_embeddings": True} | more))


def rope(kind, theta=10000.0, **more):
    return {"rope_type": kind, "rope_theta": theta, **more}


def first_llama(config):
    """The keys of the first Llama checkpoints: what has a default is absent."""
    for key in ("num_key_value_heads", "head_dim", "attention_bias", "mlp_bias",
                "tie_word_embeddings", "rope_parameters", "generation_config"):
        config.pop(key, None)
    config["torch_dtype"] = config.pop("dtype")
    return config


def before_5(kind_key):
    """rope_theta and rope_scaling at the top level, as transformers wrote them before 5.0."""
    def rewrite(config):
        parameters = config.pop("rope_parameters")
        config["rope_theta"] = parameters.pop("rope_theta")
        kind = parameters.pop("rope_type")
        config["rope_scaling"] = None if kind == "default" else {kind_key: kind, **parameters}
        config["torch_dtype"] = config.pop("dtype")
        config["transformers_version"] = "4.41.2"
        return config
    return rewrite


LLAMA3 = rope("llama3", theta=100.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=32)

CHECKPOINTS = [
    Checkpoint("mha-untied", "a key and value head for each query head, a head of its own",
               wide(num_key_value_heads=4, rms_norm_eps=1e-5), old_config=first_llama),
    Checkpoint("gqa-tied", "two key and value heads, tied; config.json as before transformers 5",
               wide(num_key_value_heads=2, tie_word_embeddings=True, rope_parameters=rope("default", 500.0)),
               old_config=before_5("type"), old_only=True),
    Checkpoint("mqa-bias-head-dim", "one key and value head, biases, heads of 12, a large epsilon",
               wide(num_key_value_heads=1, head_dim=12, attention_bias=True, mlp_bias=True,
                    rms_norm_eps=0.05)),
    Checkpoint("rope-linear", "positions divided by 2",
               narrow(rope_parameters=rope("linear", factor=2.0)), old_config=before_5("type")),
    Checkpoint("rope-llama3", "wavelengths 6, 20, 63 and 199 around the bounds 8 and 32: all bands",
               narrow(rope_parameters=LLAMA3, max_position_embeddings=256),
               old_config=before_5("rope_type")),
    Checkpoint("rope-dynamic", "16 positions stretched up to 64",
               narrow(rope_parameters=rope("dynamic", factor=4.0), max_position_embeddings=16),
               old_config=before_5("type")),
    Checkpoint("sharded", "three files and an index; also loaded in half precision",
               narrow(tie_word_embeddings=False), loads=["BFLOAT16", "FLOAT16"], shard_size="20KB",
               linear=CALM),
    Checkpoint("bf16", "stored as bfloat16", wide(num_key_value_heads=2), stored="BFLOAT16",
               loads=["FLOAT32"], linear=CALM),
    Checkpoint("f16-both-heads", "stored as float16, the tied matrix twice",
               wide(num_key_value_heads=2, tie_word_embeddings=True), stored="FLOAT16",
               loads=["FLOAT32"], tied_as="both", linear=0.25),
    Checkpoint("tied-lm-head-only", "tied, only lm_head.weight is stored", narrow(), tied_as="head"),
]


def new_model(checkpoint, seed):
    settings = dict(vocab_size=VOCABULARY, num_hidden_layers=2, max_position_embeddings=128,
                    bos_token_id=1, eos_token_id=2)
    model = LlamaForCausalLM(LlamaConfig(**(settings | checkpoint.settings))).eval()
    seed_weights(model, seed, linear=checkpoint.linear)
    model.generation_config = GenerationConfig(bos_token_id=1, eos_token_id=[2, 5])
    return model.to(DTYPES[checkpoint.stored])


def store(checkpoint, model, folder):
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder, max_shard_size=checkpoint.shard_size)
    if checkpoint.tied_as != "embed":
        file = folder / "model.safetensors"
        weights = load_file(file)
        matrix = weights["model.embed_tokens.weight"]
        if checkpoint.tied_as == "head":
            del weights["model.embed_tokens.weight"]
        save_file(weights | {"lm_head.weight": matrix.clone()}, file, metadata={"format": "pt"})
    for file in folder.iterdir():
        file.chmod(0o644)
    if checkpoint.old_config:
        store_old_config(checkpoint, folder)


def store_old_config(checkpoint, folder):
    config = folder / "config.json"
    old = checkpoint.old_config(json.loads(config.read_text()))
    text = json.dumps(old, indent=2) + "\n"
    check_same_logits(folder, text)
    beside = OUTPUT / "expected" / f"{checkpoint.name}.old-config.json"
    beside.parent.mkdir(parents=True, exist_ok=True)
    (config if checkpoint.old_only else beside).write_text(text)


def check_same_logits(folder, config):
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(folder, scratch, dirs_exist_ok=True)
        Path(scratch, "config.json").write_text(config)
        steps = [{"append": list(range(3, 43)), "rows": "ALL"}]
        assert torch.equal(play(load(folder), steps), play(load(scratch), steps)), folder


def append(ids, rows):
    return {"append": ids, "rows": rows}


def sequences(prompt, others):
    chunks = [prompt[:7], prompt[7:16], prompt[16:]]
    return {
        "prefill": [append(prompt, "ALL")],
        "stepwise": [append([token], "ALL") for token in prompt],
        "chunked": [append(chunk, "LAST") for chunk in chunks],
        "truncated": [append(prompt[:20], "NONE"), {"truncate": 11}, append(others, "ALL")],
    }


def variant(model, dtype, stored, prompt, others, rows):
    listed = []
    for name, steps in sequences(prompt, others).items():
        played = play(model, steps)
        listed.append({"name": name, "firstRow": sum(map(len, rows)), "steps": steps})
        rows.append(played)
    result = {
        "dtype": "AS_STORED" if dtype == stored else dtype,
        "tolerance": TOLERANCES[dtype],
        "sequences": listed,
    }
    if dtype == "FLOAT32":
        result["greedy"] = greedy(model, prompt, 40)
    return result


def is_telling(manifest):
    """No near tie in a greedy run, and a run that does not just repeat itself."""
    runs = [v["greedy"] for v in manifest["variants"] if "greedy" in v]
    return all(run["margin"] > LEAST_MARGIN and len(set(run["ids"][-30:])) >= 5 for run in runs)


def is_calm(folder, manifest, stored):
    """Whether another right implementation of attention stays well within each tolerance."""
    return all(
        distance(folder, stored if v["dtype"] == "AS_STORED" else v["dtype"], s["steps"])
        < v["tolerance"] / 3
        for v in manifest["variants"] for s in v["sequences"])


def distance(folder, name, steps):
    dtype = DTYPES[name]
    expected = play(load(folder, dtype), steps)
    other = play(load(folder, dtype, attention="eager"), steps)
    return float((other - expected).abs().max() / expected.abs().max())


def expect(checkpoint, folder, seed):
    random = torch.Generator().manual_seed(seed)
    prompt, others = random_ids(random, 24, VOCABULARY), random_ids(random, 6, VOCABULARY)
    rows = []
    dtypes = [checkpoint.stored] + checkpoint.loads
    variants = [
        variant(load(folder, DTYPES[d]), d, checkpoint.stored, prompt, others, rows) for d in dtypes]
    manifest = {
        "oracle": versions("models.py") | {"seed": seed},
        "checkpoint": checkpoint.name,
        "about": checkpoint.about,
        "width": VOCABULARY,
        "variants": variants,
    }
    return manifest, torch.cat(rows)


def make(checkpoint, first_seed):
    folder = OUTPUT / checkpoint.name
    for seed in range(first_seed, first_seed + 100):
        store(checkpoint, new_model(checkpoint, seed), folder)
        manifest, rows = expect(checkpoint, folder, seed)
        if is_telling(manifest) and is_calm(folder, manifest, checkpoint.stored):
            break
    else:
        raise AssertionError(f"{checkpoint.name}: no seed without near ties")
    expected = OUTPUT / "expected"
    write_json(expected / f"{checkpoint.name}.json", manifest)
    write_rows(expected / f"{checkpoint.name}.bin", rows)
    print(checkpoint.name, "seed", seed, "largest logit", float(rows.abs().max()))


if __name__ == "__main__":
    for index, each in enumerate(CHECKPOINTS):
        make(each, first_seed=1000 * (index + 1))
