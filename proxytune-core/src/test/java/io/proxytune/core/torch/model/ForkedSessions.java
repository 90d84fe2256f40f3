package io.proxytune.core.torch.model;

import io.proxytune.core.lifetime.Closeables;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;

/**
 * Random sequences of one model, each held three times: as forks that are run by the program, as
 * forks that are run piece by piece, and as copies. For the thread that computes.
 */
final class ForkedSessions implements AutoCloseable {
  private static final int PROMPT = 70;
  private static final int CAPACITY = 128;
  private static final int MOST = 6;

  private final TorchModel model;
  private final Random random;
  private final List<Sequence> sequences = new ArrayList<>();

  /** The same tokens three times. */
  private record Sequence(TorchSession scripted, TorchSession applied, TorchSession copied) {
    List<TorchSession> all() {
      return List.of(scripted, applied, copied);
    }

    int position() {
      return copied.position();
    }

    Sequence fork(int tokens) {
      return new Sequence(
          (TorchSession) scripted.fork(tokens, CAPACITY),
          (TorchSession) applied.fork(tokens, CAPACITY),
          (TorchSession) copied.copy(tokens, CAPACITY));
    }
  }

  /** Begins with one that has read a prompt, and a fork of it. */
  ForkedSessions(TorchModel model, Random random) {
    this.model = model;
    this.random = random;
    Sequence first = new Sequence(session(), session(), session());
    sequences.add(first);
    read(first, PROMPT);
    sequences.add(first.fork(PROMPT));
  }

  private TorchSession session() {
    return (TorchSession) model.newSession(CAPACITY);
  }

  private void read(Sequence sequence, int count) {
    int[] tokens = random.ints(count, 0, RandomDecoder.VOCABULARY).toArray();
    for (TorchSession session : sequence.all()) {
      model.layerByLayer(RandomDecodersTest.plan(List.of(session), List.of(tokens)));
      session.append(tokens);
    }
  }

  /** Forks, truncates, closes, or reads many tokens at once. */
  void change() {
    Sequence chosen = sequences.get(random.nextInt(sequences.size()));
    int position = chosen.position();
    switch (random.nextInt(5)) {
      case 0, 1 -> {
        if (sequences.size() < MOST) {
          sequences.add(chosen.fork(position - random.nextInt(Math.min(3, position + 1))));
        }
      }
      case 2 -> truncate(chosen, random.nextInt(position + 1));
      case 3 -> {
        if (sequences.size() > 1) {
          sequences.remove(chosen);
          chosen.all().forEach(TorchSession::close);
        }
      }
      default -> {
        if (position + 20 < CAPACITY) {
          read(chosen, 20);
        }
      }
    }
  }

  private static void truncate(Sequence sequence, int position) {
    sequence.all().forEach(session -> session.truncate(position));
  }

  /** Reads a few tokens of each: the largest difference of logits, in parts of them. */
  double distance() {
    List<int[]> tokens = new ArrayList<>();
    for (Sequence sequence : sequences) {
      if (sequence.position() > CAPACITY - 3) {
        truncate(sequence, 65);
      }
      tokens.add(random.ints(1 + random.nextInt(3), 0, RandomDecoder.VOCABULARY).toArray());
    }
    PassPlan scripted = plan(tokens, 0);
    Tensor expected = model.layerByLayer(plan(tokens, 2));
    double distance =
        Math.max(
            RandomDecodersTest.error(model.scripted().logits(scripted), expected),
            RandomDecodersTest.error(model.layerByLayer(plan(tokens, 1)), expected));
    for (int i = 0; i < tokens.size(); i++) {
      for (TorchSession session : sequences.get(i).all()) {
        session.append(tokens.get(i));
      }
    }
    return distance;
  }

  private PassPlan plan(List<int[]> tokens, int which) {
    return RandomDecodersTest.plan(
        sequences.stream().map(sequence -> sequence.all().get(which)).toList(), tokens);
  }

  @Override
  public void close() {
    Closeables.all(sequences.stream().flatMap(each -> each.all().stream()).toList());
  }
}
