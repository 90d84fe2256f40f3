"""Renders small templates, one feature each, with the environment that transformers makes."""
import json
from pathlib import Path

import jinja2
import transformers
from transformers.utils import chat_template_utils

RESOURCES = Path(__file__).resolve().parent.parent / "resources"
VARIABLES = {
    "s": " Héllo wörld\n", "n": 7, "f": 2.5, "t": True, "none_value": None, "empty": "",
    "list": [3, 1, 2], "words": ["b", "A", "c", "a"], "d": {"b": 1, "a": "x", "items": 5},
    "rows": [{"k": "x", "v": 2, "z": {"q": 1}}, {"k": "y", "v": 1}, {"k": "x", "v": 3}],
    "html": "<a href='x'>&\"</a>", "emoji": "a🙂b", "messages": [{"role": "user", "content": "hi"}],
}


def main():
    lines = (Path(__file__).parent / "snippets.txt").read_text(encoding="utf-8").split("\n---\n")
    cases = []
    for source in lines:
        source = source.removesuffix("\n~")  # a snippet that ends with a newline ends with ~
        case = {"template": source}
        try:
            case["rendered"] = chat_template_utils._compile_jinja_template(source).render(**VARIABLES)
        except Exception as e:
            case["error"] = f"{type(e).__name__}: {e}"
        cases.append(case)
    golden = {"made_with": {"transformers": transformers.__version__, "jinja2": jinja2.__version__},
              "variables": VARIABLES, "cases": cases}
    (RESOURCES / "golden" / "snippets.json").write_text(
        json.dumps(golden, ensure_ascii=True, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
