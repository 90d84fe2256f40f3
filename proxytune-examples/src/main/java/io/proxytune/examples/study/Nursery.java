package io.proxytune.examples.study;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.Tokenizer;
import io.proxytune.core.training.ChatData;
import io.proxytune.core.training.LoraOptions;
import io.proxytune.core.training.Training;
import io.proxytune.core.training.TrainingData;
import io.proxytune.core.training.TrainingListener;
import io.proxytune.core.training.TrainingOptions;
import io.proxytune.core.training.TrainingProgress;
import io.proxytune.core.training.TrainingReport;
import io.proxytune.core.training.TrainingSequence;
import io.proxytune.examples.cli.Cancellation;
import io.proxytune.examples.evaluation.FamilyFolder;
import io.proxytune.examples.training.RawDocuments;
import io.proxytune.examples.world.TimelineFiles;
import io.proxytune.examples.world.WorldFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/**
 * Trains the models that studies need besides the family's, and keeps them: a model that is there
 * is not trained again, and one that was interrupted goes on. For one thread.
 */
final class Nursery {
  private static final long WORLD = 1;
  private static final double HELD_OUT_SHARE = 0.02;
  private static final int STEP = 2_048;
  private static final int QUICK_STEP = 256;
  private static final int QUICK_LINES = 200;

  private final Path folder;
  private final FamilyFolder family;
  private final boolean quick;
  private final Cancellation cancellation;
  private final Map<Long, Chronicle> chronicles = new HashMap<>();

  /**
   * A nursery.
   *
   * @param folder where models are kept
   * @param family whose tokenizer and small model are used
   * @param quick whether models learn next to nothing, in short steps
   */
  Nursery(Path folder, FamilyFolder family, boolean quick, Cancellation cancellation) {
    this.folder = folder;
    this.family = family;
    this.quick = quick;
    this.cancellation = cancellation;
  }

  /** The folder of a model, which is trained now if it is not there. */
  Path folder(Made model) {
    if (model instanceof Made.Shipped shipped) {
      return family.path().resolve(shipped.folder());
    }
    Path output = folder.resolve(model.name());
    if (!Files.isDirectory(output)) {
      TrainingReport report = train(model, output);
      if (!report.complete()) {
        throw new CancellationException("interrupted");
      }
      write(output.resolveSibling(model.name() + ".json"), figures(report).toString());
    }
    return output;
  }

  /** How long a model took to train; 0 for those of the family. */
  double seconds(Made model) {
    Path log = folder.resolve(model.name() + ".json");
    return model instanceof Made.Shipped || !Files.exists(log)
        ? 0
        : Parts.read(log).path("seconds").asDouble();
  }

