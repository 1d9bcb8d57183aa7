package io.millrace.packager.dvr;

import io.millrace.media.AudioCodec;
import io.millrace.media.Colour;
import io.millrace.media.Hdr;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** A track's format as it lies in the file of its init segment. */
final class FormatCodec {
  private static final int VIDEO = 1;
  private static final int AUDIO = 2;
  private static final int MAX_CONFIGURATION_BYTES = 1 << 16;

  private FormatCodec() {}

  static byte[] write(TrackFormat format) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    try {
      switch (format) {
        case TrackFormat.Video video -> {
          out.writeByte(VIDEO);
          video(out, video);
        }
        case TrackFormat.Audio audio -> {
          out.writeByte(AUDIO);
          out.writeUTF(audio.codec().name());
          out.writeUTF(audio.codecs());
          bytes(out, audio.configuration());
          out.writeInt(audio.sampleRate());
          out.writeInt(audio.channels());
          out.writeInt(audio.samplesPerFrame());
        }
        case TrackFormat.Text _ -> throw new IllegalArgumentException("text is not stored");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return bytes.toByteArray();
  }

  /**
   * @throws IOException if it is not one
   */
  static TrackFormat read(DataInputStream in) throws IOException {
    try {
      int kind = in.readByte();
      return switch (kind) {
        case VIDEO -> video(in);
        case AUDIO ->
            new TrackFormat.Audio(
                AudioCodec.valueOf(in.readUTF()),
                in.readUTF(),
                bytes(in),
                in.readInt(),
                in.readInt(),
                in.readInt());
        default -> throw new IOException("unknown kind of format " + kind);
      };
    } catch (IllegalArgumentException e) {
      throw new IOException("unknown format: " + e.getMessage(), e);
    }
  }

  private static void video(DataOutputStream out, TrackFormat.Video video) throws IOException {
    out.writeUTF(video.codec().name());
    out.writeUTF(video.codecs());
    bytes(out, video.configuration());
    out.writeInt(video.width());
    out.writeInt(video.height());
    rational(out, video.sampleAspectRatio());
    rational(out, video.frameRate());
    colour(out, video.colour());
    out.writeInt(video.rotation());
  }

  private static TrackFormat.Video video(DataInputStream in) throws IOException {
    VideoCodec codec = VideoCodec.valueOf(in.readUTF());
    String codecs = in.readUTF();
    byte[] configuration = bytes(in);
    int width = in.readInt();
    int height = in.readInt();
    Rational aspect = rational(in);
    Rational rate = rational(in);
    Colour colour = colour(in);
    if (aspect == null) {
      throw new IOException("format without an aspect ratio");
    }
    return new TrackFormat.Video(
        codec, codecs, configuration, width, height, aspect, rate, colour, in.readInt());
  }

  private static void colour(DataOutputStream out, Colour colour) throws IOException {
    out.writeInt(colour.primaries());
    out.writeInt(colour.transfer());
    out.writeInt(colour.matrix());
    out.writeBoolean(colour.fullRange());
    Hdr hdr = colour.hdr();
    out.writeBoolean(hdr != null);
    if (hdr == null) {
      return;
    }
    Hdr.MasteringDisplay display = hdr.display();
    out.writeBoolean(display != null);
    if (display != null) {
      out.writeInt(display.redX());
      out.writeInt(display.redY());
      out.writeInt(display.greenX());
      out.writeInt(display.greenY());
      out.writeInt(display.blueX());
      out.writeInt(display.blueY());
      out.writeInt(display.whiteX());
      out.writeInt(display.whiteY());
      out.writeLong(display.maxLuminance());
      out.writeLong(display.minLuminance());
    }
    Hdr.ContentLight light = hdr.light();
    out.writeBoolean(light != null);
    if (light != null) {
      out.writeInt(light.maxCll());
      out.writeInt(light.maxFall());
    }
  }

  private static Colour colour(DataInputStream in) throws IOException {
    Colour plain = new Colour(in.readInt(), in.readInt(), in.readInt(), in.readBoolean());
    if (!in.readBoolean()) {
      return plain;
    }
    Hdr.MasteringDisplay display =
        in.readBoolean()
            ? new Hdr.MasteringDisplay(
                in.readInt(),
                in.readInt(),
                in.readInt(),
                in.readInt(),
                in.readInt(),
                in.readInt(),
                in.readInt(),
                in.readInt(),
                in.readLong(),
                in.readLong())
            : null;
    Hdr.ContentLight light =
        in.readBoolean() ? new Hdr.ContentLight(in.readInt(), in.readInt()) : null;
    return plain.withHdr(new Hdr(display, light));
  }

  private static void rational(DataOutputStream out, @Nullable Rational value) throws IOException {
    out.writeInt(value == null ? 0 : value.numerator());
    out.writeInt(value == null ? 0 : value.denominator());
  }

  private static @Nullable Rational rational(DataInputStream in) throws IOException {
    int numerator = in.readInt();
    int denominator = in.readInt();
    return numerator == 0 ? null : new Rational(numerator, denominator);
  }

  private static void bytes(DataOutputStream out, byte[] value) throws IOException {
    out.writeInt(value.length);
    out.write(value);
  }

  private static byte[] bytes(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > MAX_CONFIGURATION_BYTES) {
      throw new IOException("codec configuration of " + length + " bytes");
    }
    return in.readNBytes(length);
  }
}
