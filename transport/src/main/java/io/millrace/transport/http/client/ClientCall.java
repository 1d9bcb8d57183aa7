package io.millrace.transport.http.client;

/** A request that was handed over. */
@FunctionalInterface
public interface ClientCall {
  /**
   * Gives the request up: the server is told, where the protocol can, and soon the listener hears
   * no more. Any thread; does nothing once the reply is complete.
   */
  void cancel();
}
