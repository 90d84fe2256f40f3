package io.proxytune.examples.measure;

import io.proxytune.Choice;
import io.proxytune.Generation;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.core.chat.AnswerFormat;
import java.util.Locale;
import java.util.function.UnaryOperator;

/**
 * A model alone, or a steered one, that answers questions; closing it closes the tuner, not the
 * models. Safe for use by several threads.
 *
 * @param id for programs and files, such as {@code steered}
 * @param title for people
 * @param tuner what answers
 * @param reads what the models of this system read in place of a question's prompt
 */
public record MeasuredSystem(String id, String title, ProxyTuner tuner, UnaryOperator<Prompt> reads)
    implements AutoCloseable {
  Answer answer(Question question) {
    Prompt prompt = reads.apply(question.request().prompt());
    if (question.options().isEmpty()) {
      AnswerFormat format = AnswerFormat.of(prompt, tuner);
      Generation text = tuner.generate(prompt, format.withMarks(question.request().options()));
      return Answer.written(
          Spoken.of(text.text(), format), text.finishReason().name().toLowerCase(Locale.ROOT));
    }
    Choice choice = tuner.choose(prompt, question.options());
    return Answer.chosen(choice.index(), choice.option());
  }

  @Override
  public void close() {
    tuner.close();
  }
}
