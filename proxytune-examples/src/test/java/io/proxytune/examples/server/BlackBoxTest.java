package io.proxytune.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.ChatMessage;
import io.proxytune.Choice;
import io.proxytune.OptionsNotShownException;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.core.TorchModels;
import io.proxytune.core.remote.RemoteModel;
import io.proxytune.core.remote.RemoteModels;
import io.proxytune.examples.CliRun;
import io.proxytune.examples.TorchEngine;
import io.proxytune.examples.evaluation.FamilyFolder;
import io.proxytune.examples.evaluation.Item;
import io.proxytune.examples.evaluation.ItemSet;
import io.proxytune.examples.evaluation.Task;
import io.proxytune.model.LogitModel;
import io.proxytune.model.PartialLogits.Uncertified;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The paper's case of a base that nobody may look into: the shipped base behind a server that shows
 * its five likeliest tokens, and answers that the pair re-weights among them.
 */
class BlackBoxTest {
  private static final int SHOWN = 5;
  private static final int QUESTIONS = 12;

  private final FamilyFolder family = FamilyFolder.require(null);
  private final LogitModel base = TorchModels.load(family.base());
  private final RunningServer server =
      RunningServer.of(RunningServer.settings(ApiKeys.none(), limits(), null), base);

  private static ServerLimits limits() {
    ServerLimits usual = ServerLimits.USUAL;
    return new ServerLimits(
        usual.requests(),
        usual.queued(),
        usual.bodyBytes(),
        usual.headerBytes(),
        usual.arrival(),
        usual.idle(),
        usual.reading(),
        usual.grace(),
        SHOWN);
  }

  @AfterEach
  void close() {
    server.close();
    base.close();
  }

  private List<Item> questions() {
    return ItemSet.read("dev", family.data("dev")).items().stream()
        .filter(item -> item.task() == Task.SENTIMENT)
        .limit(QUESTIONS)
        .toList();
  }

  /** The words that tell the answers apart: one token each, as letters are. */
  private static List<String> words(Item item) {
    return item.options().stream().map(option -> " " + option.replace(".", "")).toList();
  }

  @Test
  void nobodyIsShownMore() {
    for (String body :
        List.of(
            "{'prompt': 'In the town of', 'logprobs': 6}",
            "{'prompt': 'In the town of', 'logprobs': 20, 'echo': true}")) {
      assertThat(server.refusal("/v1/completions", body, 400).toString()).contains("from 0 to 5");
    }
    assertThat(
            server
                .refusal(
                    "/v1/chat/completions",
                    "{'messages': [{'role': 'user', 'content': 'Who?'}], 'logprobs': true,"
                        + " 'top_logprobs': 6}",
                    400)
                .toString())
        .contains("from 0 to 5");
    JsonNode shown =
        server.ask(
            "/v1/completions", "{'prompt': 'In the town of', 'logprobs': 5, 'max_tokens': 1}");
    assertThat(shown.at("/choices/0/logprobs/top_logprobs/0")).hasSize(SHOWN);
  }

  /** An answer that both options are shown for is that of whole rows; others are counted. */
  @Test
  void theShownOptionsAreReweightedAndOthersDropped() {
    try (LogitModel expert = TorchModels.load(family.expert());
        LogitModel small = TorchModels.load(family.small());
        RemoteModel remote =
            RemoteModels.openAiServer(server.uri("/v1"))
                .vocabularyOf(expert)
                .likeliest(SHOWN, Uncertified.REFUSE)
                .connect();
        ProxyTuner there =
            ProxyTuner.builder().base(remote).expert(expert).antiExpert(small).build();
        ProxyTuner here =
            ProxyTuner.builder().base(base).expert(expert).antiExpert(small).build()) {
      int whole = 0;
      for (Item item : questions()) {
        Prompt prompt = Prompt.chat(ChatMessage.user(item.prompt()));
        Choice choice = there.choose(prompt, words(item));
        if (choice.scores().stream().allMatch(score -> Double.isFinite(score.total()))) {
          whole++;
          assertThat(choice.index()).isEqualTo(here.choose(prompt, words(item)).index());
        }
      }
      assertThat(whole).isPositive();
      assertThat(remote.stats().dropped()).isZero();
      Prompt prompt = Prompt.chat(ChatMessage.user(questions().get(0).prompt()));
      assertThatExceptionOfType(OptionsNotShownException.class)
          .isThrownBy(() -> there.choose(prompt, List.of(" salmon", " zither")));
      assertThat(remote.stats().dropped()).isOne();
    }
  }

  @Test
  void theCommandLineDoesIt() {
    CliRun run =
        CliRun.of(
            new TorchEngine(),
            Stream.of(
                    "choose",
                    "--base",
                    server.uri("/v1").toString(),
                    "--base-top-logprobs",
                    "5",
                    "--expert",
                    family.expert().toString(),
                    "--anti-expert",
                    family.small().toString(),
                    "--chat",
                    "--prompt",
                    questions().get(0).prompt(),
                    "--option",
                    " Good",
                    "--option",
                    " Bad")
                .toArray(String[]::new));
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out().lines().filter(line -> line.startsWith("*")))
        .singleElement()
        .asString()
        .endsWith(questions().get(0).answer().replace(".", ""));
  }
}
