import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.service.AiServices;
import io.proxytune.LogitSource;
import io.proxytune.ProxyTuner;
import io.proxytune.core.TorchModels;
import io.proxytune.core.langchain4j.ProxyTuneChatModel;
import java.nio.file.Path;

/** A model that asks Java for the weather. */
public final class Weather {
  /** What LangChain4j makes of the model. */
  interface Assistant {
    String answer(String question);
  }

  /** A place that the weather is known of. */
  enum City {
    PARIS,
    ROME
  }

  @Tool("the weather of a city, now")
  String weather(@P("where") City city) {
    System.out.println("the model asks for the weather in " + city);
    return city == City.PARIS ? "rain, 12 degrees" : "sun, 24 degrees";
  }

  private Weather() {}

  /**
   * Runs it.
   *
   * @param args the folder of a model whose chat template has a place for tools, and a question
   */
  public static void main(String[] args) {
    if (args.length != 2) {
      System.err.println("give the folder of a model, and a question in quotes");
      System.exit(2);
    }
    try (LogitSource base = TorchModels.load(Path.of(args[0]));
        ProxyTuner tuner = ProxyTuner.builder().base(base).build()) {
      ChatModel model =
          ProxyTuneChatModel.builder()
              .tuner(tuner)
              .defaultRequestParameters(ChatRequestParameters.builder().maxOutputTokens(200).build())
              .build();
      Assistant assistant =
          AiServices.builder(Assistant.class)
              .chatModel(model)
              .tools(new Weather())
              .chatRequestTransformer(Weather::askFirst)
              .build();
      System.out.println(assistant.answer(args[1]));
    }
  }

  /** Small models forget to ask: until a tool has answered, their answer has to be a call. */
  private static ChatRequest askFirst(ChatRequest request) {
    boolean told =
        request.messages().stream().anyMatch(ToolExecutionResultMessage.class::isInstance);
    ChatRequestParameters call =
        ChatRequestParameters.builder().toolChoice(ToolChoice.REQUIRED).build();
    return told
        ? request
        : request.toBuilder().parameters(request.parameters().overrideWith(call)).build();
  }
}
