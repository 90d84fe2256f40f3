"""Makes small checkpoint folders whose tokenizers declare tokens in every file that may, as real
families do, and what transformers reads of them: ids, texts, special tokens, roles, chats.

    python make_tokenizer_folders.py [FOLDER_OF_TOKENIZERS]   # with transformers 5: writes all
    python make_tokenizer_folders.py [FOLDER_OF_TOKENIZERS]   # with transformers 4: notes where it differs

Ids are those of `tokenizer.json` and the added tokens (`PreTrainedTokenizerFast`); the classes of
AutoTokenizer say which roles are implied. `auto5` and `auto4` tell whether AutoTokenizer gives the
same; transformers 5 rebuilds some classes, and then it does not. Where neither does, the texts are
those of transformers 4: its native library writes added tokens as they are, not normalized.
"""
import json
import random
import shutil
import sys
from pathlib import Path

import tokenizers
import transformers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

import make_tokenizers

RESOURCES = Path(__file__).resolve().parent.parent / "resources"
FOLDERS = RESOURCES / "tokenizer-folders"
GOLDEN = RESOURCES / "golden" / "tokenizer-folders.json"
MAJOR = int(transformers.__version__.split(".")[0])
TEMPLATE = ("{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{{ eos_token }}{% endfor %}"
            "[{{ unk_token }}|{{ pad_token }}|{{ sep_token }}|{{ cls_token }}|{{ mask_token }}|"
            "{{ think_token }}|{{ image_token }}|{{ fill_token }}]")
MESSAGES = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]
SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")


def flags(content, **more):
    return {"content": content, "lstrip": False, "normalized": False, "rstrip": False,
            "single_word": False, "special": True, **more}


def typed(content, **more):
    return {"__type": "AddedToken", **flags(content, **more)}


