package io.proxytune.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Token;
import io.proxytune.core.lifetime.Garbage;
import io.proxytune.core.torch.NativeMemory;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Segment;
import io.proxytune.model.Segment.Rows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whatever has native memory and is dropped without being closed gives it back, with a line that
 * says what it was.
 */
@Tag("slow")
@Timeout(120)
class ForgottenObjectsTest {
  private static final Path FOLDER = GoldenModels.folder("gqa-tied");
  private static final Path ADAPTER = GoldenModels.folder("adapters/all");

  private LogitModel model;
  private long objects;

  @BeforeEach
  void load() {
    model = TorchModels.load(FOLDER);
    use(model);
    Garbage.collect();
    objects = NativeMemory.objects();
  }

  @AfterEach
  void theModelStillWorks() {
    use(model);
    model.close();
  }

  private static void use(LogitModel source) {
    try (LogitSession session = source.newSession(4)) {
      source.forward(List.of(new Segment(session, new int[] {7, 20}, Rows.LAST))).close();
    }
  }

  private List<String> linesAfter(Runnable dropping) {
    return Garbage.linesDuring(
        () -> {
          dropping.run();
          assertThat(NativeMemory.objects()).as("something is dropped").isGreaterThan(objects);
          Garbage.collectUntil("it is freed", () -> NativeMemory.objects() <= objects);
        });
  }

  @Test
  void aSession() {
    assertThat(linesAfter(() -> model.newSession(8)))
        .singleElement()
        .asString()
        .contains("a session of gqa-tied was dropped without close()");
  }

  @Test
  void aFork() {
    try (LogitSession session = model.newSession(8)) {
      objects = NativeMemory.objects();
      assertThat(linesAfter(() -> session.fork(8))).hasSize(1);
    }
  }

  @Test
  void logits() {
    Runnable forward =
        () -> {
          try (LogitSession session = model.newSession(4)) {
            model.forward(List.of(new Segment(session, new int[] {7}, Rows.ALL)));
          }
        };
    assertThat(linesAfter(forward))
        .singleElement()
        .asString()
        .contains("this Logits object was dropped");
  }

  @Test
  void anAdapter() {
    assertThat(linesAfter(() -> use(TorchModels.loadAdapter(model, ADAPTER))))
        .singleElement()
        .asString()
        .contains("model gqa-tied+all was dropped");
  }

  @Test
  void aModelWithItsSessionAndItsAdapter() {
    Runnable dropping =
        () -> {
          LogitModel other = TorchModels.load(FOLDER);
          use(TorchModels.loadAdapter(other, ADAPTER));
          other.newSession(4);
        };
    assertThat(linesAfter(dropping))
        .hasSize(3)
        .anyMatch(line -> line.contains("model gqa-tied was"));
  }

  @Test
  void aModelWhoseSessionIsHeldIsNoGarbage() {
    try (LogitSession session = TorchModels.load(FOLDER).newSession(4)) {
      List<String> lines = Garbage.linesDuring(Garbage::collect);
      assertThat(lines).isEmpty();
      use(session.source());
      session.source().close();
    }
  }

  @Test
  void streamsOfEveryKindOfModel() {
    try (LogitModel adapter = TorchModels.loadAdapter(model, ADAPTER);
        ProxyTuner tuner =
            ProxyTuner.builder().base(model).expert(adapter).antiExpert(model).build()) {
      leave(tuner);
      Garbage.collect();
      objects = NativeMemory.objects();
      List<String> lines = linesAfter(() -> leave(tuner));
      assertThat(lines).isNotEmpty().allMatch(line -> line.contains("a token stream was dropped"));
    }
  }

  private static void leave(ProxyTuner tuner) {
    List<Integer> ids = new ArrayList<>();
    GenerationOptions options = GenerationOptions.defaults().withIgnoreEndOfText(true);
    for (int i = 0; i < 3; i++) {
      for (Token token : tuner.stream(Prompt.ofIds(7, 20), options)) {
        ids.add(token.id());
        break;
      }
    }
    assertThat(ids).hasSize(3);
  }

  /** What runs meanwhile gives what it gives alone. */
  @Test
  void freeingDisturbsNoPassOfAnother() {
    GenerationOptions options =
        GenerationOptions.defaults().withIgnoreEndOfText(true).withMaxNewTokens(24);
    try (ProxyTuner tuner = ProxyTuner.builder().base(model).build()) {
      List<Integer> alone = tuner.generate(Prompt.ofIds(7, 20), options).tokenIds();
      for (int i = 0; i < 10; i++) {
        leave(tuner);
        System.gc();
        assertThat(tuner.generate(Prompt.ofIds(7, 20), options).tokenIds()).isEqualTo(alone);
      }
    }
  }
}
