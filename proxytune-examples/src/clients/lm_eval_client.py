"""Measures a running server with lm-evaluation-harness, and writes what came of each item as JSON.

usage: lm_eval_client.py URL KEY MODEL TOKENIZER ITEMS OUT

ITEMS is a JSONL file with prompt, options and answer (the index of an option) on each line; TOKENIZER is the base's folder.
"""

import importlib.metadata
import json
import os
import pathlib
import sys
import tempfile

url, key, model, tokenizer, items, out = sys.argv[1:]
os.environ["OPENAI_API_KEY"] = key
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"

import lm_eval  # noqa: E402
from lm_eval.tasks import TaskManager  # noqa: E402

DATA = """
dataset_path: json
dataset_kwargs:
  data_files:
    test: "{items}"
test_split: test
doc_to_text: "{{{{prompt}}}}"
target_delimiter: ""
num_fewshot: 0
"""

CHOICE = """
task: proxytune_choice
output_type: multiple_choice
doc_to_choice: "{{options}}"
doc_to_target: "{{answer}}"
metric_list:
  - metric: acc
"""

WRITE = """
task: proxytune_write
output_type: generate_until
doc_to_target: "{{options[answer]}}"
generation_kwargs:
  until: ["."]
  max_gen_toks: 8
  temperature: 0
  do_sample: false
metric_list:
  - metric: exact_match
"""

with tempfile.TemporaryDirectory() as folder:
    for name, task in (("choice", CHOICE), ("write", WRITE)):
        pathlib.Path(folder, name + ".yaml").write_text(task + DATA.format(items=items))
    results = lm_eval.simple_evaluate(
        model="local-completions",
        model_args={
            "model": model,
            "base_url": url + "/completions",
            "tokenizer": tokenizer,
            "tokenizer_backend": "huggingface",
            "tokenized_requests": True,
            "add_bos_token": True,
            "max_length": 128,
            "num_concurrent": 4,
            "batch_size": 1,
        },
        tasks=["proxytune_choice", "proxytune_write"],
        task_manager=TaskManager(include_path=folder, include_defaults=False),
        log_samples=True,
        bootstrap_iters=0,
    )


def of(task):
    return sorted(results["samples"][task], key=lambda it: it["doc_id"])


said = {
    "version": importlib.metadata.version("lm_eval"),
    "acc": results["results"]["proxytune_choice"]["acc,none"],
    "logprobs": [[float(it[0]) for it in each["filtered_resps"]] for each in of("proxytune_choice")],
    "greedy": [[str(it[1]) == "True" for it in each["filtered_resps"]] for each in of("proxytune_choice")],
    "texts": [each["resps"][0][0] for each in of("proxytune_write")],
}
with open(out, "w", encoding="utf-8") as file:
    json.dump(said, file)
