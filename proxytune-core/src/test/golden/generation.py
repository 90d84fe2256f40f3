"""Greedy texts of transformers' generate under published generation settings.

Run: python generation.py, after trio.py. Each case is a generation_config.json laid beside the
trio's base in float32; the texts are what generate gives for each prompt with no argument of its
own. Settings are taken from the model's plain text, so that each of them changes it, but for those
that are to change nothing.
"""

import json
import shutil
import tempfile
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM

from oracle import OUTPUT, versions

SOURCE = OUTPUT / "trio" / "base"
TARGET = OUTPUT.parent / "generation" / "published.json"
PROMPTS = [[1, 10, 11, 12, 13], [1], [1, 40, 41, 42, 40, 41]]
NEW_TOKENS = 24
LEAST_MARGIN = 1e-3
END = {"eos_token_id": 94}
LIMIT = {"max_new_tokens": NEW_TOKENS}


def generate(settings, prompt):
    """The new tokens, and the smallest distance of the likeliest token from the next."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "model"
        shutil.copytree(SOURCE, folder)
        (folder / "generation_config.json").write_text(json.dumps(settings))
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        output = model.generate(
            torch.tensor([prompt]), output_scores=True, return_dict_in_generate=True)
    tokens = output.sequences[0, len(prompt):].tolist()
    best = [scores[0].topk(2).values for scores in output.scores]
    margins = [float(a - b) for a, b in best if b > -torch.inf and a != b]
    return tokens, min(margins, default=torch.inf)


def cases():
    plain = [generate(END | LIMIT, prompt)[0] for prompt in PROMPTS]
    first, one, last = plain
    return {
        "nothing": END | LIMIT,
        "repetition penalty": END | LIMIT | {"repetition_penalty": 1.8},
        "no n-gram twice": END | LIMIT | {"no_repeat_ngram_size": 2},
        "no token twice": END | LIMIT | {"no_repeat_ngram_size": 1},
        "bad words": END | LIMIT | {"bad_words_ids": [
            [first[0]], [first[3], first[4]], [13, one[0]], [1, one[0]], [40, 41, last[0]], [94]]},
        "suppressed": END | LIMIT | {"suppress_tokens": [first[0], last[1], 9999, -1]},
        "suppressed at the begin": END | LIMIT | {
            "begin_suppress_tokens": [first[0], one[0], last[0], 9999]},
        "forced begin": END | LIMIT | {
            "forced_bos_token_id": 7, "begin_suppress_tokens": [first[0], one[1], 7]},
        "forced end": END | {"max_new_tokens": 6, "forced_eos_token_id": 94, "min_new_tokens": 9},
        "forced ends": {"eos_token_id": [2, 5], "max_length": 14, "forced_eos_token_id": [5, 2]},
        "an end": {"eos_token_id": [first[5], last[7]]} | LIMIT,
        "an end, not early": {"eos_token_id": [first[2], last[4]], "min_new_tokens": 8} | LIMIT,
        "an end, not in a short text": {"eos_token_id": [first[2], last[4]], "min_length": 12} | LIMIT,
        "both minimums": {"eos_token_id": first[2], "min_length": 22, "min_new_tokens": 4} | LIMIT,
        "negative minimum": {"eos_token_id": first[2], "min_new_tokens": -3} | LIMIT,
        "a length": END | {"max_length": 17},
        "a length and a count": END | {"max_length": 90, "max_new_tokens": 7.0},
        "sampling settings that are not used": END | LIMIT | {
            "do_sample": False, "temperature": 0.2, "top_k": -4, "top_p": "hot"},
        "a nucleus of one token": END | LIMIT | {"do_sample": True, "top_p": 0.0, "temperature": 1.7},
        "one token to choose from": END | LIMIT | {"do_sample": True, "top_k": 1, "min_p": 0.1},
        "all at once": {
            "eos_token_id": [2, first[9]], "repetition_penalty": 1.2, "no_repeat_ngram_size": 3,
            "bad_words_ids": [[first[1], first[2]], [last[0]]], "suppress_tokens": [one[2]],
            "begin_suppress_tokens": [one[0]], "min_length": 15, "max_length": 30,
            "forced_eos_token_id": 2},
    }


def main():
    written = []
    for name, settings in cases().items():
        texts = []
        for prompt in PROMPTS:
            tokens, margin = generate(settings, prompt)
            assert margin > LEAST_MARGIN, (name, prompt, margin)
            texts.append({"prompt": prompt, "tokens": tokens})
        written.append({"name": name, "settings": settings, "texts": texts})
    plain = written[0]["texts"]
    same = [case["name"] for case in written if case["texts"] == plain]
    assert same == ["nothing", "sampling settings that are not used", "a nucleus of one token",
                    "one token to choose from"], same
    TARGET.parent.mkdir(exist_ok=True)
    rows = ",\n".join(json.dumps(case) for case in written)
    TARGET.write_text('{"versions": %s,\n"cases": [\n%s\n]}\n' % (json.dumps(versions("generation.py")), rows))


main()
