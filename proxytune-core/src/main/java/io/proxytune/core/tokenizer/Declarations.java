package io.proxytune.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.common.primitives.Ints;
import io.proxytune.core.files.JsonOutput;
import io.proxytune.core.files.JsonText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the files of a tokenizer declare of tokens: {@code tokenizer_config.json}, and where that
 * lists no {@code added_tokens_decoder} also {@code special_tokens_map.json}, which then wins, and
 * {@code added_tokens.json}. Which declaration counts is what transformers 5 does.
 */
final class Declarations {
  /** The roles that every tokenizer may have, in the order in which new tokens are numbered. */
  private static final List<String> ROLES =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  private static final String DECODER = "added_tokens_decoder";
  private static final String EXTRA = "extra_special_tokens";
  private static final String ADDITIONAL = "additional_special_tokens";

  private final TokenizerFiles files;
  private final Map<String, Declaration> settings = new LinkedHashMap<>();
  private final Map<String, Declaration> ownRoles = new LinkedHashMap<>();
  private final Set<String> special = new HashSet<>();

  private Declarations(TokenizerFiles files) {
    this.files = files;
  }

  /**
   * Reads the declarations of a folder.
   *
   * @param files the folder
   * @param tokenizer the root of its {@code tokenizer.json}
   * @return what they declare
   * @throws io.proxytune.CheckpointException if a file is broken
   */
  static Declarations read(TokenizerFiles files, JsonNode tokenizer) {
    Declarations declarations = new Declarations(files);
    declarations.readConfig();
    declarations.readMap();
    declarations.listSpecial();
    declarations.imply(tokenizer);
    return declarations;
  }

  private void readConfig() {
    put(files.config(), files.configFile());
    if (isNone(EXTRA) && settings.containsKey(ADDITIONAL)) {
      settings.put(EXTRA, settings.remove(ADDITIONAL));
    }
    settings.entrySet().stream()
        .filter(setting -> isOwnRole(setting.getKey()) && setting.getValue().json().isTextual())
        .forEach(setting -> ownRoles.put(setting.getKey(), setting.getValue()));
    takeNamedExtra();
  }

  private void put(JsonNode root, Path file) {
    root.properties()
        .forEach(
            entry ->
                settings.put(
                    entry.getKey(), new Declaration(entry.getValue(), file, entry.getKey())));
  }

  private boolean isNone(String key) {
    Declaration setting = settings.get(key);
    return setting == null
        || setting.json().isNull()
        || (setting.json().isContainerNode() && setting.json().isEmpty());
  }

  /** Whether this is a role that only this model has, such as {@code image_token}. */
  private static boolean isOwnRole(String key) {
    return key.endsWith("_token") && !ROLES.contains(key);
  }

  /** Extra tokens that are named have roles. */
  private void takeNamedExtra() {
    Declaration extra = settings.get(EXTRA);
    if (extra != null && extra.json().isObject()) {
      for (Map.Entry<String, JsonNode> role : extra.json().properties()) {
        String entry = EXTRA + "." + role.getKey();
        ownRoles.put(role.getKey(), new Declaration(role.getValue(), extra.file(), entry));
      }
      settings.remove(EXTRA);
    }
  }

  private void readMap() {
    if (settings.containsKey(DECODER)) {
      return;
    }
    @Nullable Declaration own = settings.get(EXTRA);
    put(files.specialTokensMap(), files.specialTokensMapFile());
    takeNamedExtra();
    Declaration extra = settings.get(EXTRA);
    if (own != null && own.json().isArray() && (extra == null || extra.json().isArray())) {
      settings.put(EXTRA, extra == null ? own : joined(own, extra));
    }
  }

  private static Declaration joined(Declaration first, Declaration second) {
    if (first.equals(second)) {
      return first;
    }
    List<JsonNode> all = new ArrayList<>();
    first.json().forEach(all::add);
    second.json().forEach(all::add);
    return new Declaration(
        JsonNodeFactory.instance.arrayNode().addAll(all), second.file(), second.entry());
  }

  /** What {@code added_tokens.json} holds of these is special from the start. */
  private void listSpecial() {
    roles()
        .forEach(
            (role, token) -> {
              if (ROLES.contains(role)) {
                special.add(token.content());
              }
            });
    extra(EXTRA).forEach(token -> special.add(token.content()));
  }

