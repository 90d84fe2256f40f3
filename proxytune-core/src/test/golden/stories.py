"""Greedy text of the small trained checkpoints, in float32; only prompts, ids and text are kept.

Run: python stories.py SHARED, where SHARED holds checkpoints/. A run without end-of-text ids goes
on for a fixed number of tokens; a run that ends is the model's own whole story.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoTokenizer

from oracle import OUTPUT, load, margin, versions

NEW_TOKENS = 220
LEAST_MARGIN = 1e-3
TWINS = ("tinystories-656k", "tinystories-656k-f32-lmhead-only")
PROMPTS = [
    "Sara has a new toy car.",
    "Once upon a time, in a big forest, there lived a",
    "Lily and Ben went",
    "Once upon a time",
    "Once upon a time,",
]


def generate(model, tokenizer, prompt, end_ids, count):
    ids = tokenizer(prompt).input_ids
    model.generation_config.eos_token_id = end_ids
    model.generation_config.pad_token_id = 0
    out = model.generate(
        torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long),
        do_sample=False, max_new_tokens=count,
        output_logits=True, return_dict_in_generate=True)
    new_ids = out.sequences[0, len(ids):].tolist()
    return {
        "prompt": prompt,
        "promptIds": ids,
        "ids": new_ids,
        "text": continued(tokenizer, ids, new_ids),
        "margin": round(min(margin(row[0]) for row in out.logits), 5),
        "endOfText": bool(end_ids) and new_ids[-1] in end_ids,
    }


def continued(tokenizer, ids, new_ids):
    """What new ids read as behind others: alone, their first space would be lost."""
    before = tokenizer.decode(ids, skip_special_tokens=True)
    whole = tokenizer.decode(ids + new_ids, skip_special_tokens=True)
    assert whole.startswith(before)
    return whole[len(before):]


def runs(folder):
    tokenizer, model = AutoTokenizer.from_pretrained(folder), load(folder)
    long = [generate(model, tokenizer, prompt, None, NEW_TOKENS) for prompt in PROMPTS]
    whole = [generate(model, tokenizer, prompt, [2], 480) for prompt in PROMPTS]
    return clear(long)[:3] + [run for run in clear(whole) if run["endOfText"]][:1]


def clear(found):
    return [run for run in found if run["margin"] > LEAST_MARGIN]


def write(name, found):
    path = OUTPUT / "expected" / f"{name}.json"
    head = {"oracle": versions("stories.py"), "checkpoint": name, "dtype": "FLOAT32"}
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    listed = ",\n".join(json.dumps(run, ensure_ascii=False) for run in found)
    path.write_text("{\n" + ",\n".join(lines) + f',\n"runs": [\n{listed}\n]\n}}\n', encoding="utf-8")


if __name__ == "__main__":
    shared = Path(sys.argv[1]) / "checkpoints"
    made = {name: runs(shared / name) for name in (*TWINS, "stories-260k")}
    # The same weights, stored twice: a second file would say nothing new.
    assert [run["ids"] for run in made[TWINS[0]]] == [run["ids"] for run in made[TWINS[1]]]
    assert all(len(found) >= 3 for found in made.values())
    for name in (TWINS[0], "stories-260k"):
        write(name, made[name])
        for run in made[name]:
            print(name, run["margin"], len(run["ids"]), run["endOfText"], run["text"][-60:])
