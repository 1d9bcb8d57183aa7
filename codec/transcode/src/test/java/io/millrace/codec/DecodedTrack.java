package io.millrace.codec;

import io.millrace.codec.ffmpeg.FfmpegVideoDecoder;
import io.millrace.codec.ffmpeg.PictureScaler;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A recorded video track, decoded again: pictures by presentation time. */
public record DecodedTrack(TreeMap<Long, Luma> pictures, int damaged) {
  public static DecodedTrack of(TrackFormat.Video format, List<TrackEvent.Sample> samples) {
    NativeAccount account = new NativeAccount();
    TreeMap<Long, Luma> pictures = new TreeMap<>();
    int damaged = 0;
    try (FfmpegVideoDecoder decoder = new FfmpegVideoDecoder(format, account);
        PictureScaler scaler =
            new PictureScaler(format.width() & ~1, format.height() & ~1, 0, account)) {
      VideoDecoder.Output output =
          (frame, ptsTicks, durationTicks) -> {
            Picture picture = scaler.convert(frame, format.colour());
            frame.release();
            pictures.put(ptsTicks, Luma.of(picture));
            picture.release();
          };
      for (TrackEvent.Sample sample : samples) {
        damaged += decoder.decode(sample, output) ? 0 : 1;
      }
      decoder.drain(output);
    }
    if (account.handles() != 0 || account.pictureBytes() != 0) {
      throw new AssertionError("native memory is left");
    }
    return new DecodedTrack(pictures, damaged);
  }

  public List<Long> times() {
    return new ArrayList<>(pictures.keySet());
  }
}
