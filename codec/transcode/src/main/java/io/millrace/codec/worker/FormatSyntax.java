package io.millrace.codec.worker;

import io.millrace.media.AudioCodec;
import io.millrace.media.Colour;
import io.millrace.media.Hdr;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Formats of tracks. High dynamic range is left out: nothing of it is encoded. */
final class FormatSyntax {
  private static final int VIDEO = 0;
  private static final int AUDIO = 1;
  private static final int MAX_CONFIGURATION_BYTES = 64 << 10;
  private static final int MAX_SIDE_PX = 16_384;

  /** RFC 6381; it goes into playlists as it is. */
  private static final Pattern CODECS = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.+-]{0,63}");

  /** RFC 5646, likewise. */
  private static final Pattern LANGUAGE = Pattern.compile("[A-Za-z0-9-]{1,35}");

  private FormatSyntax() {}

  static void write(WireWriter out, TrackFormat format) {
    switch (format) {
      case TrackFormat.Video video -> writeVideo(out.u8(VIDEO), video);
      case TrackFormat.Audio audio ->
          out.u8(AUDIO)
              .word(audio.codec())
              .text(audio.codecs())
              .bytes(audio.configuration())
              .i32(audio.sampleRate())
              .i32(audio.channels())
              .i32(audio.samplesPerFrame())
              .optionalText(audio.language());
      case TrackFormat.Text _ -> throw new IllegalArgumentException("no codec makes text");
    }
  }

  static void writeVideo(WireWriter out, TrackFormat.Video video) {
    Colour colour = video.colour();
    out.word(video.codec())
        .text(video.codecs())
        .bytes(video.configuration())
        .i32(video.width())
        .i32(video.height());
    writeRate(out, video.sampleAspectRatio());
    out.flag(video.frameRate() != null);
    if (video.frameRate() != null) {
      writeRate(out, video.frameRate());
    }
    out.u8(colour.primaries())
        .u8(colour.transfer())
        .u8(colour.matrix())
        .flag(colour.fullRange())
        .i32(video.rotation());
    write(out, colour.hdr());
  }

  static void writeRate(WireWriter out, Rational rate) {
    out.i32(rate.numerator()).i32(rate.denominator());
  }

  static TrackFormat read(WireReader in) throws WireException {
    return switch (in.u8()) {
      case VIDEO -> readVideo(in);
      case AUDIO -> readAudio(in);
      default -> throw new WireException("no such kind of format");
    };
  }

  static TrackFormat.Video readVideo(WireReader in) throws WireException {
    VideoCodec codec = in.word(VideoCodec.class);
    String codecs = codecs(in);
    byte[] configuration = in.bytes(MAX_CONFIGURATION_BYTES);
    int width = within("width", in.i32(), 1, MAX_SIDE_PX);
    int height = within("height", in.i32(), 1, MAX_SIDE_PX);
    Rational aspect = readRate(in);
    Rational rate = in.flag() ? readRate(in) : null;
    Colour colour = new Colour(in.u8(), in.u8(), in.u8(), in.flag());
    int rotation = in.i32();
    if (rotation != 0 && rotation != 90 && rotation != 180 && rotation != 270) {
      throw new WireException("rotation of " + rotation);
    }
    return new TrackFormat.Video(
        codec,
        codecs,
        configuration,
        width,
        height,
        aspect,
        rate,
        colour.withHdr(readHdr(in)),
        rotation);
  }

  private static void write(WireWriter out, @Nullable Hdr hdr) {
    Hdr.MasteringDisplay display = hdr == null ? null : hdr.display();
    Hdr.ContentLight light = hdr == null ? null : hdr.light();
    out.flag(hdr != null).flag(display != null);
    if (display != null) {
      out.i32(display.redX()).i32(display.redY()).i32(display.greenX()).i32(display.greenY());
      out.i32(display.blueX()).i32(display.blueY()).i32(display.whiteX()).i32(display.whiteY());
      out.i64(display.maxLuminance()).i64(display.minLuminance());
    }
    out.flag(light != null);
    if (light != null) {
      out.i32(light.maxCll()).i32(light.maxFall());
    }
  }

  private static @Nullable Hdr readHdr(WireReader in) throws WireException {
    boolean there = in.flag();
    Hdr.MasteringDisplay display = null;
    if (in.flag()) {
      display =
          new Hdr.MasteringDisplay(
              in.i32(), in.i32(), in.i32(), in.i32(), in.i32(), in.i32(), in.i32(), in.i32(),
              in.i64(), in.i64());
    }
    Hdr.ContentLight light = in.flag() ? new Hdr.ContentLight(in.i32(), in.i32()) : null;
    return there ? new Hdr(display, light) : null;
  }

  private static TrackFormat.Audio readAudio(WireReader in) throws WireException {
    AudioCodec codec = in.word(AudioCodec.class);
    String codecs = codecs(in);
    byte[] configuration = in.bytes(MAX_CONFIGURATION_BYTES);
    int rate = within("sample rate", in.i32(), 1_000, 384_000);
    int channels = within("channels", in.i32(), 1, 64);
    int samples = within("samples a frame", in.i32(), 1, 16_384);
    return new TrackFormat.Audio(
        codec, codecs, configuration, rate, channels, samples, language(in));
  }

  static Rational readRate(WireReader in) throws WireException {
    int numerator = within("numerator", in.i32(), 1, Integer.MAX_VALUE);
    return new Rational(numerator, within("denominator", in.i32(), 1, Integer.MAX_VALUE));
  }

  private static String codecs(WireReader in) throws WireException {
    String codecs = in.text();
    if (!CODECS.matcher(codecs).matches()) {
      throw new WireException("codecs parameter is none");
    }
    return codecs;
  }

  private static @Nullable String language(WireReader in) throws WireException {
    String language = in.optionalText();
    if (language != null && !LANGUAGE.matcher(language).matches()) {
      throw new WireException("language tag is none");
    }
    return language;
  }

  static int within(String what, int value, int least, int most) throws WireException {
    if (value < least || value > most) {
      throw new WireException(what + " of " + value);
    }
    return value;
  }
}
