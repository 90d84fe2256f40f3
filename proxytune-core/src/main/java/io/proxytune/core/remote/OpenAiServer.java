package io.proxytune.core.remote;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.fasterxml.jackson.databind.JsonNode;
import io.proxytune.Tokenizer;
import io.proxytune.model.PartialLogits.Uncertified;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.StreamSupport;

/**
 * Connects to a server that speaks OpenAI's protocol for completions and takes token ids as a
 * prompt. It shows a few of the likeliest tokens, as texts; see {@link
 * io.proxytune.model.PartialLogits} for what is made of them. Texts are mapped to ids by the
 * vocabulary given; what may be one of several ids, or none, counts as a token that is not known,
 * and is counted in {@link ServerStats#unmapped()}.
 *
 * <pre>{@code
 * RemoteModel base =
 *     RemoteModels.openAiServer(URI.create("https://api.example.com/v1"))
 *         .model("large")
 *         .vocabularyOf(expert)
 *         .apiKeyVariable("API_KEY")
 *         .likeliest(5, Uncertified.GO_ON)
 *         .ceiling(10_000, 5_000_000)
 *         .connect();
 * }</pre>
 *
 * <p><b>Threads:</b> for one thread; what it makes is safe for use by any number of them.
 */
public final class OpenAiServer extends ServerBuilder<OpenAiServer> {
  private static final int USUAL_PARALLEL = 4;

  private Optional<String> model = Optional.empty();
  private OptionalInt contextLength = OptionalInt.empty();
  private Shown shown = new Shown(5, 5, Uncertified.GO_ON);
  private boolean tokensAsIds;
  private boolean pastTheEnd;
  private Ceiling ceiling = Ceiling.none();

  OpenAiServer(URI server) {
    super(server);
  }

  @Override
  OpenAiServer self() {
    return this;
  }

  /**
   * Which of the server's models; needed where it has several.
   *
   * @param name its id
   * @return this builder
   */
  public OpenAiServer model(String name) {
    checkArgument(!name.isBlank(), "a model's name must not be blank");
    model = Optional.of(name);
    return this;
  }

  /**
   * The most tokens of a sequence; needed where the server does not tell its {@code max_model_len}.
   *
   * @param tokens at least 1
   * @return this builder
   */
  public OpenAiServer contextLength(int tokens) {
    checkArgument(tokens >= 1, "contextLength must be >= 1, got %s", tokens);
    contextLength = OptionalInt.of(tokens);
    return this;
  }

  /**
   * How many of the likeliest tokens are asked for; 5 if not set. Many servers allow 5 or 20.
   *
   * @param count at least 1
   * @param uncertified what happens where they are not enough to be certain of the next token
   * @return this builder
   */
  public OpenAiServer likeliest(int count, Uncertified uncertified) {
    shown = new Shown(count, count, uncertified);
    return this;
  }

  /**
   * Asks for tokens as {@code token_id:N} in the place of their texts, with the field {@code
   * return_tokens_as_token_ids} of vLLM. Then every token has its id.
   *
   * @return this builder
   */
  public OpenAiServer tokensAsIds() {
    tokensAsIds = true;
    return this;
  }

  /**
   * Sends the field {@code ignore_eos}, which vLLM and ProxyTune's {@code serve} know: a server
   * that shows nothing of the token that ends a text shows it then.
   *
   * @return this builder
   */
  public OpenAiServer pastTheEnd() {
    pastTheEnd = true;
    return this;
  }

  /**
   * What may be spent; no bound if not set. What would be more fails with a {@link ServerException}
   * before it is sent.
   *
   * @param requests the most requests, repeated ones included
   * @param tokens the most tokens, which are those of the prompts and one for each request: each
   *     token that is generated sends the whole text before it
   * @return this builder
   */
  public OpenAiServer ceiling(long requests, long tokens) {
    ceiling = new Ceiling(requests, tokens);
    return this;
  }

  /**
   * Connects: asks the server which models it has. Whether its ids are those of the vocabulary
   * given can't be seen before its first row, which is refused where it shows no known token.
   *
   * @return the model; the caller closes it
   * @throws ServerException if there is no such server, or it has no such model
   * @throws IllegalStateException if no vocabulary was given, or the model or its context length is
   *     not known
   * @throws java.util.concurrent.CancellationException if this thread is interrupted; it stays so
   */
  public RemoteModel connect() {
    Vocabulary known = vocabulary();
    Endpoint endpoint = endpoint();
    JsonNode chosen = choose(endpoint, endpoint.get("/models").path("data"));
    Tokenizer tokenizer = known.tokenizer();
    String id = chosen.path("id").asText("");
    ServerModel.Description description =
        new ServerModel.Description(
            id + " at " + endpoint,
            tokenizer.vocabularySize(),
            contextLength(chosen, endpoint),
            known.endOfTextIds("", tokenizer.vocabularySize()),
            tokenizer,
            shown);
    OpenAiRows.Dialect dialect =
        new OpenAiRows.Dialect(parallel().orElse(USUAL_PARALLEL), tokensAsIds, pastTheEnd, ceiling);
    return new ServerModel(
        description, new OpenAiRows(endpoint, id, new TokenNames(tokenizer), dialect));
  }

  private JsonNode choose(Endpoint endpoint, JsonNode models) {
    List<JsonNode> all = StreamSupport.stream(models.spliterator(), false).toList();
    List<String> names = all.stream().map(each -> each.path("id").asText("")).toList();
    if (model.isEmpty()) {
      checkState(
          all.size() == 1,
          "the server %s has the models %s: say which with model(...)",
          endpoint,
          names);
      return all.get(0);
    }
    int index = names.indexOf(model.get());
    if (index < 0) {
      throw new ServerException(
          "the server " + endpoint + " has no model " + model.get() + ", but " + names, null);
    }
    return all.get(index);
  }

  /** One less than the server's, which wants room for the token that it picks. */
  private int contextLength(JsonNode chosen, Endpoint endpoint) {
    int told = chosen.path("max_model_len").asInt(0);
    checkState(
        contextLength.isPresent() || told > 1,
        "the server %s does not tell its context length: say it with contextLength(...)",
        endpoint);
    return contextLength.orElse(told - 1);
  }
}
