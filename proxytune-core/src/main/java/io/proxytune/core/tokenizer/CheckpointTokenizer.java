package io.proxytune.core.tokenizer;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import com.google.common.primitives.Ints;
import io.proxytune.ChatMessage;
import io.proxytune.ChatTemplateException;
import io.proxytune.CheckpointException;
import io.proxytune.Tokenizer;
import io.proxytune.core.files.InputFile;
import io.proxytune.core.files.JsonFile;
import io.proxytune.core.files.TextFile;
import io.proxytune.core.tokenizer.TemplateFiles.TemplateSource;
import io.proxytune.core.tokenizer.format.CheckedTokenizer;
import io.proxytune.core.tokenizer.format.Splitting;
import io.proxytune.core.tokenizer.format.TokenizerFormat;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The tokenizer of a Hugging Face checkpoint folder: its {@code tokenizer.json} in the native
 * tokenizers library, and its chat template.
 *
 * <p><b>Threads:</b> safe for use by several threads. Native memory is freed when it becomes
 * unreachable.
 */
public final class CheckpointTokenizer implements Tokenizer, SplitsText, SpellsBytes {
  private static final Logger logger = LoggerFactory.getLogger(CheckpointTokenizer.class);

  private final Path folder;
  private final NativeTokenizer tokenizer;
  private final Vocabulary vocabulary;
  private final Splitting splitting;
  private final boolean cleansSpaces;
  private final CharacterRule characterRule;
  private final JsonNode decoder;
  private final Map<String, String> namedTokens;
  private final boolean hasChatTemplate;
  private final Supplier<ChatTemplate> chatTemplate;

  private CheckpointTokenizer(
      TokenizerFiles files, Optional<TemplateSource> template, Clock clock) {
    folder = files.folder();
    require(folder);
    JsonNode own =
        JsonFile.parseObject(files.tokenizerFile(), TextFile.read(files.tokenizerFile()));
    DeclaredTokens declared = DeclaredTokens.of(files, own);
    VocabularyReader.Complete complete =
        VocabularyReader.read(files.tokenizerFile(), own, declared.added());
    JsonNode root = complete.json();
    vocabulary = complete.vocabulary();
    CheckedTokenizer checked = TokenizerFormat.check(files.tokenizerFile(), root);
    splitting = checked.splitting();
    tokenizer = openNative(files.tokenizerFile(), checked);
    cleansSpaces = SpaceCleanup.isWanted(files.config(), root);
    decoder = root.path("decoder");
    CharacterRule rule = CharacterRule.of(decoder, vocabulary::token);
    characterRule =
        cleansSpaces
            ? ids ->
                rule.isComplete(ids)
                    && !SpaceCleanup.isOpen(decodeNatively(Ints.toArray(ids), true))
            : rule;
    namedTokens = declared.named();
    hasChatTemplate = template.isPresent();
    // Parsed when it is first used: a model whose template is broken still reads plain text.
    chatTemplate =
        Suppliers.memoize(
            () ->
                template
                    .map(t -> ChatTemplate.parse(t.file().toString(), t.source(), clock))
                    .orElseThrow(this::noTemplate));
    report(files.configFile(), Contradictions.of(files.config(), root, this));
  }

  private static void report(Path config, Contradictions contradictions) {
    if (!contradictions.all().isEmpty()) {
      logger
          .atLevel(contradictions.ids().isEmpty() ? Level.INFO : Level.WARN)
          .log(
              "{} asks for {}; tokenizer.json is followed (transformers 4 and 5 differ in that)",
              config,
              String.join("; ", contradictions.all()));
    }
  }

  private ChatTemplateException noTemplate() {
    return new ChatTemplateException(
        folder
            + " has no chat template, neither chat_template.jinja nor chat_template in"
            + " tokenizer_config.json: give this model plain text, or add the template that it was"
            + " tuned with");
  }

  private static NativeTokenizer openNative(Path file, CheckedTokenizer checked) {
    try {
      return new NativeTokenizer(checked);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(
          file
              + " is no tokenizer that the native library knows: "
              + e.getMessage()
              + "; save it again with a current transformers, or download it again",
          e);
    }
  }

  /**
   * Opens the tokenizer of a checkpoint.
   *
   * @param folder a folder with {@code tokenizer.json} and perhaps {@code tokenizer_config.json},
   *     {@code special_tokens_map.json}, {@code added_tokens.json}, {@code config.json} and {@code
   *     chat_template.jinja}
   * @return the tokenizer
   * @throws CheckpointException if a file is missing or broken
   */
  public static CheckpointTokenizer open(Path folder) {
    return open(folder, Clock.system(ZoneId.systemDefault()));
  }

