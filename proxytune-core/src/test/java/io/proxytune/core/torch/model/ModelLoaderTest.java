package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.proxytune.CheckpointException;
import io.proxytune.DeviceException;
import io.proxytune.core.DType;
import io.proxytune.core.LoadListener.Progress;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.Quantization;
import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.StoredType;
import io.proxytune.core.checkpoint.TinyLlama;
import io.proxytune.core.checkpoint.WeightMemory;
import io.proxytune.core.torch.MemoryCheck;
import io.proxytune.core.torch.NativeMemory;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("processor")
class ModelLoaderTest {
  private static final LoadOptions DEFAULTS = LoadOptions.defaults();
  private static final MemoryCheck PLENTY = new MemoryCheck(OptionalLong.empty(), 0, 0);

  @TempDir Path temp;

  private Path tiny(StoredType type) {
    try {
      return new TinyLlama().type(type).write(Files.createDirectories(temp.resolve("tiny")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static LogitModel load(Path folder, LoadOptions options) {
    return ModelLoader.load(DecoderCheckpoint.open(folder), Optional.empty(), options);
  }

  private static LogitModel load(Path folder, LoadOptions options, MemoryCheck memory) {
    return ModelLoader.load(DecoderCheckpoint.open(folder), Optional.empty(), options, memory);
  }

  private static float[] row(LogitModel model) {
    try (LogitSession session = model.newSession(4);
        Logits logits =
            model.forward(List.of(new Segment(session, new int[] {1, 5, 9}, Segment.Rows.LAST)))) {
      return logits.row(0);
    }
  }

  static Stream<Arguments> conversions() {
    return Stream.of(StoredType.F32, StoredType.BF16, StoredType.F16)
        .flatMap(stored -> Stream.of(DType.values()).map(dtype -> Arguments.of(stored, dtype)));
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("conversions")
  void everyStoredTypeLoadsAsEveryType(StoredType stored, DType dtype) {
    Path folder = tiny(stored);
    float[] exact;
    try (LogitModel model = load(folder, DEFAULTS.withDType(DType.FLOAT32))) {
      exact = row(model);
    }
    try (LogitModel model = load(folder, DEFAULTS.withDType(dtype))) {
      float[] row = row(model);
      double largest = IntStream.range(0, 16).mapToDouble(i -> Math.abs(exact[i])).max().orElse(0);
      for (int id = 0; id < exact.length; id++) {
        assertThat((double) row[id]).isCloseTo(exact[id], within(0.1 * largest));
      }
      String expected =
          switch (dtype == DType.AS_STORED ? asStored(stored) : dtype) {
            case BFLOAT16 -> "BFloat16";
            case FLOAT16 -> "Half";
            default -> "Float";
          };
      assertThat(model.toString()).isEqualTo("TorchModel[tiny, %s, cpu]", expected);
    }
  }

  private static DType asStored(StoredType stored) {
    return switch (stored) {
      case BF16 -> DType.BFLOAT16;
      case F16 -> DType.FLOAT16;
      default -> DType.FLOAT32;
    };
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theListenerHearsOfEachTensorOnce(boolean tied) {
    TinyLlama llama = new TinyLlama();
    if (tied) {
      llama.config(config -> config.put("tie_word_embeddings", true)).remove("lm_head.weight");
    }
    Path folder = llama.write(temp);
    List<Progress> heard = new ArrayList<>();
    load(folder, DEFAULTS.withListener(heard::add)).close();

    int total = tied ? 20 : 21;
    assertThat(heard).hasSize(total);
    Set<String> names = new HashSet<>();
    long bytes = 0;
    for (int i = 0; i < total; i++) {
      Progress progress = heard.get(i);
      assertThat(progress.model()).isEqualTo(temp.getFileName().toString());
      assertThat(names.add(progress.tensor())).as("%s is new", progress.tensor()).isTrue();
      assertThat(progress.tensors()).isEqualTo(i + 1);
      assertThat(progress.totalTensors()).isEqualTo(total);
      assertThat(progress.bytes()).isGreaterThan(bytes);
      bytes = progress.bytes();
      assertThat(progress.totalBytes()).isEqualTo(heard.get(0).totalBytes());
    }
    assertThat(bytes).isEqualTo(DecoderCheckpoint.open(folder).storedBytes());
  }

  @Test
  void aListenersExceptionEndsLoadingAtEachTensorAndLeaksNothing() {
    Path folder = tiny(StoredType.BF16);
    load(folder, DEFAULTS).close();
    long objects = NativeMemory.objects();
    for (int tensor = 1; tensor <= 21; tensor++) {
      IllegalStateException failure = new IllegalStateException("the application's own");
      int last = tensor;
      List<Progress> heard = new ArrayList<>();
      LoadOptions options =
          DEFAULTS.withListener(
              progress -> {
                heard.add(progress);
                if (progress.tensors() == last) {
                  throw failure;
                }
              });
      assertThatThrownBy(() -> load(folder, options)).isSameAs(failure);
      assertThat(heard).hasSize(last);
      assertThat(NativeMemory.objects()).as("after tensor %s", last).isLessThanOrEqualTo(objects);
    }
    assertThat(NativeMemory.mappingsUnder(temp)).isZero();
  }

  @Tag("slow")
  @Test
  void loadingAgainAndAgainLeavesNothing() {
    Path folder = tiny(StoredType.BF16);
    load(folder, DEFAULTS).close();
    long objects = NativeMemory.objects();
    for (int i = 0; i < 30; i++) {
      try (LogitModel model = load(folder, DEFAULTS)) {
        assertThat(row(model)).hasSize(16);
      }
    }
    assertThat(NativeMemory.objects()).isLessThanOrEqualTo(objects);
    assertThat(NativeMemory.mappingsUnder(temp)).isZero();
  }

  @Test
  void whatBecomesOfTheFilesAfterwardsIsAllOne() throws IOException {
    for (StoredType type : List.of(StoredType.F32, StoredType.BF16)) {
      Path folder = tiny(type);
      try (LogitModel model = load(folder, DEFAULTS)) {
        assertThat(NativeMemory.mappingsUnder(temp)).isZero();
        float[] before = row(model);
        Path file = folder.resolve("model.safetensors");
        byte[] noise = new byte[(int) Files.size(file)];
        new Random(3).nextBytes(noise);
        Files.write(file, noise, StandardOpenOption.WRITE); // in place
        assertThat(row(model)).containsExactly(before);
        Files.write(file, new byte[1]);
        assertThat(row(model)).containsExactly(before);
      }
    }
  }

  @Test
  void aFileThatIsOverwrittenWithTheSameNumberOfBytesIsNamed() throws IOException {
    for (String name : List.of("model.safetensors", "config.json")) {
      Path folder = tiny(StoredType.F32);
      Path file = folder.resolve(name);
      DecoderCheckpoint checkpoint = DecoderCheckpoint.open(folder);
      FileTime modified = Files.getLastModifiedTime(file);
      Files.write(file, Files.readAllBytes(file));
      Files.setLastModifiedTime(file, modified); // as tools that copy do
      assertThatExceptionOfType(CheckpointException.class)
          .isThrownBy(() -> ModelLoader.load(checkpoint, Optional.empty(), DEFAULTS))
          .withMessageContaining(file + " changed since it was opened (it was written to)")
          .withMessageContaining("rename");
    }
  }

  @Test
  void aFileThatIsReplacedByAnotherIsNamed() throws IOException {
    Path folder = tiny(StoredType.F32);
    Path file = folder.resolve("model.safetensors");
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(folder);
    Files.move(Files.copy(file, temp.resolve("copy")), file, StandardCopyOption.REPLACE_EXISTING);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> ModelLoader.load(checkpoint, Optional.empty(), DEFAULTS))
        .withMessageContaining(file + " changed since it was opened (another file took its place)");
  }

  @Test
  void anInterruptedThreadLoadsToo() {
    Path folder = tiny(StoredType.BF16);
    Thread.currentThread().interrupt();
    try (LogitModel model = load(folder, DEFAULTS)) {
      assertThat(Thread.interrupted()).isTrue();
      assertThat(row(model)).hasSize(16);
    }
  }

  @Test
  void aFileThatIsGoneSinceItWasOpenedIsNamed() throws IOException {
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(tiny(StoredType.F32));
    Path file = temp.resolve("tiny/model.safetensors");
    Files.delete(file);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> ModelLoader.load(checkpoint, Optional.empty(), DEFAULTS))
        .withMessageContaining(file.toString())
        .withMessageContaining("changed since it was opened (it is gone)");
  }

  @Test
  void aFileThatShrankSinceItWasOpenedIsNamedAndLeaksNothing() throws IOException {
    Path folder = tiny(StoredType.F32);
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(folder);
    ModelLoader.load(checkpoint, Optional.empty(), DEFAULTS).close();
    long objects = NativeMemory.objects();
    try (RandomAccessFile file =
        new RandomAccessFile(folder.resolve("model.safetensors").toFile(), "rw")) {
      file.setLength(file.length() - 4);
    }
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> ModelLoader.load(checkpoint, Optional.empty(), DEFAULTS))
        .withMessageContaining(
            "model.safetensors changed since it was opened (it had 7048 bytes and")
        .satisfies(
            e ->
                assertThat(e.getSuppressed()[0])
                    .hasMessageContaining(
                        "cannot read tensor lm_head.weight, 512 bytes from offset"));
    assertThat(NativeMemory.objects()).isLessThanOrEqualTo(objects);
  }

  @Test
  void weightsThatDoNotFitAreRefusedBeforeATensorIsTouched() {
    Path folder = tiny(StoredType.F32);
    MemoryCheck tight = new MemoryCheck(OptionalLong.of(1000), 0, 0);
    List<Progress> heard = new ArrayList<>();
    assertThatExceptionOfType(DeviceException.class)
        .isThrownBy(() -> load(folder, DEFAULTS.withListener(heard::add), tight))
        .withMessageContaining("tiny does not fit: its weights need 0.00 GB and 0.00 GB")
        .withMessageContaining("LoadOptions.withMemoryCheck(false)");
    assertThat(heard).isEmpty();
    try (LogitModel model = load(folder, DEFAULTS.withMemoryCheck(false), tight)) {
      assertThat(row(model)).hasSize(16);
    }
  }

  @Test
  void theSizeInMemoryCountsNotTheSizeOnDisk() {
    Path folder = tiny(StoredType.F32);
    long stored = DecoderCheckpoint.open(folder).storedBytes();
    MemoryCheck tight = new MemoryCheck(OptionalLong.of(stored / 2), 0, 0);
    assertThatExceptionOfType(DeviceException.class)
        .isThrownBy(() -> load(folder, DEFAULTS, tight));
    load(folder, DEFAULTS.withDType(DType.BFLOAT16), tight).close();
  }

  @Test
  void theQuantizedSizeCountsWhereWeightsAreQuantized() {
    Path folder = tiny(StoredType.F32);
    long bytes = WeightMemory.of(DecoderCheckpoint.open(folder), Quantization.int8(), Float.BYTES);
    MemoryCheck tight = new MemoryCheck(OptionalLong.of(bytes), 0, 0);
    assertThatExceptionOfType(DeviceException.class)
        .isThrownBy(() -> load(folder, DEFAULTS, tight));
    load(folder, DEFAULTS.withQuantization(Quantization.int8()), tight).close();
  }

  @Tag("slow")
  @Test
  void quantizedModelsLeaveNothing() {
    Path folder = tiny(StoredType.BF16);
    for (String text : List.of("int8+head", "int4+head")) {
      LoadOptions options = DEFAULTS.withQuantization(Quantization.parse(text));
      load(folder, options).close();
      long objects = NativeMemory.objects();
      for (int i = 0; i < 5; i++) {
        try (LogitModel model = load(folder, options)) {
          assertThat(row(model)).hasSize(16);
        }
      }
      assertThat(NativeMemory.objects()).as(text).isLessThanOrEqualTo(objects);
    }
    assertThat(NativeMemory.mappingsUnder(temp)).isZero();
  }

  @Test
  void javaCppsLimitIsCheckedWhateverTheSwitch() {
    Path folder = tiny(StoredType.F32);
    assertThatExceptionOfType(DeviceException.class)
        .isThrownBy(
            () ->
                load(
                    folder,
                    DEFAULTS.withMemoryCheck(false),
                    new MemoryCheck(OptionalLong.empty(), 5_000_000_000L, 5_000_001_000L)))
        .withMessageContaining("tiny does not fit under JavaCPP's limit")
        .withMessageContaining("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
    load(folder, DEFAULTS, PLENTY).close();
  }

  @Test
  void cudaOnACpuBuildIsRefusedBeforeATensorIsTouched() {
    assumeFalse(torch.cuda_is_available(), "this machine has CUDA");
    List<Progress> heard = new ArrayList<>();
    assertThatExceptionOfType(DeviceException.class)
        .isThrownBy(
            () ->
                load(tiny(StoredType.F32), DEFAULTS.withDevice("cuda:0").withListener(heard::add)))
        .withMessageContaining("device cuda:0 was asked for, but CUDA is not available");
    assertThat(heard).isEmpty();
  }
}
