package io.proxytune.core.tokenizer.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proxytune.core.ChildJvm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a template may use: work, memory, nesting and time, each kind of waste of them. */
@Tag("slow")
class HostileTemplatesTest {
  private static final String DOUBLED =
      "{% set ns = namespace(a=['lol'], b=['lol']) %}{% for i in range(60) %}"
          + "{% set ns.a = [ns.a, ns.a] %}{% set ns.b = [ns.b, ns.b] %}{% endfor %}";
  private static final String NESTED =
      "{% set ns = namespace(a=[], b=[]) %}{% for i in range(2000) %}"
          + "{% set ns.a = [ns.a] %}{% set ns.b = [ns.b] %}{% endfor %}";

  /** Of the budget, for tests that are quick. */
  private static final long SHARE = 16;

  @TempDir Path temp;

  /** The kinds that take most of a heap, in a JVM with a small one. */
  static final List<String> GREEDY =
      List.of(
          "{% set ns = namespace(l=[]) %}{% for i in range(100000) %}"
              + "{% set ns.l = ns.l + ['a' * 1000000 ~ i] %}{% endfor %}",
          "{% set ns = namespace(l=[]) %}{% for i in range(100000) %}"
              + "{% set ns.l = [ns.l, range(1000)] %}{% endfor %}",
          "{% set ns = namespace(l={}) %}{% for i in range(100000) %}"
              + "{% set ns.l = {i: ns.l, 'x': 'b' * 10000} %}{% endfor %}",
          "{% set ns = namespace(s='ab') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}"
              + "{% endfor %}",
          "{{ ('a ' * 5000000).split() | length }}",
          "{{ ('a' * 5000000) | list | length }}",
          "{{ ('a\n' * 4000000).splitlines() | length }}",
          "{{ (('é' * 9000000) | upper | title | lower).split('x') }}",
          "{{ ('x' * 1000000).replace('x', 'x' * 1000000) }}",
          "{{ ('x' * 1000000).replace('', 'x' * 1000) }}",
          "{{ ('x' * 100000) | list | join('x' * 1000000) }}",
          "{{ ('x\n' * 100000) | indent(100000) }}",
          "{{ [1, [2]] | tojson(indent=100000000) }}",
          "{{ range(100000) | list | tojson(separators=('x' * 100000, ':')) }}",
          "{% set x %}{% for i in range(100000) %}{{ 'x' * 10000 }}{% endfor %}{% endset %}",
          "{% macro m(x) %}{{ m(x ~ x) }}{% endmacro %}{{ m('xxxxxxxx') }}",
          "{{ 'x' * 9223372036854775807 }}",
          "{{ [1] * 9223372036854775807 }}",
          "{{ (1, 2) * 4611686018427387905 }}",
          "{{ '\\u0100' * 40000000 }}");

  @Test
  void noneTakesMoreThanASmallHeap() throws Exception {
    List<String> options = List.of("-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    ChildJvm.run(ChildJvm.of(GreedyTemplates.class, options), temp.resolve("log"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        "{% set big = range(100000) %}{% for i in range(100000) %}{{ -1 in big }}{% endfor %}",
        "{% set r = range(100000)|list %}{% for i in range(100000) %}{{ r|sort|first }}{% endfor"
            + " %}",
        "{{ range(100000)|list|unique|list|length }}",
        "{{ [range(2000)|list] * 2000 | sum(start=[]) }}",
        "{{ ([range(2000)|list] * 2000) | sum(start=[]) | length }}",
        "{{ ('a' * 200000 ~ 'b') in ('a' * 3000000) }}",
        "{{ ('a' * 3000000).rfind('a' * 200000 ~ 'b') }}",
        "{{ ('a' * 3000000).count('a' * 200000 ~ 'b') }}",
        "{{ ('a' * 3000000).replace('a' * 200000 ~ 'b', '') }}",
        "{{ ('a' * 3000000).split('a' * 200000 ~ 'b') }}",
        "{% for i in range(100000) %}{{ 1e-300 }}{% endfor %}",
        "{% for i in range(100000) %}{{ ('a' * 100000) | title | length }}{% endfor %}",
        "{% for i in range(100000) %}{{ range(100000) | map('string') | list | max }}{% endfor %}",
        "{{ range(100000) | map(attribute='a' ~ '.a' * 100000) | list }}",
        "{% set d = dict([[1, 2]] * 100000) %}{% for i in range(100000) %}{{ d == d }}"
            + "{% set x = dict(range(9999) | list | tojson | list | unique | list) %}{% endfor %}",
      })
  void endlessWorkIsRefused(String source) {
    refusedSoon(source);
  }

