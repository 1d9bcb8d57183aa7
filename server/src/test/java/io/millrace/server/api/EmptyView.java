package io.millrace.server.api;

import io.millrace.media.StreamKey;
import io.millrace.server.live.SubtitlePost;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A server without a stream. */
final class EmptyView implements AdminView {
  @Override
  public boolean ready() {
    return true;
  }

  @Override
  public List<StreamDetail> streams() {
    return List.of();
  }

  @Override
  public @Nullable StreamDetail stream(StreamKey key) {
    return null;
  }

  @Override
  public List<SessionDetail> sessions() {
    return List.of();
  }

  @Override
  public boolean disconnect(String sessionId) {
    return false;
  }

  @Override
  public LadderEdit ladders() {
    return new LadderEdit() {
      @Override
      public Result put(StreamKey key, byte[] body) {
        return new Result.NoStream();
      }

      @Override
      public Result reset(StreamKey key) {
        return new Result.NoStream();
      }
    };
  }

  @Override
  public CompletionStage<ReloadResult> reload() {
    return CompletableFuture.completedFuture(new ReloadResult.Reloaded(List.of(), List.of()));
  }

  @Override
  public @Nullable CompletionStage<SubtitlePost.Result> subtitles(
      StreamKey key, SubtitlePost post) {
    return null;
  }
}
