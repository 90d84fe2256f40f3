package io.proxytune.core.checkpoint;

import io.proxytune.core.decoder.DecoderSpec;
import java.util.Collection;

/**
 * The names of a model's modules in an adapter: transformers may call them otherwise than the
 * checkpoint that they are stored in. Immutable.
 *
 * @param body what precedes the names of the body in the adapter
 * @param ownBody the same in the model's description
 * @param head the head's name in the adapter
 * @param ownHead the same in the model's description
 */
record AdapterNames(String body, String ownBody, String head, String ownHead) {
  private static final String HEAD = "lm_head";

  /**
   * Finds out how an adapter calls a model's modules.
   *
   * @param names the adapter's, of modules or tensors
   */
  static AdapterNames of(Collection<String> names, DecoderSpec spec) {
    String ownHead = spec.head().linear().module();
    String head =
        names.stream()
            .filter(name -> name.equals(ownHead) || name.startsWith(ownHead + "."))
            .findFirst()
            .map(any -> ownHead)
            .orElse(HEAD);
    return StoredNames.body(names, spec)
        .map(body -> new AdapterNames(body.stored(), body.expected(), head, ownHead))
        .orElse(new AdapterNames("", "", head, ownHead));
  }

  /** The description's name for one of the adapter's, of a module or a tensor. */
  String own(String name) {
    String ofHead = StoredNames.head(name).orElse(name);
    if (ofHead.equals(head) || ofHead.startsWith(head + ".")) {
      return ownHead + ofHead.substring(head.length());
    }
    return name.startsWith(body) ? ownBody + name.substring(body.length()) : name;
  }

  /** The adapter's name for one of the description's. */
  String adapters(String own) {
    if (own.equals(ownHead) || own.startsWith(ownHead + ".")) {
      return head + own.substring(ownHead.length());
    }
    return own.startsWith(ownBody) ? body + own.substring(ownBody.length()) : own;
  }
}
