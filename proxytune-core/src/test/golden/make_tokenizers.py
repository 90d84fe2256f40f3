"""Makes four tiny tokenizers and what transformers encodes and decodes with them.

Run it anywhere with `tokenizers` and `transformers` installed; it writes to ../resources.
"""
import json
import random
from pathlib import Path

import tokenizers
import transformers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers, processors, trainers

RESOURCES = Path(__file__).resolve().parent.parent / "resources"
CORPUS = [
    "The sun rose over the quiet hill and the river ran on to the sea.",
    "A small boat with a red sail went down the river in the morning.",
    "the children sang: one, two, three, four! We don't know, they'll see.",
    "Grüße aus Köln; déjà vu à la crème brûlée. naïve façade 你好 世界 🙂",
    "def add(a, b):\n    return a + b\n\nprint(add(1, 23))",
] * 4
TEXTS = [
    "", " ", "  ", "\n", "\t\n ", "The sun", " the sun", "  the   sun  ", "Hello, World! 123",
    "don't they'll", "你好，世界", "🙂🙃👩‍👩‍👧", "naïve façade", "ﬀ Å ẞ", "a\u0000b", "<|end|>", "x<|end|>y <|end|> z",
    "<s>", "a <s> b</s>", "<tool> call </tool>", "def f(x):\n    return x\n", "\u00a0\u3000", "𝄞 clef",
]


def byte_level():
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=340, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    t.train_from_iterator(CORPUS, trainer)
    t.add_special_tokens(["<s>", "</s>", "<|end|>"])
    t.add_tokens([AddedToken("<tool>", normalized=False), AddedToken("schön", normalized=False)])
    t.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", t.token_to_id("<s>"))])
    return t


def sentencepiece():
    t = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    t.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)],
        show_progress=False)
    t.train_from_iterator(CORPUS[:3], trainer)
    content = json.loads(t.to_str())
    content["model"]["byte_fallback"] = True
    content["added_tokens"] = content["added_tokens"][:3]
    content["truncation"] = {
        "direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}
    t = Tokenizer.from_str(json.dumps(content))
    t.add_special_tokens(["<|end|>"])
    t.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(),
        decoders.Strip(content=" ", left=1, right=0)])
    t.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", 1)])
    return t


def unigram():
    t = Tokenizer(models.Unigram())
    t.normalizer = normalizers.NFKC()
    t.pre_tokenizer = pre_tokenizers.Metaspace()
    t.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=120, special_tokens=["<unk>", "<s>", "</s>", "<|end|>"], unk_token="<unk>",
        show_progress=False)
    t.train_from_iterator(CORPUS[:3], trainer)
    t.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", 2)])
    return t


def word_piece():
    t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    t.normalizer = normalizers.Lowercase()
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.WordPiece(cleanup=False)
    trainer = trainers.WordPieceTrainer(
        vocab_size=160, special_tokens=["[UNK]", "<|end|>"], show_progress=False)
    t.train_from_iterator(CORPUS[:3], trainer)
    return t


def cases(name, raw):
    rng = random.Random(name)
    folder = RESOURCES / "tokenizers" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(raw.to_str(pretty=False), encoding="utf-8")
    t = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"), clean_up_tokenization_spaces=False)
    encoded = [{
        "text": text,
        "ids": t.encode(text, add_special_tokens=False),
        "with_special_tokens": t.encode(text, add_special_tokens=True),
    } for text in TEXTS]
    size = raw.get_vocab_size()
    sequences = [case["with_special_tokens"] for case in encoded]
    sequences += [[rng.randrange(size + 3) for _ in range(rng.randrange(1, 25))] for _ in range(60)]
    decoded = [{
        "ids": ids,
        "kept": raw.decode(ids, skip_special_tokens=False),
        "skipped": raw.decode(ids, skip_special_tokens=True),
    } for ids in sequences]
    for case in decoded:
        if max(case["ids"], default=0) < size:  # transformers agrees wherever it accepts the ids
            assert t.decode(case["ids"], skip_special_tokens=True) == case["skipped"], case
    special = [i for i in range(size) if t.convert_ids_to_tokens(i) in
               {a.content for a in raw.get_added_tokens_decoder().values() if a.special}]
    return {"name": name, "size": size, "special": special,
            "tokens": [raw.id_to_token(i) for i in range(size)],
            "encoded": encoded, "decoded": decoded}


def main():
    makers = {"byte-level": byte_level, "sentencepiece": sentencepiece, "unigram": unigram,
              "word-piece": word_piece}
    golden = {
        "made_with": {"tokenizers": tokenizers.__version__, "transformers": transformers.__version__},
        "tokenizers": [cases(name, make()) for name, make in makers.items()],
    }
    path = RESOURCES / "golden" / "tokenizers.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(golden, ensure_ascii=True), encoding="utf-8")


if __name__ == "__main__":
    main()
