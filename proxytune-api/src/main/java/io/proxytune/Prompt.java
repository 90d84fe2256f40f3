package io.proxytune;

import static io.proxytune.internal.Checks.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What each model reads before it writes: immutable. The models may read different prompts; every
 * token that is generated is appended to all of them.
 *
 * <p>{@link #of} gives every model the same text. {@link #chat} gives the experts a conversation
 * rendered with their own chat template, and the base and anti-experts the plain text of it: only a
 * chat-tuned model knows the template (arXiv 2401.08565, section 3). A single model without experts
 * reads the rendered conversation.
 */
public final class Prompt {
  private final Source source;
  private final Optional<Set<Role>> templatedRoles;
  private final Map<RoleKey, String> texts;
  private final Map<String, Object> chatVariables;
  private final List<Tool> tools;
  private final String responsePrefix;

  /** What the prompt was made from; exactly one is set. */
  private record Source(
      Optional<String> text, Optional<List<Integer>> ids, Optional<List<ChatMessage>> messages) {}

  /** A model's place; pair is −1 for every pair. */
  private record RoleKey(Role role, int pair) {
    @Override
    public String toString() {
      return pair < 0 ? role.toString() : role + " " + pair;
    }
  }

  private Prompt(
      Source source,
      Optional<Set<Role>> templatedRoles,
      Map<RoleKey, String> texts,
      Map<String, Object> chatVariables,
      List<Tool> tools,
      String responsePrefix) {
    this.source = source;
    this.templatedRoles = templatedRoles;
    this.texts = texts;
    this.chatVariables = chatVariables;
    this.tools = tools;
    this.responsePrefix = responsePrefix;
  }

  private static Prompt of(Source source) {
    return new Prompt(source, Optional.empty(), Map.of(), Map.of(), List.of(), "");
  }

  /**
   * The same text for every model; each model's tokenizer adds its special tokens, such as BOS.
   *
   * @param text the text
   * @return the prompt
   */
  public static Prompt of(String text) {
    return of(new Source(Optional.of(text), Optional.empty(), Optional.empty()));
  }

  /**
   * The same ids for every model, with nothing added.
   *
   * @param ids token ids of the base's vocabulary, at least one
   * @return the prompt
   */
  public static Prompt ofIds(int... ids) {
    checkArgument(ids.length > 0, "a prompt needs at least one token id, got none");
    List<Integer> copy = IntStream.of(ids).boxed().toList();
    return of(new Source(Optional.empty(), Optional.of(copy), Optional.empty()));
  }

  /**
   * A conversation that the model answers.
   *
   * @param messages the turns, at least one
   * @return the prompt
   */
  public static Prompt chat(ChatMessage... messages) {
    return chat(Arrays.asList(messages));
  }

  /**
   * A conversation that the model answers.
   *
   * @param messages the turns, at least one
   * @return the prompt
   */
  public static Prompt chat(List<ChatMessage> messages) {
    checkArgument(!messages.isEmpty(), "a conversation needs at least one message, got none");
    return of(new Source(Optional.empty(), Optional.empty(), Optional.of(List.copyOf(messages))));
  }

  /**
   * Gives the models of one role a text of the caller's, to which their tokenizer adds its special
   * tokens.
   *
   * @param role the role
   * @param text the text
   * @return a new prompt
   */
  public Prompt withText(Role role, String text) {
    return withText(new RoleKey(role, -1), text);
  }

  /**
   * Gives one model of one expert pair a text of the caller's; it wins over {@link #withText(Role,
   * String)}.
   *
   * @param role expert or anti-expert
   * @param pair the index of the pair, from 0
   * @param text the text
   * @return a new prompt
   */
  public Prompt withText(Role role, int pair, String text) {
    checkArgument(pair >= 0, "the index of an expert pair must be >= 0, got %s", pair);
    return withText(new RoleKey(role, pair), text);
  }

  private Prompt withText(RoleKey key, String text) {
    requireNonNull(text, "text");
    Map<RoleKey, String> changed = new LinkedHashMap<>(texts);
    changed.put(key, text);
    return new Prompt(source, templatedRoles, changed, chatVariables, tools, responsePrefix);
  }

  /**
   * Chooses which models read a conversation rendered with their chat template.
   *
   * @param roles the roles; none for plain text everywhere
   * @return a new prompt
   */
  public Prompt withChatTemplateFor(Role... roles) {
    Set<Role> chosen = Set.copyOf(Arrays.asList(roles));
    return new Prompt(source, Optional.of(chosen), texts, chatVariables, tools, responsePrefix);
  }

  /**
   * Passes more variables to the chat template, such as {@code enable_thinking}.
   *
   * @param variables strings, numbers, booleans, lists and maps by name
   * @return a new prompt
   */
  public Prompt withChatVariables(Map<String, ?> variables) {
    Map<String, Object> copy = new LinkedHashMap<>();
    variables.forEach((name, value) -> copy.put(requireNonNull(name), requireNonNull(value, name)));
    return new Prompt(
        source, templatedRoles, texts, Collections.unmodifiableMap(copy), tools, responsePrefix);
  }

  /**
   * Tells the model of functions that it may ask for, as the chat template's variable {@code
   * tools}. A request whose chat templates have no place for them is refused.
   *
   * @param tools the functions
   * @return a new prompt
   */
  public Prompt withTools(List<Tool> tools) {
    return new Prompt(
        source, templatedRoles, texts, chatVariables, List.copyOf(tools), responsePrefix);
  }

  /**
   * Begins every model's answer with a text, such as {@code "The answer is:"}; it stands at the end
   * of the prompt, after a chat template. It does not apply to texts given by {@link #withText},
   * nor to ids.
   *
   * @param prefix the text, appended as it is
   * @return a new prompt
   */
  public Prompt withResponsePrefix(String prefix) {
    requireNonNull(prefix, "prefix");
    return new Prompt(source, templatedRoles, texts, chatVariables, tools, prefix);
  }

  /**
   * The caller's own text for a model, if there is one.
   *
   * @param role the model's role
   * @param pair the index of its pair; 0 for the base
   * @return the text
   */
  public Optional<String> textFor(Role role, int pair) {
    Optional<String> own = Optional.ofNullable(texts.get(new RoleKey(role, pair)));
    return own.or(() -> Optional.ofNullable(texts.get(new RoleKey(role, -1))));
  }

  /**
   * The ids, if the prompt was made from ids.
   *
   * @return the ids, unmodifiable
   */
  public Optional<List<Integer>> ids() {
    return source.ids;
  }

  /**
   * The conversation, if the prompt was made from one.
   *
   * @return the turns, unmodifiable
   */
  public Optional<List<ChatMessage>> messages() {
    return source.messages;
  }

  /**
   * The text for models that read no chat template: the text itself, or what user and assistant
   * say, a line each; with the response prefix.
   *
   * @return the text; empty for a prompt made from ids
   */
  public String plainText() {
    String text = source.messages.map(Prompt::spoken).orElseGet(() -> source.text.orElse(""));
    return text + (source.ids.isPresent() ? "" : responsePrefix);
  }

  private static String spoken(List<ChatMessage> messages) {
    return messages.stream()
        .filter(message -> !message.role().equals("system"))
        .filter(message -> message.toolCalls().isEmpty() || !message.content().isEmpty())
        .map(ChatMessage::content)
        .collect(Collectors.joining("\n"));
  }

  /**
   * Whether models of a role read the rendered conversation.
   *
   * @param role the role
   * @param steered whether there are expert pairs
   * @return whether to render the conversation for it; false where there is none
   */
  public boolean usesChatTemplate(Role role, boolean steered) {
    Role standard = steered ? Role.EXPERT : Role.BASE;
    return source.messages.isPresent() && templatedRoles.orElse(Set.of(standard)).contains(role);
  }

  /**
   * The variables for the chat template.
   *
   * @return the variables, unmodifiable
   */
  public Map<String, Object> chatVariables() {
    return chatVariables;
  }

  /**
   * The functions that the model is told of.
   *
   * @return the tools, unmodifiable
   */
  public List<Tool> tools() {
    return tools;
  }

  /**
   * What every answer begins with.
   *
   * @return the text, empty for none
   */
  public String responsePrefix() {
    return responsePrefix;
  }

  /** Whether every model reads the same, said in the same way. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Prompt prompt
        && source.equals(prompt.source)
        && templatedRoles.equals(prompt.templatedRoles)
        && texts.equals(prompt.texts)
        && chatVariables.equals(prompt.chatVariables)
        && tools.equals(prompt.tools)
        && responsePrefix.equals(prompt.responsePrefix);
  }

  @Override
  public int hashCode() {
    return Objects.hash(source, templatedRoles, texts, chatVariables, tools, responsePrefix);
  }

  /** What it was made from, and what was changed since; long texts lose their middle. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    source.text.ifPresent(text -> parts.add(part("text", text)));
    source.ids.ifPresent(ids -> parts.add(part("ids", ids)));
    source.messages.ifPresent(messages -> parts.add("messages=" + brief(messages)));
    templatedRoles.ifPresent(roles -> parts.add(part("templatedRoles", new TreeSet<>(roles))));
    texts.forEach((key, text) -> parts.add(part(key.toString(), text)));
    if (!chatVariables.isEmpty()) {
      parts.add(part("chatVariables", chatVariables));
    }
    if (!tools.isEmpty()) {
      parts.add(part("tools", tools.stream().map(Tool::name).toList()));
    }
    if (!responsePrefix.isEmpty()) {
      parts.add(part("responsePrefix", responsePrefix));
    }
    return "Prompt[" + String.join(", ", parts) + "]";
  }

  private static String part(String name, Object value) {
    return name + "=" + MessageText.brief(value);
  }

  private static List<String> brief(List<ChatMessage> messages) {
    return messages.stream().map(m -> m.role() + ": " + MessageText.brief(m.content())).toList();
  }
}
