package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.core.checkpoint.SafetensorsFile;
import io.proxytune.core.checkpoint.StoredTensor;
import io.proxytune.core.checkpoint.StoredType;
import io.proxytune.core.checkpoint.TinyLlama;
import io.proxytune.core.family.FamilyGolden;
import io.proxytune.core.torch.NativeMemory;
import io.proxytune.model.LogitModel;
import io.proxytune.model.Segment.Rows;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Packed weights that are kept in a folder. */
@Tag("processor")
class WeightCacheTest {
  private static final LoadOptions BFLOAT16 = LoadOptions.defaults().withDType(DType.BFLOAT16);

  @TempDir Path temp;

  private Path cache() {
    return temp.resolve("cache");
  }

  private Path tiny(long seed) throws IOException {
    return new TinyLlama()
        .seed(seed)
        .type(StoredType.BF16)
        .write(Files.createDirectories(temp.resolve("tiny")));
  }

  /** Copied to the bit: floats that differ in a sign of zero are not equal. */
  private static List<float[]> rows(Path folder, LoadOptions options) {
    try (LogitModel model = TorchModels.load(folder, options)) {
      return Step.play(
          model, List.of(Step.append(Rows.ALL, 7, 2, 15, 0, 3, 9), Step.append(Rows.ALL, 1)));
    }
  }

