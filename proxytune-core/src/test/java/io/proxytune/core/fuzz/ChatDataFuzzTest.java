package io.proxytune.core.fuzz;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.Tokenizer;
import io.proxytune.core.training.ChatData;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Tag;

/** Conversations to tune on, damaged or hostile. */
@Tag("fuzz")
class ChatDataFuzzTest {
  @FuzzTest
  void chatData(FuzzedDataProvider data) throws IOException {
    Path file = Whole.ROOT.resolve("chats.jsonl");
    StringBuilder lines = new StringBuilder();
    for (int line = data.consumeInt(1, 3); line > 0; line--) {
      lines.append(new JsonMutator(data).mutatedText(Whole.LINE)).append('\n');
    }
    Files.writeString(file, lines.append(data.consumeRemainingAsString()));
    FuzzTally.judge("chats.jsonl", () -> ChatData.read(file, Whole.TOKENIZER, 64));
  }

  /** What the lines are rendered with, and a valid one. */
  private static final class Whole {
    static final Path ROOT = FuzzFolder.create("chats");
    static final JsonNode LINE;
    static final Tokenizer TOKENIZER;

    static {
      String name = "/tokenizers/byte-level/tokenizer.json";
      try (InputStream in = ChatDataFuzzTest.class.getResourceAsStream(name)) {
        Files.write(ROOT.resolve("tokenizer.json"), in.readAllBytes());
        Path template =
            Files.writeString(
                ROOT.resolve("t.jinja"),
                "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
                    + "{% if add_generation_prompt %}assistant: {% endif %}");
        TOKENIZER = ChatData.tokenizer(ROOT, Optional.of(template));
        LINE =
            new ObjectMapper()
                .readTree(
                    """
                    {"messages": [{"role": "system", "content": "Be brief."},
                     {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes"}]}
                    """);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
