package io.millrace.server.live;

import io.millrace.codec.CodecException;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.slate.Silence;
import io.millrace.codec.slate.Slate;
import io.millrace.codec.slate.Still;
import io.millrace.codec.slate.StillResult;
import io.millrace.codec.slate.Stills;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.server.config.SignalLoss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Covers a lost signal as {@code on_signal_loss} says: the last picture for a while, then a slate,
 * both with silence, in the formats of the source.
 */
public final class SignalLossFillers implements FillerSource {
  private static final Logger LOG = LoggerFactory.getLogger(SignalLossFillers.class);
  private static final Slate BLACK =
      new Slate.Image(2, 2, new int[] {0xFF000000, 0xFF000000, 0xFF000000, 0xFF000000});

  private final Executor workers;
  private final NativeAccount account = new NativeAccount();

  /**
   * @param workers where pictures are decoded and encoded: some tenths of a second each; bounded
   */
  public SignalLossFillers(Executor workers) {
    this.workers = workers;
  }

  @Override
  public CompletionStage<PreparedFiller> prepare(
      SignalLoss rule, SortedMap<Integer, TrackFormat> formats, List<Sample> lastSegment) {
    CompletableFuture<PreparedFiller> prepared = new CompletableFuture<>();
    try {
      workers.execute(
          () -> {
            try {
              prepared.complete(make(rule, formats, lastSegment));
            } catch (RuntimeException e) {
              prepared.completeExceptionally(e);
            } finally {
              lastSegment.forEach(Sample::release);
            }
          });
    } catch (RejectedExecutionException e) {
      lastSegment.forEach(Sample::release);
      prepared.completeExceptionally(e);
    }
    return prepared;
  }

  private PreparedFiller make(
      SignalLoss rule, SortedMap<Integer, TrackFormat> formats, List<Sample> lastSegment) {
    TreeMap<Integer, StillFiller.Pictures> pictures = new TreeMap<>();
    TreeMap<Integer, Silence> silences = new TreeMap<>();
    formats.forEach(
        (track, format) -> {
          switch (format) {
            case TrackFormat.Video video -> {
              List<Sample> samples =
                  lastSegment.stream().filter(sample -> sample.track() == track).toList();
              pictures.put(track, pictures(rule, track, video, samples));
            }
            case TrackFormat.Audio audio -> {
              try {
                silences.put(track, Silence.of(audio));
              } catch (CodecException e) {
                LOG.atWarn()
                    .addKeyValue("track", track)
                    .addKeyValue("reason", e.getMessage())
                    .log("no silence for this sound, it pauses");
              }
            }
            case TrackFormat.Text _ -> {}
          }
        });
    long holdTicks = ticks(rule);
    return ends -> new StillFiller(pictures, silences, holdTicks, ends);
  }

  private static long ticks(SignalLoss rule) {
    return rule.then() == SignalLoss.Then.FREEZE
        ? Long.MAX_VALUE
        : Timescale.MILLIS.rescale(rule.hold().toMillis(), Timescale.VIDEO);
  }

  private StillFiller.Pictures pictures(
      SignalLoss rule, int track, TrackFormat.Video format, List<Sample> samples) {
    List<String> reasons = new ArrayList<>();
    boolean holds = !rule.hold().isZero() || rule.then() == SignalLoss.Then.FREEZE;
    Still held = holds ? find(Stills.lastPicture(format, samples, account), reasons) : null;
    Still slate =
        switch (rule.then()) {
          case FREEZE -> null;
          case BLACK -> find(Stills.slate(format, BLACK, account), reasons);
          case SLATE -> find(Stills.slate(format, slate(rule.image()), account), reasons);
        };
    Still first = held != null ? held : slate;
    if (first == null) {
      throw new CodecException(
          "video track " + TrackEvent.trackIndex(track) + ": " + String.join("; ", reasons));
    }
    return new StillFiller.Pictures(first, slate != null ? slate : first);
  }

  private static @Nullable Still find(StillResult result, List<String> reasons) {
    return switch (result) {
      case StillResult.Ready(Still still) -> still;
      case StillResult.Unavailable(String reason) -> {
        reasons.add(reason);
        yield null;
      }
    };
  }

  private static Slate slate(@Nullable Path image) {
    if (image == null) {
      return Slate.Text.DEFAULT;
    }
    try {
      if (Files.size(image) > Slate.MAX_FILE_BYTES) {
        throw new CodecException("the file is larger than " + Slate.MAX_FILE_BYTES + " bytes");
      }
      return Slate.read(Files.readAllBytes(image));
    } catch (IOException | CodecException e) {
      LOG.atWarn()
          .addKeyValue("image", image)
          .addKeyValue("reason", e.getMessage())
          .log("slate image cannot be shown, the built-in one is");
      return Slate.Text.DEFAULT;
    }
  }
}
