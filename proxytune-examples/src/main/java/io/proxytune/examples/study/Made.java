package io.proxytune.examples.study;

import static com.google.common.base.Preconditions.checkArgument;

import io.proxytune.core.training.ModelShape;
import java.util.Locale;

/** A model by how it is made, which its name tells. Immutable. */
sealed interface Made {
  /** The name of its folder, such as {@code small-2-1500-tuned-130}. */
  String name();

  /** Whether it was tuned on chats, and reads the chat template. */
  default boolean isTuned() {
    return this instanceof Tuned
        || this instanceof Adapted
        || this instanceof Conversing
        || (this instanceof Schooled schooled && schooled.subject().isChat())
        || this == Shipped.DIRECT
        || this == Shipped.EXPERT;
  }

  /** Whether its tokenizer is not the family's. */
  default boolean isInPieces() {
    return false;
  }

  /**
   * A model of the family.
   *
   * @param folder its folder there
   */
  record Shipped(String folder) implements Made {
    /** The large model of the family. */
    static final Made BASE = new Shipped("base");

    /** The large model, tuned directly. */
    static final Made DIRECT = new Shipped("base-tuned");

    /** The family's small model. */
    static final Made SMALL = new Shipped("small");

    /** The family's expert. */
    static final Made EXPERT = new Shipped("expert");

    @Override
    public String name() {
      return folder;
    }
  }

  /** How large a pretrained model is. */
  enum Size {
    TINY("0.12 million", 4e-3, 48, 2, 3, 132),
    /** As the family's small model. */
    SMALL("0.5 million", 4e-3, 96, 3, 3, 264),
    MEDIUM("1.5 million", 3e-3, 160, 4, 5, 440),
    /** Twice as large as the family's base. */
    LARGE("10 million", 1.5e-3, 320, 8, 5, 880);

    private final String weights;
    private final double rate;
    private final int hidden;
    private final int layers;
    private final int heads;
    private final int intermediate;

    Size(String weights, double rate, int hidden, int layers, int heads, int intermediate) {
      this.weights = weights;
      this.rate = rate;
      this.hidden = hidden;
      this.layers = layers;
      this.heads = heads;
      this.intermediate = intermediate;
    }

    /** How many weights it has in this world, for people. */
    String weights() {
      return weights;
    }

    /** The highest learning rate of its pretraining: the larger a model, the lower. */
    double rate() {
      return rate;
    }

    ModelShape shape(int vocabulary, int positions) {
      return new ModelShape(
          vocabulary, hidden, layers, heads, heads, intermediate, positions, 10_000, 1e-5, false);
    }
  }

  /**
   * A model trained on the world's raw text from random weights.
   *
   * @param size how large
   * @param seed of its weights and of the order of the text
   * @param steps of 2,048 positions; the learning rate falls to 0 at the last
   */
  record Pretrained(Size size, long seed, int steps) implements Made {
    public Pretrained {
      checkArgument(steps >= 1, "steps must be >= 1, got %s", steps);
    }

    @Override
    public String name() {
      return "%s-%s-%s".formatted(size.name().toLowerCase(Locale.ROOT), seed, steps);
    }
  }

  /**
   * The same with a tokenizer of its own, whose tokens are pieces of words.
   *
   * @param size how large
   * @param pieces how many tokens there are
   * @param seed of its weights and of the order of the text
   * @param steps of 2,048 positions
   */
  record InPieces(Size size, int pieces, long seed, int steps) implements Made {
    public InPieces {
      checkArgument(steps >= 1, "steps must be >= 1, got %s", steps);
    }

    @Override
    public String name() {
      return "%s-in-%s-pieces-%s-%s"
          .formatted(size.name().toLowerCase(Locale.ROOT), pieces, seed, steps);
    }

    @Override
    public boolean isInPieces() {
      return true;
    }
  }

