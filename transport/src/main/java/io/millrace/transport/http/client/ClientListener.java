package io.millrace.transport.http.client;

/**
 * Takes one reply. Called on the client's event loop: {@link #head} once, {@link #data} as often as
 * there is some, then {@link #ended}; or {@link #failed} at any point, after which nothing comes.
 */
public interface ClientListener {
  void head(ReplyHead head);

  /** A piece of the content, not empty. The callee owns the array; nobody else has it. */
  void data(byte[] chunk);

  /** The reply is complete. */
  void ended();

  void failed(ClientFailure failure);
}
