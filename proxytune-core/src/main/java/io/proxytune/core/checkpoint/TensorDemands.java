package io.proxytune.core.checkpoint;

import io.proxytune.core.checkpoint.TensorDemand.Size;
import io.proxytune.core.config.ConfigJson;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.decoder.EmbeddingSpec;
import io.proxytune.core.decoder.ExpertsSpec;
import io.proxytune.core.decoder.FeedForwardSpec;
import io.proxytune.core.decoder.HeadSpec;
import io.proxytune.core.decoder.LatentSpec;
import io.proxytune.core.decoder.LayerSpec;
import io.proxytune.core.decoder.LinearSpec;
import io.proxytune.core.decoder.MlpSpec;
import io.proxytune.core.decoder.NormSpec;
import io.proxytune.core.decoder.StoredRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Lists the tensors that a description calls for, a fused one once for each part. */
final class TensorDemands {
  private final DecoderSpec spec;
  private final ConfigJson config;
  private final Size width;
  private final Size vocabulary;
  private final List<TensorDemand> demands = new ArrayList<>();

  private TensorDemands(DecoderSpec spec, ConfigJson config) {
    this.spec = spec;
    this.config = config;
    this.width = new Size(key("hidden_size", "n_embd", "d_model", "n_embed"), spec.width());
    this.vocabulary = new Size("vocab_size", spec.vocabulary());
  }

  /** All but those of embedding and head, from the first layer on. */
  static List<TensorDemand> body(DecoderSpec spec, ConfigJson config) {
    TensorDemands demands = new TensorDemands(spec, config);
    spec.layers().forEach(demands::layer);
    demands.ends();
    return demands.demands;
  }

  /** What the embedding's table must be. */
  static TensorDemand embedding(DecoderSpec spec, ConfigJson config) {
    EmbeddingSpec embedding = spec.embedding();
    TensorDemands sizes = new TensorDemands(spec, config);
    return TensorDemand.of(embedding.tensor(), sizes.vocabulary, sizes.embeddingSize());
  }

  /** What the head's weight must be. */
  static TensorDemand head(DecoderSpec spec, ConfigJson config) {
    TensorDemands sizes = new TensorDemands(spec, config);
    return TensorDemand.of(spec.head().linear().weight(), sizes.vocabulary, sizes.embeddingSize());
  }

  private Size embeddingSize() {
    EmbeddingSpec embedding = spec.embedding();
    return embedding.size() == spec.width()
        ? width
        : new Size("word_embed_proj_dim", embedding.size());
  }

  private String key(String... names) {
    return Stream.of(names).filter(config::has).findFirst().orElse(names[0]);
  }

  private void add(String name, Size... shape) {
    demands.add(TensorDemand.of(name, shape));
  }

  private void ends() {
    EmbeddingSpec embedding = spec.embedding();
    HeadSpec head = spec.head();
    norm(head.norm());
    norm(embedding.norm());
    embedding
        .positions()
        .ifPresent(
            learned ->
                add(
                    learned.tensor(),
                    new Size(positions(learned.offset()), learned.rows()),
                    width));
    embedding.projection().ifPresent(linear -> linear(linear, width, embeddingSize()));
    head.projection().ifPresent(linear -> linear(linear, embeddingSize(), width));
    head.linear().bias().ifPresent(bias -> add(bias, vocabulary));
  }

  private String positions(int offset) {
    String positions = key("max_position_embeddings", "n_positions");
    return offset == 0 ? positions : positions + " + " + offset;
  }

  private void layer(LayerSpec layer) {
    norm(layer.beforeAttention());
    attention(layer.attention());
    norm(layer.afterAttention());
    norm(layer.beforeFeedForward());
    feedForward(layer.feedForward());
    norm(layer.afterFeedForward());
  }

  private void attention(AttentionSpec attention) {
    Size headDim = new Size("head_dim", attention.headDim());
    Size heads = new Size(key("num_attention_heads", "n_head", "num_heads"), attention.heads());
    Size kvHeads = new Size(key("num_key_value_heads", "num_kv_heads"), attention.kvHeads());
    attention.norms().forEach(own -> norm(Optional.of(own)));
    attention.sinks().ifPresent(sinks -> add(sinks, heads));
    if (attention.latent().isPresent()) {
      latent(attention, attention.latent().get());
    } else {
      linear(attention.query(), heads.times(headDim), width);
      linear(attention.key(), kvHeads.times(headDim), width);
      linear(attention.value(), kvHeads.times(headDim), width);
      linear(attention.output(), width, heads.times(headDim));
    }
  }

