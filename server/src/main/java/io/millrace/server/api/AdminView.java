package io.millrace.server.api;

import io.millrace.media.StreamKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the server lets an operator see and do. Any thread; nothing blocks. */
public interface AdminView {
  /** True while the server listens and does not drain. */
  boolean ready();

  /** All streams, sorted by key. */
  List<StreamDetail> streams();

  @Nullable StreamDetail stream(StreamKey key);

  /** All publishing sessions, oldest first. */
  List<SessionDetail> sessions();

  /**
   * Ends a session.
   *
   * @return false when there is none of that id
   */
  boolean disconnect(String sessionId);
}
