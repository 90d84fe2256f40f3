package io.proxytune.examples.diagnosis;

import static io.proxytune.examples.diagnosis.Signature.CANDIDATES;
import static io.proxytune.examples.diagnosis.Signature.MISFIT;
import static io.proxytune.examples.diagnosis.Signature.TOO_SMALL;
import static io.proxytune.examples.diagnosis.Signature.TOO_STRONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.CandidateSet;
import io.proxytune.ChatMessage;
import io.proxytune.ExpertPair;
import io.proxytune.Fusion;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.TorchModels;
import io.proxytune.examples.evaluation.FamilyFolder;
import io.proxytune.examples.evaluation.ItemSet;
import io.proxytune.model.LogitModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signatures provoked on the family that ships. */
@Tag("slow")
class FamilyDiagnosisTest {
  private static LogitModel base;
  private static LogitModel expert;
  private static LogitModel small;
  private static List<String> messages;

  @BeforeAll
  static void load() {
    FamilyFolder family = FamilyFolder.require(null);
    base = load(family.base());
    expert = load(family.expert());
    small = load(family.small());
    messages =
        ItemSet.read("dev", family.data("dev")).limit(6).items().stream()
            .filter(item -> !item.isChoice())
            .map(item -> item.prompt())
            .toList();
  }

  private static LogitModel load(Path folder) {
    return TorchModels.load(folder, LoadOptions.defaults().withDType(DType.FLOAT32));
  }

  @AfterAll
  static void close() {
    List.of(base, expert, small).forEach(LogitModel::close);
  }

  private static Diagnosis of(ExpertPair pair, Function<String, Prompt> prompt, int length) {
    return of(pair, CandidateSet.all(), prompt, length);
  }

  private static Diagnosis of(
      ExpertPair pair, CandidateSet candidates, Function<String, Prompt> prompt, int length) {
    GenerationOptions options = GenerationOptions.defaults().withMaxNewTokens(length);
    List<DiagnosisRun.Request> requests =
        messages.stream()
            .map(message -> new DiagnosisRun.Request(prompt.apply(message), options))
            .toList();
    try (ProxyTuner steered = tuner(pair, candidates);
        ProxyTuner open = tuner(pair, CandidateSet.all());
        ProxyTuner alone = ProxyTuner.builder().base(base).build()) {
      Optional<ProxyTuner> beside =
          candidates.equals(CandidateSet.all()) ? Optional.empty() : Optional.of(open);
      int[] done = {0};
      List<Sample> samples =
          new DiagnosisRun(steered, alone, beside).samples(requests, texts -> done[0] += texts);
      assertThat(done[0]).isEqualTo(messages.size());
      return Diagnosis.of(
          samples,
          new Pairs(List.of(pair.alpha()), Precision.FLOAT32),
          Fabricated.VOCABULARY,
          Fabricated.TIMES,
          Thresholds.standard());
    }
  }

  private static ProxyTuner tuner(ExpertPair pair, CandidateSet candidates) {
    Fusion fusion = Fusion.proxyTuning().withCandidates(candidates);
    return ProxyTuner.builder().base(base).pair(pair).fusion(fusion).build();
  }

  private static Prompt chat(String message) {
    return Prompt.chat(ChatMessage.user(message));
  }

  private static List<Signature> seen(Diagnosis diagnosis) {
    return diagnosis.seen().stream().map(Finding::signature).toList();
  }

  @Test
  void theFamilysPairShowsNone() {
    Diagnosis diagnosis = of(new ExpertPair(expert, small, 1), FamilyDiagnosisTest::chat, 16);
    assertThat(diagnosis.findings()).allMatch(it -> it.state() == Finding.State.NOT_SEEN);
    assertThat(diagnosis.texts()).isEqualTo(messages.size());
  }

  @Test
  void twentyTimesItsStrengthIsTooStrong() {
    Diagnosis diagnosis = of(new ExpertPair(expert, small, 20), FamilyDiagnosisTest::chat, 16);
    assertThat(seen(diagnosis)).contains(TOO_STRONG);
  }

  /** The base, which never ends an answer, has the end token far behind a nucleus of 0.9. */
  @Test
  void aNucleusOfTheBaseLeavesOutTheEnd() {
    ExpertPair pair = new ExpertPair(expert, small, 1);
    Diagnosis diagnosis = of(pair, CandidateSet.topP(0.9), FamilyDiagnosisTest::chat, 16);
    assertThat(seen(diagnosis)).contains(CANDIDATES);
    assertThat(figure(diagnosis, "endless")).isGreaterThan(0.3);
    Diagnosis wide = of(pair, CandidateSet.topK(base.width()), FamilyDiagnosisTest::chat, 16);
    assertThat(wide.of(CANDIDATES).state()).isEqualTo(Finding.State.NOT_SEEN);
    assertThat(figure(wide, "left_out")).isZero();
    assertThat(figure(wide, "endless")).isZero();
  }

  private static double figure(Diagnosis diagnosis, String id) {
    return diagnosis.of(CANDIDATES).figures().stream()
        .filter(figure -> figure.id().equals(id))
        .findFirst()
        .orElseThrow()
        .value();
  }

  @Test
  void anExpertThatIsItsAntiExpertHasNoOffset() {
    Diagnosis diagnosis = of(new ExpertPair(small, small, 1), Prompt::of, 5);
    assertThat(seen(diagnosis)).containsExactly(TOO_SMALL);
    List<Figure> figures = diagnosis.of(TOO_SMALL).figures();
    assertThat(figures).filteredOn(it -> it.id().equals("steered")).allMatch(it -> it.value() == 0);
    assertThat(figures).filteredOn(it -> it.id().equals("offset")).allMatch(it -> it.value() == 0);
  }

  @Test
  void aThousandthOfItsStrengthSteersNothing() {
    Diagnosis diagnosis = of(new ExpertPair(expert, small, 0.001), FamilyDiagnosisTest::chat, 5);
    assertThat(seen(diagnosis)).containsExactly(TOO_SMALL);
  }

  /** An expert whose weights stand in another order knows nothing of what the base knows. */
  @Test
  void anExpertOfShuffledWeightsDoesNotFitTheBase(@TempDir Path folder) throws IOException {
    Path expertFolder = FamilyFolder.require(null).expert();
    for (String name : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
      Files.copy(expertFolder.resolve(name), folder.resolve(name));
    }
    byte[] weights = Files.readAllBytes(expertFolder.resolve("model.safetensors"));
    Files.write(folder.resolve("model.safetensors"), shuffled(weights));
    try (LogitModel stranger = load(folder)) {
      assertThat(seen(of(new ExpertPair(stranger, small, 1), Prompt::of, 5))).contains(MISFIT);
    }
  }

  /** Each weight has two bytes, behind a header that begins with its length in eight. */
  private static byte[] shuffled(byte[] file) {
    ByteBuffer data = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int begin = Long.BYTES + (int) data.getLong(0);
    List<Short> values = new ArrayList<>();
    for (int at = begin; at < file.length; at += Short.BYTES) {
      values.add(data.getShort(at));
    }
    Collections.shuffle(values, new Random(1));
    for (int i = 0; i < values.size(); i++) {
      data.putShort(begin + i * Short.BYTES, values.get(i));
    }
    return file;
  }
}
