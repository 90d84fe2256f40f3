package io.proxytune.core.sampling;

import io.proxytune.model.Logits;
import org.junit.jupiter.api.Nested;

/** The contracts of {@link ReferenceLogitMath}. */
class ReferenceLogitMathTest {
  private static final Backend BACKEND =
      new Backend() {
        @Override
        public LogitMath newMath() {
          return new ReferenceLogitMath();
        }

        @Override
        public Logits logits(float[]... rows) {
          return Logits.of(rows[0].length, rows);
        }

        @Override
        public int draws() {
          return 20_000;
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
  class Fusion extends FusionContract {
    Fusion() {
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
