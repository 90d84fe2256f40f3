package io.proxytune.examples.trace;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.examples.cli.CommandRecord;
import io.proxytune.examples.report.RunRecord;
import io.proxytune.examples.report.Visible;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The page is well-formed, escapes all, holds its data and asks for nothing else. */
class SteeringPageTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NASTY = "</script><script>alert('&\"')//]]>\u202e\0\ud83d";

  @TempDir private Path folder;

  private static ObjectNode view(double logprob, int choice) {
    ObjectNode view = JSON.createObjectNode().put("logprob", logprob).put("rank", 2);
    return view.put("choice", choice).put("choice_token", NASTY + choice).put("entropy", 0.5);
  }

  private static ObjectNode text() {
    ObjectNode text = JSON.createObjectNode().put("text", NASTY).put("seed", 1);
    text.putArray("token_ids").add(1).add(2);
    for (int i = 0; i < 2; i++) {
      ObjectNode token = text.withArray("/trace").addObject();
      token.put("index", i).put("id", i).put("token", NASTY).put("text", i == 0 ? NASTY : "");
      token.put("steered", i == 0).put("shift", i == 0 ? 0.7 : -0.2).put("alpha", 1);
      token.set("fused", view(-0.1, 1));
      token.set("base", view(-2, i == 0 ? 3 : 1));
      ObjectNode place = text.withArray("/logprobs").addObject();
      place.put("id", i).put("token", NASTY).put("logprob", -0.1).putArray("top");
      place.putArray("roles").addObject().put("role", "base").put("logprob", -2).putArray("top");
    }
    return text;
  }

  private String page() {
    RunRecord run = new RunRecord(new CommandRecord(NASTY, NASTY, NASTY));
    run.json().put("options", NASTY);
    run.addModel("base", 0, NASTY, Optional.of(folder));
    run.addModel("expert", 0, NASTY, Optional.of(folder)).put("alpha", 1.0);
    run.addModel("anti-expert", 0, NASTY, Optional.of(folder)).put("alpha", 1.0);
    PageData page = new PageData(run, true);
    page.add(JSON.createObjectNode().put("line", 7), NASTY, text(), text());
    return page.page(TokenClasses.parse("x", "{\"<b>\": [\"script\"]}"));
  }

  private Document parsed() throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(page())));
  }

  private static List<Element> all(Document page, String name) {
    NodeList found = page.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) {
      elements.add((Element) found.item(i));
    }
    return elements;
  }

  private static List<Element> ofClass(Document page, String name) {
    return all(page, "span").stream()
        .filter(it -> List.of(it.getAttribute("class").split(" ", -1)).contains(name))
        .toList();
  }

  @Test
  void noTextBecomesMarkupAndNothingStaysUnseen() throws Exception {
    assertThat(page()).containsOnlyOnce("<script").doesNotContain("\u202e").doesNotContain("\0");
    Document page = parsed();
    assertThat(ofClass(page, "up4").get(1).getTextContent()) // after the legend
        .isEqualTo(Visible.of(NASTY))
        .contains("\u27e8U+202E\u27e9", "\u27e8U+D83D\u27e9", "</script>");
    assertThat(all(page, "h2")).anyMatch(it -> it.getTextContent().equals("Text 1 (line 7)"));
  }

  @Test
  void aNotebookReadsBackWhatIsShown() throws Exception {
    Matcher found = Pattern.compile("id=\"items\">(.*?)</script>", Pattern.DOTALL).matcher(page());
    assertThat(found.find()).isTrue();
    JsonNode data = JSON.readTree(found.group(1));
    assertThat(data.at("/items/0/steered/trace/0/token").textValue()).isEqualTo(NASTY);
    assertThat(data.at("/items/0/unsteered/text").textValue()).isEqualTo(NASTY);
    assertThat(data.at("/items/0/line").intValue()).isEqualTo(7);
    assertThat(data.at("/classes/<b>/0").textValue()).isEqualTo("script");
    for (String fact : List.of("version", "date", "command", "options")) {
      assertThat(data.get(fact).textValue()).isEqualTo(NASTY);
    }
  }

  @Test
  void nothingIsLoadedAndNoScriptRuns() {
    assertThat(page().replace("http://www.w3.org/2000/svg", ""))
        .contains("default-src 'none'")
        .doesNotContain("http:", "https:", "url(", "@import", "src=\"", " onclick");
  }

  @Test
  void steeredTokensAreReachedByKeyboardAndDescribed() throws Exception {
    Document page = parsed();
    List<Element> reached =
        ofClass(page, "t").stream().filter(it -> it.hasAttribute("tabindex")).toList();
    assertThat(reached).hasSize(1);
    assertThat(reached.get(0).getAttribute("aria-roledescription")).isEqualTo("steered");
    String hint = reached.get(0).getAttribute("aria-describedby");
    assertThat(ofClass(page, "hint"))
        .filteredOn(it -> it.getAttribute("id").equals(hint))
        .singleElement()
        .extracting(Element::getTextContent)
        .asString()
        .startsWith("the base alone: </script>")
        .contains("\u0394 +0.700, fused 90.5 %, base 13.5 % at rank 2");
  }

  @Test
  void sectionsTablesAndChartsAreNamed() throws Exception {
    Document page = parsed();
    for (Element section : all(page, "section")) {
      String id = section.getAttribute("aria-labelledby");
      assertThat(all(page, "h2")).anyMatch(it -> it.getAttribute("id").equals(id));
    }
    assertThat(all(page, "table"))
        .allMatch(it -> it.getFirstChild().getNodeName().equals("caption"))
        .allMatch(
            it -> it.getFirstChild().getTextContent().length() < 50, "said up to three times");
    assertThat(all(page, "svg"))
        .isNotEmpty()
        .allMatch(it -> !it.getAttribute("aria-label").isEmpty());
    assertThat(all(page, "main")).hasSize(1);
    assertThat(all(page, "nav")).hasSize(1);
  }

  @Test
  void theColourFollowsTheShift() {
    assertThat(TextPart.level(0.05)).isEqualTo("up1");
    assertThat(TextPart.level(0.1)).isEqualTo("up2");
    assertThat(TextPart.level(-0.3)).isEqualTo("down3");
    assertThat(TextPart.level(1)).isEqualTo("up4");
  }

  /** WCAG 2.2, 1.4.3. */
  @Test
  void textStandsOutOfEveryBackgroundByDayAndByNight() throws Exception {
    String style;
    try (InputStream in = SteeringPage.class.getResourceAsStream("page.css")) {
      style = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    String[] schemes = style.split("@media screen and \\(prefers-color-scheme: dark\\)", -1);
    for (String scheme : List.of(schemes[0], schemes[1])) {
      Map<String, String> colours = new HashMap<>();
      Matcher colour = Pattern.compile("--(\\w+): #([0-9a-f]{6})").matcher(scheme);
      while (colour.find()) {
        colours.putIfAbsent(colour.group(1), colour.group(2));
      }
      for (String back : List.of("paper", "card", "up1", "up2", "up3", "up4", "down1", "down4")) {
        assertThat(contrast(colours.get("ink"), colours.get(back))).as(back).isGreaterThan(4.5);
      }
      for (String back : List.of("paper", "card")) {
        assertThat(contrast(colours.get("faint"), colours.get(back))).as(back).isGreaterThan(4.5);
        assertThat(contrast(colours.get("accent"), colours.get(back))).as(back).isGreaterThan(4.5);
      }
    }
  }

  private static double contrast(String one, String other) {
    double a = luminance(one);
    double b = luminance(other);
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
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
