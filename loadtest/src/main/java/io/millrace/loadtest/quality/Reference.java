package io.millrace.loadtest.quality;

import io.millrace.loadtest.bench.ClipVideo;
import io.millrace.loadtest.process.ManagedProcess;
import io.millrace.loadtest.publish.FlvClip;
import io.millrace.loadtest.publish.FlvClip.Kind;
import io.millrace.loadtest.publish.FlvClip.Tag;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.millrace.media.flv.VideoTag;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A clip as it is compared: scaled and cut once, encoded next to losslessly with a key frame every
 * two seconds, for the transcoder to read; and the decoder's pictures of just that, which every
 * result is compared with.
 *
 * @param published an FLV file
 * @param raw the same pictures as YUV4MPEG2
 */
record Reference(Path published, Path raw, long pictures, Rational frameRate, String size) {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /** Of x264: far above what any rung can tell from its source. */
  private static final String QUALITY = "8";

  /**
   * Makes both files in {@code work}.
   *
   * @param from seconds into the clip
   * @param seconds at most
   * @param heightPx of the result
   * @param fps pictures a second, for ffmpeg; null keeps the clip's
   */
  static Reference make(
      String ffmpeg,
      Path clip,
      Path work,
      int from,
      int seconds,
      int heightPx,
      @Nullable String fps)
      throws IOException, InterruptedException {
    Path published = work.resolve("reference.flv");
    Path raw = work.resolve("reference.y4m");
    List<String> command = new ArrayList<>(quiet(ffmpeg));
    command.addAll(List.of("-ss", Integer.toString(from), "-i", clip.toString()));
    command.addAll(List.of("-t", Integer.toString(seconds), "-an", "-vf"));
    command.add(
        (fps == null ? "" : "fps=" + fps + ",") + "scale=-2:" + heightPx + ":flags=lanczos");
    command.addAll(List.of("-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "superfast"));
    command.addAll(List.of("-crf", QUALITY, "-bf", "0", "-sc_threshold", "0", "-g", "1000000"));
    command.addAll(List.of("-force_key_frames", "expr:gte(t,n_forced*2)", "-f", "flv"));
    command.add(published.toString());
    ManagedProcess.output(LIMIT, work, command);
    decode(ffmpeg, published, raw, work);

    FlvClip parsed = FlvClip.read(published);
    TrackFormat.Video format = new ClipVideo(parsed).format();
    Rational rate = Objects.requireNonNull(format.frameRate(), "no frame rate in " + published);
    long pictures = parsed.tags().stream().filter(Reference::isPicture).count();
    return new Reference(published, raw, pictures, rate, format.width() + "x" + format.height());
  }

  private static boolean isPicture(Tag tag) {
    return tag.kind() == Kind.VIDEO && VideoTag.parse(tag.body()) instanceof VideoTag.CodedFrames;
  }

  /** The pictures of a coded file, all of them and no other. */
  static void decode(String ffmpeg, Path coded, Path raw, Path work)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(quiet(ffmpeg));
    command.addAll(List.of("-i", coded.toString(), "-pix_fmt", "yuv420p"));
    command.addAll(List.of("-fps_mode", "passthrough", "-f", "yuv4mpegpipe", raw.toString()));
    ManagedProcess.output(LIMIT, work, command);
  }

  private static List<String> quiet(String ffmpeg) {
    return List.of(ffmpeg, "-nostdin", "-loglevel", "error", "-y");
  }

  /** How long its pictures last at its frame rate. */
  double seconds() {
    return pictures / frameRate.toDouble();
  }
}
