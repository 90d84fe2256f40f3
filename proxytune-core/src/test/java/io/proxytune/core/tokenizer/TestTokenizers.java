package io.proxytune.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/** The tiny tokenizers of the test resources, which src/test/golden/make_tokenizers.py makes. */
final class TestTokenizers {
  private TestTokenizers() {}

  static Path folder(String name) {
    try {
      return Path.of(resource("/tokenizers/" + name + "/tokenizer.json").toURI()).getParent();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static CheckpointTokenizer open(String name) {
    return CheckpointTokenizer.open(folder(name));
  }

  static JsonNode golden(String path) {
    try (InputStream in = resource("/golden/" + path).openStream()) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static int[] ints(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::intValue).toArray();
  }

  /** Feeds ids one by one and joins the pieces. */
  static String streamed(CheckpointTokenizer tokenizer, int[] ids) {
    return streamed(tokenizer, new int[0], ids);
  }

  /** Feeds ids one by one behind a prompt and joins the pieces. */
  static String streamed(CheckpointTokenizer tokenizer, int[] prompt, int[] ids) {
    Detokenizer detokenizer = new Detokenizer(tokenizer, prompt);
    StringBuilder text = new StringBuilder();
    IntStream.of(ids).forEach(id -> text.append(detokenizer.add(id)));
    return text.append(detokenizer.finish()).toString();
  }

  private static URL resource(String path) {
    return Objects.requireNonNull(TestTokenizers.class.getResource(path), path);
  }
}
