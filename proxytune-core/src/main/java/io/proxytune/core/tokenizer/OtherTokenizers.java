package io.proxytune.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import io.proxytune.core.files.InputFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Says how a {@code tokenizer.json} is made of the other formats that a folder may hold. */
final class OtherTokenizers {
  private static final String DOWNLOAD =
      "; or download tokenizer.json, where the model's publisher has one";

  /** A line of tiktoken's lists: bytes in base 64, and their rank. */
  private static final Pattern TIKTOKEN = Pattern.compile("[A-Za-z0-9+/]+={0,2} \\d+");

  private static final int LONGEST_LINE = 1000;
  private static final String SENTENCE_PIECE = "sentencepiece protobuf";

  private OtherTokenizers() {}

  /**
   * A way to make {@code tokenizer.json}; all but tekken's tried with transformers 4.57 and 5.24.
   *
   * @param packages what Python needs beside transformers
   * @param type the class that reads the other format
   * @param arguments what it is told beside the folder
   */
  private record Conversion(String packages, String type, String arguments) {
    String command(Path folder) {
      String packagesToInstall = packages.isEmpty() ? "transformers" : "transformers " + packages;
      String quoted = "r'" + folder.toAbsolutePath() + "'";
      return String.format(
          "make one with Python: pip install %s, then python -c \"from transformers import %s;"
              + " %s.from_pretrained(%s%s).save_pretrained(%s)\"",
          packagesToInstall, type, type, quoted, arguments, quoted);
    }
  }

  /**
   * What to do about a folder without {@code tokenizer.json}.
   *
   * @param folder the folder
   * @return a sentence that names what is there instead
   */
  static String advice(Path folder) {
    Optional<String> other = found(folder);
    String start = folder + " has no tokenizer.json, the only tokenizer format that is read";
    return other
        .map(name -> start + ", but " + name + ": " + conversion(folder, name))
        .orElse(
            start
                + ": download it with the model's other files, or make one with transformers'"
                + " save_pretrained");
  }

  /** The tokenizer of another format that a folder holds. */
  static Optional<String> found(Path folder) {
    List<String> names =
        ImmutableList.of(
            "tokenizer.model", "spiece.model", "tekken.json", "vocab.json", "vocab.txt");
    return names.stream().filter(name -> InputFile.isListed(folder.resolve(name))).findFirst();
  }

  private static String conversion(Path folder, String name) {
    if (name.equals("tokenizer.model") && isTiktoken(folder.resolve(name))) {
      return "a list of tiktoken's, which lacks the special tokens; download tokenizer.json, which"
          + " publishers of such models have (of Llama 3, the folder above \"original\")";
    }
    return way(new TokenizerFiles(folder), name).command(folder) + DOWNLOAD;
  }

  private static Conversion way(TokenizerFiles files, String name) {
    boolean declared = declaresItsClass(files.config());
    return switch (name) {
      case "tokenizer.model" ->
          new Conversion(SENTENCE_PIECE, "LlamaTokenizerFast", ", add_bos_token=True");
      case "spiece.model" -> new Conversion(SENTENCE_PIECE, "AutoTokenizer", "");
      case "tekken.json" -> new Conversion("mistral-common", "PreTrainedTokenizerFast", "");
      case "vocab.json" -> new Conversion("", declared ? "AutoTokenizer" : "GPT2TokenizerFast", "");
      default -> new Conversion("", declared ? "AutoTokenizer" : "BertTokenizerFast", "");
    };
  }

  /** Whether AutoTokenizer knows by the config what reads this folder's files. */
  private static boolean declaresItsClass(JsonNode config) {
    String type = config.path("tokenizer_class").asText("");
    return !type.isEmpty() && !type.startsWith("PreTrained") && !type.startsWith("Llama");
  }

  private static boolean isTiktoken(Path file) {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(file)) {
      String start = new String(in.readNBytes(LONGEST_LINE), StandardCharsets.ISO_8859_1);
      return TIKTOKEN.matcher(start.lines().findFirst().orElse("")).matches();
    } catch (IOException e) {
      return false; // of another format, as far as anyone can tell
    }
  }
}
