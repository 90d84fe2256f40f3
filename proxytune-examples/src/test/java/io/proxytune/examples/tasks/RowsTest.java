package io.proxytune.examples.tasks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The files of benchmarks: JSON lines, lists and CSV. */
class RowsTest {
  @TempDir private Path folder;

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static List<String> texts(List<Row> rows) {
    return rows.stream().map(row -> row.text("a")).toList();
  }

  @Test
  void linesListsAndGzippedLinesAreRead() throws IOException {
    String lines = "{\"a\": \"x\u2028y\"}\r\n\n{\"a\": \"z\"}";
    assertThat(texts(Rows.read(file("a.jsonl", lines)))).containsExactly("x\u2028y", "z");
    assertThat(texts(Rows.read(file("a.json", " [{\"a\": \"x\"},\n{\"a\": \"y\"}]"))))
        .containsExactly("x", "y");
    Path packed = folder.resolve("a.jsonl.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write(lines.getBytes(UTF_8));
    }
    assertThat(texts(Rows.read(packed))).containsExactly("x\u2028y", "z");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{'a': 'x'}@{'a': |line 2: no JSON",
        "{'a': 'x'}@[1]|line 2: expected a JSON object, got [1]",
        "{'a': 'x'}@@{'a': 1}|line 3: \"a\" must be a text, got 1",
        "{'b': 'x'}|line 1: \"a\" must be a text, got nothing",
        "[{'a': 'x'}, 2]|element 2: expected a JSON object, got 2",
        "@@|holds nothing"
      })
  void whatIsWrongIsNamedWithItsPlace(String text, String message) throws IOException {
    Path file = file("bad.jsonl", text.replace('\'', '"').replace('@', '\n'));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> texts(Rows.read(file)))
        .withMessageContaining("bad.jsonl")
        .withMessageContaining(message.replace("\"\"", "\""));
  }

  @Test
  void whatCantBeReadSaysWhy() throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Rows.read(folder.resolve("none.jsonl")))
        .withMessageEndingWith("none.jsonl can't be read: there is no such file");
    Path latin = Files.write(folder.resolve("latin.jsonl"), new byte[] {'"', (byte) 0xe9, '"'});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Rows.read(latin))
        .withMessageEndingWith("it is not UTF-8 text");
    Path unpacked = file("a.jsonl.gz", "{\"a\": \"x\"}");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Rows.read(unpacked))
        .withMessageContaining("a.jsonl.gz can't be read: Not in GZIP format");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Rows.find(folder, "x.jsonl", "y.jsonl"))
        .withMessage("--data " + folder + " must be a folder that holds x.jsonl or y.jsonl");
  }

  @Test
  void csvHasQuotesAndLineEndsInFields() throws IOException {
    String text = "\ufeffa,b\r\nx,\"1, \"\"2\"\"\r\n3\"\n\n,\n\"\",z";
    List<Row> rows = CsvFile.read(file("t.csv", text));
    assertThat(texts(rows)).containsExactly("x", "", "");
    assertThat(rows.get(0).text("b")).isEqualTo("1, \"2\"\r\n3");
    assertThat(rows.get(2).text("b")).isEqualTo("z");
    assertThat(rows.get(2).place()).endsWith("t.csv, line 6");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a,b@1,2@3|line 3: 1 fields, and the header has 2",
        "a,b@1,2,3|line 2: 3 fields, and the header has 2",
        "a@\"x@y@|line 2: a quote that is opened here does not end",
        "a,b@|holds no records below a header",
        "@|holds no records below a header"
      })
  void badCsvIsNamedWithItsLine(String text, String message) throws IOException {
    Path file = file("bad.csv", text.replace('@', '\n'));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CsvFile.read(file))
        .withMessageContaining(message);
  }
}
