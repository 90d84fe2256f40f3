package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.CheckpointException;
import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.TorchModels;
import io.proxytune.core.family.FamilyGolden;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model whose tokens see each other on both sides, beyond what the golden rows show. */
class BidirectionalTest {
  @TempDir Path folder;

  private Path checkpoint(String setting, String changed) throws IOException {
    FamilyGolden.of("llama-bidirectional").write(folder);
    Path config = folder.resolve("config.json");
    String text = Files.readString(config);
    assertThat(text).contains(setting);
    Files.writeString(config, text.replace(setting, changed));
    return folder;
  }

  private static LogitModel load(Path folder, DType dtype) {
    return TorchModels.load(folder, LoadOptions.defaults().withDType(dtype));
  }

  private static float[] firstRow(LogitModel model, int... ids) {
    try (LogitSession session = model.newSession(ids.length);
        Logits logits = model.forward(List.of(new Segment(session, ids, Rows.ALL)))) {
      return logits.row(0);
    }
  }

  /** More tokens than kernels attend to at once, and fewer than whole blocks of a cache. */
  @Test
  void theFirstTokenSeesTheLastOfALongText() throws IOException {
    Path long256 =
        checkpoint("\"max_position_embeddings\" : 64", "\"max_position_embeddings\" : 256");
    for (DType dtype : List.of(DType.FLOAT32, DType.BFLOAT16)) {
      try (LogitModel model = load(long256, dtype)) {
        int[] text = IntStream.range(0, 150).map(i -> i % 60).toArray();
        float[] before = firstRow(model, text);
        text[149] = 61;
        float[] after = firstRow(model, text);
        assertThat(before).as(dtype.toString()).isNotEqualTo(after);
        assertThat(after).doesNotContain(Float.NaN);
      }
    }
  }

  @Test
  void aTextIsNeverGoneOnWith() throws IOException {
    try (LogitModel model =
            load(checkpoint("\"is_causal\" : false", "\"is_causal\" : false"), DType.FLOAT32);
        LogitSession session = model.newSession(8);
        Logits first = model.forward(List.of(new Segment(session, new int[] {3, 4}, Rows.ALL)))) {
      assertThat(model.readsDrafts()).isFalse();
      assertThatThrownBy(
              () -> model.forward(List.of(new Segment(session, new int[] {5}, Rows.LAST))).close())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("read in one pass, but this session has read 2 tokens");
      assertThat(session.position()).isEqualTo(2);
      session.truncate(0);
      try (Logits again =
          model.forward(List.of(new Segment(session, new int[] {3, 4}, Rows.ALL)))) {
        assertThat(again.row(0)).isEqualTo(first.row(0));
      }
    }
  }

  @Test
  void otherFamiliesRefuseIt() throws IOException {
    Path other = checkpoint("LlamaForCausalLM", "MistralForCausalLM");
    assertThatThrownBy(() -> TorchModels.load(other))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("is_causal must be true")
        .hasMessageContaining("only Llama's attention to both sides is supported");
  }
}
