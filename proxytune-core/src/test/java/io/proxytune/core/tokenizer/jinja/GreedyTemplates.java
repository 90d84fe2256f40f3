package io.proxytune.core.tokenizer.jinja;

import java.util.Map;

/** Renders what takes much memory; ends well if each is refused by its budget, not by the heap. */
final class GreedyTemplates {
  private GreedyTemplates() {}

  /**
   * Renders.
   *
   * @param args none
   */
  public static void main(String[] args) {
    for (String source : HostileTemplatesTest.GREEDY) {
      try {
        Template.parse(source).render(Map.of());
        throw new AssertionError("rendered: " + source);
      } catch (TemplateException e) {
        if (e.getCause() instanceof Error) {
          throw new AssertionError("the heap ended: " + source, e);
        }
      }
    }
  }
}
