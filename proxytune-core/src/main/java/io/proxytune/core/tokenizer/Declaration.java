package io.proxytune.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.CheckpointException;
import io.proxytune.core.files.JsonText;
import java.nio.file.Path;

/**
 * An entry of a tokenizer's files that declares a token: a string, or an object with flags.
 *
 * @param json the declaration
 * @param file where it stands
 * @param entry which entry it is, for messages
 */
record Declaration(JsonNode json, Path file, String entry) {
  /**
   * How the token is spelled.
   *
   * @throws CheckpointException if this declares no token
   */
  String content() {
    JsonNode content = json.isObject() ? json.path("content") : json;
    if (!content.isTextual()) {
      throw refusal("a token (a string, or an object with content)");
    }
    return content.textValue();
  }

  /**
   * The token.
   *
   * @param special whether it is special whatever the declaration says; a string always is
   * @throws CheckpointException if this declares none, or a flag is none
   */
  AddedToken token(boolean special) {
    boolean isSpecial = special || json.isTextual() || flag("special", false);
    return new AddedToken(
        content(),
        flag("single_word", false),
        flag("lstrip", false),
        flag("rstrip", false),
        flag("normalized", !isSpecial),
        isSpecial);
  }

  private boolean flag(String name, boolean absent) {
    JsonNode flag = json.path(name);
    if (!flag.isMissingNode() && !flag.isNull() && !flag.isBoolean()) {
      throw refusal("true or false as " + name);
    }
    return flag.asBoolean(absent);
  }

  CheckpointException refusal(String expected) {
    return new CheckpointException(
        file
            + " must give "
            + expected
            + " for "
            + entry
            + ", got "
            + JsonText.show(json)
            + "; correct it or download it again");
  }
}
