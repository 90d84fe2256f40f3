package io.proxytune.examples.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.proxytune.ChatMessage;
import io.proxytune.ExpertPair;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Token;
import io.proxytune.TokenLogprobs;
import io.proxytune.TranslationStats;
import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.TorchModels;
import io.proxytune.model.LogitModel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The family's pair in tokens of its own says to the base what it says in the base's. */
@Tag("slow")
class AcrossTokenizersFamilyTest {
  private static final GenerationOptions OPTIONS =
      GenerationOptions.defaults().withMaxNewTokens(24).withLogprobs(0);

  private static LogitModel load(Path folder) {
    return TorchModels.load(folder, LoadOptions.defaults().withDType(DType.FLOAT32));
  }

  private static double logprob(Token token) {
    TokenLogprobs told = token.logprobs();
    return told == null ? Double.NaN : told.logprob();
  }

  private static ExpertPair inPieces(LogitModel expert, LogitModel small) {
    return ExpertPair.of(PieceModel.of(expert), PieceModel.of(small));
  }

  @Test
  void piecesOfWordsSteerAsWordsDo() {
    FamilyFolder family = FamilyFolder.require(null);
    List<Prompt> prompts =
        ItemSet.read("dev", family.data("dev")).limit(2).items().stream()
            .map(item -> Prompt.chat(ChatMessage.user(item.prompt())))
            .toList();
    try (LogitModel base = load(family.base());
        LogitModel expert = load(family.expert());
        LogitModel small = load(family.small());
        ProxyTuner words =
            ProxyTuner.builder().base(base).pair(ExpertPair.of(expert, small)).build();
        ProxyTuner pieces =
            ProxyTuner.builder()
                .base(base)
                .pair(inPieces(expert, small).acrossTokenizers())
                .build();
        ProxyTuner allPieces =
            ProxyTuner.builder()
                .base(base)
                .pair(inPieces(expert, small).acrossTokenizers(base.width()))
                .build()) {
      for (Prompt prompt : prompts) {
        Generation wanted = words.generate(prompt, OPTIONS);
        Generation text = pieces.generate(prompt, OPTIONS);

        assertThat(text.tokenIds()).isEqualTo(wanted.tokenIds());
        TranslationStats stats = text.stats().translation();
        assertThat(stats.tokens()).isEqualTo(text.tokens().size());
        assertThat(stats.unmapped()).isBetween(1e-6, 0.01);
        assertThat(stats.spelledTokens()).isPositive();
      }
      Generation wanted = words.generate(prompts.get(0), OPTIONS);
      Generation text = allPieces.generate(prompts.get(0), OPTIONS);

      assertThat(text.stats().translation().unmapped()).isLessThan(1e-6);
      for (int i = 0; i < wanted.tokens().size(); i++) {
        assertThat(logprob(text.tokens().get(i)))
            .isCloseTo(logprob(wanted.tokens().get(i)), within(1e-3));
      }
    }
  }
}
