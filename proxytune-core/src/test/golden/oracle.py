"""What the golden scripts share: seeded weights, runs of transformers models, compact output.

The oracle is transformers on the CPU. Every script here writes under ../resources/golden/models,
fixes its seeds and notes the versions that it ran with.
"""

import copy
import json
import platform
from pathlib import Path

import tokenizers
import torch
import transformers
from transformers import DynamicCache, LlamaForCausalLM
from transformers.models.llama.modeling_llama import LlamaRMSNorm, LlamaRotaryEmbedding

OUTPUT = Path(__file__).parent.parent / "resources" / "golden" / "models"

torch.manual_seed(0)
torch.set_num_threads(1)
torch.set_grad_enabled(False)
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()


def versions(script):
    return {
        "script": script,
        "torch": torch.__version__.split("+")[0],
        "transformers": transformers.__version__,
        "tokenizers": tokenizers.__version__,
        "python": platform.python_version(),
    }


def seed_weights(model, seed, linear=0.3, head=0.5, pad_from=None):
    """Weights large enough that logits spread and the argmax has no ties.

    Rows of the vocabulary from pad_from on are larger still: who lets padding take part is found out.
    """
    random = torch.Generator().manual_seed(seed)
    for name, weight in model.named_parameters():
        noise = torch.randn(weight.shape, generator=random)
        if "norm" in name:
            weight.copy_(1 + 0.25 * noise)
        elif "embed_tokens" in name or "lm_head" in name:
            weight.copy_(head * noise)
            if pad_from is not None:
                weight[pad_from:] *= 6
        else:
            weight.copy_(linear * noise)


class Run:
    """One sequence on a model of its own, since a rotary module with dynamic scaling has a state."""

    def __init__(self, model):
        self.model = copy.deepcopy(model)
        self.cache = DynamicCache(config=model.config)

    def append(self, ids):
        """One forward; returns a row of logits for each id, as float32 at least."""
        output = self.model(
            torch.tensor([ids]), past_key_values=self.cache, use_cache=True)
        logits = output.logits[0]
        return logits.to(torch.promote_types(logits.dtype, torch.float32))

    def truncate(self, position):
        """Forgets tokens, and with them the largest length that dynamic scaling has seen."""
        self.cache.crop(position - self.cache.get_seq_length())  # a negative count of tokens to remove
        self.model.model.rotary_emb = LlamaRotaryEmbedding(self.model.config)


def play(model, steps):
    """Runs steps {append, rows} and {truncate} on a new sequence; returns the rows asked for."""
    run = Run(model)
    rows = []
    for step in steps:
        if "truncate" in step:
            run.truncate(step["truncate"])
            continue
        logits = run.append(step["append"])
        rows += {"ALL": logits, "LAST": logits[-1:], "NONE": logits[:0]}[step["rows"]]
    return torch.stack(rows)


def margin(row):
    """How far the likeliest id is ahead of the next."""
    top = row.topk(2).values
    return float(top[0] - top[1])


def greedy(model, prompt, count):
    """The ids that follow when the end-of-text id is a token like others, with the least margin."""
    run = Run(model)
    row = run.append(prompt)[-1]
    ids, margins = [], []
    for _ in range(count):
        ids.append(int(row.argmax()))
        margins.append(margin(row))
        row = run.append(ids[-1:])[-1]
    return {"prompt": prompt, "ids": ids, "margin": round(min(margins), 5)}


def random_ids(random, count, vocabulary):
    return torch.randint(3, vocabulary, (count,), generator=random).tolist()


def write_json(path, content):
    """A line for each key, so that a change shows in a diff without a line for each number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in content.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def write_rows(path, rows):
    """Little-endian float32, row after row."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(rows.to(torch.float32).numpy().astype("<f4").tobytes())


def load(folder, dtype=torch.float32, attention="sdpa"):
    return LlamaForCausalLM.from_pretrained(
        folder, dtype=dtype, attn_implementation=attention).eval()


class ExactNorm(LlamaRMSNorm):
    def forward(self, x):
        return self.weight * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.variance_epsilon)


class ExactRotary(LlamaRotaryEmbedding):
    def forward(self, x, position_ids):
        """For plain frequencies."""
        settings = self.config.rope_parameters
        assert settings["rope_type"] == "default"
        exponents = torch.arange(0, self.config.head_dim, 2, dtype=torch.float64)
        frequencies = settings["rope_theta"] ** (-exponents / self.config.head_dim)
        angles = position_ids[:, :, None].double() * frequencies
        both = torch.cat((angles, angles), dim=-1)
        return both.cos(), both.sin()


def load_exact(folder):
    """In float64 throughout: left alone, a float64 model's norms and angles are float32."""
    model = load(folder, dtype=torch.float64)
    for module in model.modules():
        if isinstance(module, LlamaRMSNorm):
            module.__class__ = ExactNorm
    model.model.rotary_emb.__class__ = ExactRotary
    return model
