"""A tiny checkpoint of each family of models, and the logits that transformers computes with it.

Run: python families.py [NAME...]. For each entry of ENTRIES it writes golden/families/<name>.json:
config.json, the names and shapes of the tensors as save_pretrained writes them, a prompt, and rows
of float32 logits. Weights are not stored: each is offset + k * unit, with k from a hash of the
tensor's name and the element's index, so that the tests make the same ones, exact in bfloat16.
A dense family's entry also gets the mean loss of predicting the prompt and, for each stored tensor,
the norm of its gradient and the sum of its products with k of the name followed by "#".
An entry names the settings that must count ("matters"): the script fails if the logits stay alike
without one of them.
"""

import base64
import json
import re
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.numpy import load_file, save_file
from transformers import DynamicCache

from oracle import random_ids, versions

OUTPUT = Path(__file__).parent.parent / "resources" / "golden" / "families"
VOCABULARY = 64
PROMPT = 24
# Where rotation depends on the length of a pass, a second play with passes of these lengths.
CHUNKS = [10, 9, 5]
WIDE = dict(vocab_size=VOCABULARY, hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, intermediate_size=96, max_position_embeddings=64)
LEAST = 1e-2
FNV, PRIME = 0xCBF29CE484222325, 0x100000001B3
MASK = (1 << 64) - 1


def without(*keys, **more):
    return {k: v for k, v in WIDE.items() if k not in keys} | more


@dataclass
class Entry:
    """A checkpoint to make: a class of transformers and its settings."""

    name: str
    model: str
    settings: dict
    # Changes of settings, each of which must change the logits.
    matters: list = field(default_factory=list)
    # Whether experts stay stacked, as transformers 5 has them in memory.
    stacked: bool = False
    # Changes config.json and the names of tensors to another published form.
    config: object = None
    rename: object = None
    # Makes fewer tensors of several; what they were stays in the specs under their names.
    fuse: object = None
    # A part of names of tensors that text does not need, which are not listed.
    leave: str = ""
    # Whether rotation depends on the length of a pass.
    by_length: bool = False
    # Whether tokens see those behind them, so that a prompt is read in one pass.
    whole: bool = False
    # The factor of matrices' units, a power of two: what makes caps and windows count.
    strength: float = 1.0


# ---------------------------------------------------------------------------- weights by formula

def hash_of(name):
    value = FNV
    for byte in name.encode():
        value = ((value ^ byte) * PRIME) & MASK
    return value


def levels(name, count):
    """A number from -32 to 31 for each element: SplitMix64 from the hash of the name on."""
    with np.errstate(over="ignore"):
        z = np.uint64(hash_of(name)) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(
            0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(58)).astype(np.int64) - 32


def rule(entry, name, shape):
    """Offset and unit of a tensor's elements."""
    if re.search(r"(norm|ln_\w+|norm_\w+)\.weight$|layernorm\.weight$", name):
        less_one = entry.model.startswith(("Gemma", "VaultGemma", "Nemotron"))
        return (0.0 if less_one else 1.0), 1 / 64
    if name.endswith("sinks"):
        return 0.0, 1 / 16
    if re.search(r"bias$", name):
        return 0.0, 1 / 128
    if re.search(r"wte|wpe|embed|lm_head", name):
        return 0.0, 1 / 64
    return 0.0, entry.strength / 128


def weight(spec):
    count = int(np.prod(spec["shape"]))
    values = spec["offset"] + levels(spec["name"], count) * spec["unit"]
    return values.astype(np.float32).reshape(spec["shape"])


# ---------------------------------------------------------------------------- transformers

def load(cls, folder):
    loaded, info = cls.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
    assert not info["missing_keys"] and not info["unexpected_keys"], (folder, info)
    return loaded.eval()


def check_config(entry, config, prompt, rows):
    """Another spelling of the config must mean the same to transformers, if it reads it."""
    if config["architectures"] != [entry.model]:
        return
    with tempfile.TemporaryDirectory() as folder:
        build(entry, entry.settings, Path(folder))
        (Path(folder) / "config.json").write_text(json.dumps(config))
        other = load(getattr(transformers, entry.model), folder)(torch.tensor([prompt])).logits[0]
    assert distance(rows, other) < 1e-6, f"{entry.name}: the other config means something else"


def build(entry, settings, folder):
    """An empty model of the class, saved in its published form; returns the tensors' specs."""
    cls = getattr(transformers, entry.model)
    config = cls.config_class(**settings)
    model = cls(config)
    model.save_pretrained(folder, save_original_format=not entry.stacked)
    stored = load_file(folder / "model.safetensors")
    specs = []
    for name, tensor in sorted(stored.items()):
        final = entry.rename(name) if entry.rename else name
        offset, unit = rule(entry, name, tensor.shape)
        specs.append({"name": final, "own": name, "shape": list(tensor.shape), "offset": offset,
                      "unit": unit})
    specs = entry.fuse(specs) if entry.fuse else specs
    weights = {}
    for spec in specs:
        parts = {name: part for name, part in spec.items() if name.endswith("weight")}
        weights |= parts or {spec["own"]: weight(spec)}
    save_file({n: np.ascontiguousarray(w) for n, w in weights.items()},
              folder / "model.safetensors", metadata={"format": "pt"})
    return load(cls, folder), specs


def logits(entry, settings, prompt, chunks=None):
    with tempfile.TemporaryDirectory() as folder:
        model, specs = build(entry, settings, Path(folder))
        config = json.loads((Path(folder) / "config.json").read_text())
    cache = DynamicCache(config=model.config) if chunks else None
    rows, at = [], 0
    for length in chunks or [len(prompt)]:
        ids = torch.tensor([prompt[at:at + length]])
        out = model(ids, past_key_values=cache, use_cache=True) if chunks else model(ids)
        rows.append(out.logits[0])
        at += length
    return torch.cat(rows).float(), specs, config


