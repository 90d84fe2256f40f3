package io.proxytune.core.chat;

import io.proxytune.ToolCall;
import io.proxytune.core.chat.ToolCallParser.AnswerText;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An answer of several messages, each with a head that says whom it is for: in the channel {@code
 * analysis} a model thinks, in {@code commentary} it calls tools, in {@code final} it answers. The
 * head of the first message has begun in the prompt. For one thread.
 */
final class Channels implements AnswerText {
  static final String START = "<|start|>";
  static final String CHANNEL = "<|channel|>";
  static final String CONSTRAIN = "<|constrain|>";
  static final String MESSAGE = "<|message|>";
  static final String END = "<|end|>";

  /** All marks of the format. */
  static final List<String> MARKS =
      List.of(START, CHANNEL, CONSTRAIN, MESSAGE, END, "<|call|>", "<|return|>");

  /** What a message ends with; one that was not ended ends with the next. */
  private static final List<String> ENDS = List.of(END, "<|call|>", "<|return|>", START);

  private static final String TO = "to=";
  private static final Pattern RECIPIENT = Pattern.compile(TO + "(?:functions\\.)?([^\\s<]+)");
  private static final Pattern ANALYSIS = Pattern.compile("<\\|channel\\|>\\s*analysis\\b");

  /** What is read now. */
  private enum Place {
    HEAD,
    THOUGHTS,
    TEXT,
    CALL
  }

  private final boolean readsCalls;
  private Place place;
  private String held = "";
  private String head = "";
  private final StringBuilder body = new StringBuilder();

  /** Whether this message has said nothing yet, and whether others have. */
  private boolean isFirst = true;

  private boolean hasThought;
  private boolean hasSaid;

  /**
   * Begins an answer.
   *
   * @param readsCalls whether messages to tools are calls; else they are text
   * @param isOpen whether the prompt has begun thoughts
   */
  Channels(boolean readsCalls, boolean isOpen) {
    this.readsCalls = readsCalls;
    this.place = isOpen ? Place.THOUGHTS : Place.HEAD;
  }

  @Override
  public void add(String text, List<AnswerPart> parts) {
    held += text;
    boolean found = true;
    while (found) {
      found = place == Place.HEAD ? begun() : ended(parts);
    }
  }

  /** Whether a message has begun. */
  private boolean begun() {
    String rest = held.stripLeading();
    if (rest.isEmpty()) {
      return false;
    }
    if (!mayBeHead(rest)) {
      begin(Place.TEXT, "", held);
      return true;
    }
    int at = rest.indexOf(MESSAGE);
    if (at >= 0) {
      String found = rest.substring(0, at);
      begin(placeOf(found), found, rest.substring(at + MESSAGE.length()));
    }
    return at >= 0;
  }

  private void begin(Place of, String with, String rest) {
    place = of;
    head = with;
    held = rest;
    isFirst = true;
  }

  private static boolean mayBeHead(String text) {
    return Stream.of(START, CHANNEL, TO)
        .anyMatch(mark -> text.startsWith(mark) || mark.startsWith(text));
  }

  private static Place placeOf(String head) {
    if (RECIPIENT.matcher(head).find()) {
      return Place.CALL;
    }
    return ANALYSIS.matcher(head).find() ? Place.THOUGHTS : Place.TEXT;
  }

  /** Gives what is certain; whether the message has ended. */
  private boolean ended(List<AnswerPart> parts) {
    Optional<String> mark =
        ENDS.stream()
            .filter(held::contains)
            .min((a, b) -> Integer.compare(held.indexOf(a), held.indexOf(b)));
    if (mark.isEmpty()) {
      String certain = held.substring(0, held.length() - uncertain());
      // White space may be the last of thoughts.
      String given = place == Place.THOUGHTS ? certain.stripTrailing() : certain;
      give(given, parts);
      held = held.substring(given.length());
      return false;
    }
    int at = held.indexOf(mark.get());
    end(held.substring(0, at), parts);
    held = held.substring(mark.get().equals(START) ? at : at + mark.get().length());
    return true;
  }

  /** How much of the end may be a part of a mark. */
  private int uncertain() {
    int most = 0;
    for (String mark : ENDS) {
      for (int length = Math.min(mark.length() - 1, held.length()); length > most; length--) {
        if (held.endsWith(mark.substring(0, length))) {
          most = length;
        }
      }
    }
    return most;
  }

  private void give(String text, List<AnswerPart> parts) {
    if (place == Place.CALL) {
      body.append(text);
      return;
    }
    boolean thinks = place == Place.THOUGHTS;
    String told = thinks && isFirst ? text.stripLeading() : text;
    if (told.isEmpty()) {
      return;
    }
    if (thinks) {
      parts.add(AnswerPart.reasoning((isFirst && hasThought ? "\n" : "") + told));
      hasThought = true;
    } else {
      parts.add(AnswerPart.text((isFirst && hasSaid ? "\n" : "") + told));
      hasSaid = true;
    }
    isFirst = false;
  }

  private void end(String rest, List<AnswerPart> parts) {
    give(place == Place.THOUGHTS ? rest.stripTrailing() : rest, parts);
    if (place == Place.CALL) {
      String said = body.toString();
      body.setLength(0);
      Optional<ToolCall> call = readsCalls ? call(said) : Optional.empty();
      place = Place.TEXT;
      call.ifPresentOrElse(
          it -> parts.add(AnswerPart.call(it)), () -> give(head + MESSAGE + said, parts));
    }
    place = Place.HEAD;
  }

  private Optional<ToolCall> call(String arguments) {
    Matcher recipient = RECIPIENT.matcher(head);
    return recipient.find()
        ? ToolCallParser.objectOf(arguments).map(it -> ToolCall.of(recipient.group(1), it))
        : Optional.empty();
  }

  /** A head without its message is none of the answer. */
  @Override
  public void finish(List<AnswerPart> parts) {
    if (place == Place.HEAD && !held.startsWith("<|")) {
      place = Place.TEXT; // the begin of a head that came to nothing
    }
    if (place != Place.HEAD) {
      end(held, parts);
    }
    held = "";
  }
}
