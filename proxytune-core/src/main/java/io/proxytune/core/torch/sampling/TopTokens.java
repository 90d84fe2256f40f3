package io.proxytune.core.torch.sampling;

import io.proxytune.TokenLogprobs.Alternative;
import java.util.List;
import java.util.stream.IntStream;

/** The likeliest tokens of a row with their log-probabilities, for a caller with several rows. */
final class TopTokens {
  private final DeviceRow row;
  private final int count;
  private final Likeliest.Question question;
  private final Download.Part total;

  /** Asks for them. */
  TopTokens(DeviceRow row, int count, Download download) {
    this.row = row;
    this.count = Math.min(count, row.width());
    this.question = row.likeliest(this.count + 1, download);
    this.total = download.add(row.total());
  }

  /** Once that was downloaded: the tokens, likeliest first, ties by ascending id. */
  List<Alternative> alternatives() {
    double logTotal = Math.log(total.values()[0]);
    Likeliest listed = question.answer(logTotal);
    int found = Math.min(count, listed.tokens().size());
    if (found > 0 && !listed.settles(found)) {
      listed = firstOfTies(logTotal);
    }
    Likeliest top = listed;
    return IntStream.range(0, found)
        .mapToObj(rank -> new Alternative(top.tokens().id(rank), top.tokens().logprob(rank)))
        .toList();
  }

  /** More tokens tie for the last rank than were listed, and not by ascending id. */
  private Likeliest firstOfTies(double logTotal) {
    Download download = new Download();
    Likeliest.Question first = row.first(count).likeliest(count, download);
    download.run();
    return first.answer(logTotal);
  }
}
