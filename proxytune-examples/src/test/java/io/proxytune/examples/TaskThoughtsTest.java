package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.ChatMessage;
import io.proxytune.Prompt;
import io.proxytune.examples.cli.Cancellation;
import io.proxytune.examples.cli.Terminal;
import io.proxytune.examples.tasks.Answer;
import io.proxytune.examples.tasks.Ask;
import io.proxytune.examples.tasks.Decoding;
import io.proxytune.examples.tasks.TaskItem;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The paper's benchmarks with a model that thinks. */
class TaskThoughtsTest {
  @TempDir private Path folder;

  @Test
  void answersAreScoredWithoutWhatWasThought() throws Exception {
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    Terminal terminal = new Terminal(InputStream.nullInputStream(), nowhere, nowhere, false);
    App app = new App(terminal, new FakeEngine(), new Cancellation(Thread.currentThread()));
    Ask ask = new Ask("2 and 3?", "2 and 3?", "2 and 3?", "");
    List<TaskItem> items = List.of(new TaskItem("sums/1", "", ask, List.of("5"), Map.of()));
    Decoding decoding = new Decoding(60, List.of(), 2, 0, 1, List.of(), 0);
    Path output = folder.resolve("run");
    try (TaskFolder files = TaskFolder.open(Optional.of(output), "sums");
        TaskSystem system =
            new TaskSystem(
                "expert",
                ThinkingModel.tuner(folder, "\nIs it 4? No.\n</think>\n\n5"),
                it -> Prompt.chat(ChatMessage.user(it.message())))) {
      TaskRun run = new TaskRun(app, files, items, decoding, new TaskRun.Settings(1, 1, true));
      List<Answer> answers = run.answers(system);
      assertThat(answers).hasSize(1);
      assertThat(answers.get(0).samples()).extracting("text").containsExactly("5", "5");
    }
    assertThat(Files.readString(output.resolve("sums-expert.jsonl"))).contains("Is it 4? No.");
  }
}
