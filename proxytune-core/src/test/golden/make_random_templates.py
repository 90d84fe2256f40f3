"""Renders random templates (main of RandomTemplates, on standard input) with the environment that
transformers makes. Left out: what prints Python's objects, and calls with arguments too many."""
import copy
import json
import re
import sys
import warnings
from pathlib import Path

import jinja2
import transformers
from transformers.utils import chat_template_utils

GOLDEN = Path(__file__).resolve().parent.parent / "resources" / "golden" / "random-templates.json"
VARIABLES = {"messages": [{"content": "Hi <b>", "role": "user"}, {"content": "", "role": "x"}]}
OBJECTS = re.compile(r"<\w+ |range\(|dict_\w+\(|built-in|bound method|<class", re.IGNORECASE)
SIGNATURES = re.compile(r"takes|got (an un|mult)|expected .* argument|dictionary update|expected str inst|slice indices")
MOST_WITHOUT_TEXT = 60


def render(source):
    try:
        text = chat_template_utils._compile_jinja_template(source).render(**copy.deepcopy(VARIABLES))
        return None if OBJECTS.search(text) else {"rendered": text}
    except Exception as e:
        return None if SIGNATURES.search(str(e)) else {"error": f"{type(e).__name__}: {e}"}


def main():
    warnings.simplefilter("ignore")
    cases = []
    errors = 0
    for source in sys.stdin.read().split("\n---\n")[:-1]:
        outcome = render(source)
        errors += bool(outcome and "error" in outcome)
        if outcome and ("rendered" in outcome or errors <= MOST_WITHOUT_TEXT):
            cases.append({"template": source} | outcome)
    golden = {"made_with": {"transformers": transformers.__version__, "jinja2": jinja2.__version__},
              "variables": VARIABLES, "cases": cases}
    GOLDEN.write_text(json.dumps(golden, ensure_ascii=True, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