  @Test
  void theWholeBudgetTakesAboutASecond() {
    long start = System.nanoTime();
    assertThatThrownBy(() -> render(DOUBLED + "{{ ns.a == ns.b }}"))
        .isInstanceOf(TemplateException.class);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ ns.a == ns.b }}",
        "{{ ns.a < ns.b }}",
        "{{ ns.a }}",
        "{{ ns.a | tojson }}",
        "{{ ns.a ~ '' }}",
        "{{ ns.a | string }}",
        "{{ [ns.a, ns.b] | sort }}",
        "{{ ns.a in [ns.b] }}",
        "{{ [ns.a].index(ns.b) }}",
        "{{ [ns.a].count(ns.b) }}",
        "{{ [ns.a] | join }}",
        "{{ ns[ns.a] }}{{ {}.x[ns.a] }}",
      })
  void sharedAndDeepListsAreRefusedWhereTheyAreWalkedThrough(String use) {
    refusedSoon(DOUBLED + use);
    refusedSoon(NESTED + use);
  }

  @Test
  void sharedTuplesAreRefusedAsKeys() {
    String tuples = DOUBLED.replace("[ns.a, ns.a]", "(ns.a, ns.a)").replace("['lol']", "1");
    refusedSoon(tuples + "{{ {ns.a: 1} }}");
    refusedSoon(tuples + "{{ {}[ns.a] }}");
    refusedSoon(tuples + "{{ [ns.a] | unique | list }}");
    refusedSoon(
        tuples.replace("(ns.a, ns.a)", "(ns.a,)").replace("60", "2000") + "{{ {ns.a: 1} }}");
  }

  @Test
  void textsWithOneHashAreKeysLikeOthers() {
    String equalHashes =
        "{% set ns = namespace(l=['']) %}{% for i in range(14) %}{% set ns.m = [] %}"
            + "{% for s in ns.l %}{% set ns.m = ns.m + [s ~ 'Aa', s ~ 'BB'] %}{% endfor %}"
            + "{% set ns.l = ns.m %}{% endfor %}";
    assertThat(render("{% set ns = namespace(l=['', 'Aa', 'BB']) %}{{ ns.l | unique | list }}"))
        .isEqualTo("['', 'Aa', 'BB']");
    refusedSoon(equalHashes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{{ m() }}",
        "{% macro m(x) %}{{ [1, (m(m(x) ~ 'a') if true else 0)] | join }}{% endmacro %}{{ m(1) }}",
      })
  void endlessRecursionIsRefusedBeforeTheStackEnds(String source) {
    assertThatThrownBy(() -> render(source))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("levels deep")
        .hasNoCause();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(",
        "[",
        "{1:",
        "a[",
        "a(",
        "a|f(",
        "a is b(",
        "not ",
        "-",
        "1 if 1 else ",
        "('x' ~ "
      })
  void deepExpressionsAreRefused(String opening) {
    assertThatThrownBy(() -> Template.parse("\n{{ " + opening.repeat(5000) + "1"))
        .isInstanceOf(TemplateException.class);
    assertThatThrownBy(() -> Template.parse("\n{{ " + opening.repeat(5000) + "1 }}"))
        .isInstanceOf(TemplateException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% if 1 %}",
        "{% for x in y %}",
        "{% set x %}",
        "{% filter upper %}",
        "{% macro x() %}",
        "{% call x() %}",
        "{% with %}",
        "{% if 0 %}{% elif 1 %}",
        "{% raw %}",
        "{# ",
        "{{ '",
      })
  void deepStatementsAreRefused(String opening) {
    assertThatThrownBy(() -> Template.parse(opening.repeat(5000)))
        .isInstanceOf(TemplateException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {" + 1", " ~ 1", " or 0", " and 1", "|string", ".a", "[0]", "()", " == 1", " ** 1"})
  void longChainsAreRefusedOrRendered(String link) {
    try {
      render("{{ 1" + link.repeat(20_000) + " }}");
    } catch (TemplateException e) {
      assertThat(e).hasNoCause();
    }
  }

  @Test
  void longTemplatesAreRefused() {
    assertThatThrownBy(() -> Template.parse("x".repeat(1 << 21)))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("1048576");
    assertThat(Template.parse("{{ 1 }}x\n".repeat(10_000)).render(Map.of())).hasSize(29_999);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ -(-9223372036854775807 - 1) }}",
        "{{ (-9223372036854775807 - 1) | abs }}",
        "{{ (-9223372036854775807 - 1) // -1 }}",
        "{{ 1.5 | round(1000000000) }}",
        "{{ 1.5 | round(-1000000000) }}",
        "{{ 1 | round(100000000) }}",
        "{{ ('nan' | float) | round }}",
        "{{ ('inf' | float) | round(0, 'floor') }}",
        "{{ [1] | tojson(separators=(',',)) }}",
        "{{ [1] | tojson(separators=3) }}",
        "{{ {(1, 2): 1} | tojson }}",
        "{{ range(0, 9223372036854775807, 1) }}",
        "{{ range(-9223372036854775807, 9223372036854775807) }}",
        "{{ 5 % 0 }}",
        "{{ 0 ** -1 }}",
        "{{ 10.0 ** 400 }}",
        "{{ (0 - 8) ** 0.5 }}",
        "{{ 2 ** 99999999 }}",
        "{{ {[1]: 2} }}",
        "{{ '\\U7fffffff' }}",
        "{{ '\\N{no such thing}' }}",
        "{{ [3, 'x', none] | sort }}",
        "{{ [1, 2][::0] }}",
        "{% for a, b in [1] %}{% endfor %}",
        "{{ loop.cycle() }}",
        "{{ 'x'.split('') }}",
      })
  void everyFailureIsOneOfTheTemplatesWithItsLine(String source) {
    assertThatThrownBy(() -> render("\n\n" + source))
        .isInstanceOfSatisfying(
            TemplateException.class,
            e -> {
              assertThat(e.line()).isEqualTo(3);
              assertThat(e.getMessage()).doesNotContain("java.").hasSizeLessThan(1100);
            });
  }

  @Test
  void extremeRangesAndSlicesAreRight() {
    assertThat(
            render(
                "{{ range(9223372036854775806, 9223372036854775807, 9223372036854775807) }}"
                    + "{{ range(5, -9223372036854775807, -9223372036854775807) }}"
                    + "{{ [1, 2, 3][1::9223372036854775807] }}{{ 'abc'[2::-9223372036854775807] }}"
                    + "{{ 'a🙂b'[1:] }}{{ 'a🙂b'[::-1] }}{{ 'a🙂b'[-2] }}"))
        .isEqualTo("[9223372036854775806][5, -9223372036854775802][2]c🙂bb🙂a🙂");
  }

  @Test
  void whatAnApplicationPassesMayBeLargeAndShared() {
    Object shared = new ArrayList<>(List.of("x"));
    for (int i = 0; i < 100; i++) {
      shared = List.of(shared, shared);
    }
    Map<String, Object> variables = Map.of("shared", shared, "text", "long text ".repeat(1 << 20));
    assertThat(Template.parse("{{ shared | length }}").render(variables)).isEqualTo("2");
    assertThat(Template.parse("{{ text | trim | replace('x', 'y') }}").render(variables))
        .hasSize((10 << 20) - 1);
    assertThatThrownBy(() -> Template.parse("{{ shared }}").render(variables))
        .isInstanceOf(TemplateException.class);
  }

  @Test
  void whatContainsItselfIsRefusedByName() {
    Map<String, Object> map = new HashMap<>();
    map.put("self", map);
    List<Object> list = new ArrayList<>();
    list.add(List.of(list, list));
    for (Object cyclic : List.of(map, list)) {
      assertThatThrownBy(() -> Template.parse("x").render(Map.of("tools", cyclic)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'tools'")
          .hasMessageContaining("contain itself");
    }
  }

  private static void refusedSoon(String source) {
    long start = System.nanoTime();
    Budget budget = new Budget(SHARE);
    assertThatThrownBy(() -> Template.parse(source).render(budget, Map.of()))
        .as(source)
        .isInstanceOf(TemplateException.class);
    // The whole budget would take about a second; busy machines take longer.
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }

  private static String render(String source) {
    return Template.parse(source).render(Map.of());
  }
}
