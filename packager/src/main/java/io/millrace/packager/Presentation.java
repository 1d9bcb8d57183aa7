package io.millrace.packager;

import io.millrace.media.TrackEvent;
import io.millrace.media.TrackSink;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One stream as its viewers see it: renditions are written through sinks, playlists, manifests and
 * media are read as immutable objects.
 *
 * <p>Threads: sinks, {@link #video}, {@link #audio}, {@link #remove} and {@link #close} belong to
 * the owner's thread (asserted). Everything else may be called from any thread and never blocks.
 */
public final class Presentation implements AutoCloseable {
  private final CompletableFuture<Void> ready = new CompletableFuture<>();

  /**
   * @param onOwnerThread true on the only thread that writes
   */
  public Presentation(PresentationSettings settings, BooleanSupplier onOwnerThread) {
    this(settings, onOwnerThread, InstantSource.system());
  }

  /**
   * @param clock tells when a document was rendered
   */
  public Presentation(
      PresentationSettings settings, BooleanSupplier onOwnerThread, InstantSource clock) {}

  /**
   * Declares a video rendition. Its sink takes the events of one rendition in order: Format,
   * Boundary, Samples, Boundary, …
   *
   * @throws IllegalArgumentException if the name is taken
   */
  public TrackSink video(RenditionSpec spec) {
    return TrackEvent::release;
  }

  /**
   * Declares an audio rendition.
   *
   * @throws IllegalArgumentException if the name is taken
   */
  public TrackSink audio(RenditionSpec spec) {
    return TrackEvent::release;
  }

  /** Takes a rendition out at once: out of the master and manifest, and its files are gone. */
  public void remove(String rendition) {}

  /** The stream is over: open segments are sealed, playlists end, the manifest becomes static. */
  @Override
  public void close() {}

  /** Completes, on the owner's thread, when master and manifest are there. */
  public CompletableFuture<Void> ready() {
    return ready.copy();
  }

  /** The HLS multivariant playlist; null until {@link #ready}. */
  public @Nullable Document master(CodecPreference preference) {
    return null;
  }

  /** The DASH manifest; null until {@link #ready}. */
  public @Nullable Document manifest(CodecPreference preference) {
    return null;
  }

  /** The HLS media playlist of a rendition; null if it does not exist or has no segment yet. */
  public @Nullable Document media(String rendition) {
    return null;
  }

  /**
   * A file by the name that playlists and manifests give it ({@code init-*.mp4}, {@code *.m4s});
   * null if there is none, or not any more.
   */
  public @Nullable MediaObject object(String rendition, String fileName) {
    return null;
  }

  /** Every declared rendition, in ladder order. */
  public List<RenditionInfo> renditions() {
    return List.of();
  }

  /** Grows with every change that a reader could see. */
  public long version() {
    return 0;
  }

  /** Documents rendered so far. */
  public long renders() {
    return 0;
  }

  /**
   * Calls {@code listener} on the owner's thread after each update; it must not block or throw.
   *
   * @return closing it ends the calls; from any thread
   */
  public Registration onUpdate(Consumer<PresentationUpdate> listener) {
    return () -> {};
  }

  /** Calls {@code listener} on the owner's thread for each segment that could not be made. */
  public Registration onProblem(Consumer<PackagingProblem> listener) {
    return () -> {};
  }

  /** Ends a listener's calls; may be closed more than once. */
  @FunctionalInterface
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}
