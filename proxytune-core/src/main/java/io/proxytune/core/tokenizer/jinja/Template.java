package io.proxytune.core.tokenizer.jinja;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A parsed template: immutable.
 *
 * <p><b>Threads:</b> safe for use by several threads.
 */
public final class Template {
  private final Statement body;

  private Template(Statement body) {
    this.body = body;
  }

  /**
   * Parses a template.
   *
   * @param source the template
   * @return the template
   * @throws TemplateException if it is broken
   */
  public static Template parse(String source) {
    try {
      return new Template(TemplateParser.parse(source));
    } catch (StackOverflowError e) {
      throw new TemplateException("the template is nested too deeply");
    }
  }

  /**
   * Renders the template.
   *
   * @param variables strings, numbers, booleans, lists, maps, null and {@link Invocable}s by name
   * @return the text
   * @throws TemplateException if a statement fails or the template uses too much
   * @throws IllegalArgumentException if a variable is of another kind
   */
  public String render(Map<String, ? extends @Nullable Object> variables) {
    Scope globals = Scope.root();
    Globals.functions().forEach(globals::set);
    variables.forEach((name, value) -> globals.set(name, Values.fromJava(value)));
    Output out = new Output();
    try {
      body.run(globals.inner(), out);
    } catch (StackOverflowError e) {
      throw new TemplateException("the template calls itself or nests its values too deeply");
    }
    return out.text();
  }
}
