"""Renders conversations with tools, calls, parts and reasoning with transformers: in the templates of
this project in chat-templates/tools and, where a folder is given, in the real ones in it (only
renderings are written, never the templates).

    python make_tool_chats.py [FOLDER_OF_TEMPLATES]

Templates differ in what they expect. Each conversation stands in OpenAI's form, and the first form that
the template renders is what is right: without the content of a turn that only calls tools, as
transformers 5 has it, with null for it, as transformers 4 had it, or with an empty text; each with arguments as
objects or else as the text that they are. Parts are lists where the template loops over them, and lines of
one text elsewhere.
"""
import copy
import json
import sys
from pathlib import Path

import jinja2
import transformers
from transformers.utils import chat_template_utils

from make_chats import NOW, RESOURCES, FrozenTime

TOOLS = [
    {"type": "function", "function": {
        "name": "weather", "description": "The weather in a <city> & \"now\"",
        "parameters": {"type": "object", "properties": {
            "city": {"type": "string", "description": "Café, naïve"},
            "days": {"type": "integer", "minimum": 1, "maximum": 7, "default": 1.0},
            "units": {"enum": ["C", "F", None]}}, "required": ["city"]}}},
    {"type": "function", "function": {
        "name": "now", "description": "", "parameters": {"type": "object", "properties": {}}}},
]


def call(name, arguments, identifier="abc123xyz"):
    made = {"type": "function", "function": {"name": name, "arguments": arguments}}
    return {"id": identifier, **made} if identifier else made


QUESTION = {"role": "user", "content": "Weather in Paris?"}
CALLED = {"role": "assistant", "content": None, "tool_calls": [call("weather", '{"city": "Paris", "days": 2}')]}
RESULT = {"role": "tool", "tool_call_id": "abc123xyz", "name": "weather", "content": '{"sun": true}'}
CONVERSATIONS = {
    "question": [QUESTION],
    "system": [{"role": "system", "content": "Be brief."}, QUESTION],
    "called": [QUESTION, CALLED],
    "answered": [QUESTION, CALLED, RESULT],
    "whole": [QUESTION, CALLED, RESULT, {"role": "assistant", "content": "Sunny."}, {"role": "user", "content": "And now?"}],
    "with_text": [QUESTION, {**CALLED, "content": "Let me look."}, RESULT],
    "without_ids": [QUESTION, {"role": "assistant", "content": None, "tool_calls": [call("now", "{}", None)]},
                    {"role": "tool", "content": "noon"}],
    "two_calls": [QUESTION, {"role": "assistant", "content": None, "tool_calls": [
        call("weather", '{"city": "Z\\u00fcrich \\"x\\" <b>", "days": 1.5, "deep": {"a": [1, null, true]}}'),
        call("now", "{}", "def456uvw")]}, RESULT, {**RESULT, "tool_call_id": "def456uvw", "name": "now", "content": "12:00"}],
    "reasoning": [QUESTION, {"role": "assistant", "content": "Sunny.", "reasoning_content": "It is June.\n"},
                  {"role": "user", "content": "Sure?"}],
    "reasoned_call": [QUESTION, {**CALLED, "reasoning_content": "I must look."}, RESULT],
    "parts": [{"role": "user", "content": [{"type": "text", "text": "One."}, {"type": "text", "text": " Two.\n"}]}],
    "one_part": [{"role": "user", "content": [{"type": "text", "text": "Alone."}]}],
    "names": [{"role": "user", "name": "ann", "content": "Hi"}, {"role": "assistant", "content": "Hello"},
              {"role": "user", "name": "bob", "content": "Hi"}],
}


def formed(messages, parsed, empty, lists):
    messages = copy.deepcopy(messages)
    for message in messages:
        if message["content"] is None and empty == "text":
            message["content"] = ""
        if isinstance(message["content"], list) and (not lists or len(message["content"]) == 1):
            message["content"] = "\n".join(part["text"] for part in message["content"])
        for each in message.get("tool_calls", []):
            if parsed:
                each["function"]["arguments"] = json.loads(each["function"]["arguments"])
    return messages


def passed_on(tokenizer, template, messages, more):
    """Renders messages as they are, null included."""
    compiled = chat_template_utils._compile_jinja_template(template)
    return compiled.render(messages=messages, documents=None, **tokenizer.special_tokens_map, **more)


def render(tokenizer, template, messages, **more):
    lists = "part.text" in template
    failure = None
    for empty in ("absent", "null", "text"):
        for parsed in (True, False):
            given = formed(messages, parsed, empty, lists)
            try:
                return {"form": {"parsed": parsed, "empty": empty},
                        "rendered": passed_on(tokenizer, template, given, more) if empty == "null" else
                        tokenizer.apply_chat_template(given, chat_template=template, tokenize=False, **more)}
            except (jinja2.exceptions.TemplateError, TypeError) as e:
                failure = failure or {"error": str(e)}
    return failure


def main():
    chat_template_utils.datetime = FrozenTime
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(RESOURCES / "tokenizers" / "byte-level" / "tokenizer.json"),
        bos_token="<s>", eos_token="</s>")
    out = RESOURCES / "golden" / "tool-chats"
    out.mkdir(parents=True, exist_ok=True)
    sources = [(path, "own") for path in sorted((RESOURCES / "chat-templates" / "tools").glob("*.jinja"))]
    if len(sys.argv) > 1:
        sources += [(path, "shared") for path in sorted(Path(sys.argv[1]).glob("*.jinja"))]
    for path, kind in sources:
        template = path.read_text(encoding="utf-8")
        cases = [
            {"conversation": name, "tools": bool(tools), "add_generation_prompt": flag,
             **render(tokenizer, template, messages, tools=tools, add_generation_prompt=flag)}
            for name, messages in CONVERSATIONS.items() for tools in (None, TOOLS) for flag in (True, False)]
        golden = {"made_with": {"transformers": transformers.__version__, "jinja2": jinja2.__version__},
                  "now": NOW.isoformat(), "kind": kind, "template": path.stem,
                  "conversations": CONVERSATIONS, "tools": TOOLS, "cases": cases}
        (out / (path.stem + ".json")).write_text(
            json.dumps(golden, ensure_ascii=True, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
