package io.proxytune.examples.measure;

import io.proxytune.examples.statistics.MeanScore;
import io.proxytune.examples.statistics.PairedDifference;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a system answered, and how good that was: immutable.
 *
 * @param id the system's name for programs
 * @param title the same for people
 * @param answers an answer to each question, in their order
 * @param scores the score of each, from 0 to 1
 */
public record SystemScores(String id, String title, List<Answer> answers, List<Double> scores) {
  public SystemScores {
    answers = List.copyOf(answers);
    scores = List.copyOf(scores);
  }

  /** The mean over all questions. */
  public MeanScore mean() {
    return MeanScore.of(scores);
  }

  /** This system minus another one. */
  public PairedDifference minus(SystemScores other) {
    return PairedDifference.of(scores, other.scores);
  }

  /** The same of some of the questions. */
  SystemScores at(List<Integer> kept) {
    return new SystemScores(
        id,
        title,
        kept.stream().map(answers::get).toList(),
        kept.stream().map(scores::get).toList());
  }

  /** Of the questions of one task. */
  SystemScores of(List<Question> questions, String task) {
    return at(
        IntStream.range(0, questions.size())
            .filter(i -> questions.get(i).task().equals(task))
            .boxed()
            .toList());
  }
}
