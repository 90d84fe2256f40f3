package io.proxytune.examples.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;

/** A connection to a server, on which a test writes what no client would. */
final class RawClient implements AutoCloseable {
  private final Socket socket;

  private RawClient(Socket socket) {
    this.socket = socket;
  }

  static RawClient connect(RunningServer server) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(8192);
    socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(PacedServers.PATIENCE_SECONDS));
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
    return new RawClient(socket);
  }

  void write(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(US_ASCII));
    socket.getOutputStream().flush();
  }

  /** A request with a body that is written with single quotes. */
  static String request(String body) {
    String json = body.replace('\'', '"');
    return "POST /v1/completions HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
        + "Content-Length: "
        + json.length()
        + "\r\n\r\n"
        + json;
  }

  /** Reads until a text has come as often as expected. */
  String readUntil(String text, int times) throws IOException {
    StringBuilder read = new StringBuilder();
    byte[] buffer = new byte[4096];
    while (read.toString().split(text, -1).length <= times) {
      int count = socket.getInputStream().read(buffer);
      if (count < 0) {
        break;
      }
      read.append(new String(buffer, 0, count, US_ASCII));
    }
    return read.toString();
  }

  /** Whether the server ends the connection, with whatever it says before. */
  String readToEnd() throws IOException {
    try {
      return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    } catch (IOException reset) {
      return "reset";
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
