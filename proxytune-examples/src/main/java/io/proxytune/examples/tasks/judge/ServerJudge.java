package io.proxytune.examples.tasks.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonOutput;
import io.proxytune.core.files.JsonText;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CancellationException;

/**
 * A language model behind OpenAI's protocol ({@code /v1/completions}). A verdict is the probability
 * of " yes" among the likeliest tokens after the question's text, 0 where it is not among them, as
 * the judges of TruthfulQA are read. For one thread.
 */
public final class ServerJudge implements Judge {
  private static final int TOP = 5;
  private static final int TRIES = 5;

  private final URI url;
  private final String model;
  private final Optional<String> key;
  private final Duration limit;
  private final Duration pause;
  private final HttpClient client;

  /**
   * Prepares a judge; the server is asked with the first question.
   *
   * @param base such as {@code http://127.0.0.1:8000/v1}
   * @param model the name that the server knows
   * @param key sent as a bearer token, and never shown
   * @param limit how long a verdict may take, above zero
   * @throws IllegalArgumentException if the address is none
   */
  public ServerJudge(String base, String model, Optional<String> key, Duration limit) {
    this(base, model, key, limit, Duration.ofSeconds(1));
  }

  /** The same with another pause before what was refused for now is tried again. */
  ServerJudge(String base, String model, Optional<String> key, Duration limit, Duration pause) {
    this.url = address(base);
    this.model = model;
    this.key = key;
    this.limit = limit;
    this.pause = pause;
    this.client = HttpClient.newBuilder().connectTimeout(limit).build();
  }

  private static URI address(String base) {
    if (!base.matches("https?://[^\\s?#@]+")) {
      throw new IllegalArgumentException(
          "--judge-url must be like http://127.0.0.1:8000/v1, got " + base);
    }
    return URI.create(base.replaceFirst("/+$", "") + "/completions");
  }

  @Override
  public String name() {
    return "the model " + model + " at " + url;
  }

  @Override
  public OptionalDouble verdict(JudgeQuestion question) {
    double sum = 0;
    for (JudgeQuestion.Probe probe : question.probes()) {
      double yes = yes(ask(probe.text()), question);
      sum += probe.means() ? yes : 1 - yes;
    }
    return OptionalDouble.of(sum / question.probes().size());
  }

  private double yes(JsonNode answer, JudgeQuestion question) {
    JsonNode top = answer.path("choices").path(0).path("logprobs").path("top_logprobs").path(0);
    if (!top.isObject()) {
      throw new JudgeException(
          url + " reported no log-probabilities for " + question.id() + ": use a server that does",
          null);
    }
    JsonNode yes = top.path(" yes");
    return yes.isNumber()
        ? JudgeException.checked(Math.min(1, Math.exp(yes.doubleValue())), url.toString(), question)
        : 0;
  }

  private JsonNode ask(String prompt) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("model", model).put("prompt", prompt).put("max_tokens", 1);
    body.put("temperature", 0).put("logprobs", TOP);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url)
            .timeout(limit)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(JsonOutput.compact(body)));
    key.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
    return parsed(sent(request.build()));
  }

  private HttpResponse<String> sent(HttpRequest request) {
    try {
      for (int i = 1; ; i++) {
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        boolean later = response.statusCode() == 429 || response.statusCode() >= 500;
        if (!later || i == TRIES) {
          return response;
        }
        Thread.sleep(pause.toMillis() << (i - 1));
      }
    } catch (IOException e) {
      throw new JudgeException(url + " can't be asked: " + said(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }

  private static String said(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private JsonNode parsed(HttpResponse<String> response) {
    if (response.statusCode() != 200) {
      throw new JudgeException(
          url
              + " answered with status "
              + response.statusCode()
              + ": "
              + JsonText.cut(response.body().strip()),
          null);
    }
    try {
      return JsonText.parse(response.body());
    } catch (InvalidJsonException e) {
      throw new JudgeException(url + " answered with no JSON: " + e.getMessage(), e);
    }
  }
}
