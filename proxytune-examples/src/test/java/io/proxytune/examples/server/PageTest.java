package io.proxytune.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.ChatMessage;
import io.proxytune.ExpertPair;
import io.proxytune.Fusion;
import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Role;
import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.TorchModels;
import io.proxytune.examples.browser.Chromium;
import io.proxytune.examples.evaluation.FamilyFolder;
import io.proxytune.model.LogitModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The page, in a real browser on the models that ship; left out where no browser is. */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PageTest {
  private static final String QUESTION = "What does Greta Keld play?";
  private static final int ENTER = 13;
  private static final int LEFT = 37;

  private @TempDir Path folder;
  private LogitModel base;
  private LogitModel expert;
  private LogitModel antiExpert;
  private ExpertPair pair;
  private Path browser;

  @BeforeAll
  void load() {
    Optional<Path> found = Chromium.find();
    assumeTrue(found.isPresent(), "no browser: install chromium, or set CHROMIUM to one");
    browser = found.get();
    LoadOptions options = LoadOptions.defaults().withDType(DType.FLOAT32);
    FamilyFolder family = FamilyFolder.require(null);
    base = TorchModels.load(family.base(), options);
    expert = TorchModels.load(family.expert(), options);
    antiExpert = TorchModels.load(family.small(), options);
    pair = ExpertPair.of(expert, antiExpert);
  }

  @AfterAll
  void free() {
    if (base != null) {
      base.close();
      expert.close();
      antiExpert.close();
    }
  }

  private String expected(double alpha, String... turns) {
    try (ProxyTuner tuner = RunningServer.tuner(base, List.of(pair.withAlpha(alpha)))) {
      ChatMessage[] messages = new ChatMessage[turns.length];
      for (int i = 0; i < turns.length; i++) {
        messages[i] = i % 2 == 0 ? ChatMessage.user(turns[i]) : ChatMessage.assistant(turns[i]);
      }
      GenerationOptions options = GenerationOptions.defaults().withMaxNewTokens(40);
      return tuner.generate(Prompt.chat(messages), options).text();
    }
  }

  private static void ask(Chromium tab, String question, int answers) throws Exception {
    tab.evaluate("document.getElementById('message').focus()");
    tab.type(question);
    tab.press("Enter", ENTER);
    tab.await("document.querySelectorAll('.note:not(:empty)').length === " + answers);
    tab.await("!document.getElementById('send').disabled");
  }

  private static String text(Chromium tab, int answer) throws Exception {
    return tab.evaluate(
            "Array.from(document.querySelectorAll('.text')["
                + answer
                + "].childNodes).filter(it => it.className !== 'end').map(it => it.textContent)"
                + ".join('')")
        .textValue();
  }

  private static int marks(Chromium tab, int answer) throws Exception {
    return tab.evaluate(
            "document.querySelectorAll('.text')[" + answer + "].querySelectorAll('mark').length")
        .intValue();
  }

  /** Without pairs there is nothing to set, and two models to ask. */
  @Test
  void aFusionOfSourcesAnswersBesideTheBase() throws Exception {
    Fusion mixture = Fusion.mixture(base, expert, 0.5);
    try (RunningServer server =
            RunningServer.of(
                RunningServer.settings(ApiKeys.none(), ServerLimits.USUAL, List.of(Role.EXPERT)),
                mixture,
                base);
        Chromium tab = new Chromium(browser, folder.resolve("fused"))) {
      tab.open(server.uri("/"));
      tab.await("document.getElementById('model').textContent === 'base+expert'");
      tab.evaluate("document.getElementById('tokens').value = 8");
      ask(tab, QUESTION, 2);
      assertThat(tab.evaluate("document.querySelectorAll('.alpha').length").intValue()).isZero();
      assertThat(text(tab, 0)).isNotEqualTo(text(tab, 1)).isNotEmpty();
      assertThat(marks(tab, 0)).isZero();
      assertThat(marks(tab, 1)).isPositive();
      assertThat(tab.problems()).isEmpty();
    }
  }

  @Test
  void baseAndSteeredModelAnswerSideBySide() throws Exception {
    try (RunningServer server = RunningServer.of(base, pair);
        Chromium tab = new Chromium(browser, folder.resolve("side"))) {
      tab.screen(1100, 800, false);
      tab.open(server.uri("/"));
      tab.await("document.querySelector('.alpha')");
      tab.evaluate("document.getElementById('tokens').value = 40");
      ask(tab, QUESTION, 2);
      assertThat(text(tab, 0)).isEqualTo(expected(0, QUESTION));
      assertThat(text(tab, 1)).isEqualTo(expected(1, QUESTION));
      assertThat(marks(tab, 0)).isZero();
      assertThat(marks(tab, 1)).isPositive();
      assertThat(tab.evaluate("document.querySelector('.text mark').title").textValue())
          .startsWith("base: ");
      assertThat(boxes(tab)).isEqualTo("side by side");
      tab.keep("wide");
      tab.screen(1100, 800, true);
      tab.keep("wide-dark");
      narrow(tab);
      assertThat(tab.problems()).isEmpty();
    }
  }

  private static void narrow(Chromium tab) throws Exception {
    tab.screen(390, 844, true);
    String dark = background(tab);
    tab.keep("phone-dark");
    tab.screen(390, 844, false);
    assertThat(background(tab)).isNotEqualTo(dark);
    assertThat(boxes(tab)).isEqualTo("one above the other");
    assertThat(tab.evaluate("document.documentElement.scrollWidth <= innerWidth").booleanValue())
        .isTrue();
    tab.keep("phone");
  }

  private static String background(Chromium tab) throws Exception {
    return tab.evaluate("getComputedStyle(document.body).backgroundColor").textValue();
  }

  private static String boxes(Chromium tab) throws Exception {
    JsonNode beside =
        tab.evaluate(
            "(() => { const [a, b] = document.querySelectorAll('.answer');"
                + "const one = a.getBoundingClientRect(), two = b.getBoundingClientRect();"
                + "return one.right <= two.left && one.top === two.top; })()");
    return beside.booleanValue() ? "side by side" : "one above the other";
  }

  @Test
  void aSliderSteersAndAConversationGoesOn() throws Exception {
    try (RunningServer server = RunningServer.of(base, pair);
        Chromium tab = new Chromium(browser, folder.resolve("slider"))) {
      tab.open(server.uri("/"));
      tab.await("document.querySelector('.alpha')");
      tab.evaluate("document.getElementById('tokens').value = 40");
      tab.evaluate("document.querySelector('.alpha').focus()");
      for (int i = 0; i < 20; i++) { // from 1 down to 0, as a hand does
        tab.press("ArrowLeft", LEFT);
      }
      assertThat(tab.evaluate("document.querySelector('output').textContent").textValue())
          .isEqualTo("0");
      ask(tab, QUESTION, 2);
      String first = expected(0, QUESTION);
      assertThat(text(tab, 1)).isEqualTo(first);
      assertThat(marks(tab, 1)).isZero();
      ask(tab, "Is it good?", 4);
      assertThat(text(tab, 3)).isEqualTo(expected(0, QUESTION, first, "Is it good?"));
      tab.evaluate("document.getElementById('clear').click()");
      assertThat(tab.evaluate("document.querySelectorAll('.answer').length").intValue()).isZero();
      ask(tab, QUESTION, 2);
      assertThat(text(tab, 0)).isEqualTo(first);
      assertThat(tab.problems()).isEmpty();
    }
  }

  @Test
  void aKeyIsAskedForWhereThereIsOne() throws Exception {
    ApiServer.Settings settings =
        RunningServer.settings(ApiKeys.parse("keys", "secret"), ServerLimits.USUAL, null);
    try (RunningServer server = RunningServer.of(settings, base, pair);
        Chromium tab = new Chromium(browser, folder.resolve("key"))) {
      tab.open(server.uri("/"));
      tab.await("!document.getElementById('key-row').hidden");
      assertThat(tab.evaluate("document.getElementById('hint').textContent").textValue())
          .contains("asks for a key");
      tab.evaluate("document.getElementById('key').focus()");
      tab.type("secret");
      ask(tab, QUESTION, 2);
      assertThat(text(tab, 1)).isNotEmpty();
    }
  }

  @Test
  void whatGoesWrongIsShown() throws Exception {
    try (RunningServer server = RunningServer.of(base, pair);
        Chromium tab = new Chromium(browser, folder.resolve("wrong"))) {
      tab.open(server.uri("/"));
      tab.await("document.querySelector('.alpha')");
      ask(tab, "word ".repeat(300), 2);
      assertThat(tab.evaluate("document.querySelector('.wrong').textContent").textValue())
          .contains("context");
      ask(tab, QUESTION, 4);
      assertThat(text(tab, 2)).isNotEmpty();
    }
  }
}
