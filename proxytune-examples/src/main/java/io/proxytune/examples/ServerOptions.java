package io.proxytune.examples;

import io.proxytune.examples.cli.Engine;
import io.proxytune.examples.cli.Usage;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A base that may be on a server.
 *
 * @param base a folder, a name on the Hub, or an address
 * @param tokenizer a folder, or a name on the Hub, of a model with the same vocabulary
 * @param keyFile where the key is that the server asks for
 * @param shown how many of the likeliest tokens the server shows; null for a llama.cpp server,
 *     which shows all
 */
record ServerOptions(
    String base, @Nullable String tokenizer, @Nullable Path keyFile, @Nullable Integer shown) {
  /** What OpenAI allows. */
  private static final int MOST_SHOWN = 20;

  boolean isServer() {
    String start = base.toLowerCase(Locale.ROOT);
    return start.startsWith("http://") || start.startsWith("https://");
  }

  /** Refuses what can't work, before anything is loaded. */
  void check(boolean hasExpert) {
    Usage.check(
        isServer() || tokenizer == null,
        "--base-tokenizer %s is for a base on a server, and --base is %s",
        tokenizer == null ? "" : tokenizer,
        base);
    Usage.check(
        isServer() || keyFile == null,
        "--base-key-file %s is for a base on a server, and --base is %s",
        keyFile == null ? "" : keyFile,
        base);
    Usage.check(
        isServer() || shown == null,
        "--base-top-logprobs %s is for a base on a server, and --base is %s",
        shown == null ? 0 : shown,
        base);
    Usage.check(
        shown == null || (shown >= 1 && shown <= MOST_SHOWN),
        "--base-top-logprobs must be from 1 to %s, got %s",
        MOST_SHOWN,
        shown == null ? 0 : shown);
    Usage.check(
        !isServer() || hasExpert || tokenizer != null,
        "--base %s is on a server: add --base-tokenizer MODEL, a folder with its tokenizer",
        base);
  }

  URI address() {
    try {
      return new URI(base);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("--base " + base + " is no address: " + e.getReason(), e);
    }
  }

  /** What connects to it, with a tokenizer's folder. */
  Engine.Server server(Path tokenizerFolder) {
    return new Engine.Server(
        address(),
        Optional.ofNullable(keyFile),
        tokenizerFolder,
        shown == null ? OptionalInt.empty() : OptionalInt.of(shown));
  }

  /** The model whose tokenizer is the base's: the one named, or that of the first expert. */
  String tokenizerOf(List<PairOptions> pairs) {
    if (tokenizer != null) {
      return tokenizer;
    }
    PairOptions first = pairs.get(0);
    return first.isAdapter() ? first.antiExpert() : first.expert();
  }
}
