package io.proxytune.examples;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.proxytune.core.fit.FitModel;
import io.proxytune.core.fit.FitReport;
import io.proxytune.core.fit.FitTrio;
import io.proxytune.core.fit.ModelFacts;
import io.proxytune.core.vocabulary.VocabularyRelation;
import java.util.Locale;
import java.util.Map;

/** Which models fit together, as one object. */
final class FitJson {
  private FitJson() {}

  static ObjectNode of(FitReport report) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putArray("models").addAll(report.models().stream().map(FitJson::model).toList());
    for (int first = 0; first < report.models().size(); first++) {
      for (int other = 0; other < report.models().size(); other++) {
        int steered = first;
        int steering = other;
        report.relation(first, other).ifPresent(relation -> add(json, steered, steering, relation));
      }
    }
    report.trio().ifPresent(trio -> json.set("trio", trio(trio)));
    report.advice().forEach(json.putArray("advice")::add);
    return json;
  }

  private static ObjectNode model(FitModel model) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("name", model.name()).put("folder", model.folder().toString());
    json.put("adapter", model.adapter());
    model.host().ifPresent(host -> json.put("host", host));
    model.problem().ifPresent(problem -> json.put("problem", problem));
    model.facts().ifPresent(facts -> add(json, facts));
    model.roles().stream().map(FitJson::word).forEach(json.putArray("roles")::add);
    return json;
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static void add(ObjectNode json, ModelFacts facts) {
    json.put("architecture", facts.architecture()).put("parameters", facts.parameters());
    json.put("context_length", facts.contextLength()).put("tokens", facts.tokens());
    json.put("logit_width", facts.logitWidth()).put("chat_template", facts.chatTemplate());
    ObjectNode ends = json.putObject("end_of_text");
    facts.endOfText().forEach((id, token) -> ends.put(Integer.toString(id), token));
    json.set("memory_bytes", bytes(facts.memory()));
    json.put("kv_bytes_per_token", facts.cacheBytesPerToken());
  }

  private static ObjectNode bytes(Map<String, Long> values) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    values.forEach(json::put);
    return json;
  }

  private static void add(ObjectNode json, int first, int other, VocabularyRelation relation) {
    ObjectNode entry = json.withArray("vocabularies").addObject();
    entry.put("of", first).put("with", other).put("kind", word(relation.kind()));
    entry.put("fits", relation.fits()).put("share", relation.share());
    entry.put("common_tokens", relation.common());
    entry.put("differing_ids", relation.differing().size());
    relation.splitting().ifPresent(parts -> entry.put("splitting", parts));
  }

  private static ObjectNode trio(FitTrio trio) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("base", trio.base()).put("expert", trio.expert());
    json.put("anti_expert", trio.antiExpert()).put("certain", trio.certain());
    json.put("context_length", trio.contextLength());
    json.set("memory_bytes", bytes(trio.memory()));
    json.put("kv_bytes_per_token", trio.cacheBytesPerToken());
    return json;
  }
}
