package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.checkpoint.DecoderConfig;
import io.proxytune.core.decoder.RopeScaling;
import io.proxytune.core.torch.TorchDevice;
import io.proxytune.core.torch.TorchScope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Both ways to compute it, against the formula in float64. */
@Tag("processor")
class BFloat16AttentionTest {
  private static final int HEAD_DIM = 16;
  private static final int CAPACITY = 320;

  @ParameterizedTest
  @CsvSource({
    "4, 4, 0, 1, true",
    "4, 4, 70, 1, true",
    "8, 2, 70, 1, true",
    "4, 4, 0, 16, true",
    "8, 2, 63, 2, true",
    "8, 2, 5, 16, true",
    "4, 4, 0, 17, true",
    "8, 2, 0, 17, true",
    "8, 2, 61, 20, true",
    "4, 1, 64, 64, true",
    "4, 1, 64, 64, false",
    "4, 4, 0, 129, true",
    "8, 2, 7, 300, true",
    "8, 2, 7, 300, false",
  })
  void agreesWithTheFormulaInFloat64(
      int heads, int kvHeads, int position, int tokens, boolean fast) {
    DecoderConfig config = config(heads, kvHeads);
    TorchDevice device = TorchDevice.of("cpu");
    try (TorchScope scope = TorchScope.open();
        Attention attention = new BFloat16Attention(config, device, fast);
        KvCache cache = new KvCache(config, CAPACITY, device, attention.cacheDType())) {
      torch.manual_seed(31L * position + tokens);
      Tensor before = heads(position, heads + 2 * kvHeads);
      Tensor all = torch.cat(new TensorVector(before, heads(tokens, heads + 2 * kvHeads)), 0);
      Tensor past = all.narrow(0, 0, position).narrow(1, heads, 2L * kvHeads).transpose(0, 1);
      cache.write(0, 0, past);
      Span span = new Span(cache, 0, tokens, position);
      List<Span> parts = span.split(attention.mostTokens()).toList();
      List<Tensor> masks = new ArrayList<>();
      parts.forEach(part -> masks.add(attention.mask(part)));
      Tensor actual = attention.apply(all.narrow(0, position, tokens).clone(), parts, masks, 0);
      Tensor expected = formula(all.to(ScalarType.Double), heads, kvHeads, position, tokens);
      assertThat(actual.scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
      double error =
          actual.to(ScalarType.Double).sub(expected).abs().max().item_double()
              / expected.abs().max().item_double();
      assertThat(error).isLessThan(0.02);
    }
  }

  private static DecoderConfig config(int heads, int kvHeads) {
    return new DecoderConfig(
        "LlamaForCausalLM",
        8,
        heads * HEAD_DIM,
        8,
        1,
        heads,
        kvHeads,
        HEAD_DIM,
        1e-5,
        CAPACITY,
        10_000,
        new RopeScaling.None(),
        false,
        false,
        false);
  }

  private static Tensor heads(int tokens, int heads) {
    return torch.randn(tokens, heads, HEAD_DIM).to(ScalarType.BFloat16);
  }

  /** {@code all} is {@code [position + tokens, heads + 2 · kvHeads, headDim]}. */
  private static Tensor formula(Tensor all, int heads, int kvHeads, int position, int tokens) {
    List<Tensor> rows = new ArrayList<>();
    for (int token = position; token < position + tokens; token++) {
      TensorVector attended = new TensorVector();
      for (int head = 0; head < heads; head++) {
        int kv = head / (heads / kvHeads);
        Tensor query = all.select(0, token).select(0, head);
        Tensor keys = all.narrow(0, 0, token + 1L).select(1, heads + kv);
        Tensor values = all.narrow(0, 0, token + 1L).select(1, heads + kvHeads + kv);
        Tensor weights = keys.matmul(query).div(new Scalar(Math.sqrt(HEAD_DIM))).softmax(0);
        attended.push_back(weights.matmul(values));
      }
      rows.add(torch.cat(attended, 0));
    }
    return torch.stack(new TensorVector(rows.toArray(Tensor[]::new)), 0);
  }
}
