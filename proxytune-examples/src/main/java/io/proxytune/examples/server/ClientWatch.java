package io.proxytune.examples.server;

import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.ServerConnection;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.util.AttachmentKey;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.xnio.IoUtils;
import org.xnio.conduits.StreamSourceConduit;

/**
 * Notices that a client goes away while its answer is made. A server that is not reading learns of
 * it only when it writes, and an answer that is not streamed is written at its end. So this reads;
 * what a client sends ahead is put back for the request that it belongs to.
 */
final class ClientWatch {
  /** What is run when the connection closes; one listener a connection serves all its requests. */
  private static final AttachmentKey<AtomicReference<Runnable>> ON_CLOSE =
      AttachmentKey.create(AtomicReference.class);

  private final HttpServerConnection connection;
  private final AtomicReference<Runnable> onClose;
  private boolean over;

  private ClientWatch(HttpServerConnection connection, AtomicReference<Runnable> onClose) {
    this.connection = connection;
    this.onClose = onClose;
  }

  /**
   * Begins to watch; called when a request's body was read, by the thread of its connection.
   *
   * @param gone run at most once, if the connection closes before {@link #end()}
   */
  static ClientWatch begin(HttpServerExchange exchange, Runnable gone) {
    HttpServerConnection connection = (HttpServerConnection) exchange.getConnection();
    ClientWatch watch = new ClientWatch(connection, onClose(connection));
    watch.onClose.set(gone);
    if (connection.getExtraBytes() == null) {
      connection.getIoThread().execute(watch::read);
    }
    return watch;
  }

  private static AtomicReference<Runnable> onClose(ServerConnection connection) {
    AtomicReference<Runnable> known = connection.getAttachment(ON_CLOSE);
    if (known != null) {
      return known;
    }
    AtomicReference<Runnable> made = new AtomicReference<>(ClientWatch::doNothing);
    connection.putAttachment(ON_CLOSE, made);
    connection.addCloseListener(closed -> made.getAndSet(ClientWatch::doNothing).run());
    return made;
  }

  private static void doNothing() {}

  private synchronized void read() {
    if (!over && connection.isOpen()) {
      connection.getChannel().getSourceChannel().setReadListener(source -> readable());
      connection.getOriginalSourceConduit().resumeReads();
    }
  }

  /** Reads below what knows of the request, which ends where its body does. */
  private synchronized void readable() {
    StreamSourceConduit source = connection.getOriginalSourceConduit();
    if (over) {
      source.suspendReads();
      return;
    }
    PooledByteBuffer pooled = connection.getByteBufferPool().allocate();
    boolean kept = false;
    try {
      int read = source.read(pooled.getBuffer());
      if (read < 0) {
        IoUtils.safeClose(connection);
      } else if (read > 0) {
        source.suspendReads(); // the next request is there, and waits
        pooled.getBuffer().flip();
        connection.ungetRequestBytes(pooled);
        kept = true;
      }
    } catch (IOException e) {
      IoUtils.safeClose(connection);
    } finally {
      if (!kept) {
        pooled.close();
      }
    }
  }

  /** Ends watching; called before the answer is complete. */
  synchronized void end() {
    over = true;
    onClose.set(ClientWatch::doNothing);
  }
}
