package io.proxytune.examples.tasks;

import io.proxytune.examples.tasks.sandbox.CodeRunner;
import io.proxytune.examples.tasks.sandbox.CodeRunner.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;

/** Runs the programs of many answers, as many at once as there are processors. For one thread. */
final class ProgramRuns {
  private final Graders graders;

  ProgramRuns(Graders graders) {
    this.graders = graders;
  }

  /**
   * Runs all programs.
   *
   * @param mark makes a mark of an answer and its programs' results
   * @param program makes a program of an item and a text
   */
  List<Mark> all(
      List<Answer> answers,
      BiFunction<Answer, List<Result>, Mark> mark,
      BiFunction<TaskItem, Sample, String> program) {
    CodeRunner runner = graders.runner();
    ExecutorService workers =
        Executors.newFixedThreadPool(
            Runtime.getRuntime().availableProcessors(), ProgramRuns::daemon);
    try {
      List<List<Future<Result>>> all = new ArrayList<>();
      for (Answer answer : answers) {
        List<Future<Result>> results = new ArrayList<>();
        for (Sample sample : answer.samples()) {
          String text = program.apply(answer.item(), sample);
          results.add(workers.submit(() -> runner.run(text)));
        }
        all.add(results);
      }
      List<Mark> marks = new ArrayList<>();
      for (int i = 0; i < answers.size(); i++) {
        marks.add(mark.apply(answers.get(i), results(all.get(i))));
        graders.step().run();
      }
      return marks;
    } finally {
      workers.shutdownNow();
    }
  }

  private static List<Result> results(List<Future<Result>> running) {
    List<Result> results = new ArrayList<>();
    for (Future<Result> each : running) {
      try {
        results.add(each.get());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException("interrupted");
      } catch (ExecutionException e) {
        throw new IllegalStateException("a program can't be run: " + e.getCause().getMessage(), e);
      }
    }
    return results;
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "proxytune-programs");
    thread.setDaemon(true);
    return thread;
  }
}
