"""The last row of logits that transformers and peft compute with each model of a family.

Run: python family.py [FAMILY]. Without a folder it takes ../../../family, the family that ships. It
writes ../resources/golden/family.json: for each model and prompt the ids, and the logits after the
last of them in float32. Prompts are the first development item of each task; models without a chat
template read them as plain text.
"""

import json
import platform
import sys
from pathlib import Path

import peft
import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

HERE = Path(__file__).parent
OUTPUT = HERE.parent / "resources" / "golden" / "family.json"
TASKS = ["question", "profile", "refusal"]

torch.manual_seed(0)
torch.set_num_threads(1)
torch.set_grad_enabled(False)
transformers.logging.set_verbosity_error()


def prompts(family):
    first = {}
    for line in (family / "data" / "dev.jsonl").read_text("utf-8").splitlines():
        item = json.loads(line)
        first.setdefault(item["task"], item["prompt"])
    return [first[task] for task in TASKS]


def load(folder):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def models(family):
    """Each model with the folder of its tokenizer."""
    for name in ["base", "base-tuned", "small", "expert"]:
        yield name, load(family / name), family / name
    adapter = family / "expert-lora"
    if (adapter / "adapter_config.json").exists():
        yield "expert-lora", peft.PeftModel.from_pretrained(load(family / "small"), adapter), family / "expert"


def ids(tokenizer, prompt):
    if tokenizer.chat_template is None:
        return tokenizer(prompt)["input_ids"]
    text = tokenizer.apply_chat_template(
        [{"role": "user", "content": prompt}], add_generation_prompt=True, tokenize=False)
    return tokenizer(text, add_special_tokens=False)["input_ids"]


def rows(family):
    for name, model, folder in models(family):
        tokenizer = AutoTokenizer.from_pretrained(folder)
        for prompt in prompts(family):
            tokens = ids(tokenizer, prompt)
            logits = model(torch.tensor([tokens])).logits[0, -1]
            yield {"model": name, "prompt": prompt, "chat": tokenizer.chat_template is not None,
                   "ids": tokens, "logits": [round(value, 4) for value in logits.tolist()]}


def main():
    family = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent.parent.parent / "family"
    versions = {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__,
                "peft": peft.__version__, "python": platform.python_version()}
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows(family))
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text('{"script":"family.py","versions":%s,"rows":[\n%s\n]}\n'
                      % (json.dumps(versions), lines), "utf-8")


if __name__ == "__main__":
    main()
