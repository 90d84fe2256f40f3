package io.proxytune.core.tokenizer.jinja;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Renders random hostile templates: each gives a text or one clear failure, soon, in a small heap.
 * Run by the tests for a second; longer by {@link #main}.
 */
final class TemplateFuzz {
  private static final Map<String, Object> VARIABLES =
      Map.of(
          "messages",
          List.of(Map.of("role", "user", "content", "Hi <b>"), Map.of("role", "x", "content", "")));

  private final Map<String, Integer> kinds = new TreeMap<>();
  private long slowestMillis;
  private String slowest = "";
  private int inputs;

  /** The numbers of what happened, by kind. */
  Map<String, Integer> kinds() {
    return kinds;
  }

  /** The longest that one template took, in ms. */
  long slowestMillis() {
    return slowestMillis;
  }

  String slowest() {
    return slowest;
  }

  int inputs() {
    return inputs;
  }

  /** Renders templates until some time has passed or so many were rendered. */
  void run(long seed, long nanos, int most) {
    RandomTemplates templates = new RandomTemplates(seed, true);
    long start = System.nanoTime();
    for (int i = 0; i < most && System.nanoTime() - start < nanos; i++) {
      render(templates.next());
    }
  }

  private void render(String source) {
    long start = System.nanoTime();
    String kind;
    try {
      Template.parse(source).render(VARIABLES);
      kind = "text";
    } catch (TemplateException e) {
      kind = kind(e, source);
    } catch (RuntimeException | Error e) {
      throw new AssertionError("not a TemplateException: " + source, e);
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    if (millis > slowestMillis) {
      slowestMillis = millis;
      slowest = source;
    }
    kinds.merge(kind, 1, Integer::sum);
    inputs++;
  }

  private static String kind(TemplateException e, String source) {
    String message = String.valueOf(e.getMessage());
    if (e.line() < 1 || message.isBlank()) {
      throw new AssertionError("neither line nor message: " + source, e);
    } else if (message.startsWith("the template failed") || e.getCause() instanceof Error) {
      return "unclear: " + message + " in " + source;
    }
    return message.startsWith("the template ") ? message.replaceAll("[0-9]+", "N") : "error";
  }

  /**
   * Fuzzes.
   *
   * @param args the seed and the seconds
   */
  public static void main(String[] args) {
    TemplateFuzz fuzz = new TemplateFuzz();
    fuzz.run(Long.parseLong(args[0]), TimeUnit.SECONDS.toNanos(Long.parseLong(args[1])), 1 << 30);
    System.out.printf(
        "%d templates, slowest %d ms: %s%n", fuzz.inputs(), fuzz.slowestMillis(), fuzz.slowest());
    fuzz.kinds().forEach((kind, count) -> System.out.printf("%8d %s%n", count, kind));
  }
}
