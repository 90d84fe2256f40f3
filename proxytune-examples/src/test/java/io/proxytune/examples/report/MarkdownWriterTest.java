package io.proxytune.examples.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MarkdownWriterTest {
  @Test
  void aReportIsATitleAndBlocks() {
    Report report =
        new Report("A title")
            .paragraph("Some\n  text.")
            .heading("Part")
            .table(new Table("Figures", List.of("name", "value")).row("one", ".5"));
    assertThat(MarkdownWriter.text(report))
        .isEqualTo(
            """
            # A title

            Some text.

            ## Part

            Figures:

            | name | value |
            | --- | --- |
            | one | .5 |
            """);
  }

  @Test
  void whatACellHoldsStaysInIt() {
    assertThat(MarkdownWriter.tableRow(List.of("a|b\nc", "<unk>")))
        .isEqualTo("| a\\|b c | &lt;unk> |");
  }
}
