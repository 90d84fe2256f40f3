package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.examples.cli.Cancellation;
import io.proxytune.examples.cli.Terminal;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Of the commands only the one that is named is made. */
class AppTest {
  private final App app =
      new App(Terminal.system(), new FakeEngine(), new Cancellation(Thread.currentThread()));

  @Test
  void commandsAreFoundByTheNamesThatTheyHave() {
    assertThat(App.COMMANDS)
        .isNotEmpty()
        .allSatisfy(
            (name, command) ->
                assertThat(name(command.apply(app)))
                    .as("the command under %s", name)
                    .isEqualTo(name));
  }

  private static String name(Object command) {
    CommandLine line = command instanceof CommandLine made ? made : new CommandLine(command);
    return line.getCommandName();
  }

  @Test
  void allAreInTheHelpAndNamedWhereOneIsMisspelled() {
    assertThat(CliRun.of(new FakeEngine(), "--help").out())
        .contains(App.COMMANDS.keySet().toArray(String[]::new));
    assertThat(CliRun.of(new FakeEngine(), "generat").err()).contains("generate");
  }
}
