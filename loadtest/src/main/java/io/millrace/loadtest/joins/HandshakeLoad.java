package io.millrace.loadtest.joins;

import io.millrace.transport.Loops;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Handshakes of TLS over TCP, as many as the server makes: each connection asks for one small file
 * over HTTP/1.1, since BoringSSL gives tickets with its first answer, and closes.
 *
 * @param loops borrowed
 * @param viewers who connect at the same time, again and again
 */
public record HandshakeLoad(Loops loops, int viewers) {
  /**
   * Makes handshakes of one kind.
   *
   * @param count over all viewers together; a multiple of their number
   * @throws IOException when one fails or is of another kind
   */
  public void run(InetSocketAddress server, String path, Handshake kind, int count)
      throws IOException, InterruptedException {
    List<TcpJoinClient> clients = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Void>> running = new ArrayList<>();
      for (int i = 0; i < viewers; i++) {
        TcpJoinClient client = new TcpJoinClient(loops, false, kind == Handshake.EARLY);
        clients.add(client);
        running.add(
            threads.submit(
                () -> {
                  one(client, server, path, kind, count / viewers);
                  return null;
                }));
      }
      for (Future<Void> each : running) {
        each.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("handshakes: " + e.getCause(), e);
    } finally {
      clients.forEach(TcpJoinClient::close);
    }
  }

  /** The first one of a viewer that resumes is a full one, and is not checked. */
  private static void one(
      JoinClient client, InetSocketAddress server, String path, Handshake kind, int count)
      throws IOException, InterruptedException {
    for (int i = 0; i < count; i++) {
      String name = kind == Handshake.FULL ? "viewer-" + i : "viewer";
      JoinClient.Join join = client.join(server, name, new Conversation(path, false), 0);
      if (join.kind() != kind.kind && i > 0) {
        throw new IOException("a handshake is " + join.kind() + " instead of " + kind.title);
      }
    }
  }
}
