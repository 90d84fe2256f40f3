package io.proxytune.core.torch.sampling;

import io.proxytune.core.sampling.Backend;
import io.proxytune.core.sampling.BlendContract;
import io.proxytune.core.sampling.CandidatesContract;
import io.proxytune.core.sampling.ColumnOrderContract;
import io.proxytune.core.sampling.EditingContract;
import io.proxytune.core.sampling.FusionContract;
import io.proxytune.core.sampling.LogitMath;
import io.proxytune.core.sampling.PickingContract;
import io.proxytune.core.sampling.ViewContract;
import io.proxytune.core.torch.TorchLogits;
import io.proxytune.core.torch.TorchScope;
import io.proxytune.model.Logits;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** The contracts of {@link TorchLogitMath}. */
@Tag("slow")
class TorchLogitMathTest {
  private static final Backend BACKEND =
      new Backend() {
        @Override
        public LogitMath newMath() {
          return new TorchLogitMath();
        }

        @Override
        public Logits logits(float[]... rows) {
          try (TorchScope scope = TorchScope.open()) {
            return new TorchLogits(HeapTensors.upload(Logits.of(rows[0].length, rows)));
          }
        }

        @Override
        public int draws() {
          return 4_000;
        }
      };

  @Nested
  class Picking extends PickingContract {
    Picking() {
      super(BACKEND);
    }
  }

  @Nested
  class Editing extends EditingContract {
    Editing() {
      super(BACKEND);
    }
  }

  @Nested
  class Fusing extends FusionContract {
    Fusing() {
      super(BACKEND);
    }
  }

  @Nested
  class Views extends ViewContract {
    Views() {
      super(BACKEND);
    }
  }

  @Nested
  class Blends extends BlendContract {
    Blends() {
      super(BACKEND);
    }
  }

  @Nested
  class Candidates extends CandidatesContract {
    Candidates() {
      super(BACKEND);
    }
  }

  @Nested
  class Ordering extends ColumnOrderContract {
    Ordering() {
      super(BACKEND);
    }
  }
}
