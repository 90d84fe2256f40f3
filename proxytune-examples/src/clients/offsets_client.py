"""Steers a base in transformers with experts in a running server, and writes the texts as JSON.

usage: offsets_client.py SOCKET BASE PROMPTS TOKENS OUT

PROMPTS has a text a line. Each is continued greedily: by itself with the experts beside the base and
behind it, all in one padded batch, in float16 offsets, with other strengths, and by the base alone.
"""

import json
import pathlib
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

sys.path.insert(0, str(pathlib.Path(__file__).parent / "offsets"))

from proxytune_offsets import OffsetClient, OffsetError, fingerprint
from proxytune_offsets.transformers_processor import OffsetsProcessor

path, base, prompts, tokens, out = sys.argv[1:]
prompts = pathlib.Path(prompts).read_text(encoding="utf-8").splitlines()
torch.set_num_threads(2)
tokenizer = AutoTokenizer.from_pretrained(base, padding_side="left")
tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).eval()
width = model.config.vocab_size
vocabulary = fingerprint(tokenizer)
end_ids = [tokenizer.eos_token_id]
said = {}


def generate(client, texts, beside=True, strengths=None):
    """The ids that follow each text."""
    inputs = tokenizer(texts, return_tensors="pt", padding=True)
    inputs.pop("token_type_ids", None)
    steering = {}
    if client is not None:
        processor = OffsetsProcessor(
            client, inputs["attention_mask"], end_ids=end_ids, strengths=strengths)
        steering["logits_processor"] = [processor]
        if beside:
            steering["stopping_criteria"] = [processor.sender()]
    with torch.inference_mode():
        written = model.generate(
            **inputs, **steering, max_new_tokens=int(tokens), do_sample=False, num_beams=1,
            eos_token_id=end_ids, pad_token_id=tokenizer.pad_token_id)
    if client is not None:
        processor.close()
    rows = written[:, inputs["input_ids"].shape[1] :].tolist()
    return [row[: row.index(end_ids[0])] if end_ids[0] in row else row for row in rows]


with OffsetClient(path, width, vocabulary) as client:
    said["pairs"] = client.pairs
    said["context"] = client.context_length
    said["beside"] = [generate(client, [text])[0] for text in prompts]
    said["behind"] = [generate(client, [text], beside=False)[0] for text in prompts]
    said["batch"] = generate(client, prompts)
    said["half"] = generate(client, prompts, strengths=0.5)
    said["none"] = generate(client, prompts, strengths={next(iter(client.pairs)): 0})
with OffsetClient(path, width, vocabulary, dtype="float16") as client:
    said["float16"] = generate(client, prompts)
said["base"] = generate(None, prompts)
try:
    OffsetClient(path, width, (vocabulary[0], bytes(32)))
except OffsetError as refused:
    said["refused"] = {"code": refused.code, "message": str(refused)}
pathlib.Path(out).write_text(json.dumps(said), encoding="utf-8")
