package io.proxytune.core.chat;

import java.util.List;

/** The thoughts that an answer begins with, if it does. For one thread. */
final class Thoughts {
  private final ReasoningFormat format;
  private Place place;

  /** Whether the next text is the first of its place, before which white space is left out. */
  private boolean first = true;

  /** What may yet be a mark, or white space that is left out. */
  private String held = "";

  private enum Place {
    /** Nothing has come that tells. */
    BEGIN,
    /** The prompt has opened them; some models do so again. */
    OPENED,
    INSIDE,
    BEHIND,
    /** There are none. */
    NONE
  }

  Thoughts(ReasoningFormat format, boolean isOpen) {
    this.format = format;
    this.place = isOpen ? Place.OPENED : Place.BEGIN;
  }

  /** Takes more of the answer; gives what is not thought. */
  String add(String text, List<AnswerPart> parts) {
    held += text;
    if (place == Place.BEGIN || place == Place.OPENED) {
      open();
    }
    if (place == Place.INSIDE) {
      think(parts);
    }
    return place == Place.BEHIND || place == Place.NONE ? said() : "";
  }

  private void open() {
    String begun = held.stripLeading();
    if (begun.startsWith(format.begin())) {
      held = begun.substring(format.begin().length());
      place = Place.INSIDE;
    } else if (!format.begin().startsWith(begun)) {
      place = place == Place.OPENED ? Place.INSIDE : Place.NONE;
    }
  }

  private void think(List<AnswerPart> parts) {
    int end = held.indexOf(format.end());
    int certain = end >= 0 ? end : held.length() - openEnd();
    String thought = held.substring(0, certain).stripTrailing(); // more may follow, or the end
    String told = first ? thought.stripLeading() : thought;
    if (!told.isEmpty()) {
      parts.add(AnswerPart.reasoning(told));
      first = false;
    }
    if (end >= 0) {
      held = held.substring(end + format.end().length());
      place = Place.BEHIND;
      first = true;
    } else {
      held = held.substring(thought.length());
    }
  }

  /** How much of the end may be a part of the closing mark. */
  private int openEnd() {
    for (int length = Math.min(format.end().length() - 1, held.length()); length > 0; length--) {
      if (held.endsWith(format.end().substring(0, length))) {
        return length;
      }
    }
    return 0;
  }

  private String said() {
    String text = place == Place.BEHIND && first ? held.stripLeading() : held;
    first &= text.isEmpty();
    held = "";
    return text;
  }

  /** Ends the answer; gives what was held and is not thought. */
  String finish(List<AnswerPart> parts) {
    String rest = held;
    held = "";
    if (place == Place.INSIDE || place == Place.OPENED) {
      String thought = first ? rest.strip() : rest.stripTrailing();
      if (!thought.isEmpty()) {
        parts.add(AnswerPart.reasoning(thought));
      }
      return "";
    }
    return rest;
  }
}
