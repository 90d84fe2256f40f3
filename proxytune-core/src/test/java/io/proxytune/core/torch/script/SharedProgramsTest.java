package io.proxytune.core.torch.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharedProgramsTest {
  private final List<String> compiled = new ArrayList<>();
  private final List<String> closed = new ArrayList<>();
  private final SharedPrograms<String> programs =
      new SharedPrograms<>(this::compile, closed::add, 2);

  private String compile(String className, String source) throws IOException {
    if (source.isEmpty()) {
      throw new IOException("nothing to compile");
    }
    String program = className + ":" + source;
    compiled.add(program);
    return program;
  }

  @Test
  void oneSourceIsCompiledOnce() throws Exception {
    SharedPrograms<String>.Hold first = programs.hold("A", "x");
    SharedPrograms<String>.Hold second = programs.hold("A", "x");
    assertThat(second.program()).isEqualTo("A:x");
    assertThat(programs.hold("B", "x").program()).isEqualTo("B:x");
    assertThat(compiled).containsExactly("A:x", "B:x");
    first.close();
    programs.closeUnused(0);
    assertThat(closed).as("has a user still").isEmpty();
    second.close();
    programs.closeUnused(0);
    assertThat(closed).containsExactly("A:x");
  }

  @Test
  void whatNobodyUsesIsKeptForTheNext() throws Exception {
    programs.hold("A", "x").close();
    programs.hold("A", "x").close();
    assertThat(compiled).hasSize(1);
    assertThat(closed).isEmpty();
  }

  @Test
  void theLongestUnusedGoesFirst() throws Exception {
    programs.hold("A", "1").close();
    programs.hold("A", "2").close();
    programs.hold("A", "1").close();
    programs.hold("A", "3").close();
    assertThat(closed).containsExactly("A:2");
  }

  @Test
  void closingTwiceIsClosingOnce() throws Exception {
    SharedPrograms<String>.Hold first = programs.hold("A", "x");
    SharedPrograms<String>.Hold second = programs.hold("A", "x");
    first.close();
    first.close();
    programs.closeUnused(0);
    assertThat(closed).isEmpty();
    second.close();
  }

  @Test
  void aSourceThatDidNotCompileIsTriedAgain() throws Exception {
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> programs.hold("A", "")).hasMessage("nothing to compile");
    }
    programs.closeUnused(0);
    assertThat(closed).isEmpty();
  }
}
