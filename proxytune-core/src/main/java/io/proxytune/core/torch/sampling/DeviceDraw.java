package io.proxytune.core.torch.sampling;

import static java.util.Objects.requireNonNull;

import io.proxytune.StandardSampler;
import io.proxytune.core.sampling.Candidates;
import io.proxytune.core.sampling.Noise;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A draw from one row: the largest sum of score and noise among the tokens that the filters keep.
 *
 * <p>It looks at two short lists. The first has the likeliest tokens. If that is not all that the
 * filters keep, tokens not listed may win, but only with a noise that makes up for what their score
 * lacks: the second list has the ids with so large a noise, which needs no logits. The best of both
 * is the best of all. On average the second list is at most as long as the vocabulary divided by
 * the length of the first.
 *
 * <p>The stages wait for a device together with those of other draws: {@link #ask}, {@link
 * #askRest}, {@link #id}. For one thread, in one scope.
 */
final class DeviceDraw {
  /** Enough for most nuclei, and hardly dearer than one token. */
  private static final int LISTED = 256;

  /** A larger top-k is a matter for the device. */
  private static final int MOST_LISTED = 1024;

  private final DeviceRow row;
  private final StandardSampler sampler;
  private final long noiseKey;
  private Likeliest.@Nullable Question question;
  private Download.@Nullable Part total;
  private @Nullable IntSupplier drawn;

  DeviceDraw(DeviceRow row, StandardSampler sampler, long noiseKey) {
    this.row = row;
    this.sampler = sampler;
    this.noiseKey = noiseKey;
  }

  /** Asks for what settles most draws. */
  void ask(Download download) {
    boolean isListable = sampler.topK() < MOST_LISTED;
    question = row.likeliest(isListable ? Math.max(LISTED, sampler.topK() + 1) : LISTED, download);
    total = sampler.topK() == 0 && sampler.topP() < 1 ? download.add(row.total()) : null;
  }

  /** Once that was downloaded, asks for the rest. */
  void askRest(Download download) {
    double logTotal = total == null ? 0 : Math.log(total.values()[0]);
    Likeliest listed = requireNonNull(question, "asked before").answer(logTotal);
    Optional<Candidates> kept = listed.kept(sampler);
    if (kept.isPresent()) {
      drawn = () -> kept.get().draw(noiseKey);
    } else {
      DeviceRow filtered = row.filtered(sampler);
      askLoud(download, filtered, keepsAll(filtered, listed) ? listed : relisted(filtered));
    }
  }

  /** Whether a list of the unfiltered row's likeliest is one of the filtered row's, too. */
  private boolean keepsAll(DeviceRow filtered, Likeliest listed) {
    return filtered == row
        || Arrays.stream(HeapTensors.doubles(filtered.at(listed.tokens().ids())))
            .allMatch(logit -> logit > Double.NEGATIVE_INFINITY);
  }

  private static Likeliest relisted(DeviceRow filtered) {
    Download download = new Download();
    Likeliest.Question question = filtered.likeliest(LISTED, download);
    download.run();
    return question.answer(0);
  }

  /** Asks for the logits of the tokens whose noise could let them win although not listed. */
  private void askLoud(Download download, DeviceRow filtered, Likeliest listed) {
    if (listed.isComplete()) {
      drawn = () -> listed.tokens().draw(noiseKey);
      return;
    }
    double lacking = listed.tokens().bid(noiseKey) - listed.lowestScore();
    int[] ids = Noise.loudIds(noiseKey, filtered.width(), lacking);
    Download.Part logits = download.add(filtered.at(ids));
    drawn = () -> listed.draw(noiseKey, logits.values(), ids);
  }

  /** Once that was downloaded too: the token drawn. */
  int id() {
    return requireNonNull(drawn, "asked before").getAsInt();
  }
}
