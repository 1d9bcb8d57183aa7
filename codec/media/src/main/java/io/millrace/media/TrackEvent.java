package io.millrace.media;

import io.netty.buffer.ByteBuf;
import java.time.Instant;

/**
 * Everything that flows from a publisher to a packager. Within a track, events arrive in decoding
 * order.
 *
 * <p>A stream has any number of video and audio tracks. Video tracks have even numbers, audio
 * tracks odd ones: {@link #VIDEO_TRACK} is the main picture, which segments are cut by, {@link
 * #AUDIO_TRACK} the main sound; the others are {@link #videoTrack} and {@link #audioTrack} of 1 and
 * up. All tracks of a stream count time from the stream's epoch, each in its own timescale.
 *
 * <p>Ownership: whoever passes an event to {@link TrackSink#accept} gives it away; only {@link
 * Sample} holds a reference.
 */
public sealed interface TrackEvent {
  int VIDEO_TRACK = 0;
  int AUDIO_TRACK = 1;

  /** The video track with the given index, 0 for the main one. */
  static int videoTrack(int index) {
    return 2 * index;
  }

  /** The audio track with the given index, 0 for the main one. */
  static int audioTrack(int index) {
    return 2 * index + 1;
  }

  /** True for a video track, false for an audio track. */
  static boolean isVideo(int track) {
    return (track & 1) == 0;
  }

  /** The index of a track among those of its kind. */
  static int trackIndex(int track) {
    return track / 2;
  }

  /** Releases what the event holds; a no-op for all but {@link Sample}. */
  default void release() {}

  /** Returns this event with one more reference, for one more owner. */
  default TrackEvent retain() {
    return this;
  }

  /**
   * The format of every following sample of the track. The first event of a track, and each change.
   */
  record Format(int track, TrackFormat format) implements TrackEvent {}

  /**
   * A segment starts here, in every rendition of the stream. Sent before the first sample with
   * {@code ptsTicks ≥ startTicks} of any track; the video sample with {@code ptsTicks ==
   * startTicks} is a key frame and follows at once in the video track. An audio track is cut at its
   * first sample that starts at or after the same instant.
   *
   * @param sequence media sequence number of the segment that starts; grows by one each, over
   *     reconnects too
   * @param startTicks presentation time in {@link Timescale#VIDEO} ticks since the stream's epoch
   * @param epoch wall-clock time of tick 0, constant for the life of the stream
   * @param discontinuity true where the format or the clock really changed
   * @param partTicks every rendition cuts the segment into parts at {@code startTicks} and each
   *     multiple of this behind it, in decoding time and in {@link Timescale#VIDEO} ticks, so that
   *     parts carry the same index everywhere; 0: the segment has no parts
   */
  record Boundary(
      long sequence, long startTicks, Instant epoch, boolean discontinuity, long partTicks)
      implements TrackEvent {

    /**
     * @throws IllegalArgumentException for a negative {@code partTicks}
     */
    public Boundary {
      if (partTicks < 0) {
        throw new IllegalArgumentException("partTicks: " + partTicks);
      }
    }

    /** A segment without parts. */
    public Boundary(long sequence, long startTicks, Instant epoch, boolean discontinuity) {
      this(sequence, startTicks, epoch, discontinuity, 0);
    }
  }

  /**
   * The source's clock or continuity broke: nothing before it may be used to predict what follows
   * (decoders flush). Samples after it start with a key frame behind a {@link Boundary}.
   */
  record Discontinuity(String reason) implements TrackEvent {}

  /** A timed message (SCTE-35, ID3) at {@code ptsTicks} in {@link Timescale#VIDEO}. */
  record Cue(long ptsTicks, String scheme, byte[] message) implements TrackEvent {}

  /**
   * The publisher is gone; the open segment ends at the last sample. More may follow after a
   * reconnect.
   */
  record End(String reason) implements TrackEvent {}

  /**
   * One access unit. Metadata is immutable, the payload read-only and shared: read through absolute
   * indices or a duplicate.
   *
   * <p>Payload: H.264 and HEVC as length-prefixed NAL units (length size from the configuration
   * record, ISO/IEC 14496-15 §5.3.2, §8.3.2); AV1 as a temporal unit in the low-overhead format
   * without temporal delimiters (AV1-ISOBMFF §2.4); VP9 as one superframe; AAC as one raw data
   * block without ADTS; Opus as one packet (RFC 6716); MP3 as one frame with its header.
   *
   * @param dtsTicks decoding time, strictly increasing within the track
   * @param ptsTicks presentation time
   * @param durationTicks nominal duration; 0 when unknown (the next sample's dts tells)
   * @param key a random access point (IDR, IRAP, AV1 or VP9 key frame); always true for audio
   */
  record Sample(
      int track, long dtsTicks, long ptsTicks, long durationTicks, boolean key, ByteBuf payload)
      implements TrackEvent {

    /** Payload size in bytes. */
    public int sizeBytes() {
      return payload.readableBytes();
    }

    @Override
    public void release() {
      payload.release();
    }

    @Override
    public Sample retain() {
      payload.retain();
      return this;
    }
  }
}
