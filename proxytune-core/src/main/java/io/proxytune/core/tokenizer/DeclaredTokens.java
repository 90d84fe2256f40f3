package io.proxytune.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The tokens that the files beside {@code tokenizer.json} declare.
 *
 * @param named the special tokens that have a role, by the names that chat templates know, such as
 *     {@code bos_token → <s>}
 * @param added what {@code tokenizer.json} is to hold as well, in the order in which new tokens are
 *     numbered
 */
record DeclaredTokens(ImmutableMap<String, String> named, List<Numbered> added) {
  /**
   * A declared token.
   *
   * @param token the token
   * @param id the id that its file states, if it states one
   * @param declaration where it stands
   */
  record Numbered(AddedToken token, OptionalInt id, Declaration declaration) {}

  /**
   * Reads the declarations of a folder.
   *
   * @param files the folder
   * @param tokenizer the root of its {@code tokenizer.json}
   * @return what they declare
   * @throws io.proxytune.CheckpointException if a file is broken, or a declaration is malformed
   */
  static DeclaredTokens of(TokenizerFiles files, JsonNode tokenizer) {
    Declarations declarations = Declarations.read(files, tokenizer);
    ImmutableMap.Builder<String, String> named = ImmutableMap.builder();
    Map<String, Declaration> roles = declarations.roles();
    roles.forEach((role, token) -> named.put(role, token.content()));
    ImmutableMap<String, String> tokens = named.buildOrThrow();
    return new DeclaredTokens(tokens, added(declarations, tokens, tokenizer));
  }

  /** Those with ids come first, then those with roles, then further special ones. */
  private static List<Numbered> added(
      Declarations declarations, Map<String, String> named, JsonNode tokenizer) {
    Set<String> known = new HashSet<>();
    tokenizer.path("added_tokens").forEach(token -> known.add(token.path("content").asText()));
    List<Numbered> added = new ArrayList<>();
    declarations
        .numbered(tokenizer)
        .forEach(
            (id, declaration) -> {
              AddedToken token = declaration.token(named.containsValue(declaration.content()));
              known.add(token.content());
              added.add(new Numbered(token, OptionalInt.of(id), declaration));
            });
    Set<JsonNode> seen = new HashSet<>();
    for (Numbered other : unnumbered(declarations)) {
      // What one file declares in two ways gets the flags of the later one.
      if (!known.contains(other.token().content()) && seen.add(other.declaration().json())) {
        added.add(other);
      }
    }
    return added;
  }

  private static List<Numbered> unnumbered(Declarations declarations) {
    List<Numbered> tokens = new ArrayList<>();
    declarations.roles().values().forEach(role -> tokens.add(unnumbered(role, true)));
    declarations
        .extra()
        .forEach(token -> tokens.add(unnumbered(token, !token.json().has("special"))));
    return tokens;
  }

  private static Numbered unnumbered(Declaration declaration, boolean special) {
    return new Numbered(declaration.token(special), OptionalInt.empty(), declaration);
  }
}
