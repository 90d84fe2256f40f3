package io.proxytune;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MessageTextTest {
  @Test
  void anOrdinaryMessageStaysAsItIs() {
    String message = "models/é has no config.json:\ndownload it beside the weights";
    assertThat(new CheckpointException(message)).hasMessage(message);
  }

  @Test
  void whatMovesATerminalIsSpelledOut() {
    assertThat(new CheckpointException("no tensor \u001b[2J\t\u202ea\r"))
        .hasMessage("no tensor \\u001b[2J\\u0009\\u202ea\\u000d");
  }

  @Test
  void aLongMessageLosesItsMiddle() {
    String message = "cannot read " + "a".repeat(1_000_000) + ": download it again";
    assertThat(new ModelException(message, null).getMessage())
        .startsWith("cannot read aaa")
        .contains("a … a")
        .endsWith("aaa: download it again")
        .hasSize(MessageText.MAX_LENGTH + 3);
  }
}
