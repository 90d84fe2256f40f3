package io.proxytune.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.Role;
import io.proxytune.Token;
import io.proxytune.TokenTrace;
import io.proxytune.TokenTrace.OfRole;
import io.proxytune.TokenTrace.View;
import io.proxytune.examples.trace.TraceJson;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TraceJsonTest {
  private static final View VIEW = new View(2.5, -0.25, 0, 5, 0.75);
  private static final OfRole BASE = new OfRole(Role.BASE, 0, VIEW);

  private static Token token(int index, List<OfRole> roles, double alpha) {
    TokenTrace trace = new TokenTrace(VIEW, roles, List.of(alpha), 0, 0, false);
    return new Token(5, "x", index, null, trace);
  }

  /** Every row of a table has the same columns. */
  @Test
  void aRoleThatWasNotAskedHasNullsUnderItsNames() {
    OfRole expert = new OfRole(Role.EXPERT, 0, VIEW);
    OfRole antiExpert = new OfRole(Role.ANTI_EXPERT, 0, VIEW);
    Token asked = token(0, List.of(BASE, expert, antiExpert), 1);
    Token unasked = token(1, List.of(BASE), 0);
    JsonNode json =
        new TraceJson(new FakeTuner(new ArrayList<>()).tokenizer()).of(List.of(asked, unasked));
    assertThat(json.get(1).fieldNames())
        .toIterable()
        .containsExactlyElementsOf(() -> json.get(0).fieldNames());
    assertThat(json.get(1).get("expert").fieldNames())
        .toIterable()
        .containsExactlyElementsOf(() -> json.get(0).get("expert").fieldNames());
    assertThat(json.get(1).get("expert")).allMatch(JsonNode::isNull);
    assertThat(json.get(1).get("anti_expert")).hasSize(6).allMatch(JsonNode::isNull);
    assertThat(json.get(1).get("base")).isEqualTo(json.get(0).get("base"));
    assertThat(json.get(1).get("alpha").doubleValue()).isZero();
    assertThat(json.get(0).get("alpha").doubleValue()).isEqualTo(1);
  }
}
