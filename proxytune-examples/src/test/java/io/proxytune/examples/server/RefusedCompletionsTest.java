package io.proxytune.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code /v1/completions} refuses, and how it says so. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RefusedCompletionsTest {
  private static final String PATH = "/v1/completions";

  private ServedFamily family;
  private RunningServer server;

  @BeforeAll
  void start(@TempDir Path folder) {
    family = ServedFamily.in(folder);
    server = family.server;
  }

  @AfterAll
  void stop() {
    family.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'prompt':'a','suffix':'b'} | suffix | is not supported",
        "{'prompt':'a','best_of':3} | best_of | is not supported",
        "{'prompt':'a','temprature':1} | temprature | unknown parameter",
        "{'prompt':'a','temperature':'hot'} | temperature | must be a number",
        "{'prompt':'a','n':0} | n | from 1 to 128",
        "{'prompt':['a','a'],'n':100} | n | 128 texts",
        "{'prompt':'a','max_tokens':0} | max_tokens | asks for nothing",
        "{'prompt':'a','logprobs':21} | logprobs | from 0 to 20",
        "{'prompt':'a','stop':['']} | stop | none empty",
        "{'prompt':'a','logit_bias':{'x':1}} | logit_bias | token ids",
        "{'prompt':'a','alpha':[1,2]} | alpha | each of the 1 expert pairs",
        "{'prompt':'a','alpha':'much'} | alpha | must be a number",
        "{'prompt':'a','stream_options':{'include_usage':true}} | stream_options | needs",
        "{'prompt':''} | prompt | not empty",
        "{'prompt':[]} | prompt | none empty",
        "{'prompt':[-1]} | prompt | token ids",
        "{'prompt':{}} | prompt | a string",
        "{} | prompt | is missing"
      })
  void whatCannotBeDoneIsSaid(String body, String param, String message) {
    JsonNode error = server.refusal(PATH, body, 400);
    assertThat(error.get("type").textValue()).isEqualTo("invalid_request_error");
    assertThat(error.get("param").textValue()).isEqualTo(param);
    assertThat(error.get("message").textValue()).contains(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'prompt':'a','temperature':-1} | temperature must be finite",
        "{'prompt':'a','top_p':0} | topP must be in",
        "{'prompt':[5000]} | token id 5000",
        "{'prompt':'a','logit_bias':{'5000':1}} | token id 5000",
        "{'prompt':'a', | the body is no JSON",
        "[] | must be a JSON object",
        "{'prompt':'a','prompt':'b'} | the body is no JSON"
      })
  void whatTheLibraryRefusesIsTheClientsError(String body, String message) {
    assertThat(server.refusal(PATH, body, 400).get("message").textValue()).contains(message);
  }

  @Test
  void aPromptThatIsTooLongIsRefusedBeforeAStreamBegins() {
    String prompt = String.join(" ", Collections.nCopies(300, "the"));
    JsonNode error = server.refusal(PATH, "{'prompt':'%s','stream':true}".formatted(prompt), 400);
    assertThat(error.get("code").textValue()).isEqualTo("context_length_exceeded");
  }

  @Test
  void anUnknownModelIsNotFound() {
    JsonNode error = server.refusal(PATH, "{'model':'gpt-4','prompt':'a'}", 404);
    assertThat(error.get("code").textValue()).isEqualTo("model_not_found");
    assertThat(error.get("message").textValue()).contains("base+expert, base");
  }
}
