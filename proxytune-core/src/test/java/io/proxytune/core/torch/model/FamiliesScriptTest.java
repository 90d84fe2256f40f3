package io.proxytune.core.torch.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.TorchModels;
import io.proxytune.core.checkpoint.StoredType;
import io.proxytune.core.family.FamilyGolden;
import io.proxytune.model.LogitModel;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each family's passes are programs: without one decoding works too, but is slower. */
@Tag("slow")
class FamiliesScriptTest {
  @TempDir Path folder;

  static Stream<FamilyGolden> goldens() {
    return FamilyGolden.all();
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void passesAreScripted(FamilyGolden golden) {
    golden.write(folder, StoredType.BF16);
    for (DType dtype : new DType[] {DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16}) {
      try (LogitModel model = TorchModels.load(folder, LoadOptions.defaults().withDType(dtype))) {
        assertThat(((TorchModel) model).scripted()).as("%s as %s", golden, dtype).isNotNull();
      }
    }
  }
}
