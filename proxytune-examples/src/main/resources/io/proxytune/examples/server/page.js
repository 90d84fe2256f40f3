"use strict";

const part = (id) => document.getElementById(id);
let model = null; // the first that the server offers, with the strengths of its pairs
let sides = []; // who answers, each with a conversation of its own
let running = null; // ends the answers under way

/** An element with a class and a text. */
function element(name, kind, text) {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  if (text !== undefined) made.textContent = text;
  return made;
}

function headers() {
  const all = { "Content-Type": "application/json" };
  const key = part("key").value;
  if (key) all.Authorization = "Bearer " + key;
  return all;
}

/** What a refusal says. */
async function reason(response) {
  if (response.status === 401) part("key-row").hidden = false;
  try {
    return (await response.json()).error.message;
  } catch {
    return "the server answered with status " + response.status;
  }
}

/** Asks which model is here, and makes a slider for each of its pairs. */
async function meet() {
  const response = await fetch("v1/models", { headers: headers() });
  if (!response.ok) throw new Error(await reason(response));
  const models = (await response.json()).data;
  model = models[0];
  const steered = model.alpha.length > 0;
  const fused = !steered && models.length > 1;
  part("model").textContent = model.id;
  part("legend").hidden = !steered && !fused;
  sides = steered
    ? [side("base", () => model.alpha.map(() => 0)), side("steered", strengths)]
    : fused ? [side("base", null, models[1].id), side("steered", null)] : [side(model.id, null)];
  if (!steered && !fused) part("hint").textContent = "Ask something.";
  part("strengths").replaceChildren(...model.alpha.map(slider));
}

function side(name, alpha, asked) {
  return { name: name, alpha: alpha, model: asked || model.id, messages: [] };
}

function slider(alpha, index) {
  const label = element("label", "", model.alpha.length > 1 ? "α" + (index + 1) : "α");
  const range = element("input", "alpha");
  range.type = "range";
  range.min = Math.min(-1, alpha);
  range.max = Math.max(3, alpha);
  range.step = 0.05;
  range.value = alpha;
  const shown = element("output", "", String(alpha));
  range.addEventListener("input", () => { shown.textContent = range.value; });
  label.append(range, shown);
  return label;
}

function strengths() {
  return Array.from(document.querySelectorAll(".alpha"), (range) => Number(range.value));
}

/** The events of a stream, one at a time. */
async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const pieces = (rest + value).split("\n\n");
    rest = pieces.pop();
    for (const piece of pieces) {
      const data = piece.replace(/^data: /, "");
      if (data === "[DONE]") return;
      yield JSON.parse(data);
    }
  }
}

function percent(logprob) {
  return (100 * Math.exp(logprob)).toFixed(1) + " %";
}

/** What steering did to the tokens of a piece of text. */
function explanation(tokens) {
  return tokens
    .filter((token) => token.changed)
    .map((token) => "base: " + JSON.stringify(token.base.likeliest) + " " + percent(token.base.likeliest_logprob)
      + ", this: " + percent(token.base.logprob) + ", steered " + percent(token.logprob))
    .join("\n");
}

function show(card, choice) {
  const tokens = choice.steering || [];
  const text = (choice.delta && choice.delta.content) || "";
  const last = tokens[tokens.length - 1];
  const inside = tokens.filter((token) => !token.ends);
  if (text) card.text.append(piece(text, inside));
  if (last && last.ends) {
    const end = element("span", "end");
    end.append(" ", piece("end", [last]));
    card.text.append(end);
  }
}

function piece(text, tokens) {
  if (!tokens.some((token) => token.changed)) return document.createTextNode(text);
  const mark = element("mark", "", text);
  mark.title = explanation(tokens);
  return mark;
}

function answerCard(side) {
  const box = element("section", "answer");
  const alpha = side.alpha ? side.alpha() : null;
  box.append(element("h2", "", alpha && side.name === "steered" ? side.name + ", α = " + alpha.join(", ") : side.name));
  const text = element("div", "text");
  const note = element("p", "note");
  box.append(text, note);
  box.dataset.side = side.name;
  return { box: box, text: text, note: note, alpha: alpha };
}

async function answer(side, card, signal) {
  const asked = {
    model: side.model,
    messages: side.messages,
    temperature: Number(part("temperature").value),
    max_tokens: Number(part("tokens").value),
    stream: true,
    stream_options: { include_usage: true },
  };
  if (card.alpha) asked.alpha = card.alpha;
  if (card.alpha || side.name === "steered") asked.steering = true;
  let said = "";
  let finish = "";
  let usage = null;
  const began = performance.now();
  const response = await fetch("v1/chat/completions", {
    method: "POST", headers: headers(), body: JSON.stringify(asked), signal: signal,
  });
  if (!response.ok) throw new Error(await reason(response));
  for await (const event of events(response)) {
    if (event.error) throw new Error(event.error.message);
    usage = event.usage || usage;
    for (const choice of event.choices) {
      show(card, choice);
      said += (choice.delta && choice.delta.content) || "";
      finish = choice.finish_reason || finish;
    }
    card.box.scrollIntoView({ block: "nearest" });
  }
  side.messages.push({ role: "assistant", content: said });
  const seconds = (performance.now() - began) / 1000;
  card.note.textContent = usage.completion_tokens + " tokens in " + seconds.toFixed(1) + " s"
    + (finish === "length" ? ", cut off" : "");
}

function busy(controller) {
  running = controller;
  part("send").disabled = controller !== null;
  part("stop").hidden = controller === null;
  part("clear").disabled = controller !== null;
}

/** Puts a message to all sides. */
async function ask(message) {
  part("hint").hidden = true;
  const said = element("p", "said", message);
  const row = element("div", "answers");
  part("log").append(said, row);
  const controller = new AbortController();
  busy(controller);
  await Promise.all(sides.map(async (side) => {
    side.messages.push({ role: "user", content: message });
    const turns = side.messages.length;
    const card = answerCard(side);
    row.append(card.box);
    try {
      await answer(side, card, controller.signal);
    } catch (problem) {
      side.messages.length = turns - 1; // as if it had not been asked
      const stopped = controller.signal.aborted;
      card.note.textContent = stopped ? "stopped" : problem.message;
      if (!stopped) card.note.className = "note wrong";
    }
  }));
  busy(null);
  part("message").focus();
}

async function submit() {
  const message = part("message").value.trim();
  if (!message || running) return;
  try {
    if (!model) await meet();
  } catch (problem) {
    part("hint").hidden = false;
    part("hint").textContent = problem.message;
    return;
  }
  part("message").value = "";
  await ask(message);
}

part("form").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
part("message").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit();
  }
});
part("stop").addEventListener("click", () => running && running.abort());
part("clear").addEventListener("click", () => {
  sides.forEach((side) => { side.messages = []; });
  part("log").replaceChildren(part("hint"));
  part("hint").hidden = false;
});
meet().catch((problem) => { part("hint").textContent = problem.message; });
