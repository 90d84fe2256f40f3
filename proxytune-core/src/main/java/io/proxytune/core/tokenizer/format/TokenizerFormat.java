package io.proxytune.core.tokenizer.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.CheckpointException;
import io.proxytune.core.files.JsonOutput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Checks a whole {@code tokenizer.json}. */
public final class TokenizerFormat {
  private TokenizerFormat() {}

  /**
   * Checks a tokenizer.
   *
   * @param file where it comes from, for messages
   * @param root the root of the file
   * @return what may be given to the native library, and what may be given to it as text
   * @throws CheckpointException if a part is unknown, broken, or could end the process; the message
   *     names the part
   */
  public static CheckedTokenizer check(Path file, JsonNode root) {
    Field field = new Field(file, "", root).object();
    Field version = field.get("version");
    version.check(version.isAbsent() || version.node().asText().equals("1.0"), "the text 1.0");
    checkTruncation(field.get("truncation"));
    checkPadding(field.get("padding"));
    NormalizerFormat normalizer = new NormalizerFormat(field.get("normalizer"));
    PreTokenizerFormat preTokenizer =
        new PreTokenizerFormat(field.get("pre_tokenizer"), normalizer.changes());
    ModelFormat model =
        new ModelFormat(
            field.get("model"), preTokenizer.isByteLevel() || normalizer.endsByteLevel());
    AddedTokensFormat added =
        new AddedTokensFormat(field.get("added_tokens"), normalizer, model.names());
    PostProcessorFormat processor =
        new PostProcessorFormat(field.get("post_processor"), model.names());
    DecoderFormat decoder = new DecoderFormat(field.get("decoder"));
    ObjectNode out = JsonNodeFactory.instance.objectNode().put("version", "1.0");
    out.set("added_tokens", added.json());
    out.set("normalizer", normalizer.json());
    out.set("pre_tokenizer", preTokenizer.json());
    out.set("post_processor", processor.json());
    out.set("decoder", decoder.json());
    out.set("model", model.json());
    List<RunLimit> runs = new ArrayList<>(normalizer.runs());
    runs.addAll(preTokenizer.runs());
    boolean countable =
        model.readsEveryByte() && !added.swallowsWhitespace() && !preTokenizer.drops();
    int longest = countable ? normalizer.shrinkage() * model.names().longest() : 0;
    Cuts cuts =
        normalizer.composesAtMost() && !added.lookAround()
            ? Cuts.of(preTokenizer.firstPattern(), !normalizer.json().isNull(), added.contents())
            : Cuts.NONE;
    return new CheckedTokenizer(
        JsonOutput.ascii(out),
        new TextRules(runs, longest, normalizer.growth(), cuts),
        processor.before(),
        processor.behind(),
        decoder.growth(),
        Splitting.of(normalizer.json(), preTokenizer.json(), model.json(), added.contents()));
  }

  /** The native library is told to cut nothing; so this is checked for its form alone. */
  private static void checkTruncation(Field truncation) {
    if (!truncation.isAbsent()) {
      Field direction = truncation.object().get("direction");
      direction.present().ifPresent(present -> present.oneOf("Left", "Right"));
      truncation.get("max_length").integer(0, Integer.MAX_VALUE);
      truncation.get("stride").integer(0, Integer.MAX_VALUE);
      truncation.get("strategy").oneOf("LongestFirst", "OnlyFirst", "OnlySecond");
    }
  }

  /** The native library is told to pad nothing; so this is checked for its form alone. */
  private static void checkPadding(Field padding) {
    if (padding.isAbsent()) {
      return;
    }
    Field strategy = padding.object().get("strategy");
    if (strategy.node().isObject()) {
      strategy.get("Fixed").integer(0, Integer.MAX_VALUE);
    } else {
      strategy.oneOf("BatchLongest");
    }
    padding.get("direction").oneOf("Left", "Right");
    padding.get("pad_to_multiple_of").present().ifPresent(n -> n.integer(0, Integer.MAX_VALUE));
    padding.get("pad_id").integer(0, TokenNames.MOST_ID);
    padding.get("pad_type_id").integer(0, Integer.MAX_VALUE);
    padding.get("pad_token").text();
  }
}