def gradients(entry, prompt):
    """The loss, and for each stored tensor the norm of its gradient and one projection of it."""
    with tempfile.TemporaryDirectory() as folder:
        model, specs = build(entry, entry.settings, Path(folder))
        model = model.double()
        for module in model.modules():
            if isinstance(module, torch.nn.Embedding):
                module.padding_idx = None  # its row would get no gradient
        ids = torch.tensor([prompt])
        with torch.enable_grad():
            logits = model(ids).logits[0]
            loss = torch.nn.functional.cross_entropy(logits[:-1], ids[0, 1:])
            loss.backward()
        for parameter in model.parameters():
            parameter.data = parameter.grad
        # Saved like weights, gradients are cut and named as those are.
        model.save_pretrained(folder, save_original_format=not entry.stacked)
        stored = load_file(Path(folder) / "model.safetensors")
    summary = {}
    for spec in specs:
        gradient = stored[spec["own"]].astype(np.float64).ravel()
        projection = float(gradient @ levels(spec["name"] + "#", gradient.size))
        summary[spec["name"]] = [float(np.linalg.norm(gradient)), projection]
    return float(loss.detach()), summary


def distance(rows, others):
    return float((rows - others).abs().max() / rows.abs().max())


def check_matters(entry, prompt, rows):
    for change in entry.matters:
        other, _, _ = logits(entry, entry.settings | change, prompt)
        off = distance(rows, other)
        assert off > LEAST, f"{entry.name}: {change} does not matter ({off:.2g})"


def encode(rows):
    return base64.b64encode(rows.numpy().astype("<f4").tobytes()).decode()


def make(entry):
    random = torch.Generator().manual_seed(hash_of(entry.name) & 0x7FFFFFFF)
    prompt = random_ids(random, PROMPT, VOCABULARY)
    rows, specs, config = logits(entry, entry.settings, prompt)
    assert torch.isfinite(rows).all()
    check_matters(entry, prompt, rows)
    if entry.config:
        config = entry.config(config)
        check_config(entry, config, prompt, rows)
    content = {
        "made": versions("families.py"),
        "config": config,
        "tensors": {s["name"]: [s["shape"], s["offset"], s["unit"]] for s in specs
                    if not entry.leave or entry.leave not in s["name"]},
        "prompt": prompt,
        "rows": encode(rows),
    }
    if entry.by_length:
        chunked, _, _ = logits(entry, entry.settings, prompt, CHUNKS)
        assert distance(rows, chunked) > LEAST, entry.name
        content |= {"chunks": CHUNKS, "chunkedRows": encode(chunked)}
    if entry.whole:
        content["whole"] = True
    if not entry.fuse and not entry.leave and not re.search("experts|_moe", " ".join(content["tensors"])):
        content["loss"], content["gradients"] = gradients(entry, prompt)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in content.items()]
    (OUTPUT / f"{entry.name}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{entry.name}: {len(specs)} tensors, largest logit {rows.abs().max():.3g}")


# ---------------------------------------------------------------------------- published forms

def old_rope(config):
    """rope_theta and rope_scaling at the top level, as transformers wrote them before 5.0."""
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope.pop("rope_theta")
    kind = rope.pop("rope_type")
    if "partial_rotary_factor" in rope:
        config["partial_rotary_factor"] = rope.pop("partial_rotary_factor")
    config["rope_scaling"] = None if kind == "default" else {"type": kind, **rope}
    config.pop("layer_types", None)
    return config


def flat_qwen_vl(config):
    """Text settings beside the vision's, as before transformers 5."""
    text = config.pop("text_config")
    rope = text.pop("rope_parameters")
    text.pop("layer_types", None)
    return config | {k: v for k, v in text.items() if k != "model_type"} | {
        "rope_theta": rope["rope_theta"],
        "rope_scaling": {"type": "mrope", "mrope_section": rope["mrope_section"]}}


def old_neox(config):
    """GPT-NeoX's own keys of the rotation."""
    rope = config.pop("rope_parameters")
    config["rotary_emb_base"] = rope["rope_theta"]
    config["rotary_pct"] = rope["partial_rotary_factor"]
    return config


def old_olmo3(config):
    """Before each type of layers had a rotation of its own, the scaling was of full attention."""
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope["full_attention"].pop("rope_theta")
    config["rope_scaling"] = rope["full_attention"]
    return config


def least(*keys):
    """Leaves keys out whose defaults hold."""
    def remove(config):
        for key in keys:
            del config[key]
        return config
    return remove


def old_gemma3(config):
    """A model of images and text from before transformers 5, its text config without defaults."""
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope["full_attention"]["rope_theta"]
    config["rope_local_base_freq"] = rope["sliding_attention"]["rope_theta"]
    config["rope_scaling"] = {"factor": rope["full_attention"]["factor"], "rope_type": "linear"}
    for key in ("layer_types", "num_key_value_heads", "_sliding_window_pattern", "architectures",
                "attn_logit_softcapping", "final_logit_softcapping", "tie_word_embeddings"):
        config.pop(key, None)
    config["sliding_window_pattern"] = 2
    return {"architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3",
            "text_config": config, "vision_config": {"hidden_size": 8}}


def mistral3(config):
    """Mistral as the text's part of a model of images and text."""
    config.pop("architectures")
    return {"architectures": ["Mistral3ForConditionalGeneration"], "model_type": "mistral3",
            "text_config": config, "vision_config": {"hidden_size": 8}}


def prefixed(old, new, head=None):
    def rename(name):
        if name.startswith("lm_head"):
            return (head or "") + name
        assert name.startswith(old), name
        return new + name[len(old):]
    return rename


