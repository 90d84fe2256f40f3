package io.proxytune.examples.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.io.OutputStream;
import org.xnio.IoUtils;

/** A call over Undertow. For one thread. */
final class UndertowCall implements Call {
  static final String JSON = "application/json";
  static final HttpString NO_SNIFFING = new HttpString("X-Content-Type-Options");
  private static final HttpString NO_PROXY_BUFFER = new HttpString("X-Accel-Buffering");

  private final HttpServerExchange exchange;
  private final byte[] body;
  private final ClientWatch watch;
  private boolean streaming;

  UndertowCall(HttpServerExchange exchange, byte[] body, ClientWatch watch) {
    this.exchange = exchange;
    this.body = body;
    this.watch = watch;
  }

  @Override
  public byte[] body() {
    return body;
  }

  @Override
  public void reply(JsonNode json) throws IOException {
    send(200, json);
  }

  private void send(int status, JsonNode json) throws IOException {
    byte[] bytes = json.toString().getBytes(UTF_8);
    exchange.setStatusCode(status);
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, JSON);
    exchange.getResponseHeaders().put(NO_SNIFFING, "nosniff");
    exchange.setResponseContentLength(bytes.length);
    watch.end();
    try (OutputStream out = output()) {
      out.write(bytes);
    }
  }

  private OutputStream output() {
    if (!exchange.isBlocking()) {
      exchange.startBlocking();
    }
    return exchange.getOutputStream();
  }

  @Override
  public void event(JsonNode json) throws IOException {
    write("data: " + json + "\n\n");
  }

  private void write(String event) throws IOException {
    if (!streaming) {
      streaming = true;
      exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/event-stream; charset=utf-8");
      exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-cache");
      exchange.getResponseHeaders().put(NO_PROXY_BUFFER, "no");
      exchange.getResponseHeaders().put(NO_SNIFFING, "nosniff");
    }
    OutputStream out = output();
    out.write(event.getBytes(UTF_8));
    out.flush();
  }

  @Override
  public void endOfEvents() throws IOException {
    write("data: [DONE]\n\n");
    watch.end();
    exchange.getOutputStream().close();
  }

  /** Says that the request failed: by its status, or by an event where the answer has begun. */
  void fail(ApiException failure) {
    try {
      if (streaming) {
        write("data: " + failure.json() + "\n\n");
        watch.end();
        exchange.getOutputStream().close();
      } else if (!exchange.isResponseStarted()) {
        send(failure.status(), failure.json());
      }
    } catch (IOException e) {
      abandon();
    }
  }

  /** Ends the connection, since an answer that was cut short must not look complete. */
  void abandon() {
    watch.end();
    IoUtils.safeClose(exchange.getConnection());
  }
}