def byte_level(special, split=None, normalizer=None, prefix_space=False):
    t = Tokenizer(models.BPE())
    level = pre_tokenizers.ByteLevel(add_prefix_space=prefix_space, use_regex=split is None)
    t.pre_tokenizer = level if split is None else pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(split), behavior="isolated"), level])
    t.decoder = decoders.ByteLevel()
    if normalizer:
        t.normalizer = normalizer
    t.train_from_iterator(make_tokenizers.CORPUS, trainers.BpeTrainer(
        vocab_size=300, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    t.add_special_tokens(special)
    return t


def sentence_piece(special, style, vocab_size=360):
    t = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    if style == "prepend":
        t.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    elif style == "gemma":
        t.normalizer = normalizers.Replace(" ", "▁")
    else:
        t.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    t.train_from_iterator(make_tokenizers.CORPUS[:3], trainers.BpeTrainer(
        vocab_size=vocab_size, special_tokens=special + [f"<0x{b:02X}>" for b in range(256)],
        show_progress=False))
    content = json.loads(t.to_str())
    content["model"]["byte_fallback"] = True
    content["added_tokens"] = content["added_tokens"][:len(special)]
    t = Tokenizer.from_str(json.dumps(content))
    parts = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    t.decoder = decoders.Sequence(
        parts if style == "gemma" else parts + [decoders.Strip(content=" ", left=1, right=0)])
    return t


def begin(t, token):
    t.post_processor = processors.TemplateProcessing(
        single=f"{token} $A", special_tokens=[(token, t.token_to_id(token))])
    return t


def gpt2():
    """Roles that only the class names."""
    return byte_level(["<|endoftext|>"]), {"tokenizer_class": "GPT2Tokenizer"}, {}


def qwen2():
    """Tokens that only `added_tokens_decoder` lists."""
    t = byte_level(["<|endoftext|>"], SPLIT, normalizers.NFC())
    n = t.get_vocab_size()
    listed = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "<think>"]
    return t, {
        "tokenizer_class": "Qwen2Tokenizer", "bos_token": None, "eos_token": "<|im_end|>",
        "additional_special_tokens": ["<|im_start|>", "<|im_end|>"], "extra_special_tokens": {},
        "added_tokens_decoder": {
            str(n - 1 + i): flags(token, special=token.startswith("<|")) for i, token in enumerate(listed)},
    }, {}


def llama3():
    """A new padding token; a class of no kind; spaces that a BPE keeps."""
    t = begin(byte_level(["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"], SPLIT), "<|begin_of_text|>")
    return t, {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<|begin_of_text|>",
               "eos_token": "<|end_of_text|>", "pad_token": "<|pad|>",
               "clean_up_tokenization_spaces": True}, {}


def llama_distilled():
    """Declares a LlamaTokenizer, but is byte-level."""
    t = begin(byte_level(["<|begin|>", "<|end|>"], SPLIT), "<|begin|>")
    return t, {"tokenizer_class": "LlamaTokenizerFast", "bos_token": typed("<|begin|>"),
               "eos_token": typed("<|end|>"), "pad_token": typed("<|end|>")}, {}


def llama2():
    """Implied roles, a token in `added_tokens_decoder`, and an endless model_max_length."""
    t = begin(sentence_piece(["<unk>", "<s>", "</s>"], "prepend"), "<s>")
    n = t.get_vocab_size()
    return t, {"tokenizer_class": "LlamaTokenizer", "model_max_length": float("inf"),
               "added_tokens_decoder": {
                   "0": flags("<unk>"), "1": flags("<s>"), "2": flags("</s>"),
                   str(n): flags("<|im_end|>", rstrip=True), str(n + 1): flags("[PAD]", normalized=True),
                   str(n + 2): flags("tok", special=False, single_word=True, normalized=True)},
               "pad_token": "[PAD]"}, {}


def llama_bare():
    """No `tokenizer_config.json`: the model implies the class."""
    return begin(sentence_piece(["<unk>", "<s>", "</s>"], "prepend"), "<s>"), None, {}


def code_llama():
    """Roles of one model."""
    t = begin(sentence_piece(["<unk>", "<s>", "</s>"], "prepend"), "<s>")
    n = t.get_vocab_size()
    listed = ["▁<PRE>", "▁<MID>", "▁<SUF>", "▁<EOT>"]
    return t, {"tokenizer_class": "CodeLlamaTokenizer", "bos_token": "<s>", "eos_token": "</s>",
               "unk_token": "<unk>", "additional_special_tokens": listed, "fill_token": "<FILL_ME>",
               "added_tokens_decoder": {
                   "0": flags("<unk>"), "1": flags("<s>"), "2": flags("</s>"),
                   **{str(n + i): flags(token) for i, token in enumerate(listed)}}}, {}


def mistral():
    """The older files: a map that wins, `added_tokens.json`, tokens with white space."""
    t = begin(sentence_piece(["<unk>", "<s>", "</s>"], "metaspace"), "<s>")
    n = t.get_vocab_size()
    return t, {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": None, "eos_token": "<unk>"}, {
        "special_tokens_map.json": {
            "bos_token": flags("<s>"), "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "[PAD]",
            "additional_special_tokens": ["<|im_start|>", "<|im_end|>"]},
        "added_tokens.json": {"[PAD]": n, "<|im_end|>": n + 1, "plain": n + 2}}


def gemma():
    """Roles of one model in a map of extra tokens; implied ones; a token of the vocabulary."""
    t = begin(sentence_piece(["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"], "gemma"), "<bos>")
    return t, {"tokenizer_class": "GemmaTokenizer", "think_token": "<think>",
               "extra_special_tokens": {"image_token": "<image>", "boi": "ri"}}, {}


def bert():
    """Lower case, normalized tokens, spaces that are cleaned away."""
    t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    t.normalizer = normalizers.BertNormalizer()
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.WordPiece(cleanup=False)
    t.train_from_iterator(make_tokenizers.CORPUS[:3], trainers.WordPieceTrainer(
        vocab_size=160, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False))
    t.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    n = t.get_vocab_size()
    return t, {"tokenizer_class": "BertTokenizer", "clean_up_tokenization_spaces": True,
               "added_tokens_decoder": {
                   **{str(i): flags(x) for i, x in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])},
                   str(n): flags("[EVENT]"), str(n + 1): flags("river", special=False, normalized=True)}}, {}


