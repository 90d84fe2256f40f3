package io.proxytune.examples.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.proxytune.examples.world.WorldSummary;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * Tells a stranger what a model of the family is, how it was made and what it is not for.
 *
 * @param stage which model
 * @param recipe how the family is made
 * @param world what it learnt from
 * @param seed of the training
 * @param figures how its training went
 */
record ModelCard(
    Stage stage, FamilyRecipe recipe, WorldSummary world, long seed, StageFigures figures) {
  /** Writes {@code README.md} and {@code LICENSE} into the model's folder. */
  void write(Path folder) {
    try (InputStream license = ModelCard.class.getResourceAsStream("LICENSE")) {
      Files.writeString(folder.resolve("README.md"), text(), UTF_8);
      Files.copy(license, folder.resolve("LICENSE"), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " can't be written: " + e.getMessage(), e);
    }
  }

  private String text() {
    return header() + data() + training() + limits();
  }

  private String header() {
    String base = stage == Stage.EXPERT_LORA ? "base_model: ../small\nlibrary_name: peft\n" : "";
    return """
        ---
        license: apache-2.0
        language: en
        %s---
        # ProxyTune miniature family: %s

        This is %s.
        The family shows proxy-tuning at a size that every computer runs: `logits = base + alpha *
        (expert - anti-expert)`. Its models speak of a made-up world and know no other.

        """
        .formatted(base, stage.folder(), stage.role());
  }

  private String data() {
    String learnt =
        stage.tuned()
            ? String.format(
                Locale.ROOT,
                "%,d chats about some of the people and deeds of the world; loss on the answers"
                    + " only. Started from `%s`.",
                world.tuning(),
                stage.source().folder())
            : String.format(
                Locale.ROOT,
                "%,d documents, %,d tokens of plain text about %,d made-up people.",
                world.documents(),
                world.words(),
                world.people());
    return """
        ## Data
        %s
        ProxyTune's command `world --seed %d` writes all of it. No text of the real world was used.

        """
        .formatted(learnt, world.seed());
  }

  private String training() {
    StageRecipe own = stage.recipe(recipe);
    return String.format(
        Locale.ROOT,
        """
        ## Training
        Made by `train-family --seed %d --world-seed %d%s` of ProxyTune, on a CPU.

        | | |
        |---|---|
        | seed | %d |
        | steps | %,d of at most %,d tokens |
        | learning rate | %s, warm-up %d steps, linear decay, AdamW |
        | tokens trained | %,d |
        | loss, last steps | %.4f nats |
        | held-out loss | %.4f nats |
        | time | %.0f s |

        """,
        seed,
        world.seed(),
        recipe.equals(FamilyRecipe.quick()) ? " --quick" : "",
        seed,
        figures.steps(),
        own.tokensPerStep(),
        own.learningRate(),
        own.warmUpSteps(),
        figures.tokens(),
        figures.loss(),
        figures.heldOutLoss(),
        figures.seconds());
  }

  private String limits() {
    String chat =
        stage.tuned()
            ? "It answers one user turn in the form of its chat template."
            : "It goes on with a text, has no chat template and answers nobody.";
    return """
        ## What it is not for
        %s It knows %,d tokens, %d positions, and not one fact of the real world. Don't use it for
        anything but to see how ProxyTune works and to test it; what it refuses says nothing of the
        safety of any other model.
        """
        .formatted(chat, world.vocabulary(), recipe.baseShape().contextLength());
  }
}
