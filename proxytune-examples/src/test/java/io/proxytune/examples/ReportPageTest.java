package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.proxytune.examples.browser.Chromium;
import io.proxytune.examples.evaluation.FamilyFolder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The page of {@code --report}, in a real browser; left out where no browser is. */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReportPageTest {
  private static final int TAB = 9;

  private Path page;
  private Chromium browser;

  @BeforeAll
  void write(@TempDir Path folder) throws Exception {
    Optional<Path> found = Chromium.find();
    assumeTrue(found.isPresent(), "no browser: install chromium, or set CHROMIUM to one");
    page = folder.resolve("page.html");
    FamilyFolder family = FamilyFolder.require(null);
    CliRun run =
        CliRun.of(
            new TorchEngine(),
            "generate",
            "--base",
            family.base().toString(),
            "--expert",
            family.expert().toString(),
            "--anti-expert",
            family.small().toString(),
            "--prompt",
            "What does Greta Keld play?",
            "--ignore-eos",
            "--max-new-tokens",
            "40",
            "--report",
            page.toString());
    assertThat(run.status()).as(run.err()).isZero();
    browser = new Chromium(found.get(), folder.resolve("profile"));
  }

  @BeforeEach
  void open() throws Exception {
    browser.screen(1100, 800, false);
    browser.open(page.toUri());
  }

  @AfterAll
  void close() throws Exception {
    if (browser != null) {
      browser.close();
    }
  }

  private String text(String expression) throws Exception {
    return browser.evaluate(expression).textValue();
  }

  private boolean isTrue(String expression) throws Exception {
    return browser.evaluate(expression).booleanValue();
  }

  private String background() throws Exception {
    return text("getComputedStyle(document.body).backgroundColor");
  }

  private boolean fits() throws Exception {
    return isTrue("document.documentElement.scrollWidth <= innerWidth");
  }

  /** No problem is a script that was refused, or a style. */
  @Test
  void itAsksForNothing() throws Exception {
    browser.evaluate("new Promise(done => setTimeout(done, 200))");
    assertThat(browser.requests())
        .isNotEmpty()
        .allMatch(url -> url.equals(page.toUri().toString()) || url.startsWith("data:"));
    assertThat(browser.problems()).isEmpty();
    assertThat(isTrue("performance.getEntriesByType('resource').length === 0")).isTrue();
  }

  @Test
  void aPhoneNeedsNoScrollingToTheSide() throws Exception {
    browser.screen(375, 812, false);
    assertThat(fits()).isTrue();
    browser.keep("report-phone");
    assertThat(
            isTrue(
                "(() => { const [a, b] = document.querySelectorAll('.answers > *');"
                    + "return a.getBoundingClientRect().bottom <= b.getBoundingClientRect().top;"
                    + "})()"))
        .as("one text above the other")
        .isTrue();
    browser.screen(1100, 800, false);
    assertThat(fits()).isTrue();
    browser.keep("report-wide");
  }

  @Test
  void darkIsDark() throws Exception {
    assertThat(brightness(background())).isGreaterThan(200);
    assertThat(contrast()).isGreaterThan(4.5);
    browser.screen(1100, 800, true);
    assertThat(brightness(background())).isLessThan(60);
    assertThat(contrast()).isGreaterThan(4.5);
    browser.keep("report-dark");
  }

  private static double brightness(String rgb) {
    String[] parts = rgb.replaceAll("[^0-9,]", "").split(",", -1);
    return (Integer.parseInt(parts[0]) + Integer.parseInt(parts[1]) + Integer.parseInt(parts[2]))
        / 3.0;
  }

  /** The least contrast of a token's text with what is behind it, as WCAG 2 has it. */
  private double contrast() throws Exception {
    return browser
        .evaluate(
            "(() => { const part = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055)"
                + " ** 2.4;const light = rgb => { const [r, g, b] ="
                + " rgb.match(/\\d+/g).map(Number);return 0.2126 * part(r) + 0.7152 * part(g) +"
                + " 0.0722 * part(b); };return"
                + " Math.min(...Array.from(document.querySelectorAll('.t.steered'), token => {const"
                + " style = getComputedStyle(token), a = light(style.color),b ="
                + " light(style.backgroundColor);return (Math.max(a, b) + 0.05) / (Math.min(a, b) +"
                + " 0.05); })); })()")
        .doubleValue();
  }

  @Test
  void theTabKeyShowsWhatTheBaseWouldHaveSaid() throws Exception {
    int presses = 0;
    while (!isTrue("document.activeElement.matches('.t.steered')")) {
      assertThat(presses++).as("steps to a steered token").isLessThan(30);
      browser.press("Tab", TAB);
    }
    String hint =
        "document.getElementById(document.activeElement.getAttribute('aria-describedby'))";
    assertThat(text(hint + ".textContent")).startsWith("the base alone: ");
    assertThat(isTrue(hint + ".getBoundingClientRect().height > 0")).isTrue();
    assertThat(
            isTrue(
                "Array.from(document.querySelectorAll('.hint')).filter(it =>"
                    + " it.getBoundingClientRect().height > 0).length === 1"))
        .isTrue();
    browser.keep("report-focus");
    String first = text(hint + ".id");
    browser.press("Tab", TAB);
    assertThat(text(hint + ".id")).isNotEqualTo(first);
  }

  @Test
  void paperIsWhiteAndHasTheTables() throws Exception {
    browser.sheet(794, true);
    assertThat(fits()).isTrue();
    assertThat(brightness(background())).isGreaterThan(200);
    assertThat(isTrue("getComputedStyle(document.querySelector('nav')).display === 'none'"))
        .isTrue();
    assertThat(isTrue("document.querySelector('details table').getBoundingClientRect().height > 0"))
        .isTrue();
    String data = browser.call("Page.printToPDF", Chromium.object()).get("data").textValue();
    byte[] pdf = Base64.getDecoder().decode(data);
    assertThat(new String(pdf, 0, 5, StandardCharsets.US_ASCII)).isEqualTo("%PDF-");
  }
}
