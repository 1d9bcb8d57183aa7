package io.millrace.server.ingest.obs;

import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.PlannedRung;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.server.ingest.obs.ClientDescription.Canvas;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What OBS is asked to encode: the stream's ladder as far as the broadcaster's machine and line go.
 *
 * <ul>
 *   <li>Track 0 is the best picture: the canvas where the ladder has a passthrough rendition, else
 *       its largest rung. The others follow in the ladder's order, which is the order in which
 *       viewers want them kept.
 *   <li>Nothing is scaled up. A rung in a codec that the machine does not encode in hardware is
 *       left out; the server may make it.
 *   <li>All tracks have the same key frame interval, as many whole seconds as fit in a segment.
 *   <li>A line that is too thin first costs rungs, from the last on, and then the canvas its bits;
 *       a CPU that has no GPU beside it costs rungs.
 * </ul>
 *
 * @param audioKbps of each audio track
 */
record Offer(List<Track> video, int audioKbps) {
  /** Tracks that an ingest takes of each kind. */
  private static final int MAX_VIDEO_TRACKS = 8;

  private static final int PASSTHROUGH_AUDIO_KBPS = 160;
  private static final int MAX_KEYINT_SECONDS = 10;
  private static final int MIN_KBPS = 100;

  /**
   * One video encoder of OBS's.
   *
   * @param encoder OBS's name of it
   * @param settings as OBS's encoder reads them
   */
  record Track(
      String encoder, int width, int height, Rational frameRate, Map<String, Object> settings) {}

  /** One track before its encoder is chosen. */
  private record Wanted(VideoCodec codec, int width, int height, Rational frameRate, long kbps) {
    long pixels() {
      return (long) width * height;
    }
  }

  Offer {
    video = List.copyOf(video);
  }

  static Offer make(ClientDescription client, StreamLadder stream) {
    Engine engine = Engine.of(client);
    Canvas canvas = client.canvas();
    List<Wanted> rungs = rungs(client, engine, stream.ladder());
    Wanted best = rungs.isEmpty() || stream.passthrough() ? canvas(canvas) : largest(rungs);
    rungs.remove(best);
    int audioKbps = audioKbps(stream.ladder());
    int maxRungs = maxTracks(client, engine) - 1;
    while (rungs.size() > maxRungs) {
      rungs.removeLast();
    }
    Long line = client.maximumAggregateKbps();
    if (line != null) {
      long videoKbps = line - (client.vodTrack() ? 2L : 1L) * audioKbps;
      while (!rungs.isEmpty() && total(rungs) + best.kbps() / 2 > videoKbps) {
        rungs.removeLast();
      }
      best = limited(best, videoKbps - total(rungs));
    }
    int keyint = (int) Math.clamp(stream.segment().toSeconds(), 1, MAX_KEYINT_SECONDS);
    List<Track> tracks = new ArrayList<>();
    add(tracks, client, engine, best, keyint);
    for (Wanted rung : rungs) {
      add(tracks, client, engine, rung, keyint);
    }
    return new Offer(tracks, audioKbps);
  }

  private static List<Wanted> rungs(ClientDescription client, Engine engine, Ladder ladder) {
    Canvas canvas = client.canvas();
    TrackFormat.Video source =
        new TrackFormat.Video(
            VideoCodec.H264,
            "",
            new byte[0],
            canvas.width(),
            canvas.height(),
            Rational.ONE,
            canvas.frameRate(),
            Colour.UNSPECIFIED,
            0);
    List<Wanted> rungs = new ArrayList<>();
    for (PlannedRung planned : LadderPlan.resolve(ladder, source).rungs()) {
      VideoCodec codec = planned.rung().codec();
      if (engine.encoder(codec, client) != null) {
        rungs.add(
            new Wanted(
                codec,
                planned.width(),
                planned.height(),
                orElse(planned.frameRate(), canvas.frameRate()),
                planned.rung().bitrateBps() / 1000));
      }
    }
    return rungs;
  }

  private static Rational orElse(@Nullable Rational rate, Rational otherwise) {
    return rate == null ? otherwise : rate;
  }

  private static Wanted largest(List<Wanted> rungs) {
    return rungs.stream()
        .max(Comparator.comparingLong(Wanted::pixels).thenComparingLong(Wanted::kbps))
        .orElseThrow();
  }

  private static Wanted canvas(Canvas canvas) {
    return new Wanted(
        VideoCodec.H264, canvas.width(), canvas.height(), canvas.frameRate(), usualKbps(canvas));
  }

  /** What services usually recommend for H.264. */
  private static long usualKbps(Canvas canvas) {
    boolean fast = canvas.frameRate().toDouble() > 31;
    int shortSide = Math.min(canvas.width(), canvas.height());
    if (shortSide >= 2160) {
      return fast ? 25_000 : 18_000;
    }
    if (shortSide >= 1440) {
      return fast ? 12_000 : 9_000;
    }
    if (shortSide >= 1080) {
      return fast ? 8_000 : 6_000;
    }
    if (shortSide >= 720) {
      return fast ? 5_000 : 3_500;
    }
    return shortSide >= 480 ? 1_800 : 1_000;
  }

  private static int audioKbps(Ladder ladder) {
    return ladder.audio() == null || ladder.audio().passthrough()
        ? PASSTHROUGH_AUDIO_KBPS
        : (int) (ladder.audio().bitrateBps() / 1000);
  }

  /** Software encoders share the CPU with everything else: half a track a core. */
  private static int maxTracks(ClientDescription client, Engine engine) {
    int wanted = MAX_VIDEO_TRACKS;
    if (client.maximumVideoTracks() != null) {
      wanted = Math.min(wanted, client.maximumVideoTracks());
    }
    if (engine == Engine.X264) {
      wanted = Math.min(wanted, client.physicalCores() / 2);
    }
    return Math.max(1, wanted);
  }

  private static long total(List<Wanted> rungs) {
    return rungs.stream().mapToLong(Wanted::kbps).sum();
  }

  private static Wanted limited(Wanted best, long leftKbps) {
    long kbps = Math.max(MIN_KBPS, Math.min(best.kbps(), leftKbps));
    return new Wanted(best.codec(), best.width(), best.height(), best.frameRate(), kbps);
  }

  private static void add(
      List<Track> tracks, ClientDescription client, Engine engine, Wanted wanted, int keyint) {
    String encoder = engine.encoder(wanted.codec(), client);
    if (encoder != null) {
      tracks.add(
          new Track(
              encoder,
              wanted.width(),
              wanted.height(),
              wanted.frameRate(),
              engine.settings(wanted.codec(), client, wanted.kbps(), keyint)));
    }
  }
}
