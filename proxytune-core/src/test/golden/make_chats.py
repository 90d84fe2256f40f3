"""Renders chat templates with transformers: the small ones of this project and, where folders are
given, the real ones in them (only renderings are written, never the templates).

    python make_chats.py [FOLDER_OF_TEMPLATES FOLDER_OF_TOKENIZERS]
"""
import datetime
import json
import sys
from pathlib import Path

import jinja2
import transformers
from transformers.utils import chat_template_utils

RESOURCES = Path(__file__).resolve().parent.parent / "resources"
NOW = datetime.datetime(2024, 7, 6, 13, 5, 9)


class FrozenTime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW


def turns(*pairs):
    names = {"s": "system", "u": "user", "a": "assistant", "t": "tool"}
    return [{"role": names[role], "content": content} for role, content in pairs]


CONVERSATIONS = {
    "question": turns(("u", "Why is the sky blue?")),
    "system": turns(("s", "You are terse.\n"), ("u", "Why is\nthe sky blue? ")),
    "several": turns(("u", "Hi"), ("a", "Hello! "), ("u", " Who are you?\n"), ("a", "A model."), ("u", "Bye")),
    "system_several": turns(
        ("s", "  Speak like a pirate. /no_think"), ("u", "Hi"), ("a", "<think>\nhm\n</think>\n\nArr!"), ("u", "2+2?")),
    "answered": turns(("u", "One?"), ("a", "<think>\nx\n</think>\n\nTwo."), ("u", "Three?"), ("a", "\n<think>y</think>Four.\n")),
    "special_characters": turns(
        ("u", "𝄞 'single' \"double\" \\n {{ x }} {% raw %} <|im_end|> \t\u00a0</s> &<>"), ("a", "ok ✓"), ("u", "")),
    "assistant_first": turns(("a", "Ask me"), ("u", "Why?")),
    "two_systems": turns(("s", "/think"), ("u", "x"), ("s", "later"), ("u", "y")),
    "two_users": turns(("u", "x"), ("u", "y")),
    "tool": turns(("u", "weather?"), ("t", "{\"sun\": true}"), ("u", "thanks")),
}
VARIABLES = [{}, {"enable_thinking": False}]


def render(tokenizer, template, messages, add_generation_prompt, variables):
    case = {"add_generation_prompt": add_generation_prompt, "variables": variables}
    try:
        case["rendered"] = tokenizer.apply_chat_template(
            messages, chat_template=template, tokenize=False,
            add_generation_prompt=add_generation_prompt, **variables)
    except jinja2.exceptions.TemplateError as e:
        case["error"] = str(e)
    return case


def main():
    chat_template_utils.datetime = FrozenTime
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(RESOURCES / "tokenizers" / "byte-level" / "tokenizer.json"),
        bos_token="<s>", eos_token="</s>")
    out = RESOURCES / "golden" / "chat"
    out.mkdir(parents=True, exist_ok=True)
    sources = [(path, "own") for path in sorted((RESOURCES / "chat-templates").glob("*.jinja"))]
    if len(sys.argv) > 1:
        sources += [(path, "shared") for path in sorted(Path(sys.argv[1]).glob("*.jinja"))]
        sources += [(path, "tokenizer") for path in
                    sorted(Path(sys.argv[2]).glob("*/tokenizer_config.json"))
                    if "chat_template" in json.loads(path.read_text(encoding="utf-8"))]
    for path, kind in sources:
        template = path.read_text(encoding="utf-8")
        name = path.stem
        own = tokenizer
        if kind == "tokenizer":
            template = None  # its own
            name = path.parent.name
            own = transformers.AutoTokenizer.from_pretrained(path.parent)
        extra = [{"extra": {"a": [1, {"b": []}], "c": "ü"}}] if kind == "own" else []
        cases = []
        for conversation, messages in CONVERSATIONS.items():
            for variables in VARIABLES + extra:
                if variables and (template is None or next(iter(variables)) not in template):
                    continue
                for flag in (True, False):
                    cases.append({"conversation": conversation,
                                  **render(own, template, messages, flag, variables)})
        golden = {"made_with": {"transformers": transformers.__version__, "jinja2": jinja2.__version__},
                  "now": NOW.isoformat(), "kind": kind, "template": name,
                  "conversations": CONVERSATIONS, "cases": cases}
        (out / (name + ".json")).write_text(
            json.dumps(golden, ensure_ascii=True, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
