package io.proxytune.examples.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ItemSetTest {
  private static final String GOOD =
      "{\"task\":\"question\",\"prompt\":\"p\",\"answer\":\"a\",\"subject\":\"s\",\"facts\":[\"a\"]}\n";

  @TempDir private Path folder;

  private ItemSet read(String text) throws IOException {
    return ItemSet.read("dev", Files.writeString(folder.resolve("dev.jsonl"), text));
  }

  @Test
  void readsItems() throws IOException {
    String choice =
        "{\"task\":\"sentiment\",\"prompt\":\"p\",\"answer\":\"Good.\",\"options\":[\" Good.\",\" Bad.\"]}";
    assertThat(read(GOOD + "\n" + choice).items())
        .containsExactly(
            new Item(Task.QUESTION, "p", "a", List.of(), List.of("a"), "s"),
            new Item(Task.SENTIMENT, "p", "Good.", List.of("Good.", "Bad."), List.of(), ""));
  }

  @Test
  void limitsEachTask() throws IOException {
    ItemSet set = read(GOOD.repeat(3) + GOOD.replace("question", "howto"));
    assertThat(set.limit(2).items())
        .extracting(Item::task)
        .containsExactly(Task.QUESTION, Task.QUESTION, Task.HOWTO);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "nonsense | line 2: no JSON object",
        "{\"prompt\":\"p\"} | line 2: the text \"task\" is missing",
        "{\"task\":\"dance\",\"prompt\":\"p\",\"answer\":\"a\"} | line 2: unknown \"task\" \"dance\"",
        "{\"task\":\"howto\",\"prompt\":\" \",\"answer\":\"a\"} | line 2: \"prompt\" must not be",
        "{\"task\":\"sentiment\",\"prompt\":\"p\",\"answer\":\"a\",\"options\":[\"b\"]} | must contain",
      })
  void badLinesAreNamed(String line, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(GOOD + line))
        .withMessageContainingAll("dev.jsonl", message);
  }

  @Test
  void anEmptyFileIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read("\n"))
        .withMessageEndingWith("dev.jsonl holds no items");
  }
}
