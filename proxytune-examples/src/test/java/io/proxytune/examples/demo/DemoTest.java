package io.proxytune.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.examples.CliRun;
import io.proxytune.examples.TinyFamily;
import io.proxytune.examples.TorchEngine;
import io.proxytune.examples.cli.Cancellation;
import io.proxytune.examples.cli.CommandContext;
import io.proxytune.examples.cli.Engine;
import io.proxytune.examples.cli.Terminal;
import io.proxytune.examples.evaluation.FamilyFolder;
import io.proxytune.examples.report.Display;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is shown without arguments, on a family with random weights. */
@Tag("slow")
class DemoTest {
  @TempDir private static Path folder;
  private final String before = System.getProperty(FamilyFolder.PROPERTY, "");

  @BeforeAll
  static void writeFamily() {
    TinyFamily.write(folder.resolve("family"));
  }

  @BeforeEach
  void nameTheFamily() {
    System.setProperty(FamilyFolder.PROPERTY, folder.resolve("family").toString());
  }

  @AfterEach
  void restore() {
    System.setProperty(FamilyFolder.PROPERTY, before);
  }

  /** The demonstration with its parts. */
  private record Shown(Terminal terminal, Engine engine, Cancellation cancellation)
      implements CommandContext {
    static String on(Display display) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
      Terminal terminal = new Terminal(InputStream.nullInputStream(), print, print, false);
      Cancellation cancellation = new Cancellation(Thread.currentThread());
      new Demo(new Shown(terminal, new TorchEngine(), cancellation), display).run();
      return out.toString(StandardCharsets.UTF_8);
    }
  }

  @Test
  void withoutArgumentsTheProgramShowsItself() {
    CliRun run = CliRun.of(new TorchEngine());
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("User: the sky", "User: the green sea", "proxy-tuned", "directly tuned")
        .contains("tokens/s", "anti-expert", "Gap closed")
        .doesNotContain("\033");
  }

  @Test
  void itFitsANarrowPlainTerminal() {
    String text = Shown.on(new Display(60, false));
    assertThat(text.lines()).allMatch(line -> line.codePointCount(0, line.length()) <= 60);
    assertThat(text).contains("In [brackets]").doesNotContain("\033").containsPattern("\\[\\w+]");
  }

  @Test
  void aWideStyledTerminalShowsAnswersSideBySide() {
    String text = Shown.on(new Display(100, true));
    assertThat(text).containsPattern("base.*expert.*proxy-tuned.*directly tuned");
    assertThat(text).contains("\033[1;4m", "\033[2A", "Bold and underlined");
  }

  @Test
  void aNarrowStyledTerminalShowsThemOneAfterTheOther() {
    assertThat(Shown.on(new Display(60, true)))
        .doesNotContain("\033[K")
        .contains("\033[1mproxy-tuned\033[0m");
  }

  @Test
  void withoutAFamilyItSaysHowToMakeOne() {
    System.setProperty(FamilyFolder.PROPERTY, folder.resolve("none").toString());
    if (FamilyFolder.find(null).isEmpty()) { // none ships either
      assertThat(Shown.on(new Display(60, false))).contains("train-family");
    }
    assertThat(FamilyFolder.searched().get(0)).endsWith("none");
  }
}
