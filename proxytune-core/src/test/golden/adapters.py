"""Tiny seeded LoRA adapters on checkpoints of models.py, and the logits that peft computes.

Run after models.py: python adapters.py. For each adapter it writes the folder adapters/<name>, as
PEFT saves it, and expected/adapters.json with rows in expected/adapters.bin. Rows are those of the
adapter beside the weights; where merging gives others within float32's rounding only, they serve
both forms.
"""

import json
import shutil
from dataclasses import dataclass, field

import peft
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file

from oracle import OUTPUT, greedy, load, margin, random_ids, versions, write_json, write_rows

VOCABULARY = 96
TOKENS = 8
GREEDY = 12
LEAST_MARGIN = 0.005
LEAST_EFFECT = 0.2
MODULES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
BF16 = {"dtype": "BFLOAT16", "tolerance": 2e-2}
F32 = {"dtype": "FLOAT32", "tolerance": 1e-4}
TYPES = {"FLOAT32": torch.float32, "BFLOAT16": torch.bfloat16}


@dataclass
class Adapter:
    name: str
    host: str
    targets: object
    settings: dict = field(default_factory=dict)
    variants: list = field(default_factory=lambda: [F32])
    stored: str = "FLOAT32"
    # peft merges into the shared tensor of a tied head, and so changes the embedding too.
    merged_differs: bool = False
    strength: float = 0.3


ADAPTERS = [Adapter("only-" + module.removesuffix("_proj"), "gqa-tied", [module]) for module in MODULES] + [
    Adapter("all", "gqa-tied", "all-linear"),
    Adapter("all-bias", "mqa-bias-head-dim", MODULES),
    Adapter("all-bf16", "bf16", MODULES, variants=[F32, BF16], stored="BFLOAT16", strength=0.12),
    Adapter("rslora", "mha-untied", ["q_proj", "up_proj"], dict(use_rslora=True, r=3, lora_alpha=5)),
    Adapter("patterns", "mha-untied", MODULES,
            dict(rank_pattern={"q_proj": 2, "layers.0.mlp.up_proj": 5, "up_proj": 3},
                 alpha_pattern={"k_proj": 1, r"layers\.1\..*down_proj": 12.5})),
    Adapter("regex", "mha-untied", r"model\.layers\.(?P<n>1)\.(self_attn|mlp)\.(?:q|v|down)_proj"),
    Adapter("layers", "mha-untied", ["o_proj", "gate_proj"],
            dict(layers_to_transform=[1], layers_pattern="layers")),
    Adapter("layers-any", "mha-untied", ["v_proj", "gate_proj"], dict(layers_to_transform=0)),
    Adapter("excluded", "mha-untied", ["o_proj", "gate_proj"], dict(exclude_modules=["layers.0.mlp.gate_proj"])),
    Adapter("fan-in-fan-out", "mha-untied", ["v_proj", "down_proj"], dict(fan_in_fan_out=True)),
    Adapter("head", "mha-untied", ["lm_head", "v_proj"]),
    Adapter("head-tied", "gqa-tied", ["lm_head"], merged_differs=True),
]


def adapted(spec, seed):
    """The host with an adapter whose matrices are seeded noise."""
    settings = dict(r=4, lora_alpha=8, task_type="CAUSAL_LM") | spec.settings
    model = get_peft_model(
        load(OUTPUT / spec.host), LoraConfig(target_modules=spec.targets, **settings))
    random = torch.Generator().manual_seed(seed)
    for name, weight in model.named_parameters():
        if "lora_" in name:
            noise = torch.randn(weight.shape, generator=random) * spec.strength
            weight.copy_(noise.to(TYPES[spec.stored]).to(weight.dtype))
    return model.eval()


def store(spec, model):
    folder = OUTPUT / "adapters" / spec.name
    shutil.rmtree(folder, ignore_errors=True)
    model.peft_config["default"].base_model_name_or_path = "../../" + spec.host
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    weights = {name: weight.to(TYPES[spec.stored]) for name, weight in
               load_file(folder / "adapter_model.safetensors").items()}
    save_file(weights, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    config = folder / "adapter_config.json"
    text = json.loads(config.read_text())
    if isinstance(text["target_modules"], list):
        text["target_modules"].sort()  # a set in peft
    config.write_text(json.dumps(text, indent=2, sort_keys=True) + "\n")
    for file in folder.iterdir():
        file.chmod(0o644)
    return folder


def rows_of(model, ids):
    return model(torch.tensor([ids])).logits[0].float()


def variant(spec, folder, ids, setting):
    """What the stored adapter computes, beside the weights and merged into them."""
    dtype = TYPES[setting["dtype"]]
    model = PeftModel.from_pretrained(load(OUTPUT / spec.host, dtype), folder).to(dtype).eval()
    plain = rows_of(load(OUTPUT / spec.host, dtype), ids)
    rows = rows_of(model, ids)
    effect = float((rows - plain).abs().max())
    assert effect > LEAST_EFFECT, (spec.name, effect)
    written = greedy(model.get_base_model(), ids, GREEDY)
    if dtype == torch.float32:
        assert written["margin"] > LEAST_MARGIN, (spec.name, written["margin"])
    merged = rows_of(model.merge_and_unload(), ids)
    bound = setting["tolerance"] * float(rows.abs().max()) / (10 if dtype == torch.float32 else 1)
    if not spec.merged_differs:
        assert float((merged - rows).abs().max()) < bound, spec.name
    return rows, written["ids"] if dtype == torch.float32 else None


def main():
    shutil.rmtree(OUTPUT / "adapters", ignore_errors=True)
    cases, rows = [], []
    for index, spec in enumerate(ADAPTERS):
        random = torch.Generator().manual_seed(900 + index)
        ids = random_ids(random, TOKENS, VOCABULARY)
        folder = store(spec, adapted(spec, 500 + index))
        for setting in spec.variants:
            own, following = variant(spec, folder, ids, setting)
            cases.append({"name": spec.name, "host": spec.host, **setting, "ids": ids,
                          "greedy": following, "firstRow": len(rows) * TOKENS})
            rows.append(own)
    write_json(OUTPUT / "expected" / "adapters.json", {
        "oracle": versions("adapters.py") | {"peft": peft.__version__}, "width": VOCABULARY, "cases": cases})
    write_rows(OUTPUT / "expected" / "adapters.bin", torch.cat(rows))


main()
