package io.proxytune.core.torch.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.proxytune.CheckpointException;
import io.proxytune.core.TorchModels;
import io.proxytune.model.LogitModel;
import io.proxytune.model.LogitSession;
import io.proxytune.model.Logits;
import io.proxytune.model.Segment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A process of its own for {@link RewrittenCheckpointTest}: loads a checkpoint again and again
 * while another process rewrites it, and counts what it gets.
 */
final class RewrittenCheckpointProgram {
  private static final int PATIENCE = 20;

  private final List<float[]> versions = new ArrayList<>();
  private int loaded;
  private int changed;
  private int refused;
  private int wrong;

  private RewrittenCheckpointProgram() {}

  /**
   * Arguments: the file for the counts, the seconds to run at least, the checkpoint that is
   * rewritten, and the versions that it may have.
   */
  public static void main(String[] args) throws Exception {
    RewrittenCheckpointProgram program = new RewrittenCheckpointProgram();
    for (String version : Arrays.asList(args).subList(3, args.length)) {
      try (LogitModel model = TorchModels.load(Path.of(version))) {
        program.versions.add(row(model));
      }
    }
    Files.createFile(Path.of(args[0] + ".begun"));
    long begun = System.nanoTime();
    long least = Long.parseLong(args[1]) * 1_000_000_000L;
    long spent = 0;
    while (spent < least || (spent < PATIENCE * least && !program.sawWhatItShould())) {
      program.load(Path.of(args[2]));
      spent = System.nanoTime() - begun;
    }
    Files.writeString(
        Path.of(args[0]),
        Arrays.toString(
            new int[] {program.loaded, program.changed, program.refused, program.wrong}),
        UTF_8);
  }

  /** A crowded machine may take its time until a load falls between two saves. */
  private boolean sawWhatItShould() {
    return wrong > 0 || (loaded > 0 && changed > 0);
  }

  private void load(Path folder) {
    try (LogitModel model = TorchModels.load(folder)) {
      loaded++;
      for (int pass = 0; pass < 2; pass++) {
        float[] row = row(model);
        if (versions.stream().noneMatch(version -> Arrays.equals(version, row))) {
          wrong++;
        }
      }
    } catch (CheckpointException e) {
      if (!e.getMessage().contains(folder.toString())) {
        throw e;
      }
      if (e.getMessage().contains("changed since it was opened")) {
        changed++;
      } else {
        refused++;
      }
    }
  }

  private static float[] row(LogitModel model) {
    try (LogitSession session = model.newSession(4);
        Logits logits =
            model.forward(List.of(new Segment(session, new int[] {1, 3, 5}, Segment.Rows.LAST)))) {
      return logits.row(0);
    }
  }
}
