package io.proxytune.examples.measure;

import io.proxytune.BusyException;
import io.proxytune.ProxyTuneException;
import io.proxytune.examples.cli.WorkBar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Puts questions to systems, so many at once: they are decoded in one batch. Answers that were kept
 * are not asked for again. A question that can't be put to a system, such as one too long for its
 * context, scores 0, so that all systems are compared on the same questions. For one thread.
 */
public final class Interview {
  private static final long SECONDS_TO_END = 30;

  private final int atOnce;
  private final Optional<AnswerFolder> kept;
  private final WorkBar bar;

  private final Consumer<String> notes;

  /**
   * Prepares interviews.
   *
   * @param atOnce the most questions that are answered at once
   * @param kept where answers are kept, if anywhere
   * @param bar is told of each answer
   * @param notes takes what a person should know: which questions could not be put, and why
   */
  public Interview(int atOnce, Optional<AnswerFolder> kept, WorkBar bar, Consumer<String> notes) {
    this.atOnce = atOnce;
    this.kept = kept;
    this.bar = bar;
    this.notes = notes;
  }

  /** The scores of a system's answers to all questions. */
  public SystemScores of(MeasuredSystem system, List<Question> questions) {
    bar.about(system.title());
    List<Answer> answers = answers(system, questions);
    List<Double> scores = new ArrayList<>();
    for (int i = 0; i < questions.size(); i++) {
      scores.add(score(system, questions.get(i), answers.get(i)));
    }
    return new SystemScores(system.id(), system.title(), answers, scores);
  }

  private static double score(MeasuredSystem system, Question question, Answer answer) {
    try {
      return answer.isRefusal() ? 0 : question.checker().score(answer);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "line %d, the answer of %s can't be scored: %s"
              .formatted(question.line(), system.title(), e.getMessage()),
          e);
    }
  }

  private List<Answer> answers(MeasuredSystem system, List<Question> questions) {
    Map<Long, Answer> answers = new HashMap<>();
    if (kept.isPresent()) {
      try (AnswerFolder.Answers file = kept.get().open(system.id())) {
        answers.putAll(file.of(questions));
        bar.step(answers.size());
        ask(system, missing(questions, answers), answers, file);
      }
    } else {
      ask(system, questions, answers, (question, answer) -> {});
    }
    return questions.stream().map(question -> answers.get(question.line())).toList();
  }

  private static List<Question> missing(List<Question> questions, Map<Long, Answer> answers) {
    return questions.stream().filter(it -> !answers.containsKey(it.line())).toList();
  }

  /** Takes answers as they come. */
  interface Taker {
    void take(Question question, Answer answer);
  }

  private record Answered(Question question, Answer answer) {}

  private void ask(
      MeasuredSystem system, List<Question> questions, Map<Long, Answer> answers, Taker taker) {
    if (questions.isEmpty()) {
      return;
    }
    ExecutorService asking =
        Executors.newFixedThreadPool(Math.min(atOnce, questions.size()), Interview::daemon);
    try {
      CompletionService<Answered> done = new ExecutorCompletionService<>(asking);
      for (Question question : questions) {
        done.submit(() -> answered(system, question));
      }
      for (int i = 0; i < questions.size(); i++) {
        Answered next = done.take().get();
        answers.put(next.question.line(), next.answer);
        take(system, next, taker);
        bar.step(1);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
    } finally {
      end(asking);
    }
  }

  private void take(MeasuredSystem system, Answered answered, Taker taker) {
    if (answered.answer.isRefusal()) {
      notes.accept(
          "line %d can't be put to %s, and scores 0: %s"
              .formatted(answered.question.line(), system.title(), answered.answer.text()));
    } else {
      taker.take(answered.question, answered.answer);
    }
  }

  private static Answered answered(MeasuredSystem system, Question question) {
    try {
      return new Answered(question, system.answer(question));
    } catch (BusyException e) {
      throw e; // says nothing about the question
    } catch (IllegalArgumentException | ProxyTuneException e) {
      return new Answered(question, Answer.refused(String.valueOf(e.getMessage())));
    }
  }

  private static RuntimeException rethrown(Throwable cause) {
    if (cause instanceof Error e) {
      throw e;
    }
    return cause instanceof RuntimeException e ? e : new IllegalStateException(cause);
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "proxytune-question");
    thread.setDaemon(true);
    return thread;
  }

  /** Nothing is asked of a tuner any more that is closed next. */
  private static void end(ExecutorService asking) {
    asking.shutdownNow();
    boolean interrupted = Thread.interrupted();
    try {
      if (!asking.awaitTermination(SECONDS_TO_END, TimeUnit.SECONDS)) {
        throw new IllegalStateException("requests go on after they were interrupted");
      }
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
