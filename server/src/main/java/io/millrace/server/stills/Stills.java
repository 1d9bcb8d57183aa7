package io.millrace.server.stills;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.codec.ffmpeg.JpegSheet;
import io.millrace.media.StreamKey;
import io.millrace.packager.Document;
import io.millrace.packager.KeyPictures;
import io.millrace.packager.KeyPictures.Picture;
import io.millrace.packager.Presentation;
import io.millrace.server.origin.StreamPictures;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Thumbnails and storyboards: nothing is decoded but what somebody asks for, and for a thousand who
 * ask at once it is decoded once. A stream's thumbnail is made at most every {@link #FRESH_NS}.
 * Memory is bounded: {@link #MAX_SHEET_BYTES} of sheets, a thumbnail for each stream that has been
 * asked for lately. Thread-safe.
 */
public final class Stills implements StreamPictures {
  private static final int THUMBNAIL_WIDTH = 640;
  private static final int THUMBNAIL_HEIGHT = 480;
  private static final int TILE_WIDTH = 160;
  private static final int TILE_HEIGHT = 120;
  private static final long FRESH_NS = TimeUnit.SECONDS.toNanos(2);
  private static final long MAX_SHEET_BYTES = 32L << 20;
  private static final int MAX_THUMBNAILS = 1024;
  private static final Duration KEPT = Duration.ofMinutes(5);

  /** A storyboard has about so many pictures. */
  private static final int PICTURES = 100;

  private static final int MIN_INTERVAL_S = 5;

  /** What is the same for ever: of one presentation, by its name. */
  private record SheetName(StreamKey stream, String name) {}

  private record Thumbnail(
      String instance, Picture of, long madeNs, CompletableFuture<@Nullable Document> image) {
    boolean serves(KeyPictures now, long nowNs) {
      boolean failed = image.isCompletedExceptionally();
      boolean sameAs = instance.equals(now.instance()) && of.startUs() == now.newest().startUs();
      return !image.isDone() || (!failed && sameAs) || nowNs - madeNs < FRESH_NS;
    }
  }

  private final Workshop workshop;
  private final LongSupplier clockNs;
  private final Cache<StreamKey, Thumbnail> thumbnails =
      Caffeine.newBuilder().maximumSize(MAX_THUMBNAILS).expireAfterAccess(KEPT).build();
  private final AsyncCache<SheetName, @Nullable Document> sheets =
      Caffeine.newBuilder()
          .maximumWeight(MAX_SHEET_BYTES)
          .weigher((SheetName _, Document sheet) -> sheet.bytes().length)
          .expireAfterAccess(KEPT)
          .buildAsync();

  public Stills(InstantSource clock) {
    this(new Workshop(clock), System::nanoTime);
  }

  Stills(Workshop workshop, LongSupplier clockNs) {
    this.workshop = workshop;
    this.clockNs = clockNs;
  }

  @Override
  public CompletionStage<@Nullable Document> thumbnail(StreamKey key, Presentation presentation) {
    KeyPictures pictures = presentation.keyPictures(THUMBNAIL_WIDTH);
    if (pictures == null) {
      return CompletableFuture.completedFuture(null);
    }
    long nowNs = clockNs.getAsLong();
    return thumbnails
        .asMap()
        .compute(
            key,
            (_, known) ->
                known != null && known.serves(pictures, nowNs)
                    ? known
                    : new Thumbnail(
                        pictures.instance(),
                        pictures.newest(),
                        nowNs,
                        workshop.still(pictures.newest(), THUMBNAIL_WIDTH, THUMBNAIL_HEIGHT)))
        .image();
  }

  @Override
  public @Nullable Document storyboard(Presentation presentation) {
    Instant epoch = presentation.epoch();
    KeyPictures pictures = presentation.keyPictures(TILE_WIDTH);
    if (pictures == null || epoch == null) {
      return null;
    }
    JpegSheet.Size tile = tile(pictures);
    byte[] text =
        Storyboard.of(pictures, intervalS(presentation))
            .vtt(epoch, tile.width(), tile.height())
            .getBytes(StandardCharsets.UTF_8);
    String etag = '"' + Integer.toHexString(Arrays.hashCode(text)) + '"';
    return new Document("text/vtt; charset=utf-8", text, etag, epoch);
  }

  @Override
  public CompletionStage<@Nullable Document> sheet(
      StreamKey key, Presentation presentation, String name) {
    SheetName sheetName = new SheetName(key, name);
    CompletableFuture<@Nullable Document> made = sheets.getIfPresent(sheetName);
    if (made != null) {
      return made;
    }
    KeyPictures pictures = presentation.keyPictures(TILE_WIDTH);
    Storyboard.Sheet sheet =
        pictures == null ? null : Storyboard.of(pictures, intervalS(presentation)).sheet(name);
    if (pictures == null || sheet == null) {
      return CompletableFuture.completedFuture(null);
    }
    return sheets.get(
        sheetName,
        (_, _) ->
            workshop.sheet(Storyboard.COLUMNS, Storyboard.ROWS, tile(pictures), sheet.tiles()));
  }

  private static JpegSheet.Size tile(KeyPictures pictures) {
    return JpegSheet.Size.within(pictures.newest().format(), TILE_WIDTH, TILE_HEIGHT);
  }

  /** The same for the life of a stream. */
  private static int intervalS(Presentation presentation) {
    return Math.toIntExact(
        Math.max(MIN_INTERVAL_S, (presentation.window().toSeconds() + PICTURES - 1) / PICTURES));
  }
}
