package io.proxytune.core.tokenizer.jinja;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments.ArgumentSet;
import org.junit.jupiter.params.provider.MethodSource;

/** Every filter, test, method and function pays, and can't help it. */
class OperationsTest {
  private static final int SIZE = 5000;
  private static final List<Object> LIST = Collections.nCopies(SIZE, 7L);
  private static final JavaClasses CODE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("/test/"))
          .importPackages("io.proxytune.core.tokenizer.jinja");

  static Stream<ArgumentSet> operations() {
    Map<Object, Object> dict = new LinkedHashMap<>();
    for (long i = 0; i < SIZE; i++) {
      dict.put(String.valueOf(i), i);
    }
    String text = "A b".repeat(SIZE);
    return Stream.of(
            of(Filters.operations(), text, LIST, dict),
            of(Tests.operations(), text, LIST, dict),
            of(StringMethods.METHODS, text),
            of(Access.DICT_METHODS, dict),
            of(Access.LIST_METHODS, LIST),
            of(Globals.operations(), text, LIST, dict))
        .flatMap(sets -> sets);
  }

  private static Stream<ArgumentSet> of(Operations operations, Object... values) {
    return operations.names().stream()
        .sorted()
        .flatMap(
            name ->
                Stream.of(values)
                    .map(
                        value ->
                            org.junit.jupiter.params.provider.Arguments.argumentSet(
                                name + " of " + Values.typeName(value), operations, name, value)));
  }

  @ParameterizedTest
  @MethodSource("operations")
  void eachPaysForWhatItReads(Operations operations, String name, Object value) {
    assertThat(paid(operations, name, value, List.of()))
        .isGreaterThanOrEqualTo(operations.isConstant(name) ? 1 : SIZE);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void eachPaysForItsArguments(Operations operations, String name, Object value) {
    if (!operations.isConstant(name)) {
      assertThat(paid(operations, name, value, List.of(LIST, "x".repeat(SIZE))))
          .isGreaterThanOrEqualTo(3 * SIZE);
    }
  }

  private static long paid(Operations operations, String name, Object value, List<Object> more) {
    Budget budget = new Budget();
    try {
      operations.run(name, value, new Arguments(budget, more, Map.of()));
    } catch (TemplateException e) {
      assertThat(e).hasMessageNotContaining(" named '" + name + "'");
    }
    return budget.worked();
  }

  @Test
  void aNewOperationPaysForAResultThatItDoesNotPayFor() {
    Operations operations =
        new Operations(
            "filter", Map.of("careless", (value, a) -> new ArrayList<>(LIST)), java.util.Set.of());
    Budget budget = new Budget();
    operations.run("careless", "", Arguments.none(budget));
    assertThat(budget.worked()).isGreaterThanOrEqualTo(SIZE);
    assertThat(budget.used()).isGreaterThanOrEqualTo(8 * SIZE);
  }

  @Test
  void onlyOperationsRunThem() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(Operations.class.getName())
        .and()
        .doNotHaveFullyQualifiedName(SequenceFilters.class.getName())
        .should()
        .callMethod(Operations.Operation.class, "apply", Object.class, Arguments.class)
        .check(CODE);
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(Operations.class.getName())
        .and()
        .doNotHaveFullyQualifiedName(Loop.class.getName())
        .should()
        .callMethod(Invocable.class, "call", Arguments.class)
        .check(CODE);
  }

  /** Texts, lists and dicts grow only in the writers, which pay. */
  @Test
  void onlyTheWritersMakeWhatGrows() {
    noClasses()
        .that()
        .haveSimpleNameNotEndingWith("Writer")
        .and()
        .haveSimpleNameNotEndingWith("Parser")
        .and()
        .doNotBelongToAnyOf(Lexer.class, StringLiteral.class, FromJava.class)
        .should()
        .callConstructor(StringBuilder.class)
        .orShould()
        .callConstructor(ArrayList.class)
        .orShould()
        .callMethod(String.class, "repeat", int.class)
        .orShould()
        .callMethod(Stream.class, "toList")
        .orShould()
        .callMethod(String.class, "join", CharSequence.class, Iterable.class)
        .check(CODE);
  }
}
