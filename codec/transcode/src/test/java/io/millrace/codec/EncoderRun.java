package io.millrace.codec;

import io.millrace.codec.ffmpeg.PicturePool;
import io.millrace.media.Rational;
import io.millrace.media.TrackEvent;
import io.millrace.media.VideoCodec;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** One encoder fed with moving pictures, and what came out of it. */
public record EncoderRun(VideoEncoder encoder, RecordingSink out, TreeMap<Long, Luma> in) {
  public static final int FRAME_TICKS = 12_000;

  public static EncoderSettings settings(VideoCodec codec, Profile profile, String preset) {
    return new EncoderSettings(
        codec, profile, 320, 180, new Rational(30, 1), 600_000, preset, 90, TestPictures.BT709);
  }

  /**
   * Encodes {@code frames} pictures, every tenth of them left out of the 30 fps grid.
   *
   * @param keys frame numbers that are forced to be key frames, besides 0
   */
  public static EncoderRun of(
      VideoEncoders encoders, EncoderSettings settings, int frames, Set<Integer> keys) {
    NativeAccount account = new NativeAccount();
    RecordingSink out = new RecordingSink();
    TreeMap<Long, Luma> in = new TreeMap<>();
    VideoEncoder encoder = encoders.open(settings, account);
    VideoEncoder.Output output =
        (payload, ptsTicks, dtsTicks, key) ->
            out.accept(
                new TrackEvent.Sample(
                    TrackEvent.VIDEO_TRACK, dtsTicks, ptsTicks, FRAME_TICKS, key, payload));
    try (encoder;
        PicturePool pool = new PicturePool(settings.width(), settings.height(), account)) {
      for (int i = 0; i < frames; i++) {
        if (i % 10 != 9) {
          Picture picture = TestPictures.moving(pool, i);
          long ptsTicks = (long) i * FRAME_TICKS;
          in.put(ptsTicks, Luma.of(picture));
          encoder.encode(picture, ptsTicks, i == 0 || keys.contains(i), output);
          picture.release();
        }
      }
      encoder.drain(output);
    }
    if (account.handles() != 0 || account.pictureBytes() != 0) {
      throw new AssertionError(
          "left: " + account.handles() + " handles, " + account.pictureBytes() + " bytes");
    }
    return new EncoderRun(encoder, out, in);
  }

  public List<Long> keyTimes() {
    return out.samples().stream()
        .filter(TrackEvent.Sample::key)
        .map(TrackEvent.Sample::ptsTicks)
        .toList();
  }

  /** Decodes everything and returns the mean PSNR. */
  public double meanPsnr() {
    DecodedTrack decoded = DecodedTrack.of(encoder.format(), out.samples());
    if (decoded.damaged() != 0 || !decoded.times().equals(List.copyOf(in.keySet()))) {
      throw new AssertionError(decoded.damaged() + " damaged, times " + decoded.times());
    }
    return decoded.pictures().entrySet().stream()
        .mapToDouble(entry -> entry.getValue().psnr(in.get(entry.getKey())))
        .average()
        .orElseThrow();
  }

  public long bitrateBps() {
    long bytes = out.samples().stream().mapToLong(TrackEvent.Sample::sizeBytes).sum();
    double seconds = (in.lastKey() + FRAME_TICKS) / 360_000.0;
    return Math.round(bytes * 8 / seconds);
  }
}