  private static void assertSame(String what, List<float[]> actual, List<float[]> expected) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int row = 0; row < expected.size(); row++) {
      assertThat(Arrays.equals(actual.get(row), expected.get(row)))
          .as("%s, row %s", what, row)
          .isTrue();
    }
  }

  private List<Path> files() throws IOException {
    if (!Files.exists(cache())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(cache())) {
      return files.filter(file -> !file.toString().endsWith(".lock")).sorted().toList();
    }
  }

  private Path file() throws IOException {
    assertThat(files()).hasSize(1);
    return files().get(0);
  }

  /** Without, with what is written, and with what is read. */
  private void assertAllTheSame(Path folder, LoadOptions options) throws IOException {
    List<float[]> expected = rows(folder, options);
    LoadOptions kept = options.withWeightCache(cache());
    assertSame("written", rows(folder, kept), expected);
    byte[] written = Files.readAllBytes(file());
    FileTime time = Files.getLastModifiedTime(file());
    assertSame("read", rows(folder, kept), expected);
    assertThat(Files.getLastModifiedTime(file())).as("not written again").isEqualTo(time);
    spoil(file());
    assertThatThrownBy(() -> assertSame("of the file", rows(folder, kept), expected))
        .isInstanceOf(AssertionError.class);
    Files.write(file(), written);
  }

  /** Makes all weights of the head others. */
  private static void spoil(Path file) throws IOException {
    for (StoredTensor tensor : SafetensorsFile.read(file).values()) {
      if (tensor.name().contains(":b")) { // blocks, bytes
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
          out.seek(tensor.offset());
          out.write(new byte[(int) tensor.byteLength()]);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "mha-untied, none", "gqa-tied, none", "mqa-bias-head-dim, none",
    "mha-untied, int8", "gqa-tied, int8+head", "mqa-bias-head-dim, int8",
    "mha-untied, int4:32+head", "gqa-tied, int4:32", "mqa-bias-head-dim, int4:128+head",
    "sharded, int8"
  })
  void logitsAreTheSame(String checkpoint, String quantization) throws IOException {
    assertAllTheSame(
        GoldenModels.folder(checkpoint),
        BFLOAT16.withQuantization(Quantization.parse(quantization)));
  }

  /** Experts in a stack, transposed weights, and several layers' in one tensor. */
  @ParameterizedTest
  @ValueSource(strings = {"mixtral-stacked", "gpt2", "phi3", "gpt-oss"})
  void logitsOfFamiliesAreTheSame(String family) throws IOException {
    Path folder = FamilyGolden.of(family).write(Files.createDirectory(temp.resolve("model")));
    assertAllTheSame(folder, BFLOAT16);
    Files.delete(file());
    assertAllTheSame(folder, BFLOAT16.withQuantization(Quantization.int8()));
  }

  @ParameterizedTest
  @CsvSource({"gqa-tied, all, none", "gqa-tied, all, int8", "gqa-tied, head-tied, int4:32+head"})
  void logitsWithAMergedAdapterAreTheSame(String checkpoint, String adapter, String quantization)
      throws IOException {
    LoadOptions options = BFLOAT16.withQuantization(Quantization.parse(quantization));
    Path folder = GoldenModels.folder(checkpoint);
    List<float[]> plain = rows(folder, options.withWeightCache(cache()));
    Path of = file();
    LoadOptions merged = options.withAdapter(GoldenModels.folder("adapters/" + adapter));
    List<float[]> expected = rows(folder, merged);
    for (String what : List.of("written", "read")) {
      assertSame(what, rows(folder, merged.withWeightCache(cache())), expected);
      assertThat(files()).as("one beside that without").hasSize(2).contains(of);
    }
    assertSame("without", rows(folder, options.withWeightCache(cache())), plain);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mha-untied", "gqa-tied", "mqa-bias-head-dim", "sharded"})
  void logitsInFloat32AreTheSame(String checkpoint) throws IOException {
    assertAllTheSame(
        GoldenModels.folder(checkpoint), LoadOptions.defaults().withDType(DType.FLOAT32));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mha-untied", "gqa-tied", "mqa-bias-head-dim"})
  void logitsOfWeightsInMemoryTwiceAreTheSame(String checkpoint) throws IOException {
    assertAllTheSame(
        GoldenModels.folder(checkpoint), BFLOAT16.withLayout(WeightLayout.PACKED_TWICE));
  }

  /** Layers of float16 stay as they are stored; the head is float32. */
  @Test
  void logitsOfLayersThatAreNotKeptAreTheSame() throws IOException {
    LoadOptions options = LoadOptions.defaults().withDType(DType.FLOAT16);
    Path folder = GoldenModels.folder("mha-untied");
    List<float[]> expected = rows(folder, options);
    for (String what : List.of("first", "second")) {
      assertSame(what, rows(folder, options.withWeightCache(cache())), expected);
    }
    assertThat(SafetensorsFile.read(file()).keySet())
        .isNotEmpty()
        .allMatch(name -> name.startsWith("lm_head.weight:"));
  }

  @Test
  void eachWayHasAFileOfItsOwn() throws IOException {
    Path folder = tiny(1);
    for (String quantization : List.of("none", "int8", "int8+head", "int4:32", "int4:64")) {
      LoadOptions options = BFLOAT16.withQuantization(Quantization.parse(quantization));
      List<float[]> expected = rows(folder, options);
      assertSame(quantization, rows(folder, options.withWeightCache(cache())), expected);
    }
    assertThat(files()).hasSize(5);
  }

  /** The time that the file says may be the same, or all but the time. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCheckpointThatChangedIsReadAnew(boolean sameTime) throws IOException {
    Path folder = tiny(1);
    Path weights = folder.resolve("model.safetensors");
    LoadOptions options = BFLOAT16.withWeightCache(cache());
    List<float[]> before = rows(folder, options);
    FileTime time = Files.getLastModifiedTime(weights);
    byte[] kept = Files.readAllBytes(file());

    tiny(2);
    Files.setLastModifiedTime(
        weights, sameTime ? time : FileTime.fromMillis(time.toMillis() + 5_000));
    List<float[]> expected = rows(folder, BFLOAT16);
    assertThatThrownBy(() -> assertSame("other weights", expected, before))
        .isInstanceOf(AssertionError.class);
    assertSame("changed", rows(folder, options), expected);
    assertSame("changed, read", rows(folder, options), expected);
    assertThat(Files.readAllBytes(file())).isNotEqualTo(kept);
  }

  private static void damage(Path file, String how) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    switch (how) {
      case "empty" -> Files.write(file, new byte[0]);
      case "short" -> Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
      case "long" -> Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
      case "half of it" -> Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
      case "no header" -> Files.write(file, new byte[bytes.length]);
      case "other version" -> replace(file, bytes, "\"version\":\"1\"", "\"version\":\"0\"");
      case "other dtype" -> replace(file, bytes, "\"dtype\":\"F16\"", "\"dtype\":\"I16\"");
      case "other name" -> replace(file, bytes, "lm_head.weight:", "lm_head.weighs:");
      case "other key" -> replace(file, bytes, "\"key\":\"", "\"key\":\"0");
      default -> throw new IllegalArgumentException(how);
    }
  }

  /** Text for text; where it is longer, a blank behind the header goes. */
  private static void replace(Path file, byte[] bytes, String from, String to) throws IOException {
    String all = new String(bytes, StandardCharsets.ISO_8859_1);
    assertThat(all).contains(from);
    String changed = all.replace(from, to);
    if (changed.length() > all.length()) {
      assertThat(changed).contains("}} ");
      changed = changed.replaceFirst("}} ", "}}");
    }
    Files.write(file, changed.getBytes(StandardCharsets.ISO_8859_1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "empty",
        "short",
        "long",
        "half of it",
        "no header",
        "other version",
        "other dtype",
        "other name",
        "other key"
      })
  void aDamagedFileIsWrittenAnew(String how) throws IOException {
    Path folder = tiny(1);
    LoadOptions options = BFLOAT16.withWeightCache(cache());
    List<float[]> expected = rows(folder, options);
    byte[] whole = Files.readAllBytes(file());
    damage(file(), how);
    assertThat(Files.readAllBytes(file())).isNotEqualTo(whole);
    assertSame(how, rows(folder, options), expected);
    assertThat(Files.readAllBytes(file())).isEqualTo(whole);
  }

  /** The file of one model under the name of another's. */
  @Test
  void anotherModelsFileIsNotTaken() throws IOException {
    Path folder = tiny(1);
    LoadOptions options = BFLOAT16.withWeightCache(cache());
    List<float[]> expected = rows(folder, options);
    Path other = GoldenModels.folder("mha-untied");
    rows(other, BFLOAT16.withWeightCache(temp.resolve("other")));
    try (Stream<Path> files = Files.list(temp.resolve("other"))) {
      Path foreign = files.filter(f -> f.toString().endsWith(".safetensors")).findFirst().get();
      Files.write(file(), Files.readAllBytes(foreign));
    }
    assertSame("foreign", rows(folder, options), expected);
  }

  @Test
  void whatCannotBeWrittenChangesNothing() throws IOException {
    Path folder = tiny(1);
    Files.createDirectories(temp.resolve("taken"));
    Path noFolder = Files.writeString(temp.resolve("taken/file"), "not a folder");
    List<float[]> expected = rows(folder, BFLOAT16);
    assertSame("a file", rows(folder, BFLOAT16.withWeightCache(noFolder)), expected);
    assertSame(
        "under a file", rows(folder, BFLOAT16.withWeightCache(noFolder.resolve("x"))), expected);
    assertThat(Files.readString(noFolder)).isEqualTo("not a folder");
  }

  @Test
  void theFolderMayBeALink() throws IOException {
    Path folder = tiny(1);
    Path real = Files.createDirectory(temp.resolve("real"));
    Files.createSymbolicLink(cache(), real);
    List<float[]> expected = rows(folder, BFLOAT16);
    for (String what : List.of("written", "read")) {
      assertSame(what, rows(folder, BFLOAT16.withWeightCache(cache())), expected);
      assertThat(file()).exists();
    }
  }

  /** A folder stands where the file would be. */
  @Test
  void whatCannotBeReadChangesNothing() throws IOException {
    Path folder = tiny(1);
    LoadOptions options = BFLOAT16.withWeightCache(cache());
    List<float[]> expected = rows(folder, options);
    Path file = file();
    Files.delete(file);
    Files.createDirectory(file);
    Files.writeString(file.resolve("a"), "so that it can't be replaced");
    assertSame("a folder", rows(folder, options), expected);
  }

  @Test
  void severalLoadsAtOnceAreRight() throws IOException {
    Path folder = tiny(1);
    LoadOptions options = BFLOAT16.withQuantization(Quantization.int8()).withWeightCache(cache());
    List<float[]> expected = rows(folder, options.withoutWeightCache());
    for (int round = 0; round < 5; round++) {
      List<CompletableFuture<List<float[]>>> loads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        loads.add(CompletableFuture.supplyAsync(() -> rows(folder, options)));
      }
      loads.forEach(load -> assertSame("at once", load.join(), expected));
      assertThat(SafetensorsFile.read(file())).isNotEmpty();
      Files.delete(file());
    }
  }

  @Test
  void anInterruptedThreadKeepsAndReadsThem() throws IOException {
    Path folder = tiny(1);
    LoadOptions options = BFLOAT16.withWeightCache(cache());
    for (String what : List.of("written", "read")) {
      Thread.currentThread().interrupt();
      try (LogitModel model = TorchModels.load(folder, options)) {
        assertThat(Thread.interrupted()).as(what).isTrue();
        assertThat(file()).exists();
      }
    }
  }

  @Test
  void theListenerHearsOfEachTensorOnce() throws IOException {
    Path folder = tiny(1);
    LoadOptions options = BFLOAT16.withWeightCache(cache());
    rows(folder, options);
    List<LoadListener.Progress> heard = new ArrayList<>();
    TorchModels.load(folder, options.withListener(heard::add)).close();
    assertThat(heard).hasSize(21);
    assertThat(heard.stream().map(LoadListener.Progress::tensor).distinct()).hasSize(21);
    LoadListener.Progress last = heard.get(20);
    assertThat(last.bytes()).isEqualTo(last.totalBytes());
  }

  /** What was made until then is closed, and what is kept stays as it is. */
  @Test
  void aListenersExceptionLeaksNothing() throws IOException {
    Path folder = tiny(1);
    LoadOptions options = BFLOAT16.withWeightCache(cache());
    rows(folder, options);
    rows(folder, options);
    byte[] kept = Files.readAllBytes(file());
    long objects = NativeMemory.objects();
    for (int tensor = 1; tensor <= 21; tensor += 4) {
      int last = tensor;
      LoadOptions failing =
          options.withListener(
              progress -> {
                if (progress.tensors() == last) {
                  throw new IllegalStateException("the application's own");
                }
              });
      assertThatThrownBy(() -> TorchModels.load(folder, failing))
          .isInstanceOf(IllegalStateException.class);
      assertThat(NativeMemory.objects()).as("after %s", last).isLessThanOrEqualTo(objects);
    }
    assertThat(Files.readAllBytes(file())).isEqualTo(kept);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "int8+head", "int4:32+head"})
  void closingFreesAll(String quantization) throws IOException {
    Path folder = tiny(1);
    LoadOptions options =
        BFLOAT16.withQuantization(Quantization.parse(quantization)).withWeightCache(cache());
    rows(folder, options);
    rows(folder, options);
    long objects = NativeMemory.objects();
    for (int i = 0; i < 3; i++) {
      rows(folder, options); // read
    }
    Files.delete(file());
    rows(folder, options); // written
    damage(file(), "short");
    rows(folder, options);
    assertThat(NativeMemory.objects()).isLessThanOrEqualTo(objects);
    assertThat(NativeMemory.mappingsUnder(temp)).isZero();
  }
}
