package io.proxytune.core.torch.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.proxytune.core.checkpoint.DecoderCheckpoint;
import io.proxytune.core.checkpoint.StoredType;
import io.proxytune.core.torch.OpenBlasNumber;
import io.proxytune.core.torch.TorchRuntime;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PassThreadsTest {
  private static final int OWN_THREADS = 2;

  private int before;

  @BeforeEach
  void setOwnThreads() {
    TorchRuntime.load();
    before = OpenBlasNumber.get();
    openblas_nolapack.blas_set_num_threads(OWN_THREADS);
  }

  @AfterEach
  void restore() {
    openblas_nolapack.blas_set_num_threads(before);
  }

  @ParameterizedTest
  @CsvSource({"F32, 1", "BF16, 2"})
  void blasKeepsToOneThreadWhileAPassOfFloat32Runs(StoredType dtype, int expected) {
    DecoderCheckpoint checkpoint = DecoderCheckpoint.open(TrainingGoldenTest.folder("tied"));
    try (TrainableModel model = TrainableModel.load(checkpoint, dtype)) {
      assertThat(model.computing(OpenBlasNumber::get)).isEqualTo(expected);
    }
    assertThat(OpenBlasNumber.get()).isEqualTo(OWN_THREADS);
  }
}
