package io.proxytune.examples.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.Tokenizer;
import io.proxytune.examples.server.TextRequest.Echo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** {@code /v1/completions}: texts that go on where a prompt ends. */
final class CompletionsEndpoint implements Endpoint {
  private static final int USUAL_TOKENS = 16;

  private final TextService service;

  CompletionsEndpoint(TextService service) {
    this.service = service;
  }

  @Override
  public void answer(Call call) throws IOException {
    Fields fields = Fields.parse(call.body());
    try (TunerCache.Lease lease = service.lease(fields)) {
      Tokenizer tokenizer = lease.tuner().tokenizer();
      List<Given> prompts = prompts(fields);
      boolean echo = fields.flag("echo");
      int maxTokens = fields.integer("max_tokens", 0, Integer.MAX_VALUE).orElse(USUAL_TOKENS);
      Optional<Integer> top = service.alternatives(fields, "logprobs");
      fields.refuse("suffix", "the models write what follows a prompt, and fill no gap in it");
      service.refuseBestOf(fields);
      if (maxTokens == 0 && !echo) {
        throw ApiException.bad(
            "max_tokens", "'max_tokens' 0 asks for nothing without \"echo\": true");
      }
      Report report = new Report(top.isPresent(), top.orElse(0), fields.flag(TextService.STEERING));
      GenerationOptions plain = service.options(fields, Math.max(1, maxTokens), report);
      Optional<ConstraintFields.Asked> form = ConstraintFields.read(fields);
      GenerationOptions options =
          form.map(asked -> plain.withConstraint(asked.constraint())).orElse(plain);
      TextRequest request =
          new TextRequest(
              service.name(fields),
              prompts.stream().map(Given::prompt).toList(),
              prompts.stream()
                  .map(it -> echo ? Optional.of(it.echo(tokenizer)) : Optional.<Echo>empty())
                  .toList(),
              service.count(fields, prompts.size()),
              options,
              form.map(ConstraintFields.Asked::field),
              maxTokens > 0,
              report,
              fields.flag("stream"),
              service.streamsUsage(fields));
      fields.checkAllTaken();
      service.run(request, CompletionForm::new, lease, call);
    }
  }

  /** A prompt as a text or as ids. */
  private record Given(Optional<String> text, List<Integer> ids) {
    Prompt prompt() {
      return text.map(Prompt::of)
          .orElseGet(() -> Prompt.ofIds(ids.stream().mapToInt(Integer::intValue).toArray()));
    }

    Echo echo(Tokenizer tokenizer) {
      if (text.isPresent()) {
        int[] encoded = tokenizer.encode(text.get(), true);
        return new Echo(text.get(), Arrays.stream(encoded).boxed().toList());
      }
      int[] given = ids.stream().mapToInt(Integer::intValue).toArray();
      return new Echo(tokenizer.decode(given, true), ids);
    }
  }

  /** A text, ids, or a list of either. */
  private static List<Given> prompts(Fields fields) {
    JsonNode given =
        fields
            .node("prompt")
            .orElseThrow(() -> ApiException.bad("prompt", "a 'prompt' is missing"));
    boolean several =
        given.isArray() && !given.isEmpty() && (given.get(0).isTextual() || given.get(0).isArray());
    List<Given> prompts = new ArrayList<>();
    if (several) {
      given.forEach(each -> prompts.add(prompt(each)));
    } else {
      prompts.add(prompt(given));
    }
    return prompts;
  }

  private static Given prompt(JsonNode given) {
    if (given.isTextual()) {
      Fields.check(!given.textValue().isEmpty(), "prompt", "not empty", given);
      return new Given(Optional.of(given.textValue()), List.of());
    }
    Fields.check(
        given.isArray() && !given.isEmpty(),
        "prompt",
        "a string, a list of token ids, or a list of either, none empty",
        given);
    List<Integer> ids = new ArrayList<>();
    given.forEach(id -> ids.add(SamplingFields.tokenId("prompt", id)));
    return new Given(Optional.empty(), ids);
  }
}
