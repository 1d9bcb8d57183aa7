package io.millrace.codec.worker;

import java.io.IOException;

/**
 * The receiver's side of flow control: says what has been used, not for every event. Confined to
 * the thread that uses them.
 */
public final class Credits {
  private static final long SAID_AT_BYTES = Wire.WINDOW_BYTES / 16;

  private final Connection connection;
  private long dueBytes;

  public Credits(Connection connection) {
    this.connection = connection;
  }

  /** So much has been used. */
  public void used(long bytes) throws IOException {
    dueBytes += bytes;
    if (dueBytes >= SAID_AT_BYTES) {
      flush();
    }
  }

  /** Says it now: nothing more is there to be used. */
  public void flush() throws IOException {
    if (dueBytes > 0) {
      long bytes = dueBytes;
      dueBytes = 0;
      connection.send(new Message.Credit(bytes));
    }
  }
}
