package io.proxytune.core;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summingLong;
import static java.util.stream.Collectors.toMap;

import io.proxytune.CheckpointException;
import io.proxytune.PublishedDefaults;
import io.proxytune.Tokenizer;
import io.proxytune.core.checkpoint.AdapterFolder;
import io.proxytune.core.checkpoint.CacheMemory;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.LoraTensors;
import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.checkpoint.WeightMemory;
import io.proxytune.core.decoder.AttentionSpec;
import io.proxytune.core.decoder.DecoderSpec;
import io.proxytune.core.torch.CpuFeatures;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Sums up a checkpoint without loading it. */
final class CheckpointInspector {
  private CheckpointInspector() {}

  static CheckpointSummary inspect(DecoderCheckpoint checkpoint, Optional<Tokenizer> tokenizer) {
    DecoderSpec spec = checkpoint.spec();
    AttentionSpec attention = spec.layers().get(0).attention();
    Published published = published(checkpoint);
    return new CheckpointSummary(
        checkpoint.folder().name(),
        spec.architecture(),
        spec.layers().size(),
        spec.width(),
        attention.heads(),
        attention.kvHeads(),
        checkpoint.parameters(),
        checkpoint.storedBytes(),
        bytesByDType(checkpoint),
        quantizedBytes(checkpoint),
        CpuFeatures.layouts(),
        CacheMemory.bytesPerToken(checkpoint),
        CacheMemory.bytesWhereWindowsSlide(checkpoint),
        spec.contextLength(),
        tokenizer.map(Tokenizer::vocabularySize).orElse(spec.vocabulary()),
        spec.vocabulary(),
        tokenizer.map(CheckpointInspector::specialTokens).orElse(Map.of()),
        List.copyOf(checkpoint.generation().endOfTextIds()),
        tokenizer.map(Tokenizer::hasChatTemplate).orElse(false),
        published.defaults,
        published.problem);
  }

  /** Settings, or why there are none. */
  private record Published(PublishedDefaults defaults, Optional<String> problem) {}

  private static Published published(DecoderCheckpoint checkpoint) {
    try {
      return new Published(
          checkpoint
              .published()
              .defaults(checkpoint.spec().vocabulary(), checkpoint.generation().endOfTextIds()),
          Optional.empty());
    } catch (CheckpointException e) {
      return new Published(PublishedDefaults.NONE, Optional.of(e.getMessage()));
    }
  }

  static AdapterSummary inspect(AdapterFolder adapter) {
    Collection<LoraTensors> pairs = adapter.pairs().values();
    List<StoredTensor> tensors =
        Stream.concat(pairs.stream().flatMap(LoraTensors::all), adapter.wholes().values().stream())
            .toList();
    return new AdapterSummary(
        adapter.name(),
        adapter.baseModel(),
        adapter.findBaseFolder(),
        adapter.rank(),
        adapter.alpha(),
        adapter.isRankStabilized(),
        pairs.stream().map(CheckpointInspector::target).distinct().sorted().toList(),
        pairs.size(),
        tensors.stream().mapToLong(StoredTensor::elements).sum(),
        tensors.stream()
            .collect(
                groupingBy(
                    tensor -> tensor.type().name(),
                    TreeMap::new,
                    summingLong(StoredTensor::byteLength))));
  }

  private static String target(LoraTensors pair) {
    return pair.module().substring(pair.module().lastIndexOf('.') + 1);
  }

  private static Map<String, Long> bytesByDType(DecoderCheckpoint checkpoint) {
    Map<String, Long> bytes = new TreeMap<>();
    checkpoint.bytesByDType().forEach((type, size) -> bytes.put(type.name(), size));
    return bytes;
  }

  private static Map<String, Long> quantizedBytes(DecoderCheckpoint checkpoint) {
    int stored = checkpoint.storedDType().bits() / Byte.SIZE;
    Map<String, Long> bytes = new LinkedHashMap<>();
    for (Quantization quantization : List.of(Quantization.int8(), Quantization.int4())) {
      bytes.put(quantization.toString(), WeightMemory.of(checkpoint, quantization, stored));
    }
    return bytes;
  }

  private static Map<Integer, String> specialTokens(Tokenizer tokenizer) {
    return IntStream.range(0, tokenizer.vocabularySize())
        .filter(tokenizer::isSpecial)
        .boxed()
        .collect(
            toMap(
                id -> id,
                id -> tokenizer.token(id).orElse(""),
                (first, second) -> first,
                TreeMap::new));
  }
}
