package io.proxytune.examples.chat;

import io.proxytune.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The turns so far. For one thread. */
final class Conversation {
  private final List<ChatMessage> turns = new ArrayList<>();
  private Optional<String> system;

  Conversation(Optional<String> system) {
    this.system = system;
  }

  void system(String text) {
    system = Optional.of(text).filter(it -> !it.isEmpty());
  }

  void add(ChatMessage turn) {
    turns.add(turn);
  }

  /** Forgets the last turn. */
  void drop() {
    turns.remove(turns.size() - 1);
  }

  void clear() {
    turns.clear();
  }

  List<ChatMessage> messages() {
    List<ChatMessage> all = new ArrayList<>();
    system.ifPresent(text -> all.add(ChatMessage.system(text)));
    all.addAll(turns);
    return all;
  }
}
