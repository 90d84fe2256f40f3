"""Steers a base in vLLM with experts in a running server, and writes the texts as JSON.

usage: vllm_client.py SOCKET BASE PROMPTS TOKENS OUT [SETTINGS]

Runs in a Python that has vLLM and the package in `offsets`. SETTINGS is JSON for `vllm.LLM`, such as
{"num_gpu_blocks_override": 8}, with which requests lose their memory and come back.
"""

import json
import os
import pathlib
import sys

path, base, prompts, tokens, out = sys.argv[1:6]
settings = json.loads(sys.argv[6]) if len(sys.argv) > 6 else {}
os.environ["PROXYTUNE_OFFSETS"] = path
os.environ["PROXYTUNE_OFFSETS_DTYPE"] = "float32"
os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")

import vllm


def main():
    texts = pathlib.Path(prompts).read_text(encoding="utf-8").splitlines()
    llm = vllm.LLM(
        base, **{"dtype": "float32", "max_model_len": 128, "enforce_eager": True} | settings)
    end = llm.get_tokenizer().eos_token_id

    def generate(given):
        params = vllm.SamplingParams(
            temperature=0, max_tokens=int(tokens), extra_args=given and {"proxytune": given})
        written = llm.generate(texts, params, use_tqdm=False)
        return [[each for each in text.outputs[0].token_ids if each != end] for text in written]

    said = {"version": vllm.__version__}
    for name, given in (("usual", None), ("half", 0.5), ("none", {"expert": 0})):
        said[name] = generate(given)
    try:
        generate("strongly")
    except ValueError as refused:
        said["refused"] = str(refused)
    if not settings.get("disable_log_stats", True):
        said["preemptions"] = sum(
            each.value for each in llm.get_metrics() if each.name == "vllm:num_preemptions")
    pathlib.Path(out).write_text(json.dumps(said), encoding="utf-8")


if __name__ == "__main__":
    main()
