package io.proxytune.core.tokenizer.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Random programs: mild ones mean what they mean to Jinja2, hostile ones end soon and clearly. */
@Tag("slow")
class RandomTemplatesTest {
  @Test
  void mildProgramsRenderLikeJinja2() throws IOException {
    JsonNode golden;
    try (InputStream in = getClass().getResourceAsStream("/golden/random-templates.json")) {
      golden = new ObjectMapper().readTree(Objects.requireNonNull(in));
    }
    Map<String, Object> variables =
        new ObjectMapper().convertValue(golden.path("variables"), new TypeReference<>() {});
    assertThat(golden.path("cases")).hasSizeGreaterThan(200);
    for (JsonNode c : golden.path("cases")) {
      String source = c.path("template").asText();
      if (c.has("rendered")) {
        assertThat(Template.parse(source).render(variables))
            .as(source)
            .isEqualTo(c.path("rendered").asText());
      } else {
        assertThatThrownBy(() -> Template.parse(source).render(variables))
            .as(source)
            .isInstanceOf(TemplateException.class);
      }
    }
  }

  @Test
  void hostileProgramsEndClearly() {
    TemplateFuzz fuzz = new TemplateFuzz();
    fuzz.run(20, TimeUnit.MILLISECONDS.toNanos(1500), 1000);
    assertThat(fuzz.inputs()).isPositive();
    assertThat(fuzz.kinds().keySet()).noneMatch(kind -> kind.startsWith("unclear"));
  }
}
