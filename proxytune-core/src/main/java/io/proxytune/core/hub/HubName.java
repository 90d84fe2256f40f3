package io.proxytune.core.hub;

import com.google.common.base.Splitter;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The name of a model on the Hugging Face Hub, such as {@code Qwen/Qwen2.5-0.5B} or {@code
 * gpt2@main}: immutable.
 *
 * @param model the owner and the model's name, or an old model's name alone
 * @param revision a branch, a tag, or a commit hash or its beginning, if one is asked for
 */
public record HubName(String model, Optional<String> revision) {
  private static final int LONGEST = 96;

  /** A part of a name, as the Hub allows it. */
  private static final Pattern PART = Pattern.compile("\\w(?:[\\w.-]*\\w)?");

  /** A part of a branch's or tag's name. */
  private static final Pattern REVISION_PART = Pattern.compile("[\\w.+-]+");

  /**
   * Reads a name.
   *
   * @param text {@code name}, {@code owner/name}, or one of them with {@code @revision}
   * @return the name; nothing where the text can't be one, as most paths can't
   */
  public static Optional<HubName> parse(String text) {
    int at = text.indexOf('@');
    String model = at < 0 ? text : text.substring(0, at);
    Optional<String> revision = at < 0 ? Optional.empty() : Optional.of(text.substring(at + 1));
    return isModel(model) && revision.map(HubName::isRevision).orElse(true)
        ? Optional.of(new HubName(model, revision))
        : Optional.empty();
  }

  private static boolean isModel(String model) {
    List<String> parts = Splitter.on('/').splitToList(model);
    return parts.size() <= 2
        && parts.stream().allMatch(part -> PART.matcher(part).matches())
        && model.length() <= LONGEST
        && Stream.of("--", "..").noneMatch(model::contains)
        && !model.endsWith(".git");
  }

  /** Nothing that leads out of a folder. */
  private static boolean isRevision(String revision) {
    return Splitter.on('/')
        .splitToStream(revision)
        .allMatch(
            part ->
                REVISION_PART.matcher(part).matches() && !part.equals(".") && !part.equals(".."));
  }

  /** The folder of its models in the Hub's cache. */
  String folderName() {
    return CachedModel.PREFIX + model.replace("/", CachedModel.SEPARATOR);
  }

  /**
   * The command that downloads it into the cache.
   *
   * @return a command of Hugging Face's {@code hf}
   */
  public String download() {
    return "hf download " + model + revision.map(r -> " --revision " + r).orElse("");
  }

  /** As it is written. */
  @Override
  public String toString() {
    return model + revision.map(r -> "@" + r).orElse("");
  }
}
