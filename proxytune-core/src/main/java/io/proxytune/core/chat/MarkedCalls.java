package io.proxytune.core.chat;

import io.proxytune.ToolCall;
import io.proxytune.core.chat.ToolCallParser.AnswerText;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Calls between marks, anywhere in an answer. For one thread. */
final class MarkedCalls implements AnswerText {
  private final String begin;
  private final String end;
  private final List<String> ignored;
  private final Function<String, Optional<ToolCall>> reader;

  /** What is not certain yet: a call that has begun, or what may become a mark. */
  private String held = "";

  private boolean inCall;
  private boolean behindCall;

  /**
   * Begins an answer.
   *
   * @param ignored marks around all calls, which are left out
   * @param reader reads what stands between the marks
   */
  MarkedCalls(
      String begin, String end, List<String> ignored, Function<String, Optional<ToolCall>> reader) {
    this.begin = begin;
    this.end = end;
    this.ignored = List.copyOf(ignored);
    this.reader = reader;
  }

  @Override
  public void add(String text, List<AnswerPart> parts) {
    held += text;
    boolean found = true;
    while (found) {
      found = inCall ? closed(parts) : opened(parts);
    }
  }

  private boolean closed(List<AnswerPart> parts) {
    int at = held.indexOf(end);
    if (at < 0) {
      return false;
    }
    give(held.substring(0, at), end, parts);
    held = held.substring(at + end.length());
    inCall = false;
    return true;
  }

  /** A call, or where it is none the text that it is. */
  private void give(String body, String close, List<AnswerPart> parts) {
    Optional<ToolCall> call = reader.apply(body);
    parts.add(call.map(AnswerPart::call).orElseGet(() -> AnswerPart.text(begin + body + close)));
    behindCall = call.isPresent();
  }

  private boolean opened(List<AnswerPart> parts) {
    for (String mark : ignored) {
      held = held.replace(mark, "");
    }
    int at = held.indexOf(begin);
    if (at >= 0) {
      giveText(held.substring(0, at).stripTrailing(), parts);
      held = held.substring(at + begin.length());
      inCall = true;
      return true;
    }
    int certain = held.length() - uncertain();
    giveText(held.substring(0, certain), parts);
    held = held.substring(certain);
    return false;
  }

  /** How much of the end may be a part of a mark, or white space before one. */
  private int uncertain() {
    int most = 0;
    for (String mark :
        (Iterable<String>) Stream.concat(Stream.of(begin), ignored.stream())::iterator) {
      for (int length = Math.min(mark.length() - 1, held.length()); length > most; length--) {
        if (held.endsWith(mark.substring(0, length))) {
          most = length;
        }
      }
    }
    int at = held.length() - most;
    while (at > 0 && Character.isWhitespace(held.charAt(at - 1))) {
      at--;
    }
    return held.length() - at;
  }

  private void giveText(String text, List<AnswerPart> parts) {
    String given = behindCall ? text.stripLeading() : text;
    if (!given.isEmpty()) {
      parts.add(AnswerPart.text(given));
      behindCall = false;
    }
  }

  @Override
  public void finish(List<AnswerPart> parts) {
    if (inCall) {
      give(held, "", parts); // some end an answer with its last call
    } else {
      giveText(held, parts);
    }
    held = "";
  }
}
