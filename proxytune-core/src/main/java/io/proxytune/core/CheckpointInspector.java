package io.proxytune.core;

import static java.util.stream.Collectors.toMap;

import io.proxytune.Tokenizer;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.DecoderConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Sums up a checkpoint without loading it. */
final class CheckpointInspector {
  private CheckpointInspector() {}

  static CheckpointSummary inspect(DecoderCheckpoint checkpoint, Optional<Tokenizer> tokenizer) {
    DecoderConfig config = checkpoint.config();
    return new CheckpointSummary(
        checkpoint.folder().name(),
        config.architecture(),
        config.layers(),
        config.hiddenSize(),
        config.heads(),
        config.kvHeads(),
        checkpoint.parameters(),
        checkpoint.storedBytes(),
        bytesByDType(checkpoint),
        kvBytesPerToken(checkpoint),
        config.contextLength(),
        tokenizer.map(Tokenizer::vocabularySize).orElse(config.vocabularySize()),
        config.vocabularySize(),
        tokenizer.map(CheckpointInspector::specialTokens).orElse(Map.of()),
        List.copyOf(checkpoint.generation().endOfTextIds()),
        tokenizer.map(Tokenizer::hasChatTemplate).orElse(false));
  }

  private static Map<String, Long> bytesByDType(DecoderCheckpoint checkpoint) {
    Map<String, Long> bytes = new TreeMap<>();
    checkpoint.bytesByDType().forEach((type, size) -> bytes.put(type.name(), size));
    return bytes;
  }

  private static long kvBytesPerToken(DecoderCheckpoint checkpoint) {
    DecoderConfig config = checkpoint.config();
    long values = 2L * config.layers() * config.kvHeads() * config.headDim();
    return values * checkpoint.storedDType().bits() / 8;
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
