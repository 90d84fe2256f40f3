package io.proxytune.core.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.proxytune.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFileTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("weights.safetensors");
  }

  private static SafetensorsWriter twoTensors() {
    return new SafetensorsWriter()
        .metadata("format", "pt")
        .add("a", StoredType.F32, new float[] {1, 2, 3, 4, 5, 6}, 2, 3)
        .add("b", StoredType.BF16, new float[] {1, 2}, 2);
  }

  @Test
  void readsWhereTensorsLie() throws IOException {
    twoTensors().write(file);

    Map<String, StoredTensor> tensors = SafetensorsFile.read(file);

    long dataStart = Files.size(file) - 28;
    assertThat(tensors.values())
        .containsExactly(
            new StoredTensor("a", file, StoredType.F32, List.of(2L, 3L), dataStart, 24),
            new StoredTensor("b", file, StoredType.BF16, List.of(2L), dataStart + 24, 4));
  }

  @Test
  void offsetsPointAtTheBytesOfTheValues() throws IOException {
    twoTensors().write(file);

    StoredTensor tensor = SafetensorsFile.read(file).get("a");

    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(bytes.getFloat((int) tensor.offset() + 4)).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource
  void knowsEveryDtypeOfTheFormat(StoredType type) {
    new SafetensorsWriter().add("t", type.name(), new byte[type.bits()], 4, 2).write(file);

    assertThat(SafetensorsFile.read(file).get("t").type()).isEqualTo(type);
  }

  @Test
  void acceptsScalarsEmptyTensorsAndAFileWithoutTensors() {
    new SafetensorsWriter()
        .add("empty", StoredType.F32, new float[0], 0, 5)
        .add("scalar", StoredType.F32, new float[1])
        .write(file);
    assertThat(SafetensorsFile.read(file).get("scalar").elements()).isEqualTo(1);
    assertThat(SafetensorsFile.read(file).get("empty").elements()).isZero();

    new SafetensorsWriter().write(file);
    assertThat(SafetensorsFile.read(file)).isEmpty();
  }

  @Test
  void ordersTensorsByTheirBytes() {
    SafetensorsWriter.writeRaw(
        file,
        """
        {"second": {"dtype": "U8", "shape": [2], "data_offsets": [1, 3], "extra": true},
         "first": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}}
        """,
        new byte[3]);

    assertThat(SafetensorsFile.read(file).keySet()).containsExactly("first", "second");
  }

  @Test
  void tellsWhereBytesAreNotAligned() {
    SafetensorsWriter.writeRaw(
        file, "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} ", new byte[4]);

    StoredTensor tensor = SafetensorsFile.read(file).get("t");

    assertThat(tensor.offset() % 4).isNotZero();
  }

  @Test
  void refusesAMissingFileAndAFolder() throws IOException {
    assertRefused("does not exist");
    Files.createDirectory(file);
    assertRefused("must be a file, got a folder");
  }

  @Test
  void refusesAFileThatIsTooShortForALength() throws IOException {
    Files.write(file, new byte[7]);
    assertRefused("must have at least 8 bytes, got 7", "download");
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 18446744073709551615",
    "-9223372036854775808, 9223372036854775808",
    "100000001, 100000001",
    "9223372036854775807, 9223372036854775807"
  })
  void refusesAHeaderLengthOutOfRange(long length, String shown) {
    SafetensorsWriter.writeRaw(file, length, "{}".getBytes(UTF_8), new byte[0]);
    assertRefused("header length must lie in [0, 100000000], got " + shown, "download");
  }

  @Test
  void refusesAHeaderBeyondTheEndOfTheFile() {
    SafetensorsWriter.writeRaw(file, 3, "{}".getBytes(UTF_8), new byte[0]);
    assertRefused("header must have 3 bytes, but only 2 follow", "download");
  }

  @Test
  void refusesBytesThatAreNotUtf8() {
    SafetensorsWriter.writeRaw(file, 4, new byte[] {'{', '"', (byte) 0xff, '"'}, new byte[0]);
    assertRefused("header must be UTF-8", "download");
  }

  @Test
  void refusesUtf16() {
    byte[] header = "{}".getBytes(UTF_16LE);
    SafetensorsWriter.writeRaw(file, header.length, header, new byte[0]);
    assertRefused("header must be valid JSON", "download");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{\"a\":", "{a:1}", "{\"a\" 1}", "{} {"})
  void refusesInvalidJson(String header) {
    SafetensorsWriter.writeRaw(file, header, new byte[0]);
    assertRefused("header must be", "JSON", "download");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "1", "null", "\"text\"", "{} 1", "{}{}"})
  void refusesWhatIsNotOneObject(String header) {
    SafetensorsWriter.writeRaw(file, header, new byte[0]);
    assertRefused("header must be", "JSON object", "download");
  }

  @Test
  void refusesDeepNesting() {
    SafetensorsWriter.writeRaw(file, "{\"a\":" + "[".repeat(100_000), new byte[0]);
    assertRefused("header must be valid JSON", "nested more than 500 deep");
  }

  @Test
  void refusesADuplicateName() {
    String entry = "{\"dtype\": \"U8\", \"shape\": [1], \"data_offsets\": [0, 1]}";
    SafetensorsWriter.writeRaw(
        file, "{\"twice\": " + entry + ", \"twice\": " + entry + "}", new byte[1]);
    assertRefused("the key \"twice\" occurs again", "download");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "{\"format\": 1}", "\"pt\""})
  void refusesMetadataThatIsNoObjectOfStrings(String metadata) {
    SafetensorsWriter.writeRaw(file, "{\"__metadata__\": " + metadata + "}", new byte[0]);
    assertRefused("__metadata__ must be an object of strings", metadata.replace(" ", ""));
  }

  @Test
  void acceptsMetadataThatIsNull() {
    SafetensorsWriter.writeRaw(file, "{\"__metadata__\": null}", new byte[0]);
    assertThat(SafetensorsFile.read(file)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"F31", "f32", "", "F8_E4M3 "})
  void refusesAnUnknownDtype(String dtype) {
    edit(header -> tensor(header).put("dtype", dtype));
    assertRefused("tensor \"a\"", "dtype must be one of F32, BF16", "got \"" + dtype + "\"");
  }

  @Test
  void refusesAMissingDtype() {
    edit(header -> tensor(header).remove("dtype"));
    assertRefused("tensor \"a\"", "dtype must be one of", "got nothing");
  }

  @Test
  void refusesAnEntryThatIsNoObject() {
    edit(header -> header.put("a", 5));
    assertRefused("tensor \"a\"", "dtype must be one of", "got nothing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[-2,3]", "[2.0,3]", "[\"2\",3]", "[9223372036854775808,1]", "6", "{}"})
  void refusesAShapeThatIsNoListOfNaturals(String shape) {
    edit(header -> tensor(header).putRawValue("shape", new RawValue(shape)));
    assertRefused("tensor \"a\"", "shape must be a list of integers in [0, 2^63)", "got " + shape);
  }

  @ParameterizedTest
  @CsvSource({"4611686018427387904,2", "3037000500,3037000500", "9223372036854775807,1"})
  void refusesAShapeWhoseProductOverflows(long rows, long columns) {
    edit(header -> tensor(header).putArray("shape").add(rows).add(columns));
    assertRefused("tensor \"a\"", "[" + rows + ", " + columns + "]", "more than 2^63 bits");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[-1,24]", "[0,9223372036854775808]", "[0,24.0]", "24"})
  void refusesOffsetsThatAreNoNaturals(String offsets) {
    edit(header -> tensor(header).putRawValue("data_offsets", new RawValue(offsets)));
    assertRefused("tensor \"a\"", "data_offsets must be a list of integers", "got " + offsets);
  }

  @Test
  void refusesAnythingButTwoOffsets() {
    edit(header -> tensor(header).putArray("data_offsets").add(0));
    assertRefused("tensor \"a\"", "data_offsets must be [begin, end], got [0]");
  }

  @Test
  void refusesOffsetsThatEndBeforeTheyBegin() {
    editOffsets(24, 0);
    assertRefused("tensor \"a\"", "must not end before they begin, got [24, 0]", "download");
  }

  @ParameterizedTest
  @ValueSource(longs = {29, Integer.MAX_VALUE, Long.MAX_VALUE})
  void refusesOffsetsBeyondTheFile(long end) {
    editOffsets(0, end);
    assertRefused("tensor \"a\"", "[0, " + end + "] must lie inside", "28 bytes", "download");
  }

  @Test
  void refusesALengthThatDoesNotFitTheShape() {
    edit(header -> tensor(header).putArray("shape").add(2).add(2));
    assertRefused("tensor \"a\"", "shape [2, 2] of F32 needs 128 bits", "span 24 bytes");
  }

  @Test
  void refusesPackedElementsThatFillNoWholeByte() {
    new SafetensorsWriter().add("a", "F4", new byte[1], 3).write(file);
    assertRefused("tensor \"a\"", "shape [3] of F4 needs 12 bits");
  }

  @Test
  void refusesOverlappingTensors() {
    SafetensorsWriter writer = twoTensors();
    writer.editHeader().withObject("/b").putArray("data_offsets").add(20).add(24);
    writer.write(file);
    assertRefused("tensor \"b\"", "must not overlap those of tensor \"a\"", "download");
  }

  @Test
  void refusesHolesBeforeBetweenAndAfterTensors() {
    SafetensorsWriter first = twoTensors();
    first.editHeader().remove("a");
    first.write(file);
    assertRefused("bytes [0, 24) belong to none", "download");

    SafetensorsWriter last = twoTensors();
    last.editHeader().remove("b");
    last.write(file);
    assertRefused("bytes [24, 28) belong to none", "download");

    SafetensorsWriter middle = twoTensors().add("c", StoredType.F32, new float[] {1}, 1);
    middle.editHeader().remove("b");
    middle.write(file);
    assertRefused("bytes [24, 28) belong to none", "download");
  }

  @Test
  void refusesATruncatedFile() throws IOException {
    twoTensors().write(file);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
    assertRefused("tensor \"b\"", "must lie inside the data section of 27 bytes", "download");
  }

  private void editOffsets(long begin, long end) {
    edit(header -> tensor(header).putArray("data_offsets").add(begin).add(end));
  }

  private void edit(Consumer<ObjectNode> change) {
    SafetensorsWriter writer = twoTensors();
    change.accept(writer.editHeader());
    writer.write(file);
  }

  private static ObjectNode tensor(ObjectNode header) {
    return header.withObject("/a");
  }

  private void assertRefused(String... parts) {
    assertThatThrownBy(() -> SafetensorsFile.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("weights.safetensors")
        .hasMessageContainingAll(parts);
  }
}