  /** What the tokenizer's class and padding give where no file names or denies a role. */
  private void imply(JsonNode tokenizer) {
    boolean byteLevel = CharacterRule.isByteLevel(tokenizer);
    JsonNode model = files.modelConfig();
    for (Map.Entry<String, JsonNode> role :
        ImpliedTokens.of(files.config(), model, byteLevel).properties()) {
      implyRole(role.getKey(), role.getValue());
    }
    JsonNode pad = tokenizer.path("padding").path("pad_token");
    if (pad.isTextual()) {
      implyRole("pad_token", pad);
    }
  }

  private void implyRole(String role, JsonNode token) {
    if (!ownRoles.containsKey(role)) {
      settings.putIfAbsent(role, new Declaration(token, files.tokenizerFile(), role));
    }
  }

  /**
   * The tokens that have a role.
   *
   * @return for example {@code bos_token → <s>}, in the order in which new ones are numbered
   */
  Map<String, Declaration> roles() {
    Map<String, Declaration> roles = new LinkedHashMap<>();
    for (String role : ROLES) {
      Declaration setting = settings.get(role);
      if (setting != null && !setting.json().isNull()) {
        roles.put(role, setting);
      }
    }
    settings.forEach(
        (key, setting) -> {
          boolean token = setting.json().isTextual() || setting.json().has("content");
          if (isOwnRole(key) && token) {
            roles.put(key, setting);
          }
        });
    roles.putAll(ownRoles);
    return roles;
  }

  /** Special tokens that have no role. */
  List<Declaration> extra() {
    return extra(settings.containsKey(EXTRA) ? EXTRA : ADDITIONAL);
  }

  private List<Declaration> extra(String key) {
    Declaration setting = settings.get(key);
    List<Declaration> extra = new ArrayList<>();
    if (setting != null && !setting.json().isNull()) {
      if (!setting.json().isArray()) {
        throw setting.refusal("a list of tokens");
      }
      setting
          .json()
          .forEach(token -> extra.add(new Declaration(token, setting.file(), setting.entry())));
    }
    return extra;
  }

  /**
   * The tokens that have ids.
   *
   * @param tokenizer the root of {@code tokenizer.json}
   * @return the tokens by the ids that their files state
   */
  SortedMap<Integer, Declaration> numbered(JsonNode tokenizer) {
    SortedMap<Integer, Declaration> numbered = new TreeMap<>();
    Declaration decoder = settings.get(DECODER);
    if (decoder != null) {
      if (!decoder.json().isObject() && !decoder.json().isNull()) {
        throw decoder.refusal("an object of tokens by their ids");
      }
      for (Map.Entry<String, JsonNode> token : decoder.json().properties()) {
        String entry = DECODER + "." + token.getKey();
        Declaration declaration = new Declaration(token.getValue(), decoder.file(), entry);
        numbered.put(id(token.getKey(), declaration), declaration);
      }
      return numbered;
    }
    readAddedTokens(numbered);
    for (JsonNode token : tokenizer.path("added_tokens")) {
      if (token.path("id").isInt() && token.path("content").isTextual()) {
        String entry = "the added token " + JsonText.show(token.path("content"));
        Declaration declaration = new Declaration(token, files.tokenizerFile(), entry);
        numbered.put(token.path("id").intValue(), declaration);
      }
    }
    return numbered;
  }

  /** {@code added_tokens.json} gives tokens and ids alone. */
  private void readAddedTokens(SortedMap<Integer, Declaration> numbered) {
    for (Map.Entry<String, JsonNode> token : files.addedTokens().properties()) {
      boolean isSpecial = special.contains(token.getKey());
      JsonNode json =
          JsonNodeFactory.instance
              .objectNode()
              .put("content", token.getKey())
              .put("special", isSpecial)
              .put("normalized", !isSpecial);
      Path file = files.addedTokensFile();
      Declaration id = new Declaration(token.getValue(), file, "'" + token.getKey() + "'");
      numbered.put(
          id(JsonOutput.compact(token.getValue()), id), new Declaration(json, file, id.entry()));
    }
  }

  private static int id(String text, Declaration declaration) {
    Integer id = Ints.tryParse(text);
    if (id == null || id < 0 || id > TokenNumbers.MAX_ID) {
      throw declaration.refusal("an id from 0 to " + TokenNumbers.MAX_ID);
    }
    return id;
  }
}