  /**
   * Opens the tokenizer of a checkpoint with a chat template from elsewhere.
   *
   * @param folder a folder with {@code tokenizer.json}
   * @param chatTemplate the file of a Jinja template
   * @return the tokenizer
   * @throws CheckpointException if a file is missing or broken
   */
  public static CheckpointTokenizer open(Path folder, Path chatTemplate) {
    return new CheckpointTokenizer(
        new TokenizerFiles(folder),
        Optional.of(new TemplateSource(chatTemplate, TextFile.read(chatTemplate))),
        Clock.system(ZoneId.systemDefault()));
  }

  /**
   * Checks that a folder has a tokenizer of the format that is read.
   *
   * @param folder a checkpoint folder
   * @throws CheckpointException if there is none; the message says how to make one of what there is
   */
  public static void require(Path folder) {
    TokenizerFiles files = new TokenizerFiles(folder);
    if (!InputFile.isListed(files.tokenizerFile())) {
      throw new CheckpointException(OtherTokenizers.advice(folder));
    }
  }

  /**
   * The tokenizer of a checkpoint, if it has one.
   *
   * @param folder a checkpoint folder
   * @return the tokenizer; nothing where there is none, and a warning where one of another format
   *     is there
   * @throws CheckpointException if a file is broken
   */
  public static Optional<CheckpointTokenizer> find(Path folder) {
    if (InputFile.isListed(new TokenizerFiles(folder).tokenizerFile())) {
      return Optional.of(open(folder));
    }
    if (OtherTokenizers.found(folder).isPresent()) {
      logger.warn("{}. Without it the model reads ids alone", OtherTokenizers.advice(folder));
    }
    return Optional.empty();
  }

  static CheckpointTokenizer open(Path folder, Clock clock) {
    TokenizerFiles files = new TokenizerFiles(folder);
    return new CheckpointTokenizer(files, TemplateFiles.find(files), clock);
  }

  @Override
  public int[] encode(String text, boolean addSpecialTokens) {
    return tokenizer.encode(text, addSpecialTokens);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Ids that have no token leave no text.
   */
  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    for (int id : ids) {
      checkArgument(id >= 0, "a token id must be >= 0, got %s", id);
    }
    String text = decodeNatively(ids, skipSpecialTokens);
    return cleansSpaces ? SpaceCleanup.clean(text) : text;
  }

  private String decodeNatively(int[] ids, boolean skipSpecialTokens) {
    long bytes = IntStream.of(ids).mapToLong(this::mostBytes).sum();
    return tokenizer.decode(ids, skipSpecialTokens, bytes);
  }

  private long mostBytes(int id) {
    int bytesOfCharacter = 3;
    return vocabulary.token(id).map(token -> (long) bytesOfCharacter * token.length()).orElse(0L);
  }

  @Override
  public int vocabularySize() {
    return vocabulary.size();
  }

  @Override
  public Optional<String> token(int id) {
    return vocabulary.token(id);
  }

  @Override
  public Optional<Integer> id(String token) {
    return vocabulary.id(token);
  }

  @Override
  public boolean isSpecial(int id) {
    return vocabulary.isSpecial(id);
  }

  /**
   * The fewest tokens that a text can have, told without encoding it.
   *
   * @param text any text
   * @return the number; 0 where one token may stand for a text of any length
   */
  public int fewestTokens(String text) {
    return tokenizer.fewestTokens(text);
  }

  @Override
  public Splitting splitting() {
    return splitting;
  }

  @Override
  public TokenBytes tokenBytes() {
    checkArgument(
        !cleansSpaces,
        "constraints need a text that stays as it is decoded, and %s asks for"
            + " clean_up_tokenization_spaces, which takes spaces out",
        folder);
    return new DecoderBytes(decoder, vocabulary);
  }

  /**
   * The special tokens that have a role.
   *
   * @return for example {@code bos_token → <s>}; unmodifiable
   */
  public Map<String, String> namedTokens() {
    return namedTokens;
  }

  /**
   * The end-of-text token that the folder names, {@code eos_token}.
   *
   * @return its id, or nothing where the folder names none or the vocabulary lacks it
   */
  public Optional<Integer> endOfTextId() {
    return Optional.ofNullable(namedTokens.get("eos_token")).flatMap(this::id);
  }

  /** The id of a special token with a role. */
  Optional<Integer> role(String name) {
    return Optional.ofNullable(namedTokens.get(name)).flatMap(this::id);
  }

  /**
   * When decoded ids end with a whole character.
   *
   * @return the rule of this tokenizer's decoder
   */
  CharacterRule characterRule() {
    return characterRule;
  }

  @Override
  public boolean hasChatTemplate() {
    return hasChatTemplate;
  }

  @Override
  public String renderChat(
      List<ChatMessage> messages, boolean addGenerationPrompt, Map<String, ?> variables) {
    Map<String, Object> all = new HashMap<>(namedTokens);
    all.putAll(variables);
    return chatTemplate.get().render(messages, addGenerationPrompt, all);
  }
}