def old_granite_hybrid(config):
    return config | {"layer_types": ["attention"] * config["num_hidden_layers"]}


def minicpm(config):
    """MiniCPM's own names of Granite's factors."""
    config = old_rope(config) | {"architectures": ["MiniCPMForCausalLM"], "model_type": "minicpm"}
    for key in ("embedding_multiplier", "attention_multiplier", "residual_multiplier",
                "logits_scaling", "tie_word_embeddings"):
        del config[key]
    return config | {"scale_emb": 12, "scale_depth": 1.4, "dim_model_base": 16}


def internlm3(config):
    """InternLM 3's own names of biases."""
    config = old_rope(config) | {"architectures": ["InternLM3ForCausalLM"],
                                 "model_type": "internlm3"}
    return config | {"qkv_bias": config.pop("attention_bias"), "bias": config.pop("mlp_bias")}


def internlm2(config):
    return old_rope(config) | {"architectures": ["InternLM2ForCausalLM"],
                               "model_type": "internlm2", "bias": False}


def internlm2_names(name):
    for common, own in (
            ("embed_tokens", "tok_embeddings"), ("self_attn.o_proj", "attention.wo"),
            ("mlp.gate_proj", "feed_forward.w1"), ("mlp.up_proj", "feed_forward.w3"),
            ("mlp.down_proj", "feed_forward.w2"), ("input_layernorm", "attention_norm"),
            ("post_attention_layernorm", "ffn_norm"), ("lm_head", "output")):
        name = name.replace(common, own)
    return name


