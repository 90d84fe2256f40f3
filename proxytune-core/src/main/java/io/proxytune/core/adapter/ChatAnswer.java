package io.proxytune.core.adapter;

import io.proxytune.Generation;
import io.proxytune.ToolCall;
import java.util.List;

/**
 * A model's turn: immutable.
 *
 * @param text what it says
 * @param reasoning what it thought before, where the template knows of that; often empty
 * @param toolCalls the tools that it asks for, with ids
 * @param generation the text that it wrote, with counts
 */
public record ChatAnswer(
    String text, String reasoning, List<ToolCall> toolCalls, Generation generation) {
  public ChatAnswer {
    toolCalls = List.copyOf(toolCalls);
  }
}
