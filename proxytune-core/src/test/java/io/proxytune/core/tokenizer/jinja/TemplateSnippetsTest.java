package io.proxytune.core.tokenizer.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One feature a template, against the environment that transformers makes for chat templates. */
class TemplateSnippetsTest {
  private static final JsonNode GOLDEN = golden();

  private static JsonNode golden() {
    try (InputStream in = TemplateSnippetsTest.class.getResourceAsStream("/golden/snippets.json")) {
      return new ObjectMapper().readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, Object> variables() {
    Map<String, Object> variables =
        new HashMap<>(
            new ObjectMapper().convertValue(GOLDEN.path("variables"), new TypeReference<>() {}));
    Invocable raise =
        arguments -> {
          throw new TemplateException(arguments.requireText(0, "message"));
        };
    variables.put("raise_exception", raise);
    return variables;
  }

  static List<JsonNode> rendered() {
    return cases("rendered");
  }

  static List<JsonNode> failing() {
    return cases("error");
  }

  private static List<JsonNode> cases(String kind) {
    return StreamSupport.stream(GOLDEN.path("cases").spliterator(), false)
        .filter(node -> node.has(kind))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("rendered")
  void rendersLikeJinja2(JsonNode golden) {
    String source = golden.path("template").asText();
    assertThat(Template.parse(source).render(variables()))
        .as(source)
        .isEqualTo(golden.path("rendered").asText());
  }

  @ParameterizedTest
  @MethodSource("failing")
  void failsWhereJinja2Fails(JsonNode golden) {
    String source = golden.path("template").asText();
    assertThatThrownBy(() -> Template.parse(source).render(variables()))
        .as(source)
        .isInstanceOf(TemplateException.class)
        .satisfies(e -> assertThat(((TemplateException) e).line()).isEqualTo(1));
  }
}
