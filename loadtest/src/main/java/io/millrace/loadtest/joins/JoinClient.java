package io.millrace.loadtest.joins;

import io.millrace.transport.tls.TlsStats;
import java.io.IOException;
import java.net.InetSocketAddress;

/** A viewer of one protocol that keeps its tickets. One join at a time. */
interface JoinClient extends AutoCloseable {
  /** How long a join may take, whatever comes. */
  long LIMIT_S = 20;

  /**
   * One join.
   *
   * @param connectNs before anything was sent
   * @param kind what the handshake was
   */
  record Join(long connectNs, Conversation.Joined joined, TlsStats.Kind kind) {
    long firstUs() {
      return (joined.firstNs() - connectNs) / 1_000;
    }

    long mediaUs() {
      return (joined.mediaNs() - connectNs) / 1_000;
    }
  }

  /**
   * Connects, has the conversation, and stays long enough for the next ticket to come.
   *
   * @param name by which tickets are found
   * @param stayMs after the last answer
   * @throws IOException when anything goes wrong
   */
  Join join(InetSocketAddress to, String name, Conversation conversation, long stayMs)
      throws IOException, InterruptedException;

  @Override
  void close();
}
