"""What lm-evaluation-harness scores: ids by its rule, log-probabilities by transformers.

Run: python scoring.py SHARED, where SHARED holds checkpoints/. Prompt and continuation are encoded
together, and what is longer than the prompt's own encoding is scored; whitespace at the end of the
prompt counts as the continuation's. A token that spans the border is scored as a whole, after what
both encodings have in common. Chats are prompts that a template rendered: encoded without special
tokens, and their last line break stays where it is.
"""

import json
import random
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM
from transformers import PreTrainedTokenizerFast

from oracle import OUTPUT, seed_weights, versions, write_json

TOKENIZERS = Path(__file__).parent.parent / "resources" / "tokenizers"
CONTEXTS = ["The sun", "The sun ", "The sun  ", "The sun\n", "don't", "a small boat with a red sail went d",
            "naïve faç", "你好，世", "one, two,", "the river ran on to the sea.", "x\n\n", "def add(a, b):\n    "]
CONTINUATIONS = [" rose", "rose", " rose over the quiet hill", "own the river", ".", "\n", "ade", "界 🙂", " 1",
                 " three", "  two", "</s>"]
RENDERED = ["<s>the user says: hi<|end|>\n", "<|end|> ", "<s>tell me</s>"]
STORIES = [("Once upon a", [" time", " time,", " big dog", " girl"]), ("Once upon a time", [",", " there", "ly"]),
           ("Lily and Ben went", [" to", " to the park", "ing"]), ("Sara has a new toy ", ["car", "dog."])]
LEAST = 1e-4


def split(encode, context, continuation, move_space=True):
    """Ids that are read, ids that are scored."""
    if move_space:
        spaces = len(context) - len(context.rstrip())
        if 0 < spaces < len(context):
            continuation = context[-spaces:] + continuation
            context = context[:-spaces]
    whole = encode(context + continuation)
    alone = encode(context)
    common = 0
    while common < min(len(whole), len(alone)) and whole[common] == alone[common]:
        common += 1
    return whole[:common], whole[common:], common == len(alone)


def logprobs(model, read, scored):
    rows = model(torch.tensor([read + scored])).logits[0].double().log_softmax(-1)
    return [round(float(rows[len(read) - 1 + i][token]), 7) for i, token in enumerate(scored)]


def case(model, encode, context, continuation, move_space):
    read, scored, whole = split(encode, context, continuation, move_space)
    if not read or not scored:
        return None
    found = logprobs(model, read, scored)
    return {"prompt": context, "continuation": continuation, "read": len(read), "ids": scored,
            "logprobs": found, "total": round(sum(found), 6), "spans": not whole}


def cases(model, tokenizer, texts, rendered):
    """Special tokens that a tokenizer puts behind a text are no part of it."""
    def plain(text):
        ids = tokenizer(text).input_ids
        bare = tokenizer(text, add_special_tokens=False).input_ids
        start = next(i for i in range(len(ids)) if ids[i:i + len(bare)] == bare)
        return ids[:start + len(bare)]

    def bare(text):
        return tokenizer(text, add_special_tokens=False).input_ids

    found = [case(model, plain, *text, True) for text in texts]
    chats = [case(model, bare, *text, False) for text in rendered]
    return [c for c in found if c], [c for c in chats if c]


def random_model(vocabulary, seed):
    config = LlamaConfig(
        vocab_size=vocabulary, hidden_size=16, intermediate_size=24, num_hidden_layers=1,
        num_attention_heads=2, num_key_value_heads=1, max_position_embeddings=256,
        tie_word_embeddings=True, bos_token_id=1, eos_token_id=2)
    model = LlamaForCausalLM(config).eval()
    seed_weights(model, seed)
    return model


def of_tokenizer(name, seed):
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(TOKENIZERS / name / "tokenizer.json"), clean_up_tokenization_spaces=False)
    model = random_model(len(tokenizer) + 24, seed)
    folder = OUTPUT / "scoring" / name
    model.save_pretrained(folder)
    choices = random.Random(seed)
    pairs = [(a, b) for a in CONTEXTS for b in CONTINUATIONS]
    rendered = [(a, b) for a in RENDERED for b in CONTINUATIONS]
    texts, chats = cases(model, tokenizer, pairs, rendered)
    return {"tokenizer": name, "cases": texts, "chats": chats}


def of_checkpoint(folder):
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    texts = [(context, each) for context, options in STORIES for each in options]
    found, _ = cases(model, tokenizer, texts, [])
    return {"checkpoint": folder.name, "cases": found}


if __name__ == "__main__":
    tokenizers = [of_tokenizer(name, 50 + i) for i, name in enumerate(["byte-level", "sentencepiece", "unigram"])]
    for file in (OUTPUT / "scoring").rglob("*.*"):
        file.chmod(0o644)
    shared = Path(sys.argv[1]) / "checkpoints"
    checkpoints = [of_checkpoint(shared / name) for name in ("tinystories-656k", "stories-260k")]
    write_json(OUTPUT / "expected" / "scoring.json", {
        "oracle": versions("scoring.py"), "tokenizers": tokenizers, "checkpoints": checkpoints})
    for made in tokenizers + checkpoints:
        name = made.get("tokenizer") or made.get("checkpoint")
        print(name, len(made["cases"]), sum(c["spans"] for c in made["cases"]), len(made.get("chats", [])))
