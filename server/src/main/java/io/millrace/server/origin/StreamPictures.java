package io.millrace.server.origin;

import io.millrace.media.StreamKey;
import io.millrace.packager.Document;
import io.millrace.packager.Presentation;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Still pictures of live streams, made when somebody asks for them. Thread-safe; nothing blocks.
 *
 * <p>A stage fails with {@link java.util.concurrent.RejectedExecutionException} when too many
 * pictures are being made already.
 */
public interface StreamPictures {
  /** There are none. */
  StreamPictures NONE =
      new StreamPictures() {
        @Override
        public CompletionStage<@Nullable Document> thumbnail(
            StreamKey key, Presentation presentation) {
          return CompletableFuture.completedFuture(null);
        }

        @Override
        public @Nullable Document storyboard(Presentation presentation) {
          return null;
        }

        @Override
        public CompletionStage<@Nullable Document> sheet(
            StreamKey key, Presentation presentation, String name) {
          return CompletableFuture.completedFuture(null);
        }
      };

  /** A JPEG of the newest key picture, or of one a few seconds older; null before the first. */
  CompletionStage<@Nullable Document> thumbnail(StreamKey key, Presentation presentation);

  /** WebVTT that says where in which sheet a time is shown; null before the first picture. */
  @Nullable Document storyboard(Presentation presentation);

  /**
   * A JPEG of many small pictures.
   *
   * @param name as a storyboard has it; null comes back for any other
   */
  CompletionStage<@Nullable Document> sheet(StreamKey key, Presentation presentation, String name);
}
