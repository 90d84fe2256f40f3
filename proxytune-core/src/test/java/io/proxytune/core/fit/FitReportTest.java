package io.proxytune.core.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.Role;
import io.proxytune.core.checkpoint.SafetensorsWriter;
import io.proxytune.core.checkpoint.StoredType;
import io.proxytune.core.vocabulary.VocabularyRelation;
import io.proxytune.core.vocabulary.VocabularyRelation.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What folders can be to each other, and what is said about it. */
class FitReportTest {
  private static final List<String> SHIFTED =
      List.of("<unk>", "[x]", "<s>", "</s>", "the", "sky", "is", "blue");

  @TempDir Path temp;
  private int written;

  private Path write(String name, TinyModel model) {
    return model.write(temp.resolve(name));
  }

  private FitReport compare(String... names) {
    return FitReport.of(Arrays.stream(names).map(temp::resolve).toList());
  }

  private Kind kind(TinyModel first, TinyModel other) {
    String name = "model" + written++;
    write(name, first);
    write(name + "-other", other);
    return compare(name, name + "-other")
        .relation(0, 1)
        .map(VocabularyRelation::kind)
        .orElseThrow();
  }

  @Test
  void findsTheTrioWhateverTheOrder() {
    write("big", new TinyModel().layers(3));
    write("small", new TinyModel());
    write("tuned", new TinyModel().withTemplate());

    FitReport report = compare("tuned", "big", "small");

    FitTrio trio = report.trio().orElseThrow();
    assertThat(List.of(trio.base(), trio.expert(), trio.antiExpert())).containsExactly(1, 0, 2);
    assertThat(trio.certain()).isTrue();
    assertThat(report.advice()).isEmpty();
    assertThat(report.models()).extracting(FitModel::name).containsExactly("tuned", "big", "small");
    assertThat(report.models())
        .allSatisfy(
            model ->
                assertThat(model.roles())
                    .containsExactly(Role.BASE, Role.EXPERT, Role.ANTI_EXPERT));
    assertThat(report.relation(0, 0)).isEmpty();
  }

  /** A layer has 496 weights: 192 and 16 of attention's, norms' and 288 of the MLP. */
  @Test
  void addsUpWhatTheThreeTake() {
    write("big", new TinyModel().layers(3));
    write("small", new TinyModel());
    write("tuned", new TinyModel().withTemplate());

    FitReport report = compare("big", "small", "tuned");

    long small = 2 * 496 + 2 * 7 * 8 + 8;
    assertThat(report.models().get(1).facts().orElseThrow().parameters()).isEqualTo(small);
    Map<String, Long> memory = report.trio().orElseThrow().memory();
    assertThat(memory.keySet()).containsExactly("float32", "bfloat16", "int8", "int4");
    assertThat(memory).containsEntry("float32", 4 * (3 * small + 496));
    assertThat(memory).containsEntry("bfloat16", 2 * (3 * small + 496));
    assertThat(report.trio().orElseThrow().cacheBytesPerToken())
        .as("keys and values of 2 heads of 2, in 7 layers, float32")
        .isEqualTo(7 * 2 * 2 * 2 * 4);
  }

  @Test
  void comparesVocabularies() {
    List<String> more = List.of("<unk>", "<s>", "</s>", "the", "sky", "is", "blue", "<more>");
    List<String> other = List.of("<unk>", "blue", "was", "red", "sea", "a");
    assertThat(kind(new TinyModel(), new TinyModel())).isEqualTo(Kind.EQUAL);
    assertThat(kind(new TinyModel(), new TinyModel().padded(16))).isEqualTo(Kind.PADDED);
    assertThat(kind(new TinyModel(), new TinyModel().words(more))).isEqualTo(Kind.SUPERSET);
    assertThat(kind(new TinyModel().words(more), new TinyModel())).isEqualTo(Kind.SUBSET);
    assertThat(kind(new TinyModel(), new TinyModel().words(other))).isEqualTo(Kind.DIFFERENT);
    assertThat(kind(new TinyModel(), new TinyModel().withoutTokenizer())).isEqualTo(Kind.UNKNOWN);
  }

