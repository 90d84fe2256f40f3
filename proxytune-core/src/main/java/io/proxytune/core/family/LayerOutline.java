package io.proxytune.core.family;

import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.FeedForwardSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.MlpSpec;
import io.proxytune.core.decoder.NormSpec;
import io.proxytune.core.decoder.RotarySpec;
import io.proxytune.core.decoder.StoredRows;
import java.util.Optional;

/** The names and sizes of one layer's parts. Immutable. */
final class LayerOutline {
  private final Outline outline;
  private final int index;
  private final String prefix;
  private final int width;

  LayerOutline(Outline outline, int index) {
    this.outline = outline;
    this.index = index;
    this.prefix = outline.layer(index);
    this.width = outline.width();
  }

  int index() {
    return index;
  }

  int width() {
    return width;
  }

  Outline outline() {
    return outline;
  }

  String name(String inLayer) {
    return prefix + inLayer;
  }

  LinearSpec linear(String name, long in, long out, boolean bias) {
    return LinearSpec.of(prefix + name, in, out, bias);
  }

  LinearSpec linear(String name, long in, StoredRows rows, boolean bias) {
    return LinearSpec.of(prefix + name, in, rows, bias);
  }

  NormSpec rms(String name) {
    return rms(name, width);
  }

  NormSpec rms(String name, int size) {
    return NormSpec.rms(prefix + name, size, outline.epsilon());
  }

  NormSpec layerNorm(String name) {
    return layerNorm(name, width);
  }

  NormSpec layerNorm(String name, int size) {
    return NormSpec.layer(prefix + name, size, outline.epsilon(), true);
  }

  /** Llama's layer: two norms, each before a part. */
  LayerSpec preNorm(AttentionSpec attention, FeedForwardSpec feedForward) {
    return LayerSpec.preNorm(
        attention, feedForward, rms("input_layernorm"), rms("post_attention_layernorm"));
  }

  /** Llama's attention: four projections and a rotation. */
  AttentionSpec attention(boolean inBias, boolean outBias) {
    return attention("self_attn.", "o_proj", Optional.of(outline.rotary()), inBias, outBias);
  }

  /** The same under other names. */
  AttentionSpec attention(
      String module, String output, Optional<RotarySpec> rotary, boolean inBias, boolean outBias) {
    return attention(
        linear(module + "q_proj", width, queryWidth(), inBias),
        linear(module + "k_proj", width, keyWidth(), inBias),
        linear(module + "v_proj", width, keyWidth(), inBias),
        linear(module + output, queryWidth(), width, outBias),
        rotary);
  }

  AttentionSpec attention(
      LinearSpec query,
      LinearSpec key,
      LinearSpec value,
      LinearSpec output,
      Optional<RotarySpec> rotary) {
    return AttentionSpec.of(
        outline.heads(), outline.kvHeads(), outline.headDim(), query, key, value, output, rotary);
  }

  /** One projection with the rows of queries, keys and values after each other. */
  AttentionSpec fusedAttention(
      String fused, boolean inBias, LinearSpec output, Optional<RotarySpec> rotary) {
    long q = queryWidth();
    long k = keyWidth();
    long all = q + 2 * k;
    return attention(
        linear(fused, width, StoredRows.range(all, 0, q), inBias),
        linear(fused, width, StoredRows.range(all, q, k), inBias),
        linear(fused, width, StoredRows.range(all, q + k, k), inBias),
        output,
        rotary);
  }

  /**
   * One projection with a block of rows for each key head: its queries, its key and its value. With
   * as many key heads as query heads, the three take turns.
   */
  AttentionSpec blockedAttention(
      String fused, boolean inBias, LinearSpec output, Optional<RotarySpec> rotary) {
    long headDim = outline.headDim();
    long blocks = outline.kvHeads();
    long q = outline.heads() / blocks * headDim;
    long all = blocks * (q + 2 * headDim);
    return attention(
        linear(fused, width, StoredRows.ofEachBlock(all, blocks, 0, q), inBias),
        linear(fused, width, StoredRows.ofEachBlock(all, blocks, q, headDim), inBias),
        linear(fused, width, StoredRows.ofEachBlock(all, blocks, q + headDim, headDim), inBias),
        output,
        rotary);
  }

  long queryWidth() {
    return (long) outline.heads() * outline.headDim();
  }

  private long keyWidth() {
    return (long) outline.kvHeads() * outline.headDim();
  }

  /** Llama's MLP. */
  MlpSpec gatedMlp(boolean bias) {
    return gatedMlp("mlp", outline.inner(), bias);
  }

  MlpSpec gatedMlp(String module, int inner, boolean bias) {
    return new MlpSpec(
        outline.activation(),
        Optional.of(linear(module + ".gate_proj", width, inner, bias)),
        linear(module + ".up_proj", width, inner, bias),
        linear(module + ".down_proj", inner, width, bias));
  }

  /** One projection with the rows of the gate and of up after each other. */
  MlpSpec fusedMlp(String gateAndUp, String down, int inner) {
    long both = 2L * inner;
    return new MlpSpec(
        outline.activation(),
        Optional.of(linear(gateAndUp, width, StoredRows.range(both, 0, inner), false)),
        linear(gateAndUp, width, StoredRows.range(both, inner, inner), false),
        linear(down, inner, width, false));
  }

  /** An MLP without a gate. */
  MlpSpec plainMlp(String up, String down, int inner, boolean bias) {
    return new MlpSpec(
        outline.activation(),
        Optional.empty(),
        linear(up, width, inner, bias),
        linear(down, inner, width, bias));
  }
}
