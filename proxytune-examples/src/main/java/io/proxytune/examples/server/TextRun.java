package io.proxytune.examples.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.FinishReason;
import io.proxytune.Generation;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuneException;
import io.proxytune.ProxyTuner;
import io.proxytune.Token;
import io.proxytune.TokenLogprobs;
import io.proxytune.TokenStream;
import io.proxytune.core.sampling.Seeds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Runs one request on a tuner and writes its answer. For one thread. */
final class TextRun {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final TextRequest request;
  private final AnswerForm form;
  private final ProxyTuner tuner;
  private final ServerMetrics metrics;
  private final String id;
  private final long created = System.currentTimeMillis() / 1000;
  private int promptTokens;
  private int writtenTokens;

  TextRun(TextRequest request, AnswerForm form, ProxyTuner tuner, ServerMetrics metrics) {
    this.request = request;
    this.form = form;
    this.tuner = tuner;
    this.metrics = metrics;
    this.id = form.idPrefix() + UUID.randomUUID().toString().replace("-", "");
  }

  /**
   * Answers.
   *
   * @throws CutOffException if this thread was interrupted
   * @throws IOException if the client is gone
   */
  void answer(Call call) throws IOException {
    try {
      if (request.streamed()) {
        stream(call);
      } else {
        call.reply(whole());
      }
    } catch (ProxyTuneException | IllegalStateException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw cutOff(e);
      }
      throw e;
    }
  }

  private static CutOffException cutOff(RuntimeException cause) {
    CutOffException cut = new CutOffException();
    cut.initCause(cause);
    return cut;
  }

  private ObjectNode whole() {
    List<Generation> generations = request.writes() ? generate() : List.of();
    ObjectNode json = envelope();
    ArrayNode choices = json.putArray("choices");
    for (int p = 0; p < request.prompts().size(); p++) {
      List<TokenView> echoed = echoed(p);
      String before = request.echoes().get(p).map(TextRequest.Echo::text).orElse("");
      countPrompt(p, generations);
      for (int n = 0; n < request.count(); n++) {
        int index = p * request.count() + n;
        AnswerForm.Choice choice = form.choice(index, false);
        if (request.writes()) {
          Generation generation = generations.get(index);
          List<TokenView> tokens = new ArrayList<>(echoed);
          tokens.addAll(views(generation));
          ObjectNode whole = choice.piece(before + generation.text(), tokens);
          choices.add(whole.put("finish_reason", choice.reason(reason(generation))));
        } else {
          choices.add(choice.piece(before, echoed).put("finish_reason", "length"));
        }
      }
    }
    json.set("usage", usage());
    return json;
  }

  private List<Generation> generate() {
    List<Generation> generations = new ArrayList<>();
    if (request.count() > 1) {
      for (Prompt prompt : request.prompts()) {
        generations.addAll(tuner.generateMany(prompt, request.count(), request.options()));
        throwIfCutOff(generations);
      }
    } else if (request.prompts().size() > 1) {
      generations.addAll(tuner.generateAll(request.prompts(), request.options()));
    } else {
      generations.add(tuner.generate(request.prompts().get(0), request.options()));
    }
    throwIfCutOff(generations);
    generations.forEach(this::count);
    return generations;
  }

  private static void throwIfCutOff(List<Generation> generations) {
    if (generations.stream().anyMatch(it -> it.finishReason() == FinishReason.CANCELLED)) {
      throw new CutOffException();
    }
  }

  private void countPrompt(int prompt, List<Generation> generations) {
    Optional<TextRequest.Echo> echo = request.echoes().get(prompt);
    int tokens =
        request.writes()
            ? generations.get(prompt * request.count()).promptTokenIds().size()
            : echo.map(it -> it.ids().size()).orElse(0);
    promptTokens += tokens;
    metrics.promptTokens(tokens);
  }

  private void count(Generation generation) {
    writtenTokens += generation.tokenIds().size();
    metrics.generated(generation.stats());
  }

  /** The tokens of a prompt that is repeated, the first without a log-probability. */
  private List<TokenView> echoed(int prompt) {
    Optional<TextRequest.Echo> echo = request.echoes().get(prompt);
    if (echo.isEmpty()) {
      return List.of();
    }
    int[] ids = echo.get().ids().stream().mapToInt(Integer::intValue).toArray();
    List<TokenLogprobs> logprobs = List.of();
    if (request.report().any() && ids.length > 1) {
      int[] rest = Arrays.copyOfRange(ids, 1, ids.length);
      logprobs = tuner.logprobs(Prompt.ofIds(ids[0]), rest, request.report().alternatives());
    }
    List<TokenView> views = new ArrayList<>();
    for (int i = 0; i < ids.length; i++) {
      boolean known = i > 0 && !logprobs.isEmpty();
      views.add(new TokenView(ids[i], known ? logprobs.get(i - 1) : null, false));
    }
    return views;
  }

  private static List<TokenView> views(Generation generation) {
    List<TokenView> views =
        new ArrayList<>(generation.tokens().stream().map(TokenView::of).toList());
    if (generation.stopId().isPresent()) {
      views.add(views.remove(views.size() - 1).ending());
    }
    return views;
  }

  /** Texts that are sent as they come: a token of each in turn. */
  private void stream(Call call) throws IOException {
    List<Written> open = new ArrayList<>();
    try {
      if (request.writes()) {
        begin(open);
      }
      List<Written> left = new ArrayList<>(open);
      while (!left.isEmpty()) {
        for (Iterator<Written> each = left.iterator(); each.hasNext(); ) {
          if (!each.next().advance(call)) {
            each.remove();
          }
        }
      }
      if (!request.writes()) {
        echoAlone(call);
      }
    } finally {
      open.forEach(it -> it.tokens.close());
    }
    if (request.usage()) {
      ObjectNode last = envelope();
      last.putArray("choices");
      last.set("usage", usage());
      call.event(last);
    }
    call.endOfEvents();
  }

  private void begin(List<Written> open) {
    long seed = Seeds.givenOrDrawn(request.options().seed());
    boolean alone = request.count() == 1;
    for (int p = 0; p < request.prompts().size(); p++) {
      for (int n = 0; n < request.count(); n++) {
        int index = p * request.count() + n;
        open.add(
            new Written(
                form.choice(index, true),
                tuner.stream(
                    request.prompts().get(p),
                    alone ? request.options() : request.options().withSeed(Seeds.derive(seed, n))),
                p,
                n == 0));
      }
    }
  }

  private void echoAlone(Call call) throws IOException {
    for (int p = 0; p < request.prompts().size(); p++) {
      List<TokenView> echoed = echoed(p);
      countPrompt(p, List.of());
      String text = request.echoes().get(p).map(TextRequest.Echo::text).orElse("");
      for (int n = 0; n < request.count(); n++) {
        ObjectNode piece = form.choice(p * request.count() + n, true).piece(text, echoed);
        send(call, piece.put("finish_reason", "length"));
      }
    }
  }

  /** A text that is being written. */
  private final class Written {
    private final AnswerForm.Choice choice;
    private final TokenStream tokens;
    private final Iterator<Token> iterator;
    private final int prompt;
    private final boolean first;

    /** Tokens that have left no text yet; the last may be the one that ends it. */
    private final List<TokenView> held = new ArrayList<>();

    private boolean begun;

    Written(AnswerForm.Choice choice, TokenStream tokens, int prompt, boolean first) {
      this.choice = choice;
      this.tokens = tokens;
      this.iterator = tokens.iterator();
      this.prompt = prompt;
      this.first = first;
    }

    /** Sends what comes next; false once that was the end. */
    boolean advance(Call call) throws IOException {
      if (iterator.hasNext()) {
        Token token = iterator.next();
        begin(call);
        held.add(TokenView.of(token));
        if (!token.text().isEmpty()) {
          boolean mayEnd = tuner.tokenizer().isSpecial(token.id());
          int sent = held.size() - (mayEnd ? 1 : 0);
          send(call, choice.piece(token.text(), held.subList(0, sent)));
          held.subList(0, sent).clear();
        }
        return true;
      }
      end(call, tokens.result());
      return false;
    }

    private void end(Call call, Generation generation) throws IOException {
      throwIfCutOff(List.of(generation));
      begin(call);
      count(generation);
      if (first) {
        int read = generation.promptTokenIds().size();
        promptTokens += read;
        metrics.promptTokens(read);
      }
      if (!held.isEmpty() && request.report().any()) {
        if (generation.stopId().isPresent()) {
          held.add(held.remove(held.size() - 1).ending());
        }
        send(call, choice.piece("", held));
      }
      ObjectNode closing = choice.closing();
      send(call, closing.put("finish_reason", choice.reason(reason(generation))));
    }

    private void begin(Call call) throws IOException {
      if (begun) {
        return;
      }
      begun = true;
      for (ObjectNode opening : choice.opening()) {
        send(call, opening);
      }
      Optional<TextRequest.Echo> echo = request.echoes().get(prompt);
      if (echo.isPresent()) {
        send(call, choice.piece(echo.get().text(), echoed(prompt)));
      }
    }
  }

  private void send(Call call, ObjectNode choice) throws IOException {
    ObjectNode json = envelope();
    json.putArray("choices").add(choice);
    if (request.usage()) {
      json.putNull("usage");
    }
    call.event(json);
  }

  private ObjectNode envelope() {
    return JSON.objectNode()
        .put("id", id)
        .put("object", form.object(request.streamed()))
        .put("created", created)
        .put("model", request.model());
  }

  private ObjectNode usage() {
    return JSON.objectNode()
        .put("prompt_tokens", promptTokens)
        .put("completion_tokens", writtenTokens)
        .put("total_tokens", promptTokens + writtenTokens);
  }

  private static String reason(Generation generation) {
    return switch (generation.finishReason()) {
      case END_OF_TEXT, STOP_ID, STOP_STRING -> "stop";
      case MAX_NEW_TOKENS, CONTEXT_FULL, CANCELLED, DEADLINE, UNCERTIFIED -> "length";
    };
  }
}