  @Test
  void theSameTokensAtOtherIdsFit() {
    List<String> reversed = List.of("<unk>", "blue", "is", "sky", "the", "</s>", "<s>");
    write("big", new TinyModel().layers(3));
    write("small", new TinyModel().words(reversed).endsWith(5));
    write("tuned", new TinyModel().words(reversed).endsWith(5).withTemplate());

    FitReport report = compare("big", "small", "tuned");

    assertThat(report.relation(0, 1).orElseThrow().kind()).isEqualTo(Kind.OTHER_IDS);
    assertThat(report.relation(0, 1).orElseThrow().share()).isEqualTo(1);
    assertThat(report.trio()).isPresent();
    assertThat(report.advice()).isEmpty();
    assertThat(report.models().get(2).facts().orElseThrow().endOfText())
        .containsExactly(Map.entry(5, "</s>"));
  }

  @Test
  void saysOnceOfEachVocabularyWhyItDoesNotFit() {
    write("big", new TinyModel().layers(3));
    write("small", new TinyModel());
    write("tuned", new TinyModel().withTemplate());
    write("other", new TinyModel().words(List.of("<unk>", "sky", "sea")).lowercase());

    FitReport report = compare("big", "small", "other", "tuned");

    assertThat(report.trio()).isPresent();
    assertThat(report.advice())
        .containsExactly(
            "A and C can't steer each other: 28.5 % of A's tokens are in C, but 2 ids mean"
                + " different tokens, and texts are split differently (normalizer, model (merges,"
                + " or tokens and scores)). Take models of one vocabulary",
            "across tokenizers (--across-tokenizers) C can steer A all the same: 2 of A's 7 tokens"
                + " read as one of C does, 0 as several; in short texts of several languages 0.0 %"
                + " and 0.0 % of the tokens",
            "across tokenizers (--across-tokenizers) A can steer C all the same: 2 of C's 3 tokens"
                + " read as one of A does, 0 as several; in short texts of several languages 0.0 %"
                + " and 0.0 % of the tokens");
    assertThat(report.models().get(2).roles()).isEmpty();
    assertThat(report.models().get(2).problem())
        .contains("no other model here shares its vocabulary");
  }

  @Test
  void saysWhereTheSameIdsAreSplitOtherwise() {
    write("big", new TinyModel().layers(3));
    write("small", new TinyModel().lowercase());
    write("tuned", new TinyModel().lowercase().withTemplate());
    assertThat(compare("big", "small", "tuned").advice())
        .containsExactly(
            "A and B have the same ids but split texts differently (normalizer): each reads prompts"
                + " as its own tokenizer splits them");
  }

  @Test
  void aFolderThatCanNotBeLoadedDoesNotHinderTheOthers() throws IOException {
    write("big", new TinyModel().layers(3));
    write("small", new TinyModel());
    Files.createDirectory(temp.resolve("empty"));
    write("tuned", new TinyModel().withTemplate());

    FitReport report = compare("big", "empty", "small", "tuned", "gone");

    assertThat(report.trio()).isPresent();
    assertThat(report.models().get(1).facts()).isEmpty();
    assertThat(report.models().get(1).roles()).isEmpty();
    assertThat(report.advice()).hasSize(2);
    assertThat(report.advice().get(0)).startsWith("B can't be used: ").contains("no config.json");
    assertThat(report.advice().get(1)).startsWith("E can't be used: ").contains("does not exist");
  }

  @Test
  void tellsTheTunedModelByItsNameOrSaysThatItCanNot() {
    write("big", new TinyModel().layers(3));
    write("small", new TinyModel());
    write("small-Instruct", new TinyModel());
    write("other", new TinyModel());

    FitReport named = compare("big", "small", "small-Instruct");
    assertThat(named.trio().orElseThrow().expert()).isEqualTo(2);
    assertThat(named.advice()).singleElement().asString().contains("C has no chat template");

    FitReport unnamed = compare("big", "other", "small");
    assertThat(unnamed.trio().orElseThrow().expert()).isEqualTo(1);
    assertThat(unnamed.trio().orElseThrow().certain()).isFalse();
    assertThat(unnamed.advice().get(0))
        .isEqualTo(
            "the files do not say which of B and C is the tuned one: the first named is taken");
  }

