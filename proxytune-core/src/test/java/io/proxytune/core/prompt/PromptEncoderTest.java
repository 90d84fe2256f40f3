package io.proxytune.core.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.ChatMessage;
import io.proxytune.ChatTemplateException;
import io.proxytune.ContextLengthException;
import io.proxytune.Prompt;
import io.proxytune.Role;
import io.proxytune.Tokenizer;
import io.proxytune.core.ensemble.FakeTokenizer;
import io.proxytune.core.ensemble.ModelRole;
import io.proxytune.core.prompt.PromptEncoder.PromptText;
import io.proxytune.core.tokenizer.CheckpointTokenizer;
import io.proxytune.model.FunctionLogitSource;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PromptEncoderTest {
  private static final FakeTokenizer PLAIN = FakeTokenizer.LETTERS;
  private static final FakeTokenizer CHATTY = PLAIN.withTemplate();
  private static final Prompt CHAT =
      Prompt.chat(ChatMessage.system("kind"), ChatMessage.user("hello"));

  private final PromptEncoder encoder = new PromptEncoder(true);

  private static ModelRole role(Role role, FakeTokenizer tokenizer) {
    return role(role, Optional.of(tokenizer), 40, 60);
  }

  private static ModelRole role(Role role, Optional<Tokenizer> tokenizer, int width, int context) {
    FunctionLogitSource source =
        FunctionLogitSource.of("model", width, context, ids -> new float[width]);
    return new ModelRole(role, 0, source, tokenizer, tokenizer);
  }

  private static int[] ids(String text) {
    return PLAIN.encode(text, false);
  }

  @Test
  void textGetsSpecialTokensOfTheRolesTokenizer() {
    assertThat(encoder.encode(Prompt.of("a cat"), role(Role.BASE, PLAIN)))
        .isEqualTo(ids("<s>a cat"));
  }

  @Test
  void idsAreTakenAsTheyAreByEveryRole() {
    Prompt prompt = Prompt.ofIds(7, 8).withResponsePrefix("no");

    assertThat(encoder.encode(prompt, role(Role.BASE, PLAIN))).containsExactly(7, 8);
    assertThat(encoder.encode(prompt, role(Role.EXPERT, PLAIN))).containsExactly(7, 8);
  }

  @Test
  void ownTextWinsOverEverythingElse() {
    Prompt prompt = CHAT.withText(Role.EXPERT, "all").withText(Role.EXPERT, 0, "mine");

    assertThat(encoder.encode(prompt, role(Role.EXPERT, CHATTY))).isEqualTo(ids("<s>mine"));
    assertThat(encoder.encode(Prompt.ofIds(3).withText(Role.BASE, "own"), role(Role.BASE, PLAIN)))
        .isEqualTo(ids("<s>own"));
  }

  @Test
  void onlyTheExpertReadsTheConversationRendered() {
    Prompt prompt = CHAT.withResponsePrefix("sure").withChatVariables(Map.of("x", "y"));

    assertThat(encoder.encode(prompt, role(Role.EXPERT, CHATTY)))
        .isEqualTo(ids("<s>[system]kind[user]hellox:y[assistant]sure"));
    assertThat(encoder.encode(prompt, role(Role.BASE, CHATTY))).isEqualTo(ids("<s>hellosure"));
    assertThat(encoder.encode(prompt, role(Role.ANTI_EXPERT, CHATTY)))
        .isEqualTo(ids("<s>hellosure"));
  }

  @Test
  void aSingleModelReadsTheConversationRendered() {
    assertThat(new PromptEncoder(false).encode(CHAT, role(Role.BASE, CHATTY)))
        .isEqualTo(ids("<s>[system]kind[user]hello[assistant]"));
  }

  @Test
  void missingTemplateIsRefusedWithWhatToDo() {
    assertThatThrownBy(() -> encoder.encode(CHAT, role(Role.EXPERT, PLAIN)))
        .isInstanceOf(ChatTemplateException.class)
        .hasMessageContaining("expert of pair 0 ('model')")
        .hasMessageContaining("withChatTemplateFor")
        .hasMessageContaining("withText(Role.EXPERT");
    assertThat(encoder.encode(CHAT.withChatTemplateFor(), role(Role.EXPERT, PLAIN)))
        .isEqualTo(ids("<s>hello"));
  }

  @Test
  void emptyPromptIsRefused() {
    // PLAIN adds BOS to every text: a text of nothing is refused all the same.
    assertThatIllegalArgumentException()
        .isThrownBy(() -> encoder.encode(Prompt.of(""), role(Role.BASE, PLAIN)))
        .withMessageContaining("prompt of the base ('model') is empty")
        .withMessageContaining("Prompt.ofIds");
  }

  @Test
  void textWithoutTokenizerIsRefused() {
    ModelRole bare = role(Role.BASE, Optional.empty(), 40, 30);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> encoder.encode(Prompt.of("a"), bare))
        .withMessageContaining("base ('model') has no tokenizer")
        .withMessageContaining("Prompt.ofIds");
  }

  @Test
  void idsOutOfRangeAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> encoder.encode(Prompt.ofIds(3, 40), role(Role.BASE, PLAIN)))
        .withMessageContaining("token id 40")
        .withMessageContaining("base ('model') has ids 0 to 39");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> encoder.encode(Prompt.ofIds(-1), role(Role.EXPERT, PLAIN)))
        .withMessageContaining("token id -1")
        .withMessageContaining("expert of pair 0");
  }

  @Test
  void promptMustLeaveRoomForOneToken() {
    ModelRole small = role(Role.ANTI_EXPERT, Optional.of(PLAIN), 40, 4);

    assertThat(encoder.encode(Prompt.ofIds(2, 3, 4), small)).hasSize(3);
    assertThatThrownBy(() -> encoder.encode(Prompt.ofIds(2, 3, 4, 5), small))
        .isInstanceOf(ContextLengthException.class)
        .hasMessageContaining("anti-expert of pair 0 ('model') has 4 tokens")
        .hasMessageContaining("context holds 4 tokens");
  }

  @Test
  void plainTextIsToldFromIdsAndRenderedConversations() {
    assertThat(encoder.text(Prompt.of("a"), role(Role.BASE, PLAIN)))
        .contains(new PromptText("a", true));
    assertThat(encoder.text(Prompt.ofIds(1), role(Role.BASE, PLAIN))).isEmpty();
    assertThat(encoder.text(CHAT, role(Role.BASE, CHATTY)).map(PromptText::plain)).contains(true);
    assertThat(encoder.text(CHAT, role(Role.EXPERT, CHATTY)).map(PromptText::plain))
        .contains(false);
    assertThat(encoder.text(CHAT.withText(Role.BASE, "x"), role(Role.BASE, PLAIN)))
        .contains(new PromptText("x", true));
  }

  @Test
  void aTextThatCanNotFitIsRefusedBeforeItIsEncoded() throws URISyntaxException {
    URL file = PromptEncoderTest.class.getResource("/tokenizers/sentencepiece/tokenizer.json");
    Tokenizer real =
        CheckpointTokenizer.open(Path.of(Objects.requireNonNull(file).toURI()).getParent());
    ModelRole role = role(Role.BASE, Optional.of(real), 400, 50);
    String much = "the sun rose ".repeat(1_000_000);

    assertThatThrownBy(() -> encoder.encode(Prompt.of(much), role))
        .isInstanceOf(ContextLengthException.class)
        .hasMessageContaining("13000000 characters")
        .hasMessageContaining("at least")
        .hasMessageContaining("holds 50 tokens");
    assertThat(encoder.encode(Prompt.of("the sun rose"), role).length).isBetween(3, 15);
  }
}
