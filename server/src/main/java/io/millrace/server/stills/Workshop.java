package io.millrace.server.stills;

import io.millrace.codec.CodecException;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.ffmpeg.JpegSheet;
import io.millrace.media.MediaFormatException;
import io.millrace.packager.Document;
import io.millrace.packager.KeyPictures.Picture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Decodes key pictures and makes JPEG images of them, one after another on a thread of its own that
 * exists only while there is something to do. Thread-safe; bounded: more than {@link #MAX_WAITING}
 * images are refused.
 */
final class Workshop {
  private static final int MAX_WAITING = 64;
  private static final long IDLE_S = 10;

  private final NativeAccount account = new NativeAccount();
  private final Executor executor;
  private final InstantSource clock;

  Workshop(InstantSource clock) {
    this(clock, onDemand());
  }

  Workshop(InstantSource clock, Executor executor) {
    this.clock = clock;
    this.executor = executor;
  }

  private static Executor onDemand() {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_S,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING),
            task -> Thread.ofPlatform().name("stills").daemon().unstarted(task));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /**
   * One picture.
   *
   * @param maxWidth of the image, which keeps the picture's aspect
   * @return fails with a {@link java.util.concurrent.RejectedExecutionException} when there is too
   *     much to do, with a {@link CodecException} when the picture does not decode
   */
  CompletableFuture<@Nullable Document> still(Picture picture, int maxWidth, int maxHeight) {
    JpegSheet.Size size = JpegSheet.Size.within(picture.format(), maxWidth, maxHeight);
    return make(() -> draw(1, 1, size, List.of(picture), true));
  }

  /** Many; one that does not decode stays black. */
  CompletableFuture<@Nullable Document> sheet(
      int columns, int rows, JpegSheet.Size tile, List<@Nullable Picture> tiles) {
    return make(() -> draw(columns, rows, tile, tiles, false));
  }

  private interface Work {
    Document run();
  }

  private CompletableFuture<@Nullable Document> make(Work work) {
    CompletableFuture<@Nullable Document> made = new CompletableFuture<>();
    try {
      executor.execute(
          () -> {
            try {
              made.complete(work.run());
            } catch (RuntimeException | LinkageError e) {
              made.completeExceptionally(e);
            }
          });
    } catch (RuntimeException e) {
      made.completeExceptionally(e); // refused
    }
    return made;
  }

  private Document draw(
      int columns, int rows, JpegSheet.Size tile, List<@Nullable Picture> tiles, boolean strict) {
    try (JpegSheet sheet = new JpegSheet(columns, rows, tile, account)) {
      for (int i = 0; i < tiles.size(); i++) {
        Picture picture = tiles.get(i);
        if (picture != null) {
          try {
            sheet.place(i, picture.format(), picture.accessUnit());
          } catch (CodecException | MediaFormatException e) {
            if (strict) {
              throw e;
            }
          } catch (IOException e) {
            if (strict) {
              throw new UncheckedIOException(e);
            }
          }
        }
      }
      byte[] jpeg = sheet.encode();
      String etag = '"' + Integer.toHexString(Arrays.hashCode(jpeg)) + '"';
      return new Document("image/jpeg", jpeg, etag, clock.instant());
    }
  }
}
