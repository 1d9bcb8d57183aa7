package io.millrace.packager;

import io.millrace.media.Timescale;
import io.millrace.packager.RenditionInfo.Kind;
import io.millrace.packager.dash.Manifest;
import io.millrace.packager.dash.ProtectionElements;
import io.millrace.packager.dash.SideData;
import io.millrace.packager.hls.KeyTags;
import io.millrace.packager.hls.MediaPlaylist;
import io.millrace.packager.hls.MultivariantPlaylist;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.window.PeriodLog;
import io.millrace.packager.window.RenditionView;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A piece of a stream, of whole segments, of the same numbers in every rendition: from the one that
 * its start lies in to the one that its end lies in. The segments are the stream's own, under their
 * own names.
 *
 * <p>One that ends before the live edge is complete and does not change. Any other grows at its
 * end, whole segment by whole segment, until it has reached its end or the stream has.
 *
 * <p>A document is rendered whenever it is asked for, at a cost that grows with its length: whoever
 * serves it should keep it. Immutable; any thread.
 */
public final class Clip {
  /** What a clip has of a rendition. */
  record Piece(RenditionView view, Kind kind, MediaPlaylist playlist) {}

  private final Shared shared;
  private final List<Piece> pieces;
  private final Documents documents;

  /** What all renditions share, at one moment. */
  record Shared(
      MasterView.Fixed fixed,
      List<PeriodLog.Start> periods,
      Instant epoch,
      Instant now,
      SideData side) {}

  /**
   * @param pieces at least one, in ladder order, of what lies between start and end
   */
  Clip(Shared shared, List<Piece> pieces, Documents documents) {
    this.shared = shared;
    this.pieces = List.copyOf(pieces);
    this.documents = documents;
  }

  /** True when nothing will be added. */
  public boolean isComplete() {
    return pieces.stream().allMatch(piece -> piece.playlist.ended());
  }

  /**
   * The HLS multivariant playlist.
   *
   * @param query what the addresses of media playlists have behind their path, with its {@code ?}
   */
  public Document master(CodecPreference preference, String query) {
    MultivariantPlaylist playlist =
        new MultivariantPlaylist(
            MasterView.ordered(views(Kind.VIDEO), preference),
            views(Kind.AUDIO),
            views(Kind.TEXT),
            KeyTags.of(shared.fixed.protection()),
            shared.side.captions(),
            query);
    return documents.make(Documents.HLS, () -> bytes(playlist.render()), shared.now);
  }

  /** An HLS media playlist; null for a rendition that has nothing in it. */
  public @Nullable Document media(String rendition) {
    for (Piece piece : pieces) {
      if (piece.view.name().equals(rendition)) {
        return documents.make(Documents.HLS, piece.playlist::render, shared.now);
      }
    }
    return null;
  }

  /**
   * The DASH manifest, whose time begins with the clip; null where whole segments are encrypted.
   */
  public @Nullable Document manifest(CodecPreference preference) {
    if (!shared.fixed.hasManifest()) {
      return null;
    }
    long startTicks = startTicks();
    long startUs = Timescale.VIDEO.rescale(startTicks, Timescale.MICROS);
    MediaPlaylist first = pieces.getFirst().playlist;
    Manifest manifest =
        new Manifest(
            MasterView.sets(
                MasterView.ordered(views(Kind.VIDEO), preference),
                views(Kind.AUDIO),
                views(Kind.TEXT_CMAF)),
            startingAt(startTicks),
            Long.MAX_VALUE,
            shared.fixed.names(),
            shared.epoch.plus(startUs, ChronoUnit.MICROS),
            startTicks,
            shared.now,
            Duration.ofSeconds(first.targetDurationS()),
            Duration.ofNanos((endUs() - startUs) * 1_000),
            0,
            ProtectionElements.of(shared.fixed.protection()),
            isComplete(),
            new SideData(first.cues().cues(), shared.side.captions()));
    return documents.make(Documents.DASH, () -> bytes(manifest.render()), shared.now);
  }

  /** Where the clip begins, on the stream's clock. */
  private long startTicks() {
    return pieces.stream()
        .flatMap(piece -> Stream.ofNullable(piece.view.window().first()))
        .mapToLong(entry -> entry.interval().boundaryTicks())
        .min()
        .orElse(0);
  }

  private long endUs() {
    return pieces.stream()
        .flatMap(piece -> Stream.ofNullable(piece.view.window().newestSegment()))
        .mapToLong(Interval::endUs)
        .max()
        .orElse(0);
  }

  /** The period that the clip begins in begins with it. */
  private List<PeriodLog.Start> startingAt(long startTicks) {
    List<PeriodLog.Start> starts = new ArrayList<>();
    for (PeriodLog.Start start : shared.periods) {
      if (start.startTicks() <= startTicks) {
        starts.clear();
        starts.add(new PeriodLog.Start(start.sequence(), startTicks, false));
      } else {
        starts.add(start);
      }
    }
    return starts;
  }

  private List<RenditionView> views(Kind kind) {
    return pieces.stream().filter(piece -> piece.kind == kind).map(Piece::view).toList();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
