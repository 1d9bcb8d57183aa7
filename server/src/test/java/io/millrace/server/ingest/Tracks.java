package io.millrace.server.ingest;

import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;

/** Writes events down, and releases them. */
final class Tracks implements TrackSink {
  /** A sample with its bytes. */
  record Seen(
      int track, long dtsTicks, long ptsTicks, long durationTicks, boolean key, byte[] payload) {}

  final List<TrackEvent.Format> formats = new ArrayList<>();
  final List<Seen> samples = new ArrayList<>();

  @Override
  public void accept(TrackEvent event) {
    switch (event) {
      case TrackEvent.Format format -> formats.add(format);
      case TrackEvent.Sample sample -> {
        samples.add(
            new Seen(
                sample.track(),
                sample.dtsTicks(),
                sample.ptsTicks(),
                sample.durationTicks(),
                sample.key(),
                ByteBufUtil.getBytes(sample.payload())));
        sample.release();
      }
      default -> throw new AssertionError(event);
    }
  }

  List<Seen> of(int track) {
    return samples.stream().filter(sample -> sample.track() == track).toList();
  }

  TrackFormat.Video video(int track) {
    return (TrackFormat.Video) last(track);
  }

  TrackFormat.Audio audio(int track) {
    return (TrackFormat.Audio) last(track);
  }

  private TrackFormat last(int track) {
    return formats.stream()
        .filter(format -> format.track() == track)
        .reduce((_, later) -> later)
        .orElseThrow()
        .format();
  }

  /** One line a track: its latest format. */
  List<String> summary() {
    return formats.stream()
        .map(TrackEvent.Format::track)
        .distinct()
        .sorted()
        .map(track -> track + " " + last(track))
        .toList();
  }
}
