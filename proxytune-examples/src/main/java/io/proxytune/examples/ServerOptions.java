package io.proxytune.examples;

import io.proxytune.examples.cli.Usage;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A base that may be on a server.
 *
 * @param base a folder, a name on the Hub, or an address
 * @param tokenizer a folder, or a name on the Hub, of a model with the same vocabulary
 * @param keyFile where the key is that the server asks for
 */
record ServerOptions(String base, @Nullable String tokenizer, @Nullable Path keyFile) {
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

  Optional<Path> key() {
    return Optional.ofNullable(keyFile);
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