  /**
   * A masked diffusion model, trained on the world's raw text from random weights.
   *
   * @param size how large
   * @param seed of its weights and of what is hidden
   * @param steps of 2,048 positions
   */
  record Diffusing(Size size, long seed, int steps) implements Made {
    public Diffusing {
      checkArgument(steps >= 1, "steps must be >= 1, got %s", steps);
    }

    @Override
    public String name() {
      return "diffusing-%s-%s-%s".formatted(size.name().toLowerCase(Locale.ROOT), seed, steps);
    }
  }

  /**
   * A model trained on what is written at the first time of a world that changes.
   *
   * @param size how large
   * @param seed of the world, of the weights and of the order of the text
   * @param steps of 2,048 positions
   */
  record Dated(Size size, long seed, int steps) implements Made {
    public Dated {
      checkArgument(steps >= 1, "steps must be >= 1, got %s", steps);
    }

    @Override
    public String name() {
      return "dated-%s-%s-%s".formatted(size.name().toLowerCase(Locale.ROOT), seed, steps);
    }
  }

  /**
   * The same, further trained on what is written at a later time.
   *
   * @param source what it goes on from
   * @param time a step of the world's time, at least 1
   * @param steps of 2,048 positions
   */
  record Updated(Dated source, int time, int steps) implements Made {
    public Updated {
      checkArgument(time >= 1 && steps >= 1, "expected time and steps >= 1, got %s", time);
    }

    @Override
    public String name() {
      return "%s-time-%s-%s".formatted(source.name(), time, steps);
    }
  }

  /**
   * A model tuned on chats, all of its weights.
   *
   * @param source what it goes on from
   * @param steps of up to 2,048 positions
   * @param seed of the order of the chats
   * @param chats which chats
   */
  record Tuned(Made source, int steps, long seed, Chats chats) implements Made {
    @Override
    public String name() {
      String what = chats == Chats.ALL ? "" : "-" + chats.id();
      return stem(source) + "-tuned-" + steps + what;
    }

    @Override
    public boolean isInPieces() {
      return source.isInPieces();
    }
  }

  /**
   * A LoRA adapter on a model, tuned on all chats; its α is twice its rank.
   *
   * @param source the model that carries it
   * @param rank of its matrices
   * @param steps of up to 2,048 positions
   */
  record Adapted(Made source, int rank, int steps) implements Made {
    @Override
    public String name() {
      return stem(source) + "-lora-" + rank + "-" + steps;
    }
  }

  /**
   * A model further trained on the world's raw text in longer rows, so that it reads longer texts.
   *
   * @param source what it goes on from
   * @param positions of a row
   * @param seed of the order of the text
   * @param steps of up to 2,048 positions
   */
  record Lengthened(Made source, int positions, long seed, int steps) implements Made {
    public Lengthened {
      checkArgument(steps >= 1, "steps must be >= 1, got %s", steps);
    }

    @Override
    public String name() {
      return "%s-of-%s-positions-%s-%s".formatted(source.name(), positions, seed, steps);
    }
  }

  /**
   * A model tuned on conversations of several turns, all of its weights.
   *
   * @param source what it goes on from
   * @param seed of the conversations and of their order
   * @param steps of up to 2,048 positions
   * @param rate the highest learning rate
   */
  record Conversing(Lengthened source, long seed, int steps, double rate) implements Made {
    @Override
    public String name() {
      return source.name() + "-conversing-" + seed + "-" + steps;
    }
  }

  /**
   * A model trained further on one subject, all of its weights.
   *
   * @param source what it goes on from
   * @param subject what it learns
   * @param seed of the texts and of their order
   * @param steps of up to 1,024 positions
   */
  record Schooled(Made source, Subject subject, long seed, int steps) implements Made {
    public Schooled {
      checkArgument(steps >= 1, "steps must be >= 1, got %s", steps);
    }

    @Override
    public String name() {
      return "%s-%s-%s-%s".formatted(stem(source), subject.id(), seed, steps);
    }
  }

  private static String stem(Made source) {
    return source == Shipped.SMALL ? "shipped" : source.name();
  }
}