  @Test
  void saysWhatIsMissingForATrio() {
    write("big", new TinyModel().layers(3));
    write("bigger", new TinyModel().layers(4));
    write("small", new TinyModel());

    assertThat(compare("big", "small").advice())
        .singleElement()
        .asString()
        .startsWith("A and B are two models; proxy-tuning takes a base, and a smaller model both");
    assertThat(compare("big", "small", "bigger").advice())
        .singleElement()
        .asString()
        .startsWith("no two of A, B and C are one model tuned and untuned");
  }

  @Test
  void saysWhatLimitsATextAndWhatDoesNotEndIt() {
    List<String> more = List.of("<unk>", "<s>", "</s>", "the", "sky", "is", "blue", "<end>");
    write("big", new TinyModel().layers(3).context(128));
    write("small", new TinyModel().words(more));
    write("tuned", new TinyModel().words(more).endsWith(7).withTemplate());

    FitReport report = compare("big", "small", "tuned");

    assertThat(report.trio().orElseThrow().contextLength()).isEqualTo(64);
    assertThat(report.advice())
        .containsExactly(
            "prompt and text may have 64 tokens together, the context of C and B, instead of A's"
                + " 128",
            "C ends its texts with <end> (id 7), a token that A lacks: texts will not end there;"
                + " give a stop string, or a limit of tokens");
  }

  @Test
  void aModelWithoutTokenizerAndASmallerBaseAreNamed() {
    write("big", new TinyModel().layers(3));
    write("big-chat", new TinyModel().layers(3).withTemplate());
    write("small", new TinyModel().withoutTokenizer());

    assertThat(compare("big", "big-chat", "small").advice())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("C has no tokenizer.json"),
            line -> assertThat(line).startsWith("the base C is smaller than the models"));
  }

  private Path adapter(String name, int width) throws IOException {
    Path folder = Files.createDirectories(temp.resolve(name));
    ObjectNode config = new ObjectMapper().createObjectNode();
    config.put("peft_type", "LORA").put("r", 2).put("lora_alpha", 4).put("bias", "none");
    config.put("base_model_name_or_path", "org/small");
    config.putArray("target_modules").add("q_proj");
    Files.writeString(folder.resolve("adapter_config.json"), config.toString());
    SafetensorsWriter writer = new SafetensorsWriter();
    for (int layer = 0; layer < 2; layer++) {
      String module = "base_model.model.model.layers." + layer + ".self_attn.q_proj.";
      writer.add(module + "lora_A.weight", StoredType.F32, new float[2 * width], 2, width);
      writer.add(module + "lora_B.weight", StoredType.F32, new float[width * 2], width, 2);
    }
    writer.write(folder.resolve("adapter_model.safetensors"));
    return folder;
  }

  @Test
  void anAdapterIsAnExpertOnItsModel() throws IOException {
    write("big", new TinyModel().layers(3));
    write("small", new TinyModel());
    adapter("lora", 8);

    FitReport report = compare("lora", "big", "small");

    FitTrio trio = report.trio().orElseThrow();
    assertThat(List.of(trio.base(), trio.expert(), trio.antiExpert())).containsExactly(1, 0, 2);
    FitModel lora = report.models().get(0);
    assertThat(lora.host()).hasValue(2);
    assertThat(lora.roles()).containsExactly(Role.EXPERT);
    assertThat(lora.facts().orElseThrow().parameters()).isEqualTo(64);
    assertThat(lora.facts().orElseThrow().tokens()).isEqualTo(7);
    assertThat(report.advice()).singleElement().asString().contains("A has no chat template");
  }

  @Test
  void anAdapterOnNoneOfTheModelsIsNamed() throws IOException {
    write("big", new TinyModel().layers(3));
    write("small", new TinyModel());
    adapter("lora", 16);
    assertThat(compare("big", "small", "lora").advice().get(0))
        .isEqualTo(
            "C can't be used: it is an adapter on org/small, and fits none of the other models:"
                + " name the model that it was trained on, too");
  }

  @Test
  void oneFolderIsNotCompared() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FitReport.of(List.of(write("big", new TinyModel()))))
        .withMessage("give two or more folders to compare, got 1");
  }

  @Test
  void aTokenMoreBeforeTheOthersMovesThem() {
    assertThat(kind(new TinyModel(), new TinyModel().words(SHIFTED))).isEqualTo(Kind.DIFFERENT);
  }
}
