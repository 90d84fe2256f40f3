package io.proxytune.bench;

import io.proxytune.core.sampling.IdRange;
import io.proxytune.core.sampling.Offset;
import io.proxytune.core.torch.ComputeThread;
import io.proxytune.core.torch.TorchLogits;
import io.proxytune.model.Logits;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Seeded rows of three models, bfloat16 as the models compute them; immutable but for {@link
 * #close}.
 *
 * @param name the vocabulary and the kind of rows
 * @param vocabulary the number of ids
 * @param base the base's row
 * @param offset the rows of the small models
 */
record SamplingRows(String name, int vocabulary, Logits base, Offset offset)
    implements AutoCloseable {
  private static final double DEVIATION = 0.5;
  private static final int LIKELY_IDS = 20;
  private static final float HIGHEST = 14;

  /** Half of all ids are in the nucleus: the worst case. */
  static SamplingRows flat(int vocabulary) {
    return of(vocabulary + " flat", vocabulary, 0);
  }

  /** A few ids are likely, as in text. */
  static SamplingRows peaked(int vocabulary) {
    return of(vocabulary + " peaked", vocabulary, LIKELY_IDS);
  }

  private static SamplingRows of(String name, int vocabulary, int likely) {
    Random random = new Random(vocabulary);
    Logits base = row(random, vocabulary, likely);
    Logits expert = row(random, vocabulary, likely);
    Logits antiExpert = row(random, vocabulary, likely);
    IdRange ids = IdRange.below(vocabulary);
    return new SamplingRows(name, vocabulary, base, new Offset(expert, antiExpert, 1, ids));
  }

  private static Logits row(Random random, int vocabulary, int likely) {
    float[] values = new float[vocabulary];
    for (int i = 0; i < vocabulary; i++) {
      values[i] = (float) (DEVIATION * random.nextGaussian());
    }
    for (int i = 0; i < likely; i++) {
      values[(i + 1) * (vocabulary / (likely + 1))] += HIGHEST - i / 2f;
    }
    return ComputeThread.inScope(
        () -> {
          Tensor row = torch.tensor(values).to(ScalarType.BFloat16).unsqueeze(0);
          return new TorchLogits(row);
        });
  }

  @Override
  public void close() {
    base.close();
    offset.expert().close();
    offset.antiExpert().close();
  }
}