def t5():
    """Unigram; further special tokens as objects."""
    t = Tokenizer(models.Unigram())
    t.normalizer = normalizers.NFKC()
    t.pre_tokenizer = pre_tokenizers.Metaspace()
    t.decoder = decoders.Metaspace()
    t.train_from_iterator(make_tokenizers.CORPUS[:3], trainers.UnigramTrainer(
        vocab_size=120, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False))
    t.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return t, {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "</s>", "pad_token": "<pad>",
               "unk_token": "<unk>", "extra_special_tokens": [typed("<extra_id_0>", lstrip=True), "<extra_id_1>"],
               }, {}


def neox():
    """Tokens above the vocabulary, runs of spaces, a prefix space."""
    t = byte_level(["<|endoftext|>", "<|padding|>"], normalizer=normalizers.NFC(), prefix_space=True)
    n = t.get_vocab_size()
    return t, {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<|endoftext|>",
               "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>", "add_prefix_space": True,
               "added_tokens_decoder": {
                   str(n - 2): flags("<|endoftext|>"), str(n - 1): flags("<|padding|>"),
                   str(n): flags("   ", special=False, normalized=True),
                   str(n + 1): flags("  ", special=False, normalized=True),
                   str(n + 2): flags("<|assistant|>", rstrip=True)}}, {}


def holes():
    """Ids that skip, a padding token that only `tokenizer.json` names, tokens of the vocabulary."""
    t = Tokenizer(models.WordLevel({"a": 0, "b": 1, "</s>": 4, "c": 9, "<unk>": 2}, unk_token="<unk>"))
    t.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    t.enable_padding(pad_id=4, pad_token="</s>")
    return t, {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "<unk>", "eos_token": "</s>",
               "added_tokens_decoder": {"30": flags("<x>"), "31": flags("<y>", lstrip=True),
                                        "9": flags("c", special=False)}}, {}


MAKERS = [gpt2, qwen2, llama3, llama_distilled, llama2, llama_bare, code_llama, mistral, gemma, bert, t5, neox, holes]


def write(maker):
    t, config, more = maker()
    folder = FOLDERS / maker.__name__.replace("_", "-")
    folder.mkdir(parents=True)
    (folder / "tokenizer.json").write_text(t.to_str(pretty=False), encoding="utf-8")
    model = {"bert": "bert", "t5": "t5", "gemma": "gemma", "gpt2": "gpt2"}.get(maker.__name__, "llama")
    more = {"config.json": {"model_type": model}, **more}
    if config is None:
        (folder / "chat_template.jinja").write_text(TEMPLATE, encoding="utf-8")
    else:
        more["tokenizer_config.json"] = {**config, "chat_template": TEMPLATE}
    for name, content in more.items():
        (folder / name).write_text(json.dumps(content, ensure_ascii=True, indent=1) + "\n", encoding="ascii")


def plain(folder, auto):
    """The tokenizer of the files, with the roles that the class implies."""
    own = PreTrainedTokenizerFast.from_pretrained(folder)
    implied = {k: v for k, v in auto.special_tokens_map.items() if k not in own.special_tokens_map}
    implied.pop("additional_special_tokens", None)
    return PreTrainedTokenizerFast.from_pretrained(folder, **implied) if implied else own


def texts(name, declared):
    rng = random.Random(name)
    words = ["the", " sun", "  ", " ", "\n", "river", "naïve", " 12", "tok", "token", "x", ".", " don't", "你", "RIVER "]
    drawn = ["".join(rng.choice(words if rng.random() < 0.6 else declared) for _ in range(rng.randrange(1, 9)))
             for _ in range(24)]
    return make_tokenizers.TEXTS + declared[:8] + drawn


def attempt(action):
    """CodeLlama's class refuses texts with its fill token twice."""
    try:
        return action()
    except ValueError:
        return None


def sequences(name, tokenizer, added):
    """Ids that have tokens, many of them added ones."""
    rng = random.Random(name)
    size = max(tokenizer.get_vocab().values()) + 1
    pool = sorted(added) + [rng.randrange(size) for _ in range(2 * len(added) + 20)]
    pool = [i for i in pool if tokenizer.convert_ids_to_tokens(i) is not None]
    return [[rng.choice(pool) for _ in range(rng.randrange(1, 12))] for _ in range(16)]


