"""Asks a running server for answers in a form and for calls of tools, through OpenAI's own package; writes what came as JSON.

usage: openai_structured_client.py URL KEY MODEL OUT
"""

import json
import sys
from typing import Literal

import openai
import pydantic

url, key, model, out = sys.argv[1:]
client = openai.OpenAI(base_url=url, api_key=key, max_retries=0)
turns = [{"role": "user", "content": "The weather in Paris?"}]
said = {"version": openai.__version__}


class Weather(pydantic.BaseModel):
    city: Literal["Paris", "Rome"]
    days: Literal[1, 2, 3]
    sunny: bool


common = {"model": model, "messages": turns, "max_tokens": 200, "temperature": 1, "seed": 5}

parsed = client.chat.completions.parse(**common, response_format=Weather)
said["parsed"] = parsed.choices[0].message.parsed.model_dump()
said["parsed_finish"] = parsed.choices[0].finish_reason

with client.chat.completions.stream(**common, response_format=Weather) as stream:
    for _ in stream:
        pass
    said["streamed"] = stream.get_final_completion().choices[0].message.parsed.model_dump()

tools = [openai.pydantic_function_tool(Weather, name="weather")]
named = {"type": "function", "function": {"name": "weather"}}
for name, choice in {"required": "required", "named": named}.items():
    answer = client.chat.completions.parse(**common, tools=tools, tool_choice=choice)
    call = answer.choices[0].message.tool_calls[0]
    said[name] = [call.function.name, call.function.parsed_arguments.model_dump()]
    said[name + "_finish"] = answer.choices[0].finish_reason

with client.chat.completions.stream(**common, tools=tools, tool_choice="required") as stream:
    events = [event.type for event in stream]
    final = stream.get_final_completion().choices[0]
said["streamed_events"] = sorted({event for event in events if event.startswith("tool_calls")})
said["streamed_call"] = final.message.tool_calls[0].function.parsed_arguments.model_dump()
said["streamed_finish"] = final.finish_reason

# The call goes back with what the tool gave, as an application sends it.
answered = client.chat.completions.create(
    **common | {"messages": turns + [
        {"role": "assistant", "tool_calls": [{
            "id": call.id, "type": "function",
            "function": {"name": call.function.name, "arguments": call.function.arguments}}]},
        {"role": "tool", "tool_call_id": call.id, "content": "sunny"}]},
    tools=tools, extra_body={"guided_choice": ["It is sunny.", "It rains."]})
said["answered"] = answered.choices[0].message.content

with open(out, "w", encoding="utf-8") as file:
    json.dump(said, file)
