package io.millrace.media.timeline;

import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import org.jspecify.annotations.Nullable;

/**
 * Turns the wire time of one publishing session into exact ticks: of {@link Timescale#VIDEO} for
 * video, of the sample rate for audio. RTMP counts milliseconds in 32 bits, MPEG-TS 90 kHz in 33.
 * Tracks are numbered as in {@link TrackEvent}.
 *
 * <h2>One zero</h2>
 *
 * The first sample of the session, of whatever track, is placed at {@code originTicks}, and all
 * tracks count from there, so the offset between sound and picture is what the sender made it. A
 * track that starts late but earlier in time is placed before the origin.
 *
 * <h2>One continuous clock</h2>
 *
 * Differences between successive wire times are taken modulo the wire's width, the shorter way
 * round, so the clock wraps without notice. A track is expected to go on one step after its latest
 * sample. A time more than 3 s later than that, or more than 0.5 s earlier, is a <em>jump</em>,
 * unless another track has gone on without this one and is there already (an encoder that dropped
 * pictures for a while). After a jump, the track goes on directly after its last sample, and the
 * correction that does it is remembered. When another track jumps, it takes the same correction: of
 * those that are newer than its own it takes the one that puts it nearest to where it is expected.
 * Until then its samples of the old clock are placed by the old correction. So a jump of all keeps
 * their offsets to the tick.
 *
 * <h2>Video: a grid under rounded times</h2>
 *
 * Senders round decoding times to the wire's ticks; a player of CMAF wants frames of equal
 * duration. With a declared frame rate (SPS VUI or onMetaData) a decoding time within 1.5 ms of the
 * rate's exact grid is put on it; presentation times, which senders round on their own, likewise. A
 * dropped frame leaves its slot empty. A time a little off the grid moves the grid there (drift);
 * one far off is kept as it is, and moves the grid if the next is off as well. When a good part is
 * off, the rate is wrong or the video has none: then times are kept as they are. Without a grid,
 * times are measured against the standard rates, and one that fits a run of frames is adopted. But
 * for duplicates, no output is more than 1.5 ms (decoding) or 2.5 ms (presentation) from the wire.
 *
 * <p>Decoding times come out strictly increasing: a duplicate or a small step back gets one tick,
 * and its presentation time moves with it.
 *
 * <h2>Several video tracks: one instant, one tick</h2>
 *
 * Encodings of one picture are an adaptive set only if their segments start at the same tick. A
 * sender writes the same picture of two tracks with the same time, or a wire tick apart, because it
 * rounds decoding times and composition offsets each on its own and its encoders delay by different
 * numbers of frames. So an instant that one track has been given a tick for in the last two seconds
 * is that tick in every track, whichever came first, and the later track's grid takes its phase
 * from it. Apart from that each has a grid of its own: rates may differ, or have none.
 *
 * <h2>Audio: a count that follows</h2>
 *
 * Frames are counted in samples, without rounding, so that each ends where the next begins: a
 * packager writes the differences as durations, and a player hears every hole between them. But a
 * sound card's clock is not the camera's: at 500 ppm, the worst in use, they part by 43 s a day. So
 * the count follows the wire, and the difference is taken up at the edges of frames: each is
 * stretched or shrunk by no more than 0.5 % (5 samples of 1024, about 0.1 ms, which players absorb
 * without resampling) until the drift is gone. What is drift, {@link SampleDrift} decides: it looks
 * at averages over seconds, so the count of a sender whose stamps are merely rounded, bunched or
 * jittery is exact to the sample.
 *
 * <p>When the wire is ahead by more than 3/4 of a frame (6 ms if that is more), frames are missing,
 * and the count jumps after it, by whole frames where that is what is missing: silence has to be
 * where it was. When the wire is that far behind, frames overlap: senders bunch frames under one
 * time, so the count goes on; but if the wire stays behind for half a second (duplicated frames) or
 * its clock jumped, the count goes back to it, at one sample a frame where need be.
 *
 * <p>A pure function of its inputs: it reads no clock. Not thread-safe; it belongs to the thread of
 * its session. It never fails, whatever the times.
 */
public final class Timeline {
  /** Track numbers are below this: 16 video and 16 audio tracks. */
  public static final int MAXIMUM_TRACKS = 32;

  private static final int NANOS_PER_SECOND = 1_000_000_000;

  private final long wireTicks;
  private final long originTicks;
  private final WireContinuity continuity;
  private final PlacedInstants decodings;
  private final PlacedInstants presentations;
  private final @Nullable VideoTrack[] videoTracks = new VideoTrack[MAXIMUM_TRACKS / 2];
  private final @Nullable AudioTrack[] audioTracks = new AudioTrack[MAXIMUM_TRACKS / 2];

  /** One audio track. */
  private static final class AudioTrack {
    final WireContinuity.Track clock = new WireContinuity.Track();
    final SampleCount count = new SampleCount();
  }

  /**
   * What the input's time was like, over all tracks.
   *
   * @param jumps breaks of the clock that were closed; the same jump of several tracks counts once
   * @param resyncs times that a frame grid or a sample count was moved to the wire's time
   * @param duplicates samples of any track that got the smallest possible step
   * @param slewedSamples samples by which audio frames were stretched or shrunk to follow the wire
   */
  public record Counters(long jumps, long resyncs, long duplicates, long slewedSamples) {
    Counters plus(long moreResyncs, long moreDuplicates, long moreSlewedSamples) {
      return new Counters(
          jumps,
          resyncs + moreResyncs,
          duplicates + moreDuplicates,
          slewedSamples + moreSlewedSamples);
    }
  }

