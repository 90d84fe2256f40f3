package io.proxytune.examples.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The page is well-formed, holds all and asks for nothing else. */
class HtmlWriterTest {
  private static final String NASTY = "<script>alert('&\"')</script> ]]> \u03b1";

  private static final String LAWLESS = NASTY + "\0\ud83d \ud83d\ude00 \uffff";

  private static Report report() {
    Series bars = new Series(NASTY, List.of(0.5, 1.0), List.of(0.4, 0.9), List.of(0.6, 1.0));
    Series line = Series.of("line", List.of(0.1, Double.NaN));
    return new Report(NASTY)
        .paragraph(NASTY)
        .heading(NASTY)
        .table(new Table(NASTY, List.of(NASTY, "b")).row(NASTY, NASTY))
        .chart(chart(Chart.Kind.BARS, List.of(bars, line)))
        .chart(chart(Chart.Kind.LINES, List.of(line, bars)));
  }

  private static Chart chart(Chart.Kind kind, List<Series> series) {
    return new Chart(
        kind,
        NASTY,
        NASTY,
        Axis.ofNames(NASTY, List.of(NASTY, "1")),
        NASTY,
        series,
        Chart.Range.UNIT);
  }

  private static String page(Report report) {
    return HtmlWriter.page(report, JsonNodeFactory.instance.objectNode().put("text", LAWLESS));
  }

  private static Document parse(String page) throws Exception {
    DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
    return builder.parse(new InputSource(new StringReader(page)));
  }

  private static List<Element> all(Document page, String name) {
    NodeList found = page.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) {
      elements.add((Element) found.item(i));
    }
    return elements;
  }

  @Test
  void thePageIsWellFormedAndEscapes() throws Exception {
    String html = page(report());
    Document page = parse(html);
    assertThat(html).startsWith("<!DOCTYPE html>").doesNotContain("<script");
    assertThat(all(page, "h1").get(0).getTextContent()).isEqualTo(NASTY);
    assertThat(all(page, "td").get(0).getTextContent()).isEqualTo(NASTY);
    assertThat(all(page, "caption").get(0).getTextContent()).isEqualTo(NASTY);
    assertThat(all(page, "desc").get(0).getTextContent()).startsWith(NASTY);
  }

  @Test
  void thePageHoldsItsData() throws Exception {
    String data = all(parse(page(report())), "pre").get(0).getTextContent();
    assertThat(new ObjectMapper().readTree(data).get("text").textValue()).isEqualTo(LAWLESS);
  }

  @Test
  void thePageNeedsNothingElse() {
    assertThat(page(report()).replace("http://www.w3.org/2000/svg", ""))
        .doesNotContain("http:", "https:", "url(", "@import", "src=", "href=");
  }

  @Test
  void everyChartSaysWhatItShows() throws Exception {
    for (Element svg : all(parse(page(report())), "svg")) {
      assertThat(svg.getAttribute("role")).isEqualTo("img");
      assertThat(svg.getFirstChild().getNodeName()).isEqualTo("title");
      assertThat(svg.getFirstChild().getNextSibling().getNodeName()).isEqualTo("desc");
    }
  }

  @Test
  void everyValueIsDrawnOnceInsideTheBox() throws Exception {
    Document page = parse(page(report()));
    long values =
        all(page, "g").stream()
            .filter(g -> g.getFirstChild().getNodeName().equals("title"))
            .count();
    assertThat(values).isEqualTo(6);
    assertThat(all(page, "rect"))
        .allSatisfy(
            rect -> {
              assertThat(Double.parseDouble(rect.getAttribute("y"))).isBetween(0.0, 600.0);
              assertThat(Double.parseDouble(rect.getAttribute("height"))).isNotNegative();
            });
  }

  @Test
  void bothColourSchemesAreServed() {
    assertThat(page(new Report("x")))
        .contains("color-scheme: light dark", "prefers-color-scheme: dark");
  }
}
