package io.proxytune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.proxytune.Score.TokenScore;
import io.proxytune.model.FunctionLogitSource;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordsTest {
  @Test
  void segmentCountsItsRows() {
    FunctionLogitSource source = FunctionLogitSource.of("x", 2, 4, ids -> new float[2]);
    try (LogitSession session = source.newSession(4)) {
      int[] tokens = {0, 1, 1};

      assertThat(new Segment(session, tokens, Rows.NONE).rowCount()).isZero();
      assertThat(new Segment(session, tokens, Rows.LAST).rowCount()).isOne();
      assertThat(new Segment(session, tokens, Rows.ALL).rowCount()).isEqualTo(3);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Segment(session, new int[0], Rows.ALL))
          .withMessageContaining("at least one token");
    }
  }

  @Test
  void messagesOfATextHaveNothingElse() {
    ChatMessage message = ChatMessage.user("hi");

    assertThat(message.content()).isEqualTo("hi");
    assertThat(message).hasToString("ChatMessage[role=user, content=hi]");
    assertThat(message.withParts(List.of())).isEqualTo(ChatMessage.user(""));
    assertThat(message.withRole("developer")).isEqualTo(new ChatMessage("developer", "hi"));
    assertThat(message.toolCalls()).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> message.withRole(""))
        .withMessageContaining("a role, such as user");
  }

  @Test
  void aToolsAnswerNamesTheCall() {
    ToolCall call = ToolCall.of("clock", "{}").withId("7");

    assertThat(ChatMessage.toolResult(call, "noon"))
        .isEqualTo(new ChatMessage("tool", "noon").withToolCallId("7").withName("clock"))
        .hasToString("ChatMessage[role=tool, content=noon, toolCallId=7, name=clock]");
    assertThat(ChatMessage.assistant("").withToolCalls(List.of(call)).withReasoning("hm"))
        .hasToString(
            "ChatMessage[role=assistant, content=, toolCalls=[ToolCall[id=Optional[7], name=clock,"
                + " arguments={}]], reasoning=hm]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ToolCall.of("", "{}"))
        .withMessageContaining("the tool's name");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tool.of("", "tells the time"))
        .withMessageContaining("a tool needs a name");
  }

  @Test
  void rateIsTokensByDecodingTime() {
    GenerationStats stats =
        new GenerationStats(
            3, 10, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofMillis(500));

    assertThat(stats.tokensPerSecond()).isEqualTo(20);
    assertThat(
            new GenerationStats(3, 0, Duration.ZERO, Duration.ZERO, Duration.ZERO)
                .tokensPerSecond())
        .isZero();
  }

  @Test
  void sharesOfWhatWasNotAskedAndOfWhatAnAuditFound() {
    Duration second = Duration.ofSeconds(1);
    GateStats gate = new GateStats(8, 6, 4, 1, 0.5);
    GenerationStats stats = new GenerationStats(3, 10, second, second, second, 0, 0, 0, gate);

    assertThat(stats.unaskedShare()).isEqualTo(0.6);
    assertThat(gate.changedShare()).isEqualTo(0.25);
    assertThat(GateStats.NONE.changedShare()).isZero();
    assertThat(new GenerationStats(3, 0, second, second, second).unaskedShare()).isZero();
  }

  @Test
  void aSearchHasAtLeastOneText() {
    assertThat(Search.bestOf(3)).isEqualTo(Search.beam(1, 3, Integer.MAX_VALUE));
    assertThat(Search.beam(1 << 20, 1 << 20, 5).texts()).isEqualTo(1L << 40);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Search.bestOf(0))
        .withMessage("the number of texts must be >= 1, got 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Search.beam(0, 1, 1))
        .withMessageContaining("beams must be >= 1, got 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Search.beam(1, 0, 1))
        .withMessageContaining("successors must be >= 1, got 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Search.beam(1, 1, 0))
        .withMessageContaining("chunk must be >= 1, got 0");
  }

  @Test
  void acceptanceIsTheShareOfTheDraftedTokens() {
    Duration second = Duration.ofSeconds(1);

    assertThat(
            new GenerationStats(3, 10, second, second, second, 2, 8, 6, GateStats.NONE)
                .acceptanceRate())
        .isEqualTo(0.75);
    assertThat(new GenerationStats(3, 10, second, second, second).acceptanceRate()).isZero();
  }

  @Test
  void draftLengthIsChecked() {
    assertThat(Speculation.draft(8).promptLookup()).isTrue();
    assertThat(Speculation.off().mode()).isEqualTo(Speculation.Mode.OFF);
    for (int wrong : new int[] {0, -1, Speculation.MAX_DRAFT_LENGTH + 1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Speculation.draft(wrong))
          .withMessageContaining("from 1 to 64, got " + wrong);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Speculation(Speculation.Mode.AUTO, 3, true))
        .withMessageContaining("mode AUTO has no draft length, got 3");
  }

  @Test
  void reuseIsTheShareOfThePromptTokens() {
    assertThat(new PrefixCacheStats(1, 9, 10, 4, 3, 30, 40, 0).reuse()).isEqualTo(0.75);
    assertThat(PrefixCacheStats.NONE.reuse()).isZero();
  }

  @Test
  void scorePerTokenIsTheMean() {
    Score score = new Score(List.of(new TokenScore(1, "a", -1), new TokenScore(2, "b", -2)), -3);

    assertThat(score.perToken()).isEqualTo(-1.5);
  }

  @Test
  void pairKeepsItsModelsAtAnotherStrength() {
    FunctionLogitSource expert = FunctionLogitSource.of("e", 2, 4, ids -> new float[2]);
    FunctionLogitSource antiExpert = FunctionLogitSource.of("a", 2, 4, ids -> new float[2]);

    assertThat(ExpertPair.of(expert, antiExpert).alpha()).isEqualTo(1);
    assertThat(ExpertPair.of(expert, antiExpert).withAlpha(-2))
        .isEqualTo(new ExpertPair(expert, antiExpert, -2));
  }
}