  private static ObjectNode figures(TrainingReport report) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("seconds", report.seconds()).put("steps", report.steps());
    json.put("tokens", report.tokens());
    json.put("held_out_loss", report.heldOutLosses().lastEntry().getValue());
    return json;
  }

  private TrainingReport train(Made model, Path output) {
    if (model instanceof Made.Pretrained pretrained) {
      return pretrain(pretrained, family.small(), WorldFiles.CONTEXT_LENGTH, output);
    } else if (model instanceof Made.InPieces own) {
      Made.Pretrained like = new Made.Pretrained(own.size(), own.seed(), own.steps());
      return pretrain(like, pieces(own.pieces()), WorldFiles.CONTEXT_OF_PIECES, output);
    } else if (model instanceof Made.Diffusing diffusing) {
      return pretrain(diffusing, output);
    } else if (model instanceof Made.Dated dated) {
      return pretrain(dated, output);
    } else if (model instanceof Made.Updated updated) {
      TrainingData data = data(updated.source().seed(), updated.time());
      TrainingOptions options = options(updated.steps(), 2e-3, updated.source().seed());
      Path source = folder(updated.source());
      return Training.tune(source, data, options.withWarmUpSteps(5), output, listener());
    } else if (model instanceof Made.Tuned tuned) {
      return tune(tuned, output);
    } else if (model instanceof Made.Lengthened longer) {
      return lengthen(longer, output);
    } else if (model instanceof Made.Conversing conversing) {
      return converse(conversing, output);
    } else if (model instanceof Made.Adapted adapted) {
      Path source = folder(adapted.source());
      LoraOptions lora =
          LoraOptions.defaults().withRank(adapted.rank()).withAlpha(2.0 * adapted.rank());
      TrainingOptions options = options(adapted.steps(), 4e-3, 1).withWarmUpSteps(5);
      return Training.tuneLora(
          source,
          lora,
          chats(adapted.source(), Chats.ALL, 1),
          options.withChatTemplate(template()),
          output,
          listener());
    } else if (model instanceof Made.Schooled schooled) {
      return school(schooled, output);
    }
    throw new IllegalStateException("no way to train " + model);
  }

  private TrainingReport tune(Made.Tuned model, Path output) {
    Path source = folder(model.source());
    boolean diffusing = model.source() instanceof Made.Diffusing;
    TrainingOptions options =
        options(model.steps(), diffusing ? 1e-3 : 5e-4, model.seed()).withWarmUpSteps(5);
    TrainingData data =
        diffusing ? maskedChats(source, model) : chats(model.source(), model.chats(), model.seed());
    return Training.tune(source, data, options.withChatTemplate(template()), output, listener());
  }

  private TrainingReport school(Made.Schooled model, Path output) {
    Path source = folder(model.source());
    List<String> lines = model.subject().lines(model.seed());
    lines = quick ? lines.subList(0, QUICK_LINES) : lines;
    boolean carefully = model.subject().isChat() && model.source() == Made.Shipped.BASE;
    TrainingOptions options =
        options(model.steps(), carefully ? 5e-4 : 1e-3, model.seed())
            .withTokensPerStep(quick ? QUICK_STEP : STEP / 2)
            .withWarmUpSteps(5);
    return model.subject().isChat()
        ? Training.tune(
            source,
            chats(model, source, lines),
            options.withChatTemplate(template()),
            output,
            listener())
        : Training.tune(
            source,
            RawDocuments.each(lines, source).holdOut(HELD_OUT_SHARE, model.seed()),
            options,
            output,
            listener());
  }

  private TrainingData chats(Made.Schooled model, Path source, List<String> lines) {
    Path file = folder.resolve("%s-%s.jsonl".formatted(model.subject().id(), model.seed()));
    write(file, String.join("\n", lines) + "\n");
    Tokenizer tokenizer = ChatData.tokenizer(source, Optional.of(template()));
    return TrainingData.of(ChatData.read(file, tokenizer, WorldFiles.CONTEXT_LENGTH))
        .holdOut(HELD_OUT_SHARE, model.seed());
  }

  private TrainingReport pretrain(Made.Diffusing model, Path output) {
    Path tokenizer = family.small();
    List<TrainingSequence> rows =
        RawDocuments.read(world().resolve("data/raw.txt"), tokenizer, Diffusion.POSITIONS)
            .sequences();
    TrainingData data =
        masked(tokenizer, model.seed())
            .ofText(rows, model.steps() * rowsOfAStep())
            .holdOut(HELD_OUT_SHARE, model.seed());
    return Training.pretrain(
        model
            .size()
            .shape(RawDocuments.vocabularySize(tokenizer), Diffusion.POSITIONS)
            .bidirectional(),
        tokenizer,
        data,
        options(model.steps(), 3e-3, model.seed()).withWarmUpSteps(model.steps() * 3 / 100),
        output,
        listener());
  }

  private TrainingReport lengthen(Made.Lengthened model, Path output) {
    Path start = folder.resolve(model.name() + "-start");
    LongerContext.copy(folder(model.source()), start, model.positions());
    TrainingData data =
        RawDocuments.read(world().resolve("data/raw.txt"), start, model.positions())
            .holdOut(HELD_OUT_SHARE, model.seed());
    TrainingOptions options = options(model.steps(), 1e-3, model.seed()).withWarmUpSteps(10);
    return Training.tune(start, data, options, output, listener());
  }

  private TrainingReport converse(Made.Conversing model, Path output) {
    Path source = folder(model.source());
    long seed = model.seed();
    Path file = folder.resolve("conversations-" + seed + ".jsonl");
    List<String> chats = Talks.toTune(lines(world().resolve("data/tuning.jsonl")), seed);
    write(file, String.join("\n", chats) + "\n");
    Tokenizer tokenizer = ChatData.tokenizer(source, Optional.of(template()));
    TrainingData data =
        TrainingData.of(ChatData.read(file, tokenizer, model.source().positions()))
            .holdOut(HELD_OUT_SHARE, seed);
    TrainingOptions options =
        options(model.steps(), model.rate(), seed).withWarmUpSteps(5).withChatTemplate(template());
    return Training.tune(source, data, options, output, listener());
  }

  private TrainingReport pretrain(Made.Dated model, Path output) {
    Path words = words(model.seed());
    return Training.pretrain(
        model.size().shape(RawDocuments.vocabularySize(words), Chronicle.POSITIONS),
        words,
        data(model.seed(), 0),
        options(model.steps(), 4e-3, model.seed()).withWarmUpSteps(model.steps() * 3 / 100),
        output,
        listener());
  }

  private TrainingData data(long seed, int time) {
    int most = quick ? QUICK_LINES : Integer.MAX_VALUE;
    return chronicle(seed).data(time, most).holdOut(HELD_OUT_SHARE, seed);
  }

  /** What is written of the changing world of a seed. */
  Chronicle chronicle(long seed) {
    return chronicles.computeIfAbsent(seed, it -> new Chronicle(TimelineFiles.of(it), words(it)));
  }

  /** The folder of the tokenizer of the changing world of a seed. */
  private Path words(long seed) {
    Path tokenizer = folder.resolve("tokenizer-of-timeline-" + seed);
    if (!Files.exists(tokenizer.resolve("generation_config.json"))) { // it is written last
      TimelineFiles.of(seed).writeTokenizer(tokenizer);
    }
    return tokenizer;
  }

  private TrainingData maskedChats(Path source, Made.Tuned model) {
    Path file = world().resolve("data/tuning.jsonl");
    Tokenizer tokenizer = ChatData.tokenizer(source, Optional.of(template()));
    return masked(source, model.seed())
        .ofChats(ChatData.read(file, tokenizer, Diffusion.POSITIONS), model.steps() * rowsOfAStep())
        .holdOut(HELD_OUT_SHARE, model.seed());
  }

  private static MaskedRows masked(Path tokenizer, long seed) {
    Tokenizer words = ChatData.tokenizer(tokenizer, Optional.empty());
    return new MaskedRows(
        Diffusion.POSITIONS,
        words.id(Diffusion.END).orElseThrow(),
        words.id(Diffusion.MASK).orElseThrow(),
        seed);
  }

  private int rowsOfAStep() {
    return (quick ? QUICK_STEP : STEP) / Diffusion.POSITIONS + 1;
  }

  private TrainingReport pretrain(
      Made.Pretrained model, Path tokenizer, int positions, Path output) {
    TrainingData data =
        RawDocuments.read(world().resolve("data/raw.txt"), tokenizer, positions)
            .holdOut(HELD_OUT_SHARE, model.seed());
    return Training.pretrain(
        model.size().shape(RawDocuments.vocabularySize(tokenizer), positions),
        tokenizer,
        data,
        options(model.steps(), model.size().rate(), model.seed())
            .withWarmUpSteps(model.steps() * 3 / 100),
        output,
        listener());
  }

  /** The folder of a tokenizer of so many tokens. */
  private Path pieces(int count) {
    Path tokenizer = folder.resolve("tokenizer-of-" + count + "-pieces");
    if (!Files.exists(tokenizer.resolve("generation_config.json"))) { // it is written last
      WorldFiles.of(WORLD).writePieces(tokenizer, count);
    }
    return tokenizer;
  }

  /** In bfloat16, as the family was trained. */
  private TrainingOptions options(int steps, double rate, long seed) {
    return TrainingOptions.defaults()
        .withSteps(steps)
        .withLearningRate(rate)
        .withTokensPerStep(quick ? QUICK_STEP : STEP)
        .withHeldOutEvery(steps)
        .withSeed(seed)
        .withOverwrite(true);
  }

  private TrainingData chats(Made source, Chats chats, long seed) {
    Path file = folder.resolve("chats-" + chats.id() + ".jsonl");
    List<String> lines = lines(world().resolve("data/tuning.jsonl"));
    write(file, String.join("\n", chats.of(lines)) + "\n");
    Tokenizer tokenizer = ChatData.tokenizer(folder(source), Optional.of(template()));
    int positions = source.isInPieces() ? WorldFiles.CONTEXT_OF_PIECES : WorldFiles.CONTEXT_LENGTH;
    return TrainingData.of(ChatData.read(file, tokenizer, positions)).holdOut(HELD_OUT_SHARE, seed);
  }

  private Path template() {
    return world().resolve("chat_template.jinja");
  }

  /** The texts of the world, which are written the first time. */
  private Path world() {
    Path world = folder.resolve("world");
    if (!Files.exists(world.resolve("chat_template.jinja"))) {
      WorldFiles.of(WORLD).write(world);
      if (quick) {
        shorten(world.resolve("data/raw.txt"));
        shorten(world.resolve("data/tuning.jsonl"));
      }
    }
    return world;
  }

  private static void shorten(Path file) {
    List<String> lines = lines(file);
    write(file, String.join("\n", lines.subList(0, Math.min(QUICK_LINES, lines.size()))) + "\n");
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be read: " + e.getMessage(), e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be written: " + e.getMessage(), e);
    }
  }

  private TrainingListener listener() {
    return new TrainingListener() {
      @Override
      public void onStep(TrainingProgress progress) {}

      @Override
      public boolean stopRequested() {
        return cancellation.isRequested();
      }
    };
  }
}
