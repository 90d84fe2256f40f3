package io.proxytune.core.family;

import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.config.RopeConfig;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.LatentSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.NormSpec;
import io.proxytune.core.decoder.RotarySpec;
import io.proxytune.core.decoder.StoredRows;
import java.util.Optional;

/**
 * Latent attention (arXiv 2405.04434, section 2.1) under DeepSeek's names. A head's queries and
 * keys are a plain part and a rotated one behind it. Immutable.
 */
final class LatentAttention {
  private static final String MODULE = "self_attn.";

  /** Not {@code rms_norm_eps}, in transformers as in DeepSeek's own code. */
  private static final double EPSILON = 1e-6;

  private final LayerOutline layer;
  private final boolean bias;
  private final int heads;
  private final int queryRank;
  private final int rank;
  private final int plain;
  private final int rotated;
  private final int values;

  /**
   * Reads the sizes.
   *
   * @param absentRank the rank of queries in a config that does not mention it; 0: none. Where it
   *     is null there is none
   */
  LatentAttention(LayerOutline layer, int absentRank) {
    ConfigJson config = layer.outline().config();
    this.layer = layer;
    this.bias = config.flag("attention_bias", false);
    this.heads = layer.outline().heads();
    this.queryRank =
        config.mentions("q_lora_rank")
            ? config.optionalPositiveInt("q_lora_rank").orElse(0)
            : absentRank;
    this.rank = config.positiveInt("kv_lora_rank");
    this.plain = config.positiveInt("qk_nope_head_dim");
    this.rotated = config.positiveInt("qk_rope_head_dim");
    this.values = config.positiveInt("v_head_dim");
    if (layer.outline().kvHeads() != heads) {
      throw config.refusal("num_key_value_heads", "num_attention_heads, " + heads);
    }
    if (values > headDim()) {
      throw config.refusal(
          "v_head_dim", "at most qk_nope_head_dim + qk_rope_head_dim, " + headDim());
    }
  }

  private int headDim() {
    return Math.addExact(plain, rotated);
  }

  /** The attention, its neighbours rotated as pairs or not. */
  AttentionSpec spec(boolean interleaved) {
    RopeConfig rope = layer.outline().rope();
    RotarySpec halves = rope.rotary(rotated);
    if (halves.dims() != rotated) {
      throw rope.source().refusal("partial_rotary_factor", "1 in latent attention");
    }
    long blocks = Math.multiplyExact((long) heads, plain + values);
    return AttentionSpec.of(
            heads,
            heads,
            headDim(),
            query(),
            keyValue(StoredRows.ofEachBlock(blocks, heads, 0, plain)),
            keyValue(StoredRows.ofEachBlock(blocks, heads, plain, values)),
            layer.linear(MODULE + "o_proj", (long) heads * values, layer.width(), bias),
            Optional.of(interleaved ? halves.ofNeighbours() : halves))
        .withScale(rope.scoreFactor() / Math.sqrt(headDim()))
        .withLatent(latent());
  }

  private LinearSpec query() {
    long all = (long) heads * headDim();
    return queryRank == 0
        ? layer.linear(MODULE + "q_proj", layer.width(), all, false)
        : layer.linear(MODULE + "q_b_proj", queryRank, all, false);
  }

  private LinearSpec keyValue(StoredRows rows) {
    return layer.linear(MODULE + "kv_b_proj", rank, rows, false);
  }

  private LatentSpec latent() {
    Optional<Integer> ofQueries = Optional.of(queryRank).filter(some -> some > 0);
    return new LatentSpec(
        ofQueries.map(some -> layer.linear(MODULE + "q_a_proj", layer.width(), some, bias)),
        ofQueries.map(some -> norm("q_a_layernorm", some)),
        down(0, rank),
        norm("kv_a_layernorm", rank),
        down(rank, rotated),
        values);
  }

  private LinearSpec down(int first, int count) {
    StoredRows rows = StoredRows.range((long) rank + rotated, first, count);
    return layer.linear(MODULE + "kv_a_proj_with_mqa", layer.width(), rows, bias);
  }

  private NormSpec norm(String name, int size) {
    return NormSpec.rms(layer.name(MODULE + name), size, EPSILON);
  }
}
