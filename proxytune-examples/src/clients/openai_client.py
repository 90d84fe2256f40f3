"""Speaks to a running server through OpenAI's own package, and writes what it said as JSON.

usage: openai_client.py URL KEY MODEL BASE PROMPT OUT
"""

import json
import sys

import openai

url, key, model, base, prompt, out = sys.argv[1:]
client = openai.OpenAI(base_url=url, api_key=key, max_retries=0)
said = {"version": openai.__version__}
turns = [{"role": "user", "content": prompt}]


def refusal(kind, call):
    """What a call is refused with, which has to be of this kind."""
    try:
        call()
    except kind as refused:
        return {"status": refused.status_code, "code": refused.code, "param": refused.param}
    raise AssertionError(f"nothing was refused with {kind.__name__}")


said["models"] = [each.id for each in client.models.list()]
said["retrieved"] = client.models.retrieve(base).id

completion = client.completions.create(
    model=model, prompt=prompt, max_tokens=8, temperature=0, logprobs=2)
said["completion"] = completion.choices[0].text
said["completion_finish"] = completion.choices[0].finish_reason
said["completion_usage"] = completion.usage.total_tokens
said["completion_logprobs"] = completion.choices[0].logprobs.token_logprobs
assert all(len(top) >= 2 for top in completion.choices[0].logprobs.top_logprobs)

said["completion_streamed"] = "".join(
    chunk.choices[0].text
    for chunk in client.completions.create(
        model=model, prompt=prompt, max_tokens=8, temperature=0, stream=True))

sampled = client.completions.create(
    model=model, prompt=[prompt, prompt], n=2, seed=11, max_tokens=6, temperature=1.2)
said["sampled"] = [choice.text for choice in sorted(sampled.choices, key=lambda it: it.index)]

echoed = client.completions.create(
    model=model, prompt=prompt, max_tokens=0, echo=True, logprobs=1)
assert echoed.choices[0].text == prompt
said["echo_logprobs"] = echoed.choices[0].logprobs.token_logprobs

chat = client.chat.completions.create(
    model=model, messages=turns, max_tokens=24, temperature=0, logprobs=True, top_logprobs=3)
said["chat"] = chat.choices[0].message.content
said["chat_role"] = chat.choices[0].message.role
said["chat_logprobs"] = [it.logprob for it in chat.choices[0].logprobs.content]
assert all(len(it.top_logprobs) == 3 for it in chat.choices[0].logprobs.content)

pieces, usage = [], None
with client.chat.completions.create(
        model=model, messages=turns, max_tokens=24, temperature=0, stream=True,
        stream_options={"include_usage": True}) as stream:
    for chunk in stream:
        usage = chunk.usage or usage
        pieces += [choice.delta.content or "" for choice in chunk.choices]
said["chat_streamed"] = "".join(pieces)
said["chat_usage"] = [usage.prompt_tokens, usage.completion_tokens]
assert chat.usage.completion_tokens == usage.completion_tokens

extra = client.chat.completions.create(
    model=model, messages=turns, max_tokens=24, temperature=0,
    extra_body={"alpha": 0.25, "steering": True})
said["chat_alpha"] = extra.choices[0].message.content
said["changed"] = [it["changed"] for it in extra.choices[0].model_extra["steering"]]

# A client that leaves a stream early; the server goes on serving.
with client.chat.completions.create(
        model=model, messages=turns, max_tokens=64, stream=True,
        extra_body={"ignore_eos": True}) as stream:
    next(iter(stream))

said["suffix"] = refusal(openai.BadRequestError, lambda: client.completions.create(
    model=model, prompt=prompt, suffix="."))
said["format"] = refusal(openai.BadRequestError, lambda: client.chat.completions.create(
    model=model, messages=turns, response_format={"type": "grammar"}))
said["unknown"] = refusal(openai.NotFoundError, lambda: client.completions.create(
    model="gpt-4", prompt=prompt))
said["long"] = refusal(openai.BadRequestError, lambda: client.completions.create(
    model=model, prompt=prompt * 100))
said["key"] = refusal(openai.AuthenticationError, lambda: openai.OpenAI(
    base_url=url, api_key="wrong", max_retries=0).models.list())

with open(out, "w", encoding="utf-8") as file:
    json.dump(said, file)
