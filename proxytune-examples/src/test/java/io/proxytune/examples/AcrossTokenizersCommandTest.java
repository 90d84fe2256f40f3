package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pair with a vocabulary of its own steers where that is asked for, and only there. */
class AcrossTokenizersCommandTest {
  @TempDir private Path temp;

  private CliRun generate(String... more) {
    List<String> words = new ArrayList<>(TinyCheckpoint.WORDS);
    Collections.reverse(words.subList(6, words.size()));
    words.removeAll(List.of("green", "upon"));
    words.add("yellow");
    Path base = TinyCheckpoint.write(temp.resolve("base"), 1);
    Path expert = TinyCheckpoint.write(temp.resolve("expert"), 2, 256, words);
    Path anti = TinyCheckpoint.write(temp.resolve("anti"), 3, 256, words);
    Stream<String> fixed =
        Stream.of(
                "generate --json --max-new-tokens 8 --ignore-eos --prompt".split(" "),
                new String[] {"the sky is", "--base", base.toString()},
                new String[] {"--expert", expert.toString(), "--anti-expert", anti.toString()},
                more)
            .flatMap(Stream::of);
    return CliRun.of(new TorchEngine(), fixed.toArray(String[]::new));
  }

  @Test
  void isRefusedWhereItIsNotAskedFor() {
    CliRun run = generate();
    assertThat(run.status()).isNotZero();
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("id 6 is 'the' to the base", "--across-tokenizers");
  }

  @Test
  void steersWhereItIsAskedFor() {
    CliRun run = generate("--across-tokenizers", "4");
    assertThat(run.status()).as(run.err()).isZero();
    JsonNode stats = run.json().path("stats");
    assertThat(stats.path("translated_tokens")).isEqualTo(stats.path("generated_tokens"));
    assertThat(stats.path("unmapped_share").asDouble()).isStrictlyBetween(0.0, 1.0);
  }
}
