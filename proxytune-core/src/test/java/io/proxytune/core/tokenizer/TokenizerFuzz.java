package io.proxytune.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.CheckpointException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Damaged tokenizers, opened and used. Each seed makes one; the outcome is {@code opened}, {@code
 * refused} with the place that the message names, or {@code unclear} with the exception.
 *
 * <p>The native library ends the process where the checks let too much through, so this runs in a
 * process of its own, which tells what it is about to do first: {@link TokenizerFuzzHost}.
 */
final class TokenizerFuzz {
  private static final Pattern PLACE = Pattern.compile("tokenizer\\.json: ([a-z_.A-Z]+)");

  private final List<ObjectNode> tokenizers = new ArrayList<>();
  private final Path folder;

  /**
   * Reads the tokenizers to damage.
   *
   * @param files their files, shrunk
   * @param folder where to write the damaged ones
   */
  TokenizerFuzz(List<Path> files, Path folder) throws IOException {
    this.folder = folder;
    for (Path file : files) {
      JsonNode root = new ObjectMapper().readTree(Files.readString(file));
      tokenizers.add((ObjectNode) root);
    }
  }

  /** Damages, opens and uses one tokenizer. */
  String run(long seed) throws IOException {
    Random random = new Random(seed);
    ObjectNode tokenizer = tokenizers.get(random.nextInt(tokenizers.size()));
    ObjectNode other = tokenizers.get(random.nextInt(tokenizers.size()));
    String json = new TokenizerMutator(seed).mutate(tokenizer, other);
    Files.write(folder.resolve("tokenizer.json"), json.getBytes(StandardCharsets.UTF_8));
    try {
      use(CheckpointTokenizer.open(folder), random);
      return "opened";
    } catch (CheckpointException e) {
      Matcher place = PLACE.matcher(String.valueOf(e.getMessage()));
      boolean clear = e.getMessage().contains("tokenizer.json");
      return clear ? "refused " + (place.find() ? place.group(1) : "as a file") : "unclear " + e;
    } catch (RuntimeException | Error e) {
      return "unclear " + e;
    }
  }

  private static void use(CheckpointTokenizer tokenizer, Random random) {
    for (int i = 0; i < 12; i++) {
      String text = i == 0 ? "" : i == 1 ? "a b é" : RandomTexts.next(random);
      int[] ids = tokenizer.encode(text, random.nextBoolean());
      tokenizer.decode(ids, random.nextBoolean());
      tokenizer.fewestTokens(text);
    }
    tokenizer.encode(
        "a".repeat(1500) + " ".repeat(1500) + "1\n".repeat(200) + "天\u0301".repeat(200), true);
    for (int i = 0; i < 8; i++) {
      int[] ids = random.ints(random.nextInt(12), 0, tokenizer.vocabularySize() + 3).toArray();
      tokenizer.decode(ids, random.nextBoolean());
      TestTokenizers.streamed(tokenizer, ids);
    }
  }

  /**
   * Runs seeds and tells each before it is run, and its outcome.
   *
   * @param args the folder to write to, the first seed, the one after the last, and the files
   */
  public static void main(String[] args) throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    List<Path> files = new ArrayList<>();
    for (int i = 3; i < args.length; i++) {
      files.add(Path.of(args[i]));
    }
    TokenizerFuzz fuzz = new TokenizerFuzz(files, Path.of(args[0]));
    for (long seed = Long.parseLong(args[1]); seed < Long.parseLong(args[2]); seed++) {
      out.println("run " + seed);
      out.println("end " + seed + " " + fuzz.run(seed).replace('\n', ' '));
    }
  }
}
