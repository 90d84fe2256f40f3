import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proxytune.ChatMessage;
import io.proxytune.Generation;
import io.proxytune.GenerationOptions;
import io.proxytune.LogitSource;
import io.proxytune.Prompt;
import io.proxytune.ProxyTuner;
import io.proxytune.Speculation;
import io.proxytune.core.DType;
import io.proxytune.core.LoadOptions;
import io.proxytune.core.TorchModels;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Writes where the expert of a family of models would pick the token of the steered text, for
 * simulations of drafting. A line is {@code task|prompt ids|ids|1 or 0 of each id}.
 *
 * <p>{@code java -cp CLASSES_AND_DEPENDENCIES_OF_PROXYTUNE_CORE DraftTraces.java FAMILY > FILE}
 */
public class DraftTraces {
  private static final int LONG_TEXT = 80;
  private static final GenerationOptions PLAIN =
      GenerationOptions.defaults().withSpeculation(Speculation.off());

  private final Path family;

  private DraftTraces(Path family) {
    this.family = family;
  }

  public static void main(String[] arguments) throws Exception {
    PrintStream out = System.out;
    DraftTraces traces = new DraftTraces(Path.of(arguments[0]));
    traces.write(out);
  }

  private LogitSource load(String name) {
    LoadOptions float32 = LoadOptions.defaults().withDType(DType.FLOAT32);
    return TorchModels.load(family.resolve(name), float32);
  }

  private void write(PrintStream out) throws Exception {
    try (LogitSource base = load("base");
        LogitSource expert = load("expert");
        LogitSource small = load("small");
        ProxyTuner steered =
            ProxyTuner.builder().base(base).expert(expert).antiExpert(small).build();
        ProxyTuner alone = ProxyTuner.builder().base(expert).build()) {
      out.println("# made by DraftTraces.java from the shipped family, float32, greedy");
      for (String question : questions("profile", 12)) {
        out.println("profile" + trace(steered, alone, question, PLAIN));
      }
      for (String task : List.of("question", "refusal", "howto")) {
        for (String question : questions(task, 4)) {
          out.println(task + trace(steered, alone, question, PLAIN));
        }
      }
      GenerationOptions longer = PLAIN.withIgnoreEndOfText(true).withMaxNewTokens(LONG_TEXT);
      for (String question : questions("howto", 4)) {
        out.println("repetitive" + trace(steered, alone, question, longer));
      }
    }
  }

  private List<String> questions(String task, int count) throws Exception {
    List<String> questions = new ArrayList<>();
    for (String line : Files.readAllLines(family.resolve(Path.of("data", "test.jsonl")))) {
      JsonNode item = new ObjectMapper().readTree(line);
      if (questions.size() < count && item.path("task").asText().equals(task)) {
        questions.add(item.path("prompt").asText());
      }
    }
    return questions;
  }

  private static String trace(
      ProxyTuner steered, ProxyTuner expert, String question, GenerationOptions options) {
    Prompt prompt = Prompt.chat(ChatMessage.user(question));
    Generation text = steered.generate(prompt, options);
    GenerationOptions one = options.withMaxNewTokens(1);
    List<Integer> read = new ArrayList<>(expert.generate(prompt, one).promptTokenIds());
    StringBuilder right = new StringBuilder();
    for (int id : text.tokenIds()) {
      int[] ids = read.stream().mapToInt(i -> i).toArray();
      int picked = expert.generate(Prompt.ofIds(ids), one).tokenIds().get(0);
      right.append(picked == id ? 1 : 0);
      read.add(id);
    }
    return "|" + joined(text.promptTokenIds()) + "|" + joined(text.tokenIds()) + "|" + right;
  }

  private static String joined(List<Integer> ids) {
    return ids.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
