"""Writes what transformers' logits processors and warpers make of seeded random logits.

Run from anywhere: python sampling_golden.py
Needs torch and transformers; their versions are noted in the output.
Processors run in float32; warpers in float64, so that no threshold is decided by rounding.
"""

import json
import pathlib

import numpy as np
import torch
import transformers
from transformers.generation.logits_process import (
    MinNewTokensLengthLogitsProcessor,
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    SequenceBiasLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
    TypicalLogitsWarper,
)

WIDTH = 40
OUTPUT = pathlib.Path(__file__).parent.parent / "resources" / "golden" / "sampling" / "warpers.json"


def settings():
    """Each filter alone at several strengths, then random combinations."""
    alone = [
        {"temperature": 0.5},
        {"temperature": 1.7},
        *({"topK": k} for k in (1, 3, 39, 40, 100)),
        *({"topP": p} for p in (0.01, 0.3, 0.9, 0.999)),
        *({"minP": p} for p in (0.01, 0.2, 1.0)),
        *({"typicalP": p} for p in (0.05, 0.4, 0.95)),
        {"repetition": 1.3},
        {"repetition": 0.7},
        {"bias": {"3": 2.5, "17": -1.25}},
        {"minNewTokens": 4, "endIds": [0, 9]},
        {"minNewTokens": 2, "endIds": [0, 9]},
    ]
    yield from alone
    random = np.random.default_rng(7)
    for _ in range(40):
        yield {
            "temperature": float(random.choice([0.6, 1.0, 1.4])),
            "topK": int(random.choice([0, 5, 20])),
            "topP": float(random.choice([1.0, 0.6, 0.95])),
            "minP": float(random.choice([0.0, 0.02, 0.1])),
            "typicalP": float(random.choice([1.0, 0.5, 0.9])),
            "repetition": float(random.choice([1.0, 1.2])),
            "bias": {str(int(random.integers(WIDTH))): float(random.choice([-1.5, 3.0]))},
            "minNewTokens": int(random.choice([0, 5])),
            "endIds": [2],
        }


def processors(s, prompt_length):
    if s.get("bias"):
        yield SequenceBiasLogitsProcessor({(int(i),): b for i, b in s["bias"].items()})
    if s.get("repetition", 1.0) != 1.0:
        yield RepetitionPenaltyLogitsProcessor(s["repetition"])
    if s.get("minNewTokens"):
        yield MinNewTokensLengthLogitsProcessor(prompt_length, s["minNewTokens"], s["endIds"])


def warpers(s):
    if s.get("temperature", 1.0) != 1.0:
        yield TemperatureLogitsWarper(s["temperature"])
    if s.get("topK"):
        yield TopKLogitsWarper(s["topK"])
    if s.get("topP", 1.0) < 1:
        yield TopPLogitsWarper(s["topP"])
    if s.get("minP"):
        yield MinPLogitsWarper(s["minP"])
    if s.get("typicalP", 1.0) < 1:
        yield TypicalLogitsWarper(s["typicalP"])


def case(s):
    logits = (torch.randn(WIDTH) * 2.5).float()
    prompt = torch.randint(0, WIDTH, (5,)).tolist()
    generated = torch.randint(0, WIDTH, (3,)).tolist()
    ids = torch.tensor([prompt + generated])
    scores = logits[None].clone()
    for processor in processors(s, len(prompt)):
        scores = processor(ids, scores)
    scores = scores.double()
    for warper in warpers(s):
        scores = warper(ids, scores)
    probabilities = scores.softmax(-1)[0]
    kept = torch.nonzero(scores[0] > -torch.inf)[:, 0].tolist()
    return {
        **s,
        "logits": [float(str(x)) for x in logits.numpy()],
        "prompt": prompt,
        "generated": generated,
        "kept": kept,
        "probabilities": [float(f"{probabilities[i]:.12g}") for i in kept],
    }


def main():
    torch.manual_seed(20)
    golden = {
        "made_with": {"torch": torch.__version__, "transformers": transformers.__version__},
        "cases": [case(s) for s in settings()],
    }
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(c) for c in golden["cases"])
    made_with = json.dumps(golden["made_with"])
    OUTPUT.write_text(f'{{"made_with": {made_with},\n"cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
