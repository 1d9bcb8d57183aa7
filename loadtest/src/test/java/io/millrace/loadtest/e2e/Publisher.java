package io.millrace.loadtest.e2e;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Programs that broadcasters use, pushing RTMP, RTMPS or SRT. Each call starts one; closing ends
 * it.
 */
public final class Publisher {
  /**
   * Once a second three white pictures and, with the first, a beep of 50 ms. In between a textured
   * picture: SVT-AV1 3.1.2 in its real-time mode may lose a change between two flat ones.
   */
  public static final List<String> FLASH_AND_BEEP =
      List.of(
          "-f",
          "lavfi",
          "-i",
          "testsrc2=s=640x360:r=30,drawbox=w=iw:h=ih:c=white:t=fill:enable='lt(mod(t,1),0.099)'",
          "-f",
          "lavfi",
          "-i",
          "aevalsrc='if(lt(mod(t,1),0.05),0.7*sin(2*PI*1000*t),0)':s=48000:c=stereo");

  private static final String PICTURE =
      "videotestsrc is-live=true pattern=ball"
          + " ! video/x-raw,format=I420,width=320,height=180,framerate=30/1"
          + " ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=60 bitrate=300 threads=1";

  private static final String SOUND =
      " audiotestsrc is-live=true wave=sine volume=0.1 ! audio/x-raw,rate=48000,channels=2"
          + " ! audioconvert ! avenc_aac bitrate=96000 ! aacparse ! queue ! mux.";

  private Publisher() {}

  /** Some minutes of {@link #FLASH_AND_BEEP}, encoded once: pushing it costs next to nothing. */
  public static Path flashAndBeep(Ffmpeg ffmpeg, int seconds) {
    List<String> arguments = new ArrayList<>(FLASH_AND_BEEP);
    arguments.addAll(List.of("-t", "" + seconds));
    arguments.addAll(h264(30, 300));
    return ffmpeg.make("flash-and-beep.mp4", arguments);
  }

  /** A moving test picture with a clock, and a tone. */
  public static List<String> testPicture(int width, int height, int fps) {
    return List.of(
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=" + width + "x" + height + ":r=" + fps,
        "-f",
        "lavfi",
        "-i",
        "sine=frequency=440:sample_rate=48000,volume=0.1");
  }

  /** H.264 with a key frame every two seconds and two B-frames, AAC; cheap to make. */
  public static List<String> h264(int fps, int kbps) {
    return List.of(
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-bf",
        "2",
        "-pix_fmt",
        "yuv420p",
        "-b:v",
        kbps + "k",
        "-maxrate",
        kbps + "k",
        "-bufsize",
        kbps + "k",
        "-g",
        "" + 2 * fps,
        "-keyint_min",
        "" + 2 * fps,
        "-sc_threshold",
        "0",
        "-threads",
        "1",
        "-c:a",
        "aac",
        "-b:a",
        "96k",
        "-ac",
        "2");
  }

  /**
   * Pushes a test picture and a tone, and the text of an SRT file as {@code onTextData}.
   *
   * @param texts something at least every second: the muxer waits for it
   */
  public static Program withTexts(Path texts, URI target) {
    List<String> arguments = new ArrayList<>(List.of("-re"));
    arguments.addAll(testPicture(640, 360, 30));
    arguments.addAll(List.of("-i", texts.toString(), "-map", "0:v", "-map", "1:a", "-map", "2:s"));
    arguments.addAll(h264(30, 300));
    arguments.addAll(List.of("-c:s", "text", "-max_interleave_delta", "100000"));
    return ffmpeg(arguments, target);
  }

  /**
   * Pushes a file as it is, in real time, again and again.
   *
   * @param kept where ffmpeg writes what it pushes, as FLV
   * @param output more options of what is pushed
   */
  public static Program ffmpegLoop(Path clip, URI target, Path kept, String... output) {
    List<String> arguments =
        new ArrayList<>(List.of("-re", "-stream_loop", "-1", "-i", clip.toString()));
    List<String> copy = List.of("-map", "0:v:0", "-map", "0:a:0?", "-c", "copy");
    arguments.addAll(copy);
    arguments.addAll(List.of("-y", "-f", "flv", kept.toString()));
    arguments.addAll(copy);
    arguments.addAll(List.of(output));
    return ffmpeg(arguments, target);
  }

  /**
   * Pushes all tracks of a file as they are, in real time, once, as MPEG-TS.
   *
   * @param program an ffmpeg
   * @param target {@code srt://} or {@code udp://}
   * @param output more options of what is pushed
   */
  public static Program transportStream(Tool program, Path clip, URI target, String... output) {
    List<String> all = new ArrayList<>(List.of("-hide_banner", "-loglevel", "warning", "-nostdin"));
    all.addAll(List.of("-re", "-i", clip.toString(), "-map", "0", "-c", "copy"));
    all.addAll(List.of(output));
    all.addAll(List.of("-f", "mpegts", plain(target)));
    return Program.start(program.with(all));
  }

  /** Pushes all tracks of a file as they are, in real time, once: RTMP or SRT, as the target is. */
  public static Program copy(Path clip, URI target) {
    Tool ffmpeg = Tool.require("ffmpeg");
    if (target.getScheme().equals("srt")) {
      return transportStream(ffmpeg, clip, target);
    }
    return ffmpeg(List.of("-re", "-i", clip.toString(), "-map", "0", "-c", "copy"), target);
  }