  private void latent(AttentionSpec attention, LatentSpec latent) {
    Size heads = new Size("num_attention_heads", attention.heads());
    Size plain = new Size("qk_nope_head_dim", attention.headDim() - (long) latent.rotated());
    Size rotated = new Size("qk_rope_head_dim", latent.rotated());
    Size both = new Size("(qk_nope_head_dim + qk_rope_head_dim)", attention.headDim());
    Size values = new Size("v_head_dim", latent.valueDim());
    Size queryRank = new Size("q_lora_rank", attention.query().in());
    Size rank = new Size("kv_lora_rank", latent.keyValueDown().out());
    latent.queryDown().ifPresent(down -> linear(down, queryRank, width));
    linear(
        attention.query(), heads.times(both), latent.queryDown().isPresent() ? queryRank : width);
    linear(latent.keyValueDown(), rank, width);
    linear(latent.sharedKey(), rotated, width);
    linear(attention.key(), heads.times(plain), rank);
    linear(attention.value(), heads.times(values), rank);
    linear(attention.output(), width, heads.times(values));
  }

  private void feedForward(FeedForwardSpec feedForward) {
    if (feedForward instanceof ExpertsSpec experts) {
      experts(experts);
    } else if (feedForward instanceof MlpSpec mlp) {
      mlp(mlp, key("intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size"), Optional.empty());
    }
  }

  private void experts(ExpertsSpec spec) {
    String key = key("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts");
    Size count = new Size(key, spec.experts().size());
    linear(spec.router(), count, width);
    spec.scoring().correction().ifPresent(correction -> correction(correction, count));
    String inner = key("moe_intermediate_size", "intermediate_size");
    spec.experts().forEach(expert -> mlp(expert, inner, Optional.of(count)));
    String shared = key("shared_expert_intermediate_size", "shared_intermediate_size");
    spec.shared().ifPresent(mlp -> mlp(mlp, shared, Optional.empty()));
    spec.sharedGate().ifPresent(gate -> linear(gate, new Size("1", 1), width));
  }

  private void correction(ExpertsSpec.Scoring.Correction correction, Size count) {
    Size[] shape = correction.isRow() ? new Size[] {new Size("1", 1), count} : new Size[] {count};
    add(correction.tensor(), shape);
  }

  private void mlp(MlpSpec mlp, String key, Optional<Size> stack) {
    Size inner = new Size(key, mlp.up().out());
    mlp.inputs().forEach(linear -> linear(linear, inner, width, stack));
    linear(mlp.down(), width, inner, stack);
  }

  private void linear(LinearSpec linear, Size out, Size in) {
    linear(linear, out, in, Optional.empty());
  }

  private void linear(LinearSpec linear, Size out, Size in, Optional<Size> stack) {
    StoredRows rows = linear.rows();
    Size total = rows.rows() == rows.total() ? out : new Size("" + rows.total(), rows.total());
    Stream<Size> matrix = rows.transposed() ? Stream.of(in, total) : Stream.of(total, in);
    Stream<Size> stacked = rows.expert().isPresent() ? stack.stream() : Stream.empty();
    demands.add(new TensorDemand(linear.weight(), Stream.concat(stacked, matrix).toList()));
    Stream<Size> stackedBias = rows.expert().isPresent() ? stack.stream() : Stream.empty();
    linear
        .bias()
        .ifPresent(
            bias ->
                demands.add(
                    new TensorDemand(bias, Stream.concat(stackedBias, Stream.of(total)).toList())));
  }

  private void norm(Optional<NormSpec> norm) {
    norm.ifPresent(
        n -> {
          n.weight().ifPresent(weight -> demands.add(new TensorDemand(weight, factors(n))));
          n.bias().ifPresent(bias -> add(bias, size(n)));
        });
  }

  private List<Size> factors(NormSpec norm) {
    return norm.heads() == 1
        ? List.of(size(norm))
        : List.of(new Size("heads", norm.heads()), size(norm));
  }

  private Size size(NormSpec norm) {
    return norm.size() == spec.width() ? width : new Size("" + norm.size(), norm.size());
  }
}
