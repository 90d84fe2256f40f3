package io.proxytune.core.fit;

import static java.util.stream.Collectors.toMap;

import io.proxytune.CheckpointException;
import io.proxytune.Tokenizer;
import io.proxytune.core.Quantization;
import io.proxytune.core.checkpoint.AdapterFolder;
import io.proxytune.core.checkpoint.CacheMemory;
import io.proxytune.core.checkpoint.CheckpointFolder;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.LoraAdapter;
import io.proxytune.core.checkpoint.LoraTensors;
import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.checkpoint.WeightMemory;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import io.proxytune.core.vocabulary.ModelVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A folder that is looked at.
 *
 * @param name its name
 * @param path where it is
 * @param adapter what it holds, if that is an adapter
 * @param host the index of the model that an adapter is put on
 * @param checkpoint what it holds, or its host
 * @param tokenizer its own, or its host's
 * @param problem why it can't be loaded
 */
record Candidate(
    String name,
    Path path,
    Optional<AdapterFolder> adapter,
    OptionalInt host,
    Optional<DecoderCheckpoint> checkpoint,
    Optional<CheckpointTokenizer> tokenizer,
    Optional<String> problem) {

  /** Looks at folders; adapters find their models among them. */
  static List<Candidate> read(List<Path> folders) {
    List<Candidate> read = folders.stream().map(Candidate::read).toList();
    return read.stream().map(candidate -> candidate.onHost(read)).toList();
  }

  private static Candidate read(Path folder) {
    String name = CheckpointFolder.nameOf(folder);
    try {
      Optional<AdapterFolder> adapter =
          AdapterFolder.isAdapter(folder)
              ? Optional.of(AdapterFolder.open(folder))
              : Optional.empty();
      Optional<DecoderCheckpoint> checkpoint =
          adapter.isPresent() ? Optional.empty() : Optional.of(DecoderCheckpoint.open(folder));
      return new Candidate(
          name,
          folder,
          adapter,
          OptionalInt.empty(),
          checkpoint,
          CheckpointTokenizer.find(folder),
          Optional.empty());
    } catch (CheckpointException e) {
      return new Candidate(
          name,
          folder,
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.of(e.getMessage()));
    }
  }

  boolean isUsable() {
    return problem.isEmpty();
  }

  private Candidate onHost(List<Candidate> all) {
    if (adapter.isEmpty()) {
      return this;
    }
    OptionalInt found = host(all);
    if (found.isEmpty()) {
      return withHost(found, Optional.empty(), Optional.of(noHost()));
    }
    return withHost(found, all.get(found.getAsInt()).checkpoint, Optional.empty())
        .withTokenizer(all.get(found.getAsInt()).tokenizer);
  }

  private Candidate withHost(
      OptionalInt found, Optional<DecoderCheckpoint> model, Optional<String> trouble) {
    return new Candidate(name, path, adapter, found, model, tokenizer, trouble);
  }

  private Candidate withTokenizer(Optional<CheckpointTokenizer> ofHost) {
    return new Candidate(
        name, path, adapter, host, checkpoint, tokenizer.or(() -> ofHost), problem);
  }

  private String noHost() {
    return "it is an adapter"
        + adapter.flatMap(AdapterFolder::baseModel).map(model -> " on " + model).orElse("")
        + ", and fits none of the other models: name the model that it was trained on, too";
  }

  /** The model that the adapter names, or else the first one that it fits. */
  private OptionalInt host(List<Candidate> all) {
    Optional<Path> named = adapter.flatMap(AdapterFolder::findBaseFolder).map(Candidate::real);
    return IntStream.concat(
            indices(all).filter(i -> named.equals(Optional.of(real(all.get(i).path)))),
            indices(all))
        .filter(i -> all.get(i).checkpoint.map(this::fits).orElse(false))
        .findFirst();
  }

  private static IntStream indices(List<Candidate> all) {
    return IntStream.range(0, all.size());
  }

  private static Path real(Path folder) {
    try {
      return Files.isDirectory(folder) ? folder.toRealPath() : folder;
    } catch (IOException e) {
      return folder; // then it is not the same as another's
    }
  }

  private boolean fits(DecoderCheckpoint model) {
    try {
      return LoraAdapter.bind(adapter.orElseThrow(), model).folder() != null;
    } catch (CheckpointException e) {
      return false;
    }
  }

  ModelVocabulary vocabulary() {
    return new ModelVocabulary(tokenizer.map(own -> own), width());
  }

  private int width() {
    return checkpoint.orElseThrow().spec().vocabulary();
  }

  /** What of it matters to others, where it is usable. */
  ModelFacts facts() {
    DecoderCheckpoint model = checkpoint.orElseThrow();
    return new ModelFacts(
        model.spec().architecture(),
        model.spec().layers().size() + " x " + model.spec().width(),
        adapter.map(Candidate::parameters).orElse(model.parameters()),
        model.spec().contextLength(),
        tokenizer.map(Tokenizer::vocabularySize).orElse(0),
        width(),
        endOfText(model),
        tokenizer.map(Tokenizer::hasChatTemplate).orElse(false),
        adapter.map(Candidate::memory).orElseGet(() -> memory(model)),
        CacheMemory.bytesPerToken(model));
  }

  private static long parameters(AdapterFolder adapter) {
    return Stream.concat(
            adapter.pairs().values().stream().flatMap(LoraTensors::all),
            adapter.wholes().values().stream())
        .mapToLong(StoredTensor::elements)
        .sum();
  }

  /** As {@link io.proxytune.core.TorchModels} counts them. */
  private Map<Integer, String> endOfText(DecoderCheckpoint model) {
    Set<Integer> ids =
        new TreeSet<>(
            adapter
                .flatMap(own -> own.endOfTextIds(width()))
                .orElse(model.generation().endOfTextIds()));
    if (adapter.isPresent()) {
      tokenizer.flatMap(CheckpointTokenizer::endOfTextId).ifPresent(ids::add);
    }
    return ids.stream()
        .filter(id -> id < width())
        .collect(toMap(id -> id, id -> tokenizer.flatMap(t -> t.token(id)).orElse("")));
  }

  private static Map<String, Long> memory(DecoderCheckpoint model) {
    Map<String, Long> bytes = new LinkedHashMap<>();
    bytes.put("float32", WeightMemory.of(model, Quantization.none(), Float.BYTES));
    bytes.put("bfloat16", WeightMemory.of(model, Quantization.none(), Short.BYTES));
    bytes.put("int8", WeightMemory.of(model, Quantization.int8(), Short.BYTES));
    bytes.put("int4", WeightMemory.of(model, Quantization.int4(), Short.BYTES));
    return bytes;
  }

  /** Beside rounded weights an adapter keeps its own. */
  private static Map<String, Long> memory(AdapterFolder adapter) {
    Map<String, Long> bytes = new LinkedHashMap<>();
    bytes.put("float32", parameters(adapter) * Float.BYTES);
    for (String format : List.of("bfloat16", "int8", "int4")) {
      bytes.put(format, parameters(adapter) * Short.BYTES);
    }
    return bytes;
  }
}
