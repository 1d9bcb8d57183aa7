package io.millrace.server.ingest;

import io.millrace.media.FrameRates;
import io.millrace.media.MediaFormatException;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackSink;
import io.millrace.media.VideoCodec;
import io.millrace.media.flv.AudioTag;
import io.millrace.media.flv.VideoTag;
import io.millrace.media.timeline.Timeline;
import io.millrace.transport.rtmp.amf.Amf0Reader;
import io.millrace.transport.rtmp.amf.AmfException;
import io.millrace.transport.rtmp.amf.AmfLimits;
import io.millrace.transport.rtmp.amf.AmfValue;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * FLV tag bodies of one publishing session into track events on the stream's clock: {@link
 * VideoTag} and {@link AudioTag} of every codec and track that Enhanced RTMP v2 has and Millrace
 * takes. Track id <i>n</i> becomes {@link TrackEvent#videoTrack} or {@link TrackEvent#audioTrack}
 * <i>n</i>.
 *
 * <p>A configuration record becomes a format when it differs from the last one; a frame becomes a
 * sample, with its time from the session's {@link Timeline}. Broken media is thrown as {@link
 * MediaFormatException} that names track and codec: it ends this session.
 *
 * <p>One instance a session, on the stream's event loop.
 */
final class MediaIngest {
  /** Of each kind. */
  static final int MAX_TRACKS = 8;

  private static final int RTMP_TIMESTAMP_BITS = 32;

  private final Timeline timeline;
  private final TrackSink sink;
  private final DataIngest data;
  private final @Nullable VideoIngest[] videos = new @Nullable VideoIngest[MAX_TRACKS];
  private final @Nullable AudioIngest[] audios = new @Nullable AudioIngest[MAX_TRACKS];
  private final Consumer<VideoTag> videoTags = this::video;
  private final Consumer<AudioTag> audioTags = this::audio;
  private Map<String, Object> metadata = Map.of();
  private long timestampMs;

  /**
   * @param originTicks where the first sample belongs, in video ticks since the stream's epoch
   * @param sink takes the events
   */
  MediaIngest(long originTicks, TrackSink sink) {
    this.timeline = new Timeline(Timescale.MILLIS, RTMP_TIMESTAMP_BITS, originTicks);
    this.data = new DataIngest(sink);
    this.sink = data;
  }

  Timeline timeline() {
    return timeline;
  }

  /** Takes what onMetaData says; frame rates hold from each track's next format on. */
  void metadata(Map<String, Object> said) {
    metadata = said;
    for (int id = 0; id < MAX_TRACKS; id++) {
      VideoIngest known = videos[id];
      if (known != null) {
        known.metadataRate(frameRate(id));
      }
    }
  }

  /** Of the track's own entry in {@code videoTrackIdInfoMap}, else of the whole. */
  private @Nullable Rational frameRate(int trackId) {
    Object own =
        metadata.get("videoTrackIdInfoMap") instanceof Map<?, ?> tracks
                && tracks.get(String.valueOf(trackId)) instanceof Map<?, ?> track
            ? track.get("framerate")
            : null;
    Object said = own != null ? own : metadata.get("framerate");
    return said instanceof Double framesPerSecond ? FrameRates.fromDecimal(framesPerSecond) : null;
  }

  /** Takes another data message than onMetaData. */
  void data(String name, long messageMs, Map<String, Object> said) {
    data.data(name, messageMs, said);
  }

  /** Borrows {@code body}, an FLV VIDEODATA. */
  void video(long messageMs, ByteBuf body) {
    timestampMs = messageMs;
    data.at(messageMs);
    VideoTag.parse(body, videoTags);
  }

  private void video(VideoTag tag) {
    switch (tag) {
      case VideoTag.SequenceStart start ->
          in(start.trackId(), start.codec(), track -> track.configure(start));
      case VideoTag.CodedFrames frames ->
          in(frames.trackId(), frames.codec(), track -> track.frame(timestampMs, frames));
      case VideoTag.Metadata info ->
          in(info.trackId(), info.codec(), track -> colourInfo(track, info.payload()));
      case VideoTag.SequenceEnd end -> check("video", end.trackId());
      case VideoTag.Command _ -> {}
    }
  }

  private void in(int trackId, VideoCodec codec, Consumer<VideoIngest> action) {
    VideoIngest track = videoTrack(trackId);
    try {
      action.accept(track);
    } catch (MediaFormatException e) {
      throw inTrack("video", trackId, codec, e);
    }
  }

  /** Names and values, of which {@code colorInfo} is the one that is defined. */
  private static void colourInfo(VideoIngest track, ByteBuf metadata) {
    List<AmfValue> values;
    try {
      values = Amf0Reader.readAll(metadata, AmfLimits.COMMAND);
    } catch (AmfException e) {
      throw MediaFormatException.malformed("video metadata: " + e.getMessage());
    }
    for (int i = 0; i + 1 < values.size(); i += 2) {
      if (values.get(i).asText("").equals("colorInfo")
          && values.get(i + 1).plain() instanceof Map<?, ?> info) {
        track.colourInfo(info);
      }
    }
  }

  private VideoIngest videoTrack(int trackId) {
    check("video", trackId);
    VideoIngest track = videos[trackId];
    if (track == null) {
      track = new VideoIngest(TrackEvent.videoTrack(trackId), timeline, sink);
      track.metadataRate(frameRate(trackId));
      videos[trackId] = track;
    }
    return track;
  }

  /** Borrows {@code body}, an FLV AUDIODATA. */
  void audio(long messageMs, ByteBuf body) {
    timestampMs = messageMs;
    data.at(messageMs);
    AudioTag.parse(body, audioTags);
  }

  private void audio(AudioTag tag) {
    AudioIngest track = audioTrack(tag.trackId());
    try {
      switch (tag) {
        case AudioTag.SequenceStart start -> track.configure(start);
        case AudioTag.CodedFrames frames -> track.frames(timestampMs, frames);
        case AudioTag.MultichannelConfig config -> track.multichannel(config);
        case AudioTag.SequenceEnd _ -> {}
      }
    } catch (MediaFormatException e) {
      throw inTrack("audio", tag.trackId(), tag.codec(), e);
    }
  }

  private AudioIngest audioTrack(int trackId) {
    check("audio", trackId);
    AudioIngest track = audios[trackId];
    if (track == null) {
      track = new AudioIngest(TrackEvent.audioTrack(trackId), timeline, sink);
      audios[trackId] = track;
    }
    return track;
  }

  private static void check(String medium, int trackId) {
    if (trackId >= MAX_TRACKS) {
      throw MediaFormatException.unsupported(
          "%s track %d: ids 0 to %d are taken".formatted(medium, trackId, MAX_TRACKS - 1));
    }
  }

  private static MediaFormatException inTrack(
      String medium, int trackId, Enum<?> codec, MediaFormatException e) {
    String what = "%s track %d (%s): %s".formatted(medium, trackId, codec, e.getMessage());
    MediaFormatException named =
        switch (e.kind()) {
          case MALFORMED -> MediaFormatException.malformed(what);
          case UNSUPPORTED -> MediaFormatException.unsupported(what);
        };
    named.setStackTrace(e.getStackTrace());
    return named;
  }
}
