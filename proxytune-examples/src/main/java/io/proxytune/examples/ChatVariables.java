package io.proxytune.examples;

import java.util.LinkedHashMap;
import java.util.Map;

/** Gives the values typed for a chat template's variables the types that templates test for. */
final class ChatVariables {
  private ChatVariables() {}

  static Map<String, Object> parse(Map<String, String> typed) {
    Map<String, Object> values = new LinkedHashMap<>();
    typed.forEach((name, value) -> values.put(name, value(value)));
    return values;
  }

  private static Object value(String typed) {
    if (typed.equals("true") || typed.equals("false")) {
      return typed.equals("true");
    }
    try {
      return Long.valueOf(typed);
    } catch (NumberFormatException noInteger) {
      return typed;
    }
  }
}
