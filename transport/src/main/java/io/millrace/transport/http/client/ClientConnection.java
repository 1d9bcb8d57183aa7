package io.millrace.transport.http.client;

/** One connection of a pool, whatever it speaks. Confined to the pool's event loop. */
interface ClientConnection {
  /** What a connection tells its pool. */
  interface Owner {
    /** There is room for a call, or there will never be again. */
    void changed();

    /** The server did not look at the call, and another connection may take it. */
    void again(Call call, ClientFailure otherwise);

    long nowNs();

    ClientSettings settings();

    /** The value of {@code Host} or {@code :authority}. */
    String authority();

    String scheme();
  }

  /** How many calls it would take now. */
  int room();

  /** Takes a call; only with {@link #room}. */
  void start(Call call);

  /** Ends a call that it has; the call is told nothing. */
  void abandon(Call call);

  /** Fails what is late. */
  void sweep(long nowNs);

  /** Fails every call and closes. */
  void close(ClientFailure why);
}
