package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ErrorReportTest {
  private final FakeEngine engine = new FakeEngine();

  private CliRun score(String base, String... more) {
    String[] args = {"score", "--base", base, "--prompt", "p", "--continuation", "c"};
    String[] all = new String[args.length + more.length];
    System.arraycopy(args, 0, all, 0, args.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return CliRun.of(engine, all);
  }

  private static void fail(RuntimeException e) {
    throw e;
  }

  @Test
  void aCheckpointThatCantBeReadIsOneLineAndStatus2() {
    CliRun run = score("models/missing");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .isEqualTo("proxytune: models/missing is not a directory: give a checkpoint folder\n");
  }

  @Test
  void aModelClosedMeanwhileIsStatus2() {
    engine.tuner.atRequest = () -> fail(new IllegalStateException("this tuner is closed"));
    CliRun run = score("base");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).isEqualTo("proxytune: this tuner is closed\n");
  }

  @Test
  void verboseShowsTheStackTrace() {
    CliRun run = score("models/missing", "--verbose");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("CheckpointException").contains("\tat io.proxytune.examples.");
  }

  @Test
  void verboseShowsWhereParsingFailed() {
    assertThat(CliRun.of(engine, "generate", "--verbose", "--frob").err()).contains("\tat picocli");
  }

  @Test
  void anUnexpectedExceptionIsStatus1AndOneLine() {
    engine.tuner.atRequest = () -> fail(new NullPointerException());
    CliRun run = score("base");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo(
            "proxytune: internal error: java.lang.NullPointerException: NullPointerException"
                + " (--verbose shows where)\n");
  }

  @Test
  void anErrorIsStatus1AndOneLine() {
    engine.tuner.atRequest =
        () -> {
          throw new UnsatisfiedLinkError("no jnitorch in java.library.path");
        };
    CliRun run = score("base");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err())
        .startsWith("proxytune: internal error: java.lang.UnsatisfiedLinkError: no jnitorch")
        .hasLineCount(1);
  }

  @Test
  void tooLittleMemoryIsStatus2AndSaysWhatToDo() {
    engine.tuner.atRequest =
        () -> {
          throw new OutOfMemoryError("Java heap space");
        };
    CliRun run = score("base");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("proxytune: out of memory (Java heap space): ask for less at once (--n")
        .hasLineCount(1);
  }

  @Test
  void whatWasLoadedIsFreedWhateverFails() {
    engine.tuner.atRequest = () -> fail(new NullPointerException());
    assertThat(score("base").status()).isEqualTo(1);
    assertThat(engine.closed).containsExactly("tuner", "base");
  }

  @Test
  void aModelIsFreedWhereTheNextCantBeLoaded() {
    CliRun run = score("base", "--expert", "missing", "--anti-expert", "a");
    assertThat(run.status()).isEqualTo(2);
    assertThat(engine.closed).containsExactly("base");
  }
}
