package io.proxytune.examples.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.io.Receiver;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.IoUtils;
import org.xnio.Options;
import org.xnio.XnioExecutor;

/**
 * Speaks HTTP: reads requests within {@link ServerLimits}, asks for a key, and gives each request
 * that is answered by an {@link Endpoint} a thread of its own. All its threads are daemons.
 *
 * <p><b>Threads:</b> safe for use by several threads.
 */
final class HttpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);

  private static final String LOGGING = "org.jboss.logging.provider";

  static {
    // Undertow logs through a facade that looks for other loggers before this program's.
    if (System.getProperty(LOGGING) == null) {
      System.setProperty(LOGGING, "slf4j");
    }
  }

  /** The page loads nothing from elsewhere, and runs no script that is not its own. */
  private static final HttpString CONTENT_POLICY = new HttpString("Content-Security-Policy");

  /** Of what is too long so many times as much is read, so that the client gets to read why. */
  private static final long READ_PAST = 4;

  private final List<Route> routes;
  private final ApiKeys keys;
  private final ServerLimits limits;
  private final ServerMetrics metrics;
  private final ExecutorService threads;
  private final Semaphore places;
  private final Set<RequestThread> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger answering = new AtomicInteger();
  private final Undertow undertow;
  private @Nullable InetSocketAddress listening;
  private volatile boolean ending;

  private HttpServer(
      InetSocketAddress address,
      List<Route> routes,
      ApiKeys keys,
      ServerLimits limits,
      ServerMetrics metrics) {
    this.routes = List.copyOf(routes);
    this.keys = keys;
    this.limits = limits;
    this.metrics = metrics;
    this.places = new Semaphore(limits.requests() + limits.queued());
    AtomicInteger number = new AtomicInteger();
    this.threads =
        Executors.newFixedThreadPool(
            limits.requests(),
            work -> {
              Thread thread = new Thread(work, "proxytune-request-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    this.undertow = undertow(address);
    metrics.gauge("proxytune.requests.active", "Requests being answered", answering::get);
    metrics.gauge("proxytune.requests.waiting", "Requests waiting for a thread", () -> waiting());
  }

  private int waiting() {
    return Math.max(0, open.size() - answering.get());
  }

  /**
   * Starts a server.
   *
   * @param address where it listens; port 0 for any that is free
   * @throws IOException if it can't listen there
   */
  static HttpServer start(
      InetSocketAddress address,
      List<Route> routes,
      ApiKeys keys,
      ServerLimits limits,
      ServerMetrics metrics)
      throws IOException {
    HttpServer server = new HttpServer(address, routes, keys, limits, metrics);
    try {
      server.undertow.start();
      server.listening = (InetSocketAddress) server.undertow.getListenerInfo().get(0).getAddress();
      return server;
    } catch (RuntimeException e) {
      server.threads.shutdown();
      Throwable cause = e.getCause();
      if (cause instanceof IOException refused) {
        throw new BindException(
            address.getHostString()
                + ":"
                + address.getPort()
                + " can't be listened on: "
                + refused.getMessage()
                + "; choose another with --host and --port");
      }
      throw e;
    }
  }

  private Undertow undertow(InetSocketAddress address) {
    return Undertow.builder()
        .addHttpListener(address.getPort(), address.getAddress().getHostAddress())
        .setHandler(this::handle)
        .setIoThreads(2)
        .setWorkerThreads(1) // requests have threads of their own
        .setWorkerOption(Options.WORKER_NAME, "proxytune-http")
        .setWorkerOption(Options.THREAD_DAEMON, true)
        .setServerOption(UndertowOptions.MAX_HEADER_SIZE, limits.headerBytes())
        .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, READ_PAST * limits.bodyBytes())
        .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, millis(limits.arrival()))
        .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, millis(limits.idle()))
        .setServerOption(UndertowOptions.SHUTDOWN_TIMEOUT, 2000)
        .setSocketOption(Options.WRITE_TIMEOUT, millis(limits.reading()))
        .build();
  }

  private static int millis(Duration duration) {
    return Math.toIntExact(duration.toMillis());
  }

  /** Where it listens. */
  InetSocketAddress address() {
    return requireNonNull(listening);
  }

  private void handle(HttpServerExchange exchange) {
    long begin = System.nanoTime();
    Optional<Route> route = route(exchange);
    exchange.addExchangeCompleteListener(
        (complete, next) -> {
          Duration time = Duration.ofNanos(System.nanoTime() - begin);
          metrics.answered(route.map(Route::path).orElse("none"), complete.getStatusCode(), time);
          next.proceed();
        });
    try {
      Route found = route.orElseThrow(() -> noRoute(exchange));
      if (found.guarded()) {
        keys.check(exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION));
      }
      if (found.content() != null) {
        send(exchange, found.content().apply(found.rest(exchange.getRequestPath())));
      } else if (found.endpoint() != null) {
        receive(exchange, found.endpoint());
      }
    } catch (RuntimeException e) {
      refuse(exchange, ApiErrors.of(e));
    }
  }

  private Optional<Route> route(HttpServerExchange exchange) {
    String path = exchange.getRequestPath();
    String method = exchange.getRequestMethod().toString();
    return routes.stream()
        .filter(it -> it.method().equals(method) && it.leadsFrom(path))
        .findFirst();
  }

  private ApiException noRoute(HttpServerExchange exchange) {
    String path = exchange.getRequestPath();
    String method = exchange.getRequestMethod().toString();
    List<String> methods =
        routes.stream().filter(it -> it.leadsFrom(path)).map(Route::method).toList();
    String shown = path.length() > 100 ? path.substring(0, 100) + "…" : path;
    return methods.isEmpty()
        ? ApiException.notFound(null, "unknown_url", "there is nothing at " + method + " " + shown)
        : ApiException.http(
            405, shown + " takes " + String.join(", ", methods) + ", got " + method);
  }

  private static void send(HttpServerExchange exchange, Route.Content content) {
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, content.type());
    exchange.getResponseHeaders().put(UndertowCall.NO_SNIFFING, "nosniff");
    exchange.getResponseHeaders().put(CONTENT_POLICY, "default-src 'self'; img-src data:");
    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-cache");
    exchange.getResponseSender().send(ByteBuffer.wrap(content.bytes()));
  }

  private void refuse(HttpServerExchange exchange, ApiException refusal) {
    if (exchange.isResponseStarted()) {
      return;
    }
    exchange.setStatusCode(refusal.status());
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, UndertowCall.JSON);
    if (refusal.status() == 401) {
      exchange.getResponseHeaders().put(Headers.WWW_AUTHENTICATE, "Bearer");
    } else if (refusal.status() == 503) {
      exchange.getResponseHeaders().put(Headers.RETRY_AFTER, "1");
    }
    if (!exchange.isRequestComplete()) {
      exchange.setPersistent(false);
      exchange.getResponseHeaders().put(Headers.CONNECTION, "close");
      closeUnlessComplete(exchange);
    }
    exchange.getResponseSender().send(ByteBuffer.wrap(refusal.json().toString().getBytes(UTF_8)));
  }

  /** Reads a request's body without a thread, and then has it answered by one. */
  private void receive(HttpServerExchange exchange, Endpoint endpoint) {
    String type = exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE);
    if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("application/json")) {
      // A page of another site can send what is no JSON without being asked first.
      throw ApiException.http(415, "the body must be of type application/json, got " + type);
    }
    if (ending) {
      throw ApiException.unavailable("shutting_down", "the server is shutting down");
    }
    if (exchange.getRequestContentLength() > limits.bodyBytes()) {
      throw tooLarge();
    }
    XnioExecutor.Key deadline = closeUnlessComplete(exchange);
    Receiver receiver = exchange.getRequestReceiver();
    receiver.setMaxBufferSize(limits.bodyBytes());
    receiver.receiveFullBytes(
        (received, body) -> {
          deadline.remove();
          try {
            admit(received, endpoint, body);
          } catch (RuntimeException e) {
            refuse(received, ApiErrors.of(e));
          }
        },
        (failed, e) -> {
          if (e instanceof Receiver.RequestToLargeException) {
            refuse(failed, tooLarge());
          } else {
            IoUtils.safeClose(failed.getConnection());
          }
        });
  }

  /** A request may not take for ever to arrive, also where it is only read to be thrown away. */
  private XnioExecutor.Key closeUnlessComplete(HttpServerExchange exchange) {
    XnioExecutor.Key deadline =
        exchange
            .getIoThread()
            .executeAfter(
                () -> IoUtils.safeClose(exchange.getConnection()),
                millis(limits.arrival()),
                TimeUnit.MILLISECONDS);
    exchange.addExchangeCompleteListener(
        (complete, next) -> {
          deadline.remove();
          next.proceed();
        });
    return deadline;
  }

  private ApiException tooLarge() {
    return ApiException.http(
        413, "the body must have at most " + limits.bodyBytes() + " bytes: send less at once");
  }

  private void admit(HttpServerExchange exchange, Endpoint endpoint, byte[] body) {
    if (!places.tryAcquire()) {
      throw ApiException.unavailable(
          "overloaded",
          "all "
              + limits.requests()
              + " threads are busy and "
              + limits.queued()
              + " requests are waiting: try again later");
    }
    RequestThread request = new RequestThread();
    open.add(request);
    ClientWatch watch = ClientWatch.begin(exchange, request::interrupt);
    // No handler, which would not be run where the client has gone meanwhile.
    Runnable work =
        () -> {
          answering.incrementAndGet();
          try {
            answer(new UndertowCall(exchange, body, watch), endpoint, request);
          } finally {
            watch.end();
            answering.decrementAndGet();
            open.remove(request);
            places.release();
            exchange.endExchange();
          }
        };
    exchange.dispatch(threads, work);
  }

  private void answer(UndertowCall call, Endpoint endpoint, RequestThread request) {
    try {
      request.run(() -> endpoint.answer(call));
    } catch (CutOffException e) {
      metrics.cutOff();
      call.fail(ApiException.unavailable("shutting_down", "the server is shutting down"));
    } catch (IOException e) {
      metrics.cutOff();
      LOG.debug("A client went away.", e);
      call.abandon();
    } catch (RuntimeException | Error e) {
      call.fail(ApiErrors.of(e));
    }
  }

  /**
   * Takes no more requests, lets those under way come to their end for a while, and then ends them.
   * Closing twice does nothing.
   */
  @Override
  public void close() {
    if (ending) {
      return;
    }
    ending = true;
    if (!waited(limits.grace())) {
      open.forEach(RequestThread::interrupt);
      waited(Duration.ofSeconds(2));
    }
    threads.shutdown();
    undertow.stop();
  }

  /** Whether all requests ended in time. */
  private boolean waited(Duration time) {
    boolean interrupted = false;
    long end = System.nanoTime() + time.toNanos();
    while (!open.isEmpty() && System.nanoTime() < end) {
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return open.isEmpty();
  }
}
