package io.proxytune.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FamilyShapeTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(FamilyShape.class)
  void isAboutAGigabyte(FamilyShape shape) throws IOException {
    Files.writeString(folder.resolve("config.json"), shape.config());
    long tensors =
        FamilyShape.tensors(FamilyShape.spec(folder.resolve("config.json"))).values().stream()
            .mapToLong(ModelShape::elements)
            .sum();
    assertThat(2 * tensors).isBetween(900_000_000L, 1_400_000_000L);
  }

  /** Of Mixtral's experts a quarter; of the others all but the embedding's rows. */
  @ParameterizedTest
  @EnumSource(FamilyShape.class)
  void aStepReadsWhatATokenGoesThrough(FamilyShape shape) throws IOException {
    Files.writeString(folder.resolve("config.json"), shape.config());
    long bytes = FamilyShape.bytesPerStep(folder, 2, 0);
    if (shape == FamilyShape.MIXTRAL) {
      long attention = 10 * (2L * 1024 * 1024 + 2L * 256 * 1024);
      long experts = 10 * (2L * 3 * 1024 * 2048 + 8L * 1024);
      assertThat(bytes).isEqualTo(2 * (attention + experts + 32_000L * 1024));
    } else {
      assertThat(bytes).isBetween(900_000_000L, 1_100_000_000L);
    }
  }
}
