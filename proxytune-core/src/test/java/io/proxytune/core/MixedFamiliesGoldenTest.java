package io.proxytune.core;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.ExpertPair;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Role;
import io.proxytune.Token;
import io.proxytune.TokenLogprobs;
import io.proxytune.core.family.FamilyGolden;
import io.proxytune.model.LogitModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Three models of different families over one vocabulary: what they say together is the formula of
 * what transformers' logits are for each, also where the small models have the tokens at other ids.
 */
class MixedFamiliesGoldenTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int TOKENS = 64;
  private static final double ALPHA = 0.7;
  private static final double TOLERANCE = 1e-4;

  @TempDir Path temp;

  /** A family's tiny checkpoint, and which token each of its ids is. */
  private record Member(FamilyGolden golden, Path folder, List<Integer> tokens) {
    /** The golden prompt as a text of its tokens. */
    String prompt() {
      return Arrays.stream(golden.prompt())
          .mapToObj(id -> word(tokens.get(id)))
          .collect(Collectors.joining(" "));
    }

    /** The logit of a token behind the prompt, by transformers. */
    double logit(int token) {
      List<float[]> rows = golden.rows();
      return rows.get(rows.size() - 1)[tokens.indexOf(token)];
    }

    /** The same before the bound that a family may have. */
    double unbounded(int token, LogitSource loaded) {
      OptionalDouble cap = ((LogitModel) loaded).logitCap();
      double logit = logit(token);
      return cap.isEmpty() ? logit : cap.getAsDouble() * atanh(logit / cap.getAsDouble());
    }

    private static double atanh(double x) {
      return Math.log((1 + x) / (1 - x)) / 2;
    }

    /** What the model alone says of a token. */
    double logprob(int token) {
      double total = IntStream.range(0, TOKENS).mapToDouble(i -> Math.exp(logit(i))).sum();
      return logit(token) - Math.log(total);
    }

    LogitSource load() {
      return TorchModels.load(folder, LoadOptions.defaults().withDType(DType.FLOAT32));
    }
  }

  private static String word(int token) {
    return "w" + token;
  }

  private Member member(String family, boolean moved) throws IOException {
    List<Integer> tokens =
        IntStream.range(0, TOKENS).map(id -> moved ? (id * 7 + 3) % TOKENS : id).boxed().toList();
    FamilyGolden golden = FamilyGolden.of(family);
    Path folder = Files.createDirectory(temp.resolve(family + moved));
    golden.write(folder);
    ObjectNode tokenizer = JSON.createObjectNode().put("version", "1.0");
    tokenizer.putObject("pre_tokenizer").put("type", "WhitespaceSplit");
    ObjectNode model = tokenizer.putObject("model").put("type", "WordLevel");
    ObjectNode vocabulary = model.put("unk_token", word(0)).putObject("vocab");
    IntStream.range(0, TOKENS).forEach(id -> vocabulary.put(word(tokens.get(id)), id));
    Files.writeString(folder.resolve("tokenizer.json"), tokenizer.toString());
    return new Member(golden, folder, tokens);
  }

  @ParameterizedTest
  @CsvSource({
    "qwen2, llama-tied, llama-yarn, false",
    "qwen2, llama-tied, llama-yarn, true",
    "llama-yarn, qwen3, qwen2, true",
    "gpt-neox, mistral, olmo2, false",
    "mixtral, phi3, gpt2, true",
    "qwen2, gemma2, llama-yarn, true"
  })
  void familiesSteerEachOther(String base, String expert, String anti, boolean moved)
      throws IOException {
    Member steered = member(base, false);
    Member tuned = member(expert, moved);
    Member untuned = member(anti, moved);

    try (LogitSource first = steered.load();
        LogitSource second = tuned.load();
        LogitSource third = untuned.load()) {
      Prompt prompt =
          Prompt.of(steered.prompt())
              .withText(Role.EXPERT, tuned.prompt())
              .withText(Role.ANTI_EXPERT, untuned.prompt());
      Token token = firstToken(first, new ExpertPair(second, third, ALPHA), prompt);
      TokenLogprobs actual = requireNonNull(token.logprobs());

      double[] fused =
          IntStream.range(0, TOKENS)
              .mapToDouble(
                  id ->
                      steered.unbounded(id, first)
                          + ALPHA * (tuned.unbounded(id, second) - untuned.unbounded(id, third)))
              .toArray();
      double total = Math.log(Arrays.stream(fused).map(Math::exp).sum());
      assertThat(actual.top()).hasSize(TOKENS);
      for (TokenLogprobs.Alternative each : actual.top()) {
        assertThat(each.logprob()).isCloseTo(fused[each.id()] - total, within(TOLERANCE));
      }
      List<Member> members = List.of(steered, tuned, untuned);
      for (int role = 0; role < members.size(); role++) {
        assertThat(actual.roles().get(role).logprob())
            .isCloseTo(members.get(role).logprob(token.id()), within(TOLERANCE));
      }
    }
  }

  private static Token firstToken(LogitSource base, ExpertPair pair, Prompt prompt) {
    GenerationOptions options =
        GenerationOptions.defaults()
            .withMaxNewTokens(1)
            .withIgnoreEndOfText(true)
            .withLogprobs(TOKENS);
    try (ProxyTuner tuner = ProxyTuner.builder().base(base).pair(pair).build()) {
      Generation text = tuner.generate(prompt, options);
      return text.tokens().get(0);
    }
  }
}
