"""Lists which special tokens a tokenizer class implies, and which class a model type implies.

Run it anywhere with `transformers` 5 installed; it writes the table that the library reads.
"""
import inspect
import json
from pathlib import Path

import transformers
from transformers.models.auto import tokenization_auto
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
from transformers.tokenization_utils_tokenizers import TokenizersBackend

OUT = (Path(__file__).resolve().parents[2] / "main" / "resources" / "io" / "proxytune" / "core"
       / "tokenizer" / "tokenizer-classes.json")


def implied(cls):
    """The tokens among a constructor's defaults; none (null) keeps other files from naming one."""
    return {p.name: p.default for p in inspect.signature(cls.__init__).parameters.values()
            if p.name.endswith("_token") and (p.default is None or isinstance(p.default, str))}


def main():
    names = tokenization_auto.TOKENIZER_MAPPING_NAMES
    classes = {}
    for name in sorted({name.removesuffix("Fast") for name in names.values() if name}):
        cls = tokenization_auto.tokenizer_class_from_name(name)
        if isinstance(cls, type) and issubclass(cls, TokenizersBackend) and implied(cls):
            classes[name] = implied(cls)
    models = {model: names[model].removesuffix("Fast")
              for model in sorted(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES) if names.get(model)}
    wrong = tokenization_auto.MODELS_WITH_INCORRECT_HUB_TOKENIZER_CLASS
    table = {"made_with": {"transformers": transformers.__version__},
             "classes": classes,
             "models": models,
             "models_that_overrule": sorted(model for model in models if model in wrong)}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    rows = lambda d: "{\n" + ",\n".join(f"    {json.dumps(k)}: {json.dumps(v)}" for k, v in d.items()) + "\n  }"
    OUT.write_text("{\n" + ",\n".join(
        f"  {json.dumps(k)}: {rows(v) if k in ('classes', 'models') else json.dumps(v)}"
        for k, v in table.items()) + "\n}\n", encoding="ascii")


if __name__ == "__main__":
    main()
