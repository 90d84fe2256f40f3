package io.proxytune.core.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.util.List;

/** Tells whether a saved state belongs to a training. */
final class Fingerprint {
  private Fingerprint() {}

  static String of(String what, TrainingData data, TrainingOptions options) {
    Hasher hasher = Hashing.sha256().newHasher();
    hasher.putString(what, UTF_8).putString(learning(options).toString(), UTF_8);
    put(hasher, data.sequences());
    put(hasher, data.heldOut());
    return hasher.hash().toString();
  }

  /** The options that the weights depend on. */
  private static List<Object> learning(TrainingOptions options) {
    return List.of(
        options.steps(),
        options.epochs(),
        options.tokensPerStep(),
        options.learningRate(),
        options.beta1(),
        options.beta2(),
        options.weightDecay(),
        options.clipNorm(),
        options.warmUpSteps(),
        options.seed(),
        options.dtype());
  }

  private static void put(Hasher hasher, List<TrainingSequence> sequences) {
    hasher.putInt(sequences.size());
    for (TrainingSequence sequence : sequences) {
      hasher.putInt(sequence.length());
      for (int i = 0; i < sequence.length(); i++) {
        hasher.putInt(sequence.id(i)).putBoolean(sequence.carriesLoss(i));
        if (sequence.read(i) != sequence.id(i)) {
          hasher.putInt(sequence.read(i));
        }
      }
    }
  }
}
