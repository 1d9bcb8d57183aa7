package io.millrace.packager;

import static io.millrace.packager.Tracks.AAC_FRAME;
import static io.millrace.packager.Tracks.EPOCH;
import static io.millrace.packager.Tracks.FRAME_30;
import static io.millrace.packager.Tracks.SECOND;
import static io.millrace.packager.Tracks.aac;
import static io.millrace.packager.Tracks.frame;
import static io.millrace.packager.Tracks.h264;
import static io.millrace.packager.Tracks.sound;

import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackSink;
import java.util.ArrayList;
import java.util.List;

/** A stream in real order: video at 30 fps with a key frame every 2 s, and AAC behind it. */
final class LiveFeed {
  static final long PART = 6 * FRAME_30;

  private final List<TrackSink> videos = new ArrayList<>();
  private final List<TrackSink> audios = new ArrayList<>();
  private final List<TrackSink> texts = new ArrayList<>();
  private long frames;
  private long sounds;
  private long sequence;
  private long nextKey;
  private long nextGop = 60;
  private boolean discontinuity;

  /** Goes on with another publisher: from this sequence number and picture. */
  LiveFeed from(long firstSequence, int frame) {
    sequence = firstSequence;
    skip(frame);
    return this;
  }

  LiveFeed video(TrackSink sink) {
    sink.accept(Tracks.video(h264(1280, 720)));
    videos.add(sink);
    return this;
  }

  LiveFeed audio(TrackSink sink) {
    sink.accept(Tracks.audio(aac(48_000, 2)));
    audios.add(sink);
    return this;
  }

  LiveFeed text(TrackSink sink) {
    texts.add(sink);
    return this;
  }

  /** The format changes at the next key frame. */
  void change() {
    videos.forEach(sink -> sink.accept(Tracks.video(h264(640, 360))));
    discontinuity = true;
  }

  /** The length of the segments that have not begun yet. */
  void segmentFrames(int count) {
    nextGop = count;
  }

  /** So many pictures, and the sound up to them. */
  LiveFeed play(int count) {
    for (int i = 0; i < count; i++) {
      long ticks = frames * FRAME_30;
      boolean key = frames == nextKey;
      if (key) {
        boundary(ticks);
        nextKey += nextGop;
      }
      videos.forEach(sink -> sink.accept(frame(ticks, ticks, key, 100)));
      frames++;
      while ((sounds + 1) * AAC_FRAME * SECOND <= frames * FRAME_30 * 48_000) {
        long at = sounds++ * AAC_FRAME;
        audios.forEach(sink -> sink.accept(sound(at, 30)));
      }
    }
    return this;
  }

  /** A boundary with nothing in front of it but what has been played. */
  void boundary(long ticks) {
    Boundary boundary = new Boundary(sequence++, ticks, EPOCH, discontinuity, PART);
    discontinuity = false;
    videos.forEach(sink -> sink.accept(boundary));
    audios.forEach(sink -> sink.accept(boundary));
    texts.forEach(sink -> sink.accept(boundary));
  }

  /** So many pictures do not come. */
  void skip(int count) {
    frames += count;
    sounds = frames * FRAME_30 * 48_000 / SECOND / AAC_FRAME + 1;
    nextKey = frames;
  }
}
