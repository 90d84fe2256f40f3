package io.proxytune.examples.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
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

  private static Document lines(List<Double> numbers, int series) throws Exception {
    List<Series> all =
        IntStream.range(0, series)
            .mapToObj(i -> Series.of("line " + i, Collections.nCopies(numbers.size(), 0.5)))
            .toList();
    Axis axis = Axis.ofNumbers("x", numbers);
    Chart chart = new Chart(Chart.Kind.LINES, "t", "d", axis, "y", all, Chart.Range.UNIT);
    return parse(page(new Report("x").chart(chart)));
  }

  @Test
  void pointsStandToScale() throws Exception {
    List<Double> places =
        all(lines(List.of(0.0, 0.5, 2.0), 1), "circle").stream()
            .map(mark -> Double.parseDouble(mark.getAttribute("cx")))
            .limit(3)
            .toList();
    assertThat((places.get(2) - places.get(0)) / (places.get(1) - places.get(0)))
        .isCloseTo(4, within(0.01));
  }

  @Test
  void labelsOfPointsKeepApart() throws Exception {
    List<Double> numbers = IntStream.range(0, 60).mapToObj(i -> i + 0.125).toList();
    double free = 0;
    for (Element label : all(lines(numbers, 1), "text")) {
      String text = label.getTextContent();
      if (text.matches("\\d+\\.\\d{3}")) {
        double x = Double.parseDouble(label.getAttribute("x"));
        double half = SvgFrame.textWidth(text) / 2;
        assertThat(x - half).isGreaterThanOrEqualTo(free);
        free = x + half;
      }
    }
    assertThat(free).isBetween(300.0, SvgFrame.WIDTH);
  }

  /** A dash and a mark tell each line from all others. */
  @Test
  void linesDifferWithoutColour() throws Exception {
    Document page = lines(List.of(0.0, 1.0), 12);
    List<String> dashes =
        all(page, "path").stream()
            .map(path -> path.getAttribute("class").replaceAll(".* ", ""))
            .filter(style -> style.matches("d\\d"))
            .toList();
    List<String> marks =
        all(page, "g").stream()
            .map(g -> (Element) g.getLastChild())
            .map(mark -> mark.getNodeName() + points(mark) + mark.getAttribute("class").length())
            .toList();
    Set<String> looks = new HashSet<>();
    for (int i = 0; i < 12; i++) {
      looks.add(dashes.get(2 * i) + " " + marks.get(2 * i)); // a line, then its legend
    }
    assertThat(looks).hasSize(12);
  }

  private static int points(Element mark) {
    return mark.getAttribute("points").replaceAll("[^ ]", "").length();
  }

  /** WCAG 2.2: 1.4.3 of text, 1.4.11 of lines and marks. */
  @Test
  void allStandsOutOfThePageByDayAndByNight() {
    String style = page(new Report("x"));
    int dark = style.indexOf("prefers-color-scheme: dark");
    for (String scheme : List.of(style.substring(0, dark), style.substring(dark))) {
      Map<String, String> colours = new HashMap<>();
      Pattern.compile("--(\\w+): #([0-9a-f]{6})")
          .matcher(scheme)
          .results()
          .forEach(found -> colours.putIfAbsent(found.group(1), found.group(2)));
      assertThat(contrast(colours, "ink")).isGreaterThan(4.5);
      for (int i = 0; i < SvgFrame.COLOURS; i++) {
        assertThat(contrast(colours, "s" + i)).as("s%s", i).isGreaterThan(3);
      }
    }
  }

  private static double contrast(Map<String, String> colours, String name) {
    double one = luminance(colours.get(name));
    double other = luminance(colours.get("paper"));
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  }

  private static double luminance(String colour) {
    double[] weights = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
      double part = Integer.parseInt(colour.substring(2 * i, 2 * i + 2), 16) / 255.0;
      sum += weights[i] * (part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4));
    }
    return sum;
  }
}
