package io.proxytune.examples.server;

import io.proxytune.GenerationOptions;
import io.proxytune.Prompt;
import java.util.List;
import java.util.Optional;

/**
 * What a client asks for: immutable.
 *
 * @param model the name that it is answered under
 * @param prompts what is read, each for texts of its own
 * @param echoes what is repeated before the texts of each prompt, if that was asked for
 * @param count how many texts of each prompt
 * @param options how they are written
 * @param form the field that says what form they have, if one does
 * @param writes whether they are written at all, or only what is repeated is looked at
 * @param report what is said of each token
 * @param streamed whether they are sent as they come
 * @param usage whether a stream ends with what was counted
 */
record TextRequest(
    String model,
    List<Prompt> prompts,
    List<Optional<Echo>> echoes,
    int count,
    GenerationOptions options,
    Optional<String> form,
    boolean writes,
    Report report,
    boolean streamed,
    boolean usage) {
  TextRequest {
    prompts = List.copyOf(prompts);
    echoes = List.copyOf(echoes);
  }

  /**
   * A prompt that is repeated.
   *
   * @param text as it reads
   * @param ids its tokens, at least one
   */
  record Echo(String text, List<Integer> ids) {
    Echo {
      ids = List.copyOf(ids);
    }
  }
}