  /** srt-live-transmit and FFmpeg before 8 take stream ids as they are: no percent signs. */
  private static String plain(URI uri) {
    return URLDecoder.decode(uri.toString(), StandardCharsets.UTF_8);
  }

  /** srt-live-transmit. */
  public static Program srtLiveTransmit(URI from, URI to) {
    List<String> options = List.of("-chunk:1316", "-autoreconnect:no", "-loglevel:note");
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of(plain(from), plain(to)));
    return Program.start(Tool.require("srt-live-transmit").with(all));
  }

  /**
   * GStreamer's own multiplexer and srtsink.
   *
   * @param properties more of srtsink's
   */
  public static Program gstreamerSrt(RunningServer server, String streamId, String... properties) {
    String pipeline =
        PICTURE
            + " ! h264parse config-interval=-1 ! queue ! mpegtsmux name=mux alignment=7 ! srtsink"
            + " uri=srt://127.0.0.1:"
            + server.port("srt")
            + "?mode=caller streamid="
            + streamId
            + Stream.of(properties).map(property -> " " + property).collect(joining())
            + SOUND;
    return Program.start(
        Tool.require("gst-launch-1.0").with(List.of(("-q " + pipeline).split(" "))));
  }

  /**
   * Pushes all tracks of a file as they are, in real time, again and again, by Enhanced RTMP.
   *
   * @param program an ffmpeg that can
   * @param kept where ffmpeg writes what it pushes, as FLV
   */
  public static Program enhancedRtmpLoop(Tool program, Path clip, URI target, Path kept) {
    List<String> copy = List.of("-map", "0", "-c", "copy", "-flush_packets", "1", "-f", "flv");
    List<String> all = new ArrayList<>(List.of("-hide_banner", "-loglevel", "warning", "-nostdin"));
    all.addAll(List.of("-re", "-stream_loop", "-1", "-i", clip.toString()));
    all.addAll(copy);
    all.add(kept.toString());
    all.addAll(copy);
    all.addAll(List.of("-rtmp_enhanced_codecs", "hvc1,av01,vp09,Opus", target.toString()));
    return Program.start(program.with(all));
  }

  /** Encodes a generated source and pushes it, in real time. */
  public static Program ffmpegEncode(List<String> source, List<String> encoder, URI target) {
    List<String> arguments = new ArrayList<>();
    for (int i = 0; i < source.size(); i += 4) {
      arguments.add("-re");
      arguments.addAll(source.subList(i, i + 4));
    }
    arguments.addAll(encoder);
    return ffmpeg(arguments, target);
  }

  private static Program ffmpeg(List<String> arguments, URI target) {
    List<String> all = new ArrayList<>(List.of("-hide_banner", "-loglevel", "warning", "-nostdin"));
    all.addAll(arguments);
    all.addAll(List.of("-f", "flv", target.toString()));
    return Program.start(Tool.require("ffmpeg").with(all));
  }

  /**
   * A GStreamer pipeline.
   *
   * @param sink {@code rtmp2sink}, or {@code rtmpsink} which is librtmp
   */
  public static Program gstreamer(String sink, URI target) {
    String pipeline =
        PICTURE
            + " ! h264parse ! queue ! flvmux name=mux streamable=true ! "
            + sink
            + " location="
            + target
            + SOUND;
    return Program.start(
        Tool.require("gst-launch-1.0").with(List.of(("-q " + pipeline).split(" "))));
  }

  /**
   * OBS Studio without a screen, with a profile and a home of its own. Software rendering gives few
   * pictures a second: this is a check of the protocol, not of speed.
   *
   * @param server {@code rtmp://host:port/app}, or an {@code srt://} address with its stream id
   * @param home an empty folder that OBS fills; the caller removes it
   */
  public static Program obs(URI server, String streamKey, Path clip, Path home) {
    Tool obs = Tool.require("obs");
    Tool display = Tool.require("xvfb-run");
    Tool.require("Xvfb");
    Tool bus = Tool.require("dbus-run-session");
    Path settings = home.resolve(".config/obs-studio");
    put("global.ini", settings.resolve("global.ini"), Map.of());
    put("basic.ini", settings.resolve("basic/profiles/Untitled/basic.ini"), Map.of());
    put(
        "service.json",
        settings.resolve("basic/profiles/Untitled/service.json"),
        Map.of("@SERVER@", plain(server), "@KEY@", streamKey));
    put(
        "scene.json",
        settings.resolve("basic/scenes/Untitled.json"),
        Map.of("@CLIP@", clip.toString()));
    List<String> command =
        display.with(
            "-a",
            "-s",
            "-screen 0 640x480x24",
            bus.path().toString(),
            "--",
            obs.path().toString(),
            "--startstreaming",
            "--multi",
            "--disable-updater",
            "--minimize-to-tray");
    return Program.start(
        command,
        Map.of(
            "HOME", home.toString(),
            "XDG_CONFIG_HOME", home.resolve(".config").toString(),
            "XDG_RUNTIME_DIR", home.toString(),
            "LIBGL_ALWAYS_SOFTWARE", "1",
            "QT_QPA_PLATFORM", "xcb"),
        home);
  }

  private static void put(String resource, Path file, Map<String, String> values) {
    try (InputStream in = Publisher.class.getResourceAsStream("/obs/" + resource)) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      for (Map.Entry<String, String> value : values.entrySet()) {
        text = text.replace(value.getKey(), value.getValue());
      }
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