def encode(tokenizer, text):
    return {"text": text, "ids": attempt(lambda: tokenizer.encode(text, add_special_tokens=False)),
            "marked": attempt(lambda: tokenizer.encode(text, add_special_tokens=True))}


def decode(tokenizer, ids):
    return {"ids": ids, "kept": tokenizer.decode(ids),
            "skipped": tokenizer.decode(ids, skip_special_tokens=True)}


def describe(tokenizer, added):
    roles = {k: v for k, v in tokenizer.special_tokens_map.items() if isinstance(v, str)}
    return {
        "size": max(tokenizer.get_vocab().values()) + 1,
        "special": sorted(i for i, token in added.items() if token.special),
        "added": {str(i): added[i].content for i in sorted(added)}, "roles": roles,
        "rendered": tokenizer.apply_chat_template(MESSAGES, tokenize=False) if tokenizer.chat_template else None}


def read(folder, name, kind):
    auto = AutoTokenizer.from_pretrained(folder)
    own = plain(folder, auto)
    added = own.backend_tokenizer.get_added_tokens_decoder()
    encoded = [encode(own, text) for text in texts(name, [added[i].content for i in sorted(added)])]
    decoded = [decode(own, ids) for ids in
               [case["marked"] for case in encoded[::2]] + sequences(name, own, added)]
    for case in encoded:
        case["auto5"] = case == encode(auto, case["text"])
    for case in decoded:
        case["auto5"] = case == decode(auto, case["ids"])
    return {"name": name, "kind": kind, "class": type(auto).__name__,
            **describe(own, added), "roles": describe(auto, added)["roles"],
            "rendered": describe(auto, added)["rendered"], "encoded": encoded, "decoded": decoded}


def compare(golden, folder):
    """Notes where AutoTokenizer of transformers 4 differs; it knows no list of extra tokens."""
    try:
        auto = AutoTokenizer.from_pretrained(folder)
    except AttributeError:
        golden["differs4"] = ["refused"]
        return
    for case in golden["encoded"]:
        other = encode(auto, case["text"])
        case["auto4"] = all(case[k] == v for k, v in other.items())
    for case in golden["decoded"]:
        other = decode(auto, case["ids"])
        case["auto4"] = all(case[k] == v for k, v in other.items())
        if not case["auto4"] and not case["auto5"]:  # the native library of transformers 4
            case.update(other)
    other = describe(auto, auto.backend_tokenizer.get_added_tokens_decoder())
    golden["differs4"] = sorted(k for k, v in other.items() if golden[k] != v)


def main():
    if MAJOR >= 5:
        shutil.rmtree(FOLDERS, ignore_errors=True)
        for maker in MAKERS:
            write(maker)
    folders = [(path, "own") for path in sorted(FOLDERS.iterdir())]
    if len(sys.argv) > 1:
        folders += [(path.parent, "shared") for path in sorted(Path(sys.argv[1]).glob("*/tokenizer.json"))]
    golden = {} if MAJOR >= 5 else json.loads(GOLDEN.read_text(encoding="ascii"))
    golden.setdefault("made_with", {})[f"transformers{MAJOR}"] = (
        f"{transformers.__version__}, tokenizers {tokenizers.__version__}")
    if MAJOR >= 5:
        golden["messages"] = MESSAGES
        golden["tokenizers"] = [read(path, path.name, kind) for path, kind in folders]
    else:
        by_name = {(t["name"], t["kind"]): t for t in golden["tokenizers"]}
        for path, kind in folders:
            compare(by_name[path.name, kind], path)
    GOLDEN.write_text(json.dumps(golden, ensure_ascii=True) + "\n", encoding="ascii")
    for t in golden["tokenizers"]:
        report = {f"{kind} {auto}": f"{sum(case.get(auto, False) for case in t[kind])}/{len(t[kind])}"
                  for kind in ("encoded", "decoded") for auto in ("auto5", "auto4")}
        print(t["name"], t["class"], report, t.get("differs4"))


if __name__ == "__main__":
    main()
