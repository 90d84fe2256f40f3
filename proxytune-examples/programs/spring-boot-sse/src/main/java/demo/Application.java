package demo;

import io.proxytune.LogitSource;
import io.proxytune.ProxyTuner;
import io.proxytune.core.TorchModels;
import io.proxytune.core.springai.ProxyTuneChatModel;
import java.nio.file.Path;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;

/** Streams the tokens of a steered base to browsers, as server-sent events. */
@SpringBootApplication
public class Application {
  /**
   * Runs it.
   *
   * @param args {@code --models=FOLDER}
   */
  public static void main(String[] args) {
    SpringApplication.run(Application.class, args);
  }

  // Spring closes what it made, the tuner before its models.

  @Bean
  LogitSource base(@Value("${models}") String models) {
    return TorchModels.load(Path.of(models, "base"));
  }

  @Bean
  LogitSource expert(@Value("${models}") String models) {
    return TorchModels.load(Path.of(models, "expert"));
  }

  @Bean
  LogitSource antiExpert(@Value("${models}") String models) {
    return TorchModels.load(Path.of(models, "small"));
  }

  @Bean
  ProxyTuner tuner(LogitSource base, LogitSource expert, LogitSource antiExpert) {
    return ProxyTuner.builder().base(base).expert(expert).antiExpert(antiExpert).build();
  }

  @Bean
  ChatModel chatModel(ProxyTuner tuner) {
    return ProxyTuneChatModel.of(tuner);
  }

  /** A piece of an answer; as JSON, since events lose the space that a text begins with. */
  record Piece(String text) {}

  @RestController
  static class Chat {
    private final ChatModel model;

    Chat(ChatModel model) {
      this.model = model;
    }

    /** A client that closes the stream ends the text. */
    @GetMapping(path = "/chat", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    Flux<Piece> chat(@RequestParam String message) {
      return model.stream(new Prompt(message))
          .map(response -> new Piece(response.getResult().getOutput().getText()));
    }
  }
}
