package io.proxytune.core.tokenizer.jinja;

import java.util.Map;
import java.util.function.Supplier;
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
   * @throws TemplateException if it is broken, too long or nested too deeply
   */
  public static Template parse(String source) {
    Budget budget = new Budget();
    return new Template(located(budget, () -> TemplateParser.parse(budget, source)));
  }

  /**
   * Renders the template.
   *
   * @param variables strings, numbers, booleans, lists, maps, null and {@link Invocable}s by name
   * @return the text
   * @throws TemplateException if a statement fails, or the template uses too much time, memory or
   *     nesting
   * @throws IllegalArgumentException if a variable is of another kind or contains itself
   */
  public String render(Map<String, ? extends @Nullable Object> variables) {
    return render(new Budget(), variables);
  }

  String render(Budget budget, Map<String, ? extends @Nullable Object> variables) {
    Scope globals = Scope.root(budget);
    Globals.functions().forEach(globals::set);
    FromJava values = new FromJava(budget);
    variables.forEach((name, value) -> globals.set(name, values.convert(name, value)));
    return located(
        budget,
        () -> {
          TextWriter out = new TextWriter(budget);
          body.run(globals.inner(), out);
          return out.toString();
        });
  }

  /** Makes every failure one of the template's, with the line that was reached. */
  private static <T> T located(Budget budget, Supplier<T> action) {
    try {
      return action.get();
    } catch (TemplateException e) {
      throw e.at(budget.line());
    } catch (StackOverflowError e) {
      throw failure(budget, "the template calls itself or nests its values too deeply", e);
    } catch (OutOfMemoryError e) {
      throw failure(budget, "the template uses more memory than the Java heap has left", e);
    } catch (ArithmeticException e) {
      throw failure(budget, "a number does not fit in 64 bits: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      throw failure(budget, "the template failed: " + e, e);
    }
  }

  private static TemplateException failure(Budget budget, String message, Throwable cause) {
    TemplateException failure = new TemplateException(budget.line(), message);
    failure.initCause(cause);
    return failure;
  }
}
