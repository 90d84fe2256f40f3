package io.proxytune.examples;

import io.proxytune.GateStats;
import io.proxytune.Generation;
import io.proxytune.GenerationStats;
import io.proxytune.Role;
import io.proxytune.Token;
import io.proxytune.TokenLogprobs;
import io.proxytune.Tokenizer;
import io.proxytune.TranslationStats;
import io.proxytune.examples.cli.Terminal;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** Prints generated text for people. For one thread. */
final class TextReport {
  private final Terminal terminal;
  private final PrintStream out;
  private final PrintStream err;
  private final StringBuilder streamed = new StringBuilder();

  TextReport(Terminal terminal) {
    this.terminal = terminal;
    this.out = terminal.out();
    this.err = terminal.err();
  }

  /** Prints a token of a stream at once. */
  void token(Token token) {
    streamed.append(token.text());
    out.print(token.text());
    terminal.requireWritten();
  }

  /** Prints what the stream held back until its end, and ends the line. */
  void endOfStream(Generation generation) {
    String text = generation.text();
    if (text.startsWith(streamed.toString())) {
      out.print(text.substring(streamed.length()));
    }
    endLine(text);
    out.flush();
  }

  /** Prints several texts, each under a line of its own. */
  void texts(List<Generation> generations) {
    for (int i = 0; i < generations.size(); i++) {
      Generation generation = generations.get(i);
      out.println(
          format("--- %d of %d, seed %d ---", i + 1, generations.size(), generation.seed()));
      out.print(generation.text());
      endLine(generation.text());
    }
  }

  private void endLine(String text) {
    if (!text.endsWith("\n")) {
      out.println();
    }
  }

  /** Prints a line for each token: id, log-probability, alternatives, and the models' views. */
  void logprobs(Generation generation, Tokenizer tokenizer) {
    for (Token token : generation.tokens()) {
      TokenLogprobs logprobs = token.logprobs();
      if (logprobs != null) {
        out.println(line(token, logprobs, tokenizer));
      }
    }
  }

  private static String line(Token token, TokenLogprobs logprobs, Tokenizer tokenizer) {
    boolean pairs = logprobs.roles().stream().anyMatch(role -> role.pair() > 0);
    String roles =
        logprobs.roles().stream()
            .map(role -> format("%s %.4f", name(role, pairs), role.logprob()))
            .collect(Collectors.joining(", "));
    String top =
        logprobs.top().stream()
            .map(other -> format("%s %.4f", spelling(other.id(), tokenizer), other.logprob()))
            .collect(Collectors.joining(", "));
    String line =
        format("%d %s %.4f", token.id(), spelling(token.id(), tokenizer), logprobs.logprob());
    return line
        + (roles.isEmpty() ? "" : " (" + roles + ")")
        + (top.isEmpty() ? "" : " likeliest: " + top);
  }

  /** With several pairs, an expert's name says which pair it is of, from 0 as in messages. */
  private static String name(TokenLogprobs.OfRole role, boolean pairs) {
    String name = Names.of(role.role());
    return pairs && role.role() != Role.BASE ? name + " " + role.pair() : name;
  }

  private static String spelling(int id, Tokenizer tokenizer) {
    return tokenizer.token(id).orElse("?");
  }

  /** Prints counts and timings to standard error. */
  void stats(Generation generation) {
    GenerationStats stats = generation.stats();
    err.println(
        format(
            "%d prompt tokens, %d generated (%s); prefill %.3f s, first token %.3f s, decode"
                + " %.3f s, %.1f tokens/s; seed %d",
            stats.promptTokens(),
            stats.generatedTokens(),
            ending(generation),
            seconds(stats.prefill()),
            seconds(stats.timeToFirstToken()),
            seconds(stats.decode()),
            stats.tokensPerSecond(),
            generation.seed()));
    if (stats.draftRounds() > 0) {
      err.println(
          format(
              "%d tokens drafted in %d rounds, %d accepted (%.1f %%)",
              stats.draftedTokens(),
              stats.draftRounds(),
              stats.acceptedTokens(),
              100 * stats.acceptanceRate()));
    }
    if (stats.gate().unsteered() > 0) {
      gate(stats);
    }
    if (stats.translation().tokens() > 0) {
      translation(stats.translation());
    }
  }

  private void translation(TranslationStats translation) {
    err.println(
        format(
            "%d tokens steered across tokenizers, %.2f %% of the base's probability without an"
                + " offset; beside the text %d tokens read to spell the base's, %d once more",
            translation.tokens(),
            100 * translation.unmapped(),
            translation.spelledTokens(),
            translation.rereadTokens()));
  }

  private void gate(GenerationStats stats) {
    GateStats gate = stats.gate();
    String audit =
        gate.audited() == 0
            ? ""
            : format(
                "; steering would have changed %d of %d that were audited, KL %.4f on average",
                gate.changed(), gate.audited(), gate.divergence());
    err.println(
        format(
            "%d tokens unsteered, experts not asked for %d (%.1f %%)%s",
            gate.unsteered(), gate.unasked(), 100 * stats.unaskedShare(), audit));
  }

  /** Why the text ended, and by which id if by one. */
  private static String ending(Generation generation) {
    String reason = Names.of(generation.finishReason());
    OptionalInt id = generation.stopId();
    return id.isPresent() ? reason + ", id " + id.getAsInt() : reason;
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  private static String format(String format, Object... args) {
    return String.format(Locale.ROOT, format, args);
  }
}
