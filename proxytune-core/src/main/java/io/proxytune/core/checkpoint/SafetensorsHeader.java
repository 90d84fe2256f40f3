package io.proxytune.core.checkpoint;

import static com.google.common.base.Strings.lenientFormat;
import static io.proxytune.core.checkpoint.SafetensorsFile.DAMAGED;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Comparator.comparingLong;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.base.Utf8;
import io.proxytune.CheckpointException;
import io.proxytune.core.files.InvalidJsonException;
import io.proxytune.core.files.JsonText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parses one header and checks that its tensors tile the file's data section exactly. */
final class SafetensorsHeader {
  private static final String METADATA = "__metadata__";

  private final Path file;
  private final long dataStart;
  private final long dataLength;
  private final Map<String, String> metadata = new LinkedHashMap<>();

  SafetensorsHeader(Path file, long dataStart, long dataLength) {
    this.file = file;
    this.dataStart = dataStart;
    this.dataLength = dataLength;
  }

  SafetensorsFile.Contents parse(byte[] header) {
    if (!Utf8.isWellFormed(header)) {
      throw refusal("its header must be UTF-8 text, got other bytes");
    }
    List<StoredTensor> tensors = readEntries(new String(header, UTF_8));
    tensors.sort(comparingLong(StoredTensor::offset).thenComparingLong(StoredTensor::end));
    checkTiling(tensors);
    Map<String, StoredTensor> byName = new LinkedHashMap<>();
    tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
    return new SafetensorsFile.Contents(
        Collections.unmodifiableMap(byName), Collections.unmodifiableMap(metadata));
  }

  private List<StoredTensor> readEntries(String header) {
    List<StoredTensor> tensors = new ArrayList<>();
    try {
      JsonText.parseMembers(header, (name, entry) -> take(tensors, name, entry));
    } catch (InvalidJsonException e) {
      throw new CheckpointException(
          message("its header must be valid JSON: " + e.getMessage()) + DAMAGED, e);
    }
    return tensors;
  }

  private void take(List<StoredTensor> tensors, String name, JsonNode entry) {
    if (name.equals(METADATA)) {
      checkMetadata(entry);
      entry.properties().forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
    } else {
      tensors.add(tensor(name, entry));
    }
  }

  private void checkMetadata(JsonNode metadata) {
    boolean valid = metadata.isObject() || metadata.isNull();
    for (JsonNode value : metadata) {
      valid &= value.isTextual();
    }
    if (!valid) {
      throw refusal(
          METADATA + " must be an object of strings or null, got " + JsonText.show(metadata));
    }
  }

  private StoredTensor tensor(String name, JsonNode entry) {
    StoredType type = type(name, entry.path("dtype"));
    List<Long> shape = naturals(name, "shape", entry.path("shape"));
    List<Long> offsets = naturals(name, "data_offsets", entry.path("data_offsets"));
    if (offsets.size() != 2) {
      throw refusal(name, "data_offsets must be [begin, end], got " + offsets);
    }
    long begin = offsets.get(0);
    long end = offsets.get(1);
    checkOffsets(name, begin, end);
    checkSize(name, type, shape, end - begin);
    return new StoredTensor(name, file, type, shape, dataStart + begin, end - begin);
  }

  private StoredType type(String name, JsonNode dtype) {
    return StoredType.named(dtype.asText())
        .orElseThrow(
            () ->
                refusal(
                    name,
                    "dtype must be one of "
                        + StoredType.names()
                        + ", got "
                        + JsonText.show(dtype)));
  }

  private List<Long> naturals(String name, String key, JsonNode list) {
    List<Long> numbers = new ArrayList<>();
    boolean valid = list.isArray();
    for (JsonNode number : list) {
      valid &= number.isIntegralNumber() && number.canConvertToLong() && number.longValue() >= 0;
      numbers.add(number.longValue());
    }
    if (!valid) {
      throw refusal(
          name, key + " must be a list of integers in [0, 2^63), got " + JsonText.show(list));
    }
    return numbers;
  }

  private void checkOffsets(String name, long begin, long end) {
    if (begin > end) {
      throw refusal(
          name,
          lenientFormat("data_offsets must not end before they begin, got [%s, %s]", begin, end));
    }
    if (end > dataLength) {
      throw refusal(
          name,
          lenientFormat(
              "data_offsets [%s, %s] must lie inside the data section of %s bytes",
              begin, end, dataLength));
    }
  }

  private void checkSize(String name, StoredType type, List<Long> shape, long got) {
    long bits;
    try {
      bits = type.bits();
      for (long size : shape) {
        bits = Math.multiplyExact(bits, size);
      }
    } catch (ArithmeticException e) {
      throw refusal(name, "shape " + shape + " has more than 2^63 bits");
    }
    if (bits % 8 != 0 || bits / 8 != got) {
      throw refusal(
          name,
          lenientFormat(
              "shape %s of %s needs %s bits, but data_offsets span %s bytes",
              shape, type, bits, got));
    }
  }

  private void checkTiling(List<StoredTensor> sorted) {
    long covered = dataStart;
    String previous = "the header";
    for (StoredTensor tensor : sorted) {
      if (tensor.offset() < covered) {
        throw refusal(tensor.name(), "its bytes must not overlap those of tensor " + previous);
      }
      checkNoHole(covered, tensor.offset());
      covered = tensor.end();
      previous = '"' + tensor.name() + '"';
    }
    checkNoHole(covered, dataStart + dataLength);
  }

  private void checkNoHole(long from, long to) {
    if (from != to) {
      throw refusal(
          lenientFormat(
              "every byte of the data section must belong to a tensor, but bytes [%s, %s) belong"
                  + " to none",
              from - dataStart, to - dataStart));
    }
  }

  private CheckpointException refusal(String tensor, String problem) {
    return refusal("tensor \"" + tensor + "\": " + problem);
  }

  private CheckpointException refusal(String problem) {
    return new CheckpointException(message(problem) + DAMAGED);
  }

  private String message(String problem) {
    return "safetensors file " + file + ": " + problem;
  }
}