def internlm2_fuse(specs):
    """One tensor for three: each key head's queries, its key and its value."""
    fused = []
    for spec in specs:
        if "q_proj" in spec["own"]:
            heads, kv, dim, width = 4, 2, 16, spec["shape"][1]
            name = spec["own"].replace("self_attn.q_proj", "attention.wqkv")
            whole = spec | {"name": name, "shape": [(heads + 2 * kv) * dim, width]}
            rows = weight(whole).reshape(kv, heads // kv + 2, dim, width)
            for part, cut in (("q", rows[:, :-2]), ("k", rows[:, -2]), ("v", rows[:, -1])):
                own = spec["own"].replace("q_proj", part + "_proj")
                whole[own] = cut.reshape(-1, width)
            fused.append(whole)
        elif not re.search("[kv]_proj", spec["own"]):
            fused.append(spec)
    return fused


def iquest(config):
    """IQuest-Coder's own name of a Llama."""
    return old_rope(config) | {"architectures": ["IQuestCoderForCausalLM"],
                               "model_type": "iquestcoder", "clip_qkv": None,
                               "use_sliding_window": False}


def rotary_dim(config):
    """MiniMax M2's own spelling of a part that is rotated."""
    config = old_rope(config)
    config.pop("partial_rotary_factor")
    return config | {"rotary_dim": 12}


def exaone(config):
    """EXAONE 3's own spelling of a Llama."""
    config = old_rope(config) | {"architectures": ["ExaoneForCausalLM"], "model_type": "exaone"}
    for own, common in (("num_layers", "num_hidden_layers"), ("layer_norm_epsilon", "rms_norm_eps"),
                        ("activation_function", "hidden_act")):
        config[own] = config.pop(common)
    return config


def exaone_names(name):
    for common, own in (
            ("model.embed_tokens", "transformer.wte"), ("model.layers", "transformer.h"),
            ("model.norm", "transformer.ln_f"), ("self_attn", "attn.attention"),
            ("o_proj", "out_proj"), ("input_layernorm", "ln_1"),
            ("post_attention_layernorm", "ln_2"), ("gate_proj", "c_fc_0"), ("up_proj", "c_fc_1"),
            ("down_proj", "c_proj")):
        name = name.replace(common, own)
    return name


def yarn(**more):
    return {"rope_type": "yarn", "rope_theta": 1000.0, "factor": 4.0,
            "original_max_position_embeddings": 8, **more}


def longrope(pairs, original=12):
    return {"rope_type": "longrope", "rope_theta": 1000.0,
            "short_factor": [1.0 + 0.1 * i for i in range(pairs)],
            "long_factor": [1.5 + 0.3 * i for i in range(pairs)],
            "original_max_position_embeddings": original}


VISION = dict(depth=1, hidden_size=16, intermediate_size=16, num_heads=2, out_hidden_size=64,
              patch_size=2, spatial_merge_size=2)
ROPE = {"rope_type": "default", "rope_theta": 1000.0}
HALF = {"rope_type": "default", "rope_theta": 1000.0, "partial_rotary_factor": 0.5}
FULL_ROPE = {"partial_rotary_factor": 1.0}
NO_BIAS = {"attention_bias": False}
WINDOW = {"sliding_window": None}
SLIDING = dict(sliding_window=5, num_hidden_layers=4)
EXPERTS = dict(num_experts=6, num_experts_per_tok=2, moe_intermediate_size=32)
GROUPS = dict(n_routed_experts=12, n_shared_experts=2, n_group=3, topk_group=2,
              num_experts_per_tok=3, moe_intermediate_size=32, routed_scaling_factor=1.8,
              first_k_dense_replace=1, norm_topk_prob=True)

# Hunyuan's: a larger base of the wavelengths, whatever the length.
ALPHA = {"rope_type": "dynamic", "rope_theta": 1000.0, "factor": 1.0, "alpha": 50.0}

LATENT = dict(num_key_value_heads=4, q_lora_rank=48, kv_lora_rank=32, qk_nope_head_dim=16,
              qk_rope_head_dim=8, v_head_dim=12)


def layers(*types):
    return [t + "_attention" for t in types]


ENTRIES = [
    # Llama and what is near it
    Entry("llama-yarn", "LlamaForCausalLM", WIDE | dict(
        rope_parameters=yarn(beta_fast=2.0, beta_slow=0.5), attention_bias=True, mlp_bias=True),
        [dict(rope_parameters=ROPE), dict(rope_parameters=yarn()),
         dict(rope_parameters=yarn(beta_fast=2.0, beta_slow=0.5, attention_factor=1.0))],
        config=old_rope),
    Entry("llama-longrope", "LlamaForCausalLM", WIDE | dict(
        head_dim=24, rope_parameters=longrope(12)), [dict(rope_parameters=ROPE)], by_length=True),
    Entry("llama-tied", "LlamaForCausalLM", WIDE | dict(
        rope_parameters=ROPE, hidden_act="gelu_new", tie_word_embeddings=True),
        [dict(hidden_act="silu")]),
    Entry("mistral", "MistralForCausalLM", WIDE | dict(sliding_window=5, rope_parameters=ROPE),
          [WINDOW, dict(sliding_window=6)]),
    Entry("mistral3-images", "MistralForCausalLM", WIDE | dict(
        sliding_window=None, head_dim=24, rope_parameters=ROPE), config=mistral3,
        rename=prefixed("model.", "model.language_model.")),
    Entry("ministral", "MinistralForCausalLM", WIDE | SLIDING | dict(
        head_dim=16, rope_parameters=ROPE, layer_types=layers("sliding", "full", "sliding", "full")),
        [dict(layer_types=layers(*["full"] * 4)), dict(layer_types=layers(*["sliding"] * 4))]),
    Entry("mixtral", "MixtralForCausalLM", WIDE | dict(
        num_local_experts=5, num_experts_per_tok=2, sliding_window=7, rope_parameters=ROPE),
        [WINDOW, dict(num_experts_per_tok=3)], strength=2),
    Entry("mixtral-stacked", "MixtralForCausalLM", WIDE | dict(
        num_local_experts=5, num_experts_per_tok=2, rope_parameters=ROPE), stacked=True,
        strength=2),
    Entry("ministral3", "Ministral3ForCausalLM", WIDE | dict(
        head_dim=16, rope_parameters=yarn(original_max_position_embeddings=32, factor=2.0,
                                          llama_4_scaling_beta=0.1))),
    # Qwen
    Entry("qwen2", "Qwen2ForCausalLM", WIDE | SLIDING | dict(
        use_sliding_window=True, max_window_layers=2, rope_parameters=ROPE,
        tie_word_embeddings=True),
        [dict(use_sliding_window=False), dict(max_window_layers=3)], config=old_rope),
    Entry("qwen3", "Qwen3ForCausalLM", WIDE | SLIDING | dict(
        head_dim=24, use_sliding_window=True, max_window_layers=2, rope_parameters=yarn(),
        attention_bias=True), [dict(use_sliding_window=False), dict(rope_parameters=ROPE)]),
    Entry("qwen2-moe", "Qwen2MoeForCausalLM", WIDE | EXPERTS | SLIDING | dict(
        shared_expert_intermediate_size=48, decoder_sparse_step=2, use_sliding_window=True,
        max_window_layers=3, rope_parameters=ROPE), [dict(use_sliding_window=False)], strength=2),
    Entry("qwen2_5-vl", "Qwen2_5_VLForConditionalGeneration", dict(
        text_config=WIDE | dict(rope_parameters=ROPE | {"mrope_section": [2, 3, 3]}),
        vision_config=VISION, tie_word_embeddings=False), config=flat_qwen_vl, leave="visual"),
    Entry("qwen3-vl", "Qwen3VLForConditionalGeneration", dict(
        text_config=WIDE | dict(head_dim=16, rope_parameters=ROPE | {"mrope_section": [2, 3, 3]}),
        vision_config=VISION | dict(deepstack_visual_indexes=[0], num_position_embeddings=16),
        tie_word_embeddings=True), leave="visual"),
    Entry("qwen3-moe", "Qwen3MoeForCausalLM", WIDE | EXPERTS | dict(
        head_dim=16, norm_topk_prob=True, mlp_only_layers=[1], num_hidden_layers=3,
        rope_parameters=ROPE), [dict(norm_topk_prob=False), dict(num_experts_per_tok=3)],
        strength=2),
    Entry("qwen3-moe-stacked", "Qwen3MoeForCausalLM", WIDE | EXPERTS | dict(
        head_dim=16, rope_parameters=ROPE), stacked=True, strength=2),
    # Gemma
    Entry("gemma", "GemmaForCausalLM", WIDE | dict(
        head_dim=24, num_key_value_heads=1, rope_parameters=ROPE),
        [dict(hidden_act="silu")]),
    Entry("gemma2", "Gemma2ForCausalLM", WIDE | SLIDING | dict(
        head_dim=16, query_pre_attn_scalar=24, attn_logit_softcapping=1.0,
        final_logit_softcapping=3.0, rope_parameters=ROPE),
        [dict(attn_logit_softcapping=None), dict(final_logit_softcapping=None),
         dict(sliding_window=64), dict(query_pre_attn_scalar=16)], strength=2),
    Entry("vaultgemma", "VaultGemmaForCausalLM", WIDE | SLIDING | dict(
        head_dim=16, query_pre_attn_scalar=24, attn_logit_softcapping=1.0,
        final_logit_softcapping=3.0, rope_parameters=ROPE),
        [dict(attn_logit_softcapping=None), dict(final_logit_softcapping=None),
         dict(sliding_window=64)]),
    Entry("gemma2-old", "Gemma2ForCausalLM", WIDE | SLIDING | dict(
        head_dim=256, query_pre_attn_scalar=256, rope_parameters=ROPE),
        config=lambda config: least(
            "layer_types", "head_dim", "query_pre_attn_scalar", "final_logit_softcapping",
            "attn_logit_softcapping", "tie_word_embeddings", "hidden_activation")(
                old_rope(config | {"layer_types": []}) | {"layer_types": [], "hidden_act": "silu"}),
        strength=4),
    Entry("gemma3", "Gemma3ForCausalLM", WIDE | SLIDING | dict(
        head_dim=16, query_pre_attn_scalar=24, final_logit_softcapping=3.0,
        layer_types=layers("sliding", "sliding", "full", "sliding"),
        rope_parameters={"sliding_attention": ROPE, "full_attention": {
            "rope_type": "linear", "factor": 4.0, "rope_theta": 5000.0}}),
        [dict(sliding_window=64), dict(final_logit_softcapping=None),
         dict(rope_parameters={"sliding_attention": ROPE, "full_attention": ROPE})], strength=2),
    Entry("gemma3-images", "Gemma3ForCausalLM", WIDE | SLIDING | dict(
        num_attention_heads=8, num_key_value_heads=4, head_dim=16,
        layer_types=layers("sliding", "full", "sliding", "full"),
        rope_parameters={"sliding_attention": {"rope_type": "default", "rope_theta": 700.0},
                         "full_attention": {"rope_type": "linear", "factor": 4.0,
                                            "rope_theta": 5000.0}}), strength=2,
        config=old_gemma3, rename=prefixed("model.", "language_model.model.", "language_model.")),
    # Phi
    Entry("phi", "PhiForCausalLM", WIDE | dict(
        rope_parameters=HALF, qk_layernorm=True),
        [dict(rope_parameters=ROPE | FULL_ROPE)]),
    Entry("phi3", "Phi3ForCausalLM", without() | dict(
        sliding_window=9, pad_token_id=0, rope_parameters=ROPE), [WINDOW]),
    Entry("phi3-longrope", "Phi3ForCausalLM", without() | dict(
        pad_token_id=0, original_max_position_embeddings=12,
        rope_parameters={k: v for k, v in longrope(6).items() if k[0] != "o"} | {
            "partial_rotary_factor": 0.75}), [], by_length=True, config=old_rope),
    # SmolLM3, OLMo, Granite
    Entry("smollm3", "SmolLM3ForCausalLM", WIDE | SLIDING | dict(
        no_rope_layers=[1, 0, 1, 0], use_sliding_window=True, pad_token_id=0,
        layer_types=layers("sliding", "full", "full", "sliding"), rope_parameters=ROPE),
        [dict(no_rope_layers=[1] * 4), dict(layer_types=layers(*["full"] * 4))]),
    Entry("olmo", "OlmoForCausalLM", WIDE | dict(clip_qkv=0.4, rope_parameters=ROPE),
          [dict(clip_qkv=None)]),
    Entry("olmo2", "Olmo2ForCausalLM", WIDE | dict(rope_parameters=ROPE)),
    Entry("olmo3", "Olmo3ForCausalLM", WIDE | SLIDING | dict(
        rope_parameters={"sliding_attention": ROPE, "full_attention": yarn()},
        layer_types=layers("sliding", "full", "sliding", "full")),
        [dict(sliding_window=64),
         dict(rope_parameters={"sliding_attention": ROPE, "full_attention": ROPE})]),
    Entry("olmo3-old", "Olmo3ForCausalLM", WIDE | dict(num_hidden_layers=4, sliding_window=5) | dict(
        rope_parameters={"sliding_attention": ROPE | {"rope_theta": 5e5},
                         "full_attention": yarn(rope_theta=5e5)}),
        config=lambda config: least("layer_types")(old_olmo3(config))),
    Entry("olmoe", "OlmoeForCausalLM", without() | dict(
        num_experts=6, num_experts_per_tok=2, intermediate_size=32, clip_qkv=0.7,
        norm_topk_prob=False, rope_parameters=ROPE), [dict(clip_qkv=None),
                                                      dict(norm_topk_prob=True)], strength=2),
    Entry("granite", "GraniteForCausalLM", WIDE | dict(
        embedding_multiplier=3.0, attention_multiplier=0.2, residual_multiplier=0.4,
        logits_scaling=2.5, attention_bias=True, rope_parameters=ROPE),
        [dict(embedding_multiplier=1.0), dict(attention_multiplier=0.25),
         dict(residual_multiplier=1.0), dict(logits_scaling=1.0)]),
    Entry("granite-moe", "GraniteMoeForCausalLM", WIDE | dict(
        num_local_experts=5, num_experts_per_tok=2, embedding_multiplier=3.0,
        attention_multiplier=0.2, residual_multiplier=0.4, logits_scaling=2.5,
        rope_parameters=ROPE), [dict(num_experts_per_tok=1)], strength=2),
    Entry("granite-moe-shared", "GraniteMoeSharedForCausalLM", WIDE | dict(
        num_local_experts=5, num_experts_per_tok=2, shared_intermediate_size=48,
        attention_multiplier=0.2, rope_parameters=ROPE), strength=2),
    Entry("granite-hybrid", "GraniteMoeHybridForCausalLM", WIDE | dict(
        num_local_experts=0, shared_intermediate_size=96, layer_types=["full_attention"] * 2,
        position_embedding_type="rope", embedding_multiplier=3.0, attention_multiplier=0.2,
        residual_multiplier=0.4, logits_scaling=2.5, rope_parameters=ROPE, mamba_n_heads=8),
        [dict(position_embedding_type=None)], config=old_granite_hybrid),
    Entry("granite-hybrid-experts", "GraniteMoeHybridForCausalLM", WIDE | dict(
        num_local_experts=5, num_experts_per_tok=2, shared_intermediate_size=48,
        layer_types=["full_attention"] * 2, attention_multiplier=0.2, mamba_n_heads=8),
        strength=2),
    Entry("minicpm", "GraniteForCausalLM", WIDE | dict(
        embedding_multiplier=12.0, attention_multiplier=0.25, residual_multiplier=1.4 / 2 ** 0.5,
        logits_scaling=4.0, tie_word_embeddings=True, rope_parameters=ROPE), config=minicpm),
    Entry("internlm2", "LlamaForCausalLM", WIDE | dict(rope_parameters=ROPE), config=internlm2,
          rename=internlm2_names, fuse=internlm2_fuse),
    # GPT-2 and its kin
    Entry("gpt2", "GPT2LMHeadModel", dict(
        vocab_size=VOCABULARY, n_embd=64, n_layer=2, n_head=4, n_positions=64,
        scale_attn_by_inverse_layer_idx=True),
        [dict(scale_attn_by_inverse_layer_idx=False), dict(activation_function="relu")],
        strength=2),
    Entry("gpt2-body", "GPT2LMHeadModel", dict(
        vocab_size=VOCABULARY, n_embd=64, n_layer=2, n_head=4, n_positions=64, n_inner=96),
        rename=prefixed("transformer.", "")),
    Entry("gpt-bigcode", "GPTBigCodeForCausalLM", dict(
        vocab_size=VOCABULARY, n_embd=64, n_layer=2, n_head=4, n_positions=64, multi_query=True)),
    Entry("gpt-bigcode-heads", "GPTBigCodeForCausalLM", dict(
        vocab_size=VOCABULARY, n_embd=64, n_layer=2, n_head=4, n_positions=64, multi_query=False)),
    Entry("gpt-neo", "GPTNeoForCausalLM", dict(
        vocab_size=VOCABULARY, hidden_size=64, num_layers=4, num_heads=4, window_size=5,
        attention_types=[[["global", "local"], 2]], max_position_embeddings=64),
        [dict(window_size=64)]),
    Entry("gpt-neox", "GPTNeoXForCausalLM", without("num_key_value_heads") | dict(
        rope_parameters=HALF), [dict(use_parallel_residual=False),
                                dict(rope_parameters=ROPE | FULL_ROPE)]),
    Entry("gpt-neox-serial", "GPTNeoXForCausalLM", without("num_key_value_heads") | dict(
        use_parallel_residual=False, attention_bias=False, rope_parameters=HALF), config=old_neox),
    Entry("gptj", "GPTJForCausalLM", dict(
        vocab_size=VOCABULARY, n_embd=64, n_layer=2, n_head=4, n_positions=64, rotary_dim=8),
        [dict(rotary_dim=16)]),
    Entry("opt", "OPTForCausalLM", dict(
        vocab_size=VOCABULARY, hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
        ffn_dim=96, max_position_embeddings=64, word_embed_proj_dim=64)),
    Entry("opt-bare", "OPTForCausalLM", dict(
        vocab_size=VOCABULARY, hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
        ffn_dim=96, max_position_embeddings=64, word_embed_proj_dim=64, enable_bias=False,
        layer_norm_elementwise_affine=False, activation_function="gelu"),
        [dict(activation_function="relu")]),
    Entry("opt-sums", "OPTForCausalLM", dict(
        vocab_size=VOCABULARY, hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
        ffn_dim=96, max_position_embeddings=64, word_embed_proj_dim=32,
        do_layer_norm_before=False)),
    Entry("bloom", "BloomForCausalLM", dict(
        vocab_size=VOCABULARY, hidden_size=64, n_layer=2, n_head=4)),
    Entry("bloom-slopes", "BloomForCausalLM", dict(
        vocab_size=VOCABULARY, hidden_size=72, n_layer=2, n_head=6)),
    Entry("falcon", "FalconForCausalLM", dict(
        vocab_size=VOCABULARY, hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
        multi_query=True, parallel_attn=True, bias=False, rope_parameters=ROPE)),
    Entry("falcon-new", "FalconForCausalLM", dict(
        vocab_size=VOCABULARY, hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_kv_heads=2, new_decoder_architecture=True, bias=True, rope_parameters=ROPE)),
    Entry("falcon-old", "FalconForCausalLM", dict(
        vocab_size=VOCABULARY, hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
        rope_parameters=ROPE), config=lambda config: least(
            "num_kv_heads", "ffn_hidden_size", "bias", "parallel_attn", "alibi", "multi_query",
            "new_decoder_architecture", "activation", "tie_word_embeddings")(old_rope(config))),
    Entry("falcon-serial", "FalconForCausalLM", dict(
        vocab_size=VOCABULARY, hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
        multi_query=False, parallel_attn=False, bias=True, rope_parameters=ROPE)),
    Entry("mpt", "MptForCausalLM", dict(
        vocab_size=VOCABULARY, d_model=64, n_layers=2, n_heads=4, max_seq_len=64,
        attn_config=dict(clip_qkv=0.5))),
    # LayerNorm, biases, windows
    Entry("stablelm", "StableLmForCausalLM", WIDE | dict(
        use_qkv_bias=True, rope_parameters=HALF)),
    Entry("stablelm-parallel", "StableLmForCausalLM", WIDE | dict(
        use_parallel_residual=True, rope_parameters=HALF)),
    Entry("starcoder2", "Starcoder2ForCausalLM", WIDE | dict(
        sliding_window=6, use_bias=True, rope_parameters=ROPE), [WINDOW]),
    Entry("cohere", "CohereForCausalLM", WIDE | dict(
        use_qk_norm=True, logit_scale=0.5, rope_parameters=ROPE), [dict(logit_scale=1.0)]),
    Entry("cohere2-old", "Cohere2ForCausalLM", WIDE | SLIDING | dict(
        head_dim=16, rope_parameters=ROPE), config=lambda config: least(
            "logit_scale")(old_rope(config)) | {"sliding_window_pattern": 4}),
    Entry("cohere2", "Cohere2ForCausalLM", WIDE | SLIDING | dict(
        head_dim=24, logit_scale=0.5, rope_parameters=ROPE,
        layer_types=layers("sliding", "sliding", "full", "sliding")),
        [dict(sliding_window=64), dict(layer_types=layers("sliding", "full", "full", "sliding"))]),
    Entry("glm", "GlmForCausalLM", WIDE | dict(
        head_dim=16, pad_token_id=0, attention_bias=True, rope_parameters=HALF),
        [dict(rope_parameters=ROPE | FULL_ROPE)]),
    Entry("glm4", "Glm4ForCausalLM", WIDE | dict(
        head_dim=16, pad_token_id=0, attention_bias=True, rope_parameters=HALF)),
    Entry("glm4-moe", "Glm4MoeForCausalLM", WIDE | GROUPS | dict(
        head_dim=16, num_hidden_layers=3, use_qk_norm=True, attention_bias=True,
        rope_parameters=HALF),
        [dict(topk_group=3), dict(n_group=1, topk_group=1), dict(routed_scaling_factor=1.0)],
        strength=2),
    Entry("dots1", "Dots1ForCausalLM", WIDE | GROUPS | SLIDING | dict(
        head_dim=16, norm_topk_prob=False, max_window_layers=2, rope_parameters=ROPE),
        [dict(norm_topk_prob=True), dict(max_window_layers=4)], strength=2),
    Entry("deepseek-v2", "DeepseekV2ForCausalLM", WIDE | GROUPS | LATENT | dict(
        topk_method="group_limited_greedy", norm_topk_prob=False, attention_bias=True,
        mlp_bias=True, rope_parameters=yarn(mscale=0.7, mscale_all_dim=1.4)),
        [dict(topk_group=3), dict(topk_method="greedy"), dict(routed_scaling_factor=1.0),
         dict(rope_parameters=yarn(mscale=1.4, mscale_all_dim=1.4)),
         dict(rope_parameters=yarn(mscale=0.7)), dict(rope_parameters=ROPE)], strength=2),
    Entry("deepseek-v2-lite", "DeepseekV2ForCausalLM", WIDE | GROUPS | LATENT | dict(
        q_lora_rank=None, n_group=1, topk_group=1, topk_method="greedy", norm_topk_prob=False,
        rope_parameters=yarn(mscale=0.707, mscale_all_dim=0.707)),
        [dict(rope_parameters=ROPE)], config=old_rope, strength=2),
    Entry("deepseek-v3", "DeepseekV3ForCausalLM", WIDE | GROUPS | LATENT | dict(
        num_hidden_layers=3, rope_parameters=yarn(mscale=1.0, mscale_all_dim=1.0)),
        [dict(topk_group=3), dict(n_group=1, topk_group=1), dict(norm_topk_prob=False),
         dict(rope_interleave=False), dict(rope_parameters=yarn()), dict(rope_parameters=ROPE)],
        strength=2),
    Entry("deepseek-v3-halves", "DeepseekV3ForCausalLM", WIDE | GROUPS | LATENT | dict(
        q_lora_rank=None, attention_bias=True, rope_interleave=False, n_shared_experts=1,
        rope_parameters=ROPE), [dict(rope_interleave=True)], stacked=True, strength=2),
    Entry("glm4-moe-lite", "Glm4MoeLiteForCausalLM", WIDE | GROUPS | LATENT | dict(
        v_head_dim=24, mlp_layer_types=["sparse", "dense"], rope_parameters=ROPE),
        [dict(mlp_layer_types=["dense", "sparse"])], strength=2),
    Entry("youtu", "YoutuForCausalLM", WIDE | LATENT | dict(
        attention_bias=True, rope_parameters=yarn(mscale=1.0, mscale_all_dim=1.0)),
        [dict(rope_interleave=False), dict(rope_parameters=ROPE)], strength=2),
    Entry("minicpm3", "MiniCPM3ForCausalLM", WIDE | LATENT | dict(
        scale_depth=1.4, dim_model_base=16, rope_parameters=longrope(4)),
        [dict(scale_depth=1.0), dict(scale_emb=6)], by_length=True, strength=2),
    Entry("gpt-oss", "GptOssForCausalLM", WIDE | SLIDING | dict(
        head_dim=16, num_local_experts=5, num_experts_per_tok=2,
        rope_parameters=yarn(truncate=False, beta_fast=2.0, beta_slow=0.5), pad_token_id=0),
        [dict(sliding_window=64), dict(num_experts_per_tok=3), dict(rope_parameters=ROPE)],
        strength=2),
    # More
    Entry("internlm3", "LlamaForCausalLM", WIDE | dict(
        head_dim=16, attention_bias=True, mlp_bias=True, max_position_embeddings=16,
        rope_parameters={"rope_type": "dynamic", "rope_theta": 1000.0, "factor": 4.0}),
        [dict(rope_parameters=ROPE)], config=internlm3, by_length=True, strength=2),
    Entry("exaone", "LlamaForCausalLM", WIDE | dict(rope_parameters=ROPE), config=exaone,
          rename=exaone_names),
    Entry("exaone4", "Exaone4ForCausalLM", WIDE | SLIDING | dict(
        head_dim=16, rope_parameters=ROPE,
        layer_types=layers("sliding", "full", "sliding", "full")), [dict(sliding_window=64)]),
    Entry("exaone4-full", "Exaone4ForCausalLM", WIDE | dict(
        head_dim=16, sliding_window=None, rope_parameters=ROPE,
        layer_types=layers("full", "full")), [dict(rope_parameters=ROPE | {"rope_theta": 50.0})]),
    Entry("arcee", "ArceeForCausalLM", WIDE | dict(rope_parameters=ROPE), strength=2),
    Entry("ernie4_5", "Ernie4_5ForCausalLM", WIDE | dict(
        head_dim=16, use_bias=True, rope_parameters=ROPE)),
    Entry("helium", "HeliumForCausalLM", WIDE | dict(head_dim=16, rope_parameters=ROPE)),
    Entry("seed-oss", "SeedOssForCausalLM", WIDE | dict(
        head_dim=16, attention_bias=True, attention_out_bias=True, rope_parameters=ROPE)),
    Entry("nemotron", "NemotronForCausalLM", WIDE | dict(
        head_dim=16, attention_bias=True, rope_parameters=HALF), strength=2),
    Entry("codegen", "CodeGenForCausalLM", dict(
        vocab_size=VOCABULARY, n_embd=64, n_layer=2, n_head=8, n_positions=64, rotary_dim=4),
        [dict(rotary_dim=8)]),
    Entry("llama-bidirectional", "LlamaForCausalLM", WIDE | dict(
        is_causal=False, rope_parameters=ROPE), [dict(is_causal=True)], whole=True),
    Entry("persimmon", "PersimmonForCausalLM", without("num_key_value_heads") | dict(
        rope_parameters=HALF), strength=2),
    Entry("hunyuan", "HunYuanDenseV1ForCausalLM", WIDE | dict(
        head_dim=16, attention_bias=True, rope_parameters=ALPHA), [dict(rope_parameters=ROPE)],
        strength=2),
    Entry("hunyuan-old", "HunYuanDenseV1ForCausalLM", WIDE | dict(
        head_dim=16, tie_word_embeddings=True, rope_parameters=ALPHA),
        config=old_rope, strength=2),
    Entry("hunyuan-moe", "HunYuanMoEV1ForCausalLM", WIDE | dict(
        head_dim=16, num_experts=6, moe_topk=2, intermediate_size=48, rope_parameters=ALPHA),
        [dict(moe_topk=3), dict(rope_parameters=ROPE)], strength=2),
    Entry("ernie4_5-moe", "Ernie4_5_MoeForCausalLM", WIDE | dict(
        num_hidden_layers=4, use_bias=True, moe_num_experts=8, moe_k=3, moe_num_shared_experts=2,
        moe_intermediate_size=32, moe_layer_start_index=1, moe_layer_end_index=2,
        moe_layer_interval=1, rope_parameters=ROPE),
        [dict(moe_k=2)], strength=2),
    Entry("ernie4_5-moe-old", "Ernie4_5_MoeForCausalLM", WIDE | dict(
        num_hidden_layers=4, moe_num_experts=6, moe_k=2, moe_num_shared_experts=0,
        moe_intermediate_size=32, moe_layer_start_index=0, moe_layer_interval=2,
        tie_word_embeddings=False, rope_parameters=ROPE), stacked=True,
        config=lambda config: old_rope(config) | {"moe_layer_end_index": -1}, strength=2),
    Entry("minimax-m2", "MiniMaxM2ForCausalLM", WIDE | dict(
        head_dim=24, num_local_experts=6, num_experts_per_tok=2, intermediate_size=32,
        rope_parameters=HALF), [dict(num_experts_per_tok=3), dict(rope_parameters=ROPE | FULL_ROPE)],
        strength=2),
    Entry("minimax-m2-old", "MiniMaxM2ForCausalLM", WIDE | dict(
        head_dim=24, num_local_experts=6, num_experts_per_tok=2, intermediate_size=32,
        rope_parameters=HALF), config=rotary_dim, strength=2),
    Entry("cwm", "CwmForCausalLM", WIDE | SLIDING | dict(
        head_dim=16, rope_parameters={
            "rope_type": "llama3", "rope_theta": 1000.0, "factor": 4.0, "low_freq_factor": 1.0,
            "high_freq_factor": 4.0, "original_max_position_embeddings": 16},
        layer_types=layers("full", "sliding", "sliding", "sliding")),
        [dict(sliding_window=64), dict(rope_parameters=ROPE)]),
    Entry("iquestcoder", "LlamaForCausalLM", WIDE | dict(head_dim=16, rope_parameters=ROPE),
          config=iquest),
    Entry("jais2", "Jais2ForCausalLM", WIDE | dict(rope_parameters=ROPE), strength=2),
    Entry("flex-olmo", "FlexOlmoForCausalLM", without() | dict(
        num_experts=5, num_experts_per_tok=3, intermediate_size=48, attention_bias=True,
        pad_token_id=0, norm_topk_prob=True, rope_parameters=ROPE),
        [dict(num_experts_per_tok=2)], strength=2),
    Entry("hyperclovax", "HyperCLOVAXForCausalLM", WIDE | dict(
        embedding_multiplier=3.0, attention_multiplier=0.2, residual_multiplier=0.4,
        logits_scaling=0.4, attention_bias=True, mlp_bias=True, rope_parameters=ROPE),
        [dict(embedding_multiplier=1.0), dict(attention_multiplier=0.25),
         dict(residual_multiplier=1.0), dict(logits_scaling=1.0)]),
    Entry("hyperclovax-plain", "HyperCLOVAXForCausalLM", WIDE | dict(
        use_post_norm=False, rope_parameters=ROPE)),
    Entry("solar-open", "SolarOpenForCausalLM", without("intermediate_size") | {
        k: v for k, v in GROUPS.items() if k[0] != "f"} | dict(
        head_dim=16, attention_bias=True, rope_parameters=ROPE),
        [dict(topk_group=3), dict(routed_scaling_factor=1.0)], strength=2),
]


if __name__ == "__main__":
    chosen = sys.argv[1:]
    for each in ENTRIES:
        if not chosen or each.name in chosen:
            make(each)