  /**
   * @param wire ticks a second on the wire; must divide {@link Timescale#VIDEO}
   * @param wireBits width of the wire's counter: 32 for RTMP, 33 for MPEG-TS
   * @param originTicks where this session's first sample is placed, in {@link Timescale#VIDEO}
   *     ticks since the stream's epoch
   */
  public Timeline(Timescale wire, int wireBits, long originTicks) {
    if (Timescale.VIDEO.ticksPerSecond() % wire.ticksPerSecond() != 0) {
      throw new IllegalArgumentException("no whole number of video ticks in a tick of " + wire);
    }
    if (wireBits < 16 || wireBits > 48) {
      throw new IllegalArgumentException("a wire clock of " + wireBits + " bits");
    }
    this.wireTicks = Timescale.VIDEO.ticksPerSecond() / wire.ticksPerSecond();
    this.originTicks = originTicks;
    this.continuity = new WireContinuity(wireTicks, wireBits);
    this.decodings = new PlacedInstants(wireTicks);
    this.presentations = new PlacedInstants(wireTicks);
  }

  /**
   * Says what frame rate the sender declares for a video track, from its next sample on. Saying the
   * same again changes nothing.
   *
   * @param rate null when unknown: it is measured
   * @throws IllegalArgumentException if {@code track} is not a video track below {@link
   *     #MAXIMUM_TRACKS}
   */
  public void frameRate(int track, @Nullable Rational rate) {
    videoTrack(track).declare(rate);
  }

  /** The frame rate whose grid is in use; null while times are kept as they are. */
  public @Nullable Rational frameRate(int track) {
    return videoTrack(track).rate();
  }

  /** Places the next sample of a video track whose wire time is whole ticks. */
  public VideoStamp video(int track, long wireDts, long compositionOffset) {
    return video(track, wireDts, compositionOffset, 0);
  }

  /**
   * Places the next sample of a video track.
   *
   * @param wireDts decoding time in wire ticks; only the low bits of the wire's width count, so
   *     negative values are fine
   * @param compositionOffset presentation minus decoding time in wire ticks, may be negative
   * @param offsetNanos what the wire's tick leaves off the presentation time (Enhanced RTMP v2,
   *     TimestampOffsetNano); it belongs to the decoding time as well where that is the same
   * @throws IllegalArgumentException if {@code track} is not a video track below {@link
   *     #MAXIMUM_TRACKS}
   */
  public VideoStamp video(int track, long wireDts, long compositionOffset, int offsetNanos) {
    VideoTrack video = videoTrack(track);
    long expected = video.nextTicks() - originTicks;
    long dts = originTicks + continuity.place(video.clock, wireDts, expected);
    long pts = dts + compositionOffset * wireTicks + ticks(offsetNanos);
    return video.place(compositionOffset == 0 ? pts : dts, pts);
  }

  /** Places the next frame of an audio track whose wire time is whole ticks. */
  public long audio(int track, long wireTime, int sampleRate, int samplesPerFrame) {
    return audio(track, wireTime, 0, sampleRate, samplesPerFrame);
  }

  /**
   * Places the next frame of an audio track.
   *
   * @param wireTime in wire ticks; only the low bits of the wire's width count
   * @param offsetNanos what the wire's tick leaves off
   * @param sampleRate of the decoded signal in Hz; a change starts a new count
   * @param samplesPerFrame in this frame
   * @return presentation time in samples at {@code sampleRate} since the stream's epoch, strictly
   *     increasing
   * @throws IllegalArgumentException if {@code track} is not an audio track below {@link
   *     #MAXIMUM_TRACKS}
   */
  public long audio(
      int track, long wireTime, int offsetNanos, int sampleRate, int samplesPerFrame) {
    AudioTrack audio = audioTrack(track);
    long expected = audio.count.nextTicks() - originTicks;
    long time = originTicks + continuity.place(audio.clock, wireTime, expected);
    return audio.count.place(
        time + ticks(offsetNanos), sampleRate, samplesPerFrame, audio.clock.corrected());
  }

  public Counters counters() {
    Counters sum = new Counters(continuity.jumps(), 0, 0, 0);
    for (VideoTrack video : videoTracks) {
      sum = video == null ? sum : sum.plus(video.resyncs(), video.duplicates(), 0);
    }
    for (AudioTrack audio : audioTracks) {
      sum =
          audio == null
              ? sum
              : sum.plus(audio.count.resyncs(), audio.count.squeezed(), audio.count.slewed());
    }
    return sum;
  }

  private static long ticks(int nanos) {
    return Timescale.scale(nanos, Timescale.VIDEO.ticksPerSecond(), NANOS_PER_SECOND);
  }

  private VideoTrack videoTrack(int track) {
    if (!TrackEvent.isVideo(track)) {
      throw new IllegalArgumentException("not a video track: " + track);
    }
    int index = index(track);
    VideoTrack video = videoTracks[index];
    if (video == null) {
      video = new VideoTrack(track, wireTicks, decodings, presentations);
      videoTracks[index] = video;
    }
    return video;
  }

  private AudioTrack audioTrack(int track) {
    if (TrackEvent.isVideo(track)) {
      throw new IllegalArgumentException("not an audio track: " + track);
    }
    int index = index(track);
    AudioTrack audio = audioTracks[index];
    if (audio == null) {
      audio = new AudioTrack();
      audioTracks[index] = audio;
    }
    return audio;
  }

  private static int index(int track) {
    if (track < 0 || track >= MAXIMUM_TRACKS) {
      throw new IllegalArgumentException("track " + track + " of at most " + MAXIMUM_TRACKS);
    }
    return TrackEvent.trackIndex(track);
  }
}
