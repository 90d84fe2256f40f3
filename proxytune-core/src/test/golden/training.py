"""Gradients and optimizer steps of tiny seeded Llamas, computed by torch, transformers and peft.

Run: python training.py. For each case it writes under ../resources/golden/training the checkpoint
folder <case> with, beside config.json and model.safetensors, a batch with padding and a loss mask
in manifest.json; gradients.safetensors, the gradient of the mean loss; stepped.safetensors, the
weights after steps of AdamW with clipping and a schedule; adapter.safetensors, a LoRA adapter with
random A and B; and adapter-stepped.safetensors, that adapter after the same steps.
"""

import shutil
from pathlib import Path

import peft
import torch
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM

from oracle import load, seed_weights, versions, write_json

OUTPUT = Path(__file__).parent.parent / "resources" / "golden" / "training"
VOCABULARY = 32
LENGTHS = [16, 11, 7]
STEPS = 5
ADAM = dict(betas=(0.9, 0.98), eps=1e-8)
WEIGHT_DECAY = 0.1
CLIP = 1.0
RATE = 1e-2
WARM_UP = 2

CASES = {
    "tied": dict(num_key_value_heads=2, tie_word_embeddings=True),
    "untied-bias": dict(num_key_value_heads=1, attention_bias=True, mlp_bias=True),
}


def new_model(settings, seed):
    model = LlamaForCausalLM(LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=16, intermediate_size=24, num_hidden_layers=2,
        num_attention_heads=4, max_position_embeddings=16, bos_token_id=1, eos_token_id=2,
        rms_norm_eps=1e-5, **settings))
    seed_weights(model, seed)
    return model


def new_batch(seed):
    """Rows of ids; labels are -100 where padded and for the first third of each row."""
    random = torch.Generator().manual_seed(seed)
    ids = torch.zeros(len(LENGTHS), max(LENGTHS) + 1, dtype=torch.long)
    labels = torch.full_like(ids, -100)
    for row, length in enumerate(LENGTHS):
        ids[row, :length + 1] = torch.randint(3, VOCABULARY, (length + 1,), generator=random)
        labels[row, length // 3:length + 1] = ids[row, length // 3:length + 1]
    return ids[:, :-1], labels[:, 1:]


def mean_loss(model, inputs, targets):
    logits = model(inputs).logits.float()
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


def rates():
    return [RATE * (step / WARM_UP if step <= WARM_UP else (STEPS - step + 1) / (STEPS - WARM_UP))
            for step in range(1, STEPS + 1)]


def run_steps(model, inputs, targets):
    """Matrices decay, norms and biases don't."""
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW([
        dict(params=[p for p in trained if p.dim() == 2], weight_decay=WEIGHT_DECAY),
        dict(params=[p for p in trained if p.dim() == 1], weight_decay=0.0)], **ADAM)
    losses, norms = [], []
    for rate in rates():
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad()
        loss = mean_loss(model, inputs, targets)
        loss.backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_(trained, CLIP)))
        losses.append(float(loss.detach()))
        optimizer.step()
    return losses, norms


def named(model, what):
    names = {}
    for name, parameter in model.named_parameters():
        names[name] = what(parameter).detach().clone().contiguous()
    return names


def adapter_on(folder, seed):
    model = peft.get_peft_model(load(folder), peft.LoraConfig(
        r=3, lora_alpha=6, lora_dropout=0.0, task_type="CAUSAL_LM",
        target_modules=["q_proj", "v_proj", "o_proj", "down_proj", "up_proj"]))
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_" in name:
                parameter.copy_(0.2 * torch.randn(parameter.shape, generator=random))
    return model


def adapter_weights(model):
    return {name: weight.clone().contiguous()
            for name, weight in peft.get_peft_model_state_dict(model).items()}


def make(name, settings, seed):
    folder = OUTPUT / name
    shutil.rmtree(folder, ignore_errors=True)
    model = new_model(settings, seed)
    model.save_pretrained(folder)
    inputs, targets = new_batch(seed)
    with torch.enable_grad():
        loss = mean_loss(model, inputs, targets)
        loss.backward()
        save_file(named(model, lambda p: p.grad), folder / "gradients.safetensors")
        losses, norms = run_steps(model, inputs, targets)
        save_file(named(model, lambda p: p), folder / "stepped.safetensors")
        adapted = adapter_on(folder, seed + 1)
        save_file(adapter_weights(adapted), folder / "adapter.safetensors")
        adapter_losses, adapter_norms = run_steps(adapted, inputs, targets)
        save_file(adapter_weights(adapted), folder / "adapter-stepped.safetensors")
    (folder / "generation_config.json").unlink()
    for file in folder.iterdir():
        file.chmod(0o644)
    write_json(folder / "manifest.json", {
        "oracle": versions("training.py") | {"peft": peft.__version__, "seed": seed},
        "rows": len(LENGTHS), "length": max(LENGTHS),
        "inputs": inputs.flatten().tolist(), "targets": targets.flatten().tolist(),
        "rates": rates(), "weightDecay": WEIGHT_DECAY, "clip": CLIP,
        "losses": losses, "norms": norms,
        "rank": 3, "scale": 2.0, "modules": ["q_proj", "v_proj", "o_proj", "down_proj", "up_proj"],
        "adapterLosses": adapter_losses, "adapterNorms": adapter_norms,
    })
    print(name, losses, norms, adapter_losses, adapter_norms)


if __name__ == "__main__":
    for index, (case, settings) in enumerate(CASES.items()):
        make(case, settings, 100 * (index + 1))
