package io.millrace.server.api;

import io.millrace.media.StreamKey;
import io.millrace.server.live.SubtitlePost;
import java.util.List;
import java.util.concurrent.CompletionStage;
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

  /** Other ladders for single streams. */
  LadderEdit ladders();

  /** Reads the configuration again; completes on any thread. */
  CompletionStage<ReloadResult> reload();

  /**
   * Shows subtitles.
   *
   * @return completes on the stream's event loop; null when there is no such stream
   */
  @Nullable CompletionStage<SubtitlePost.Result> subtitles(StreamKey key, SubtitlePost post);
}
