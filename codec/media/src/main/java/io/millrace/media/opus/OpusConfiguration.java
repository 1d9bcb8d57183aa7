package io.millrace.media.opus;

import io.millrace.media.AudioCodec;
import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackFormat;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a decoder of Opus needs, in its two spellings: OpusHead (RFC 7845 §5.1, little-endian) and
 * the content of the dOps box (Encapsulation of Opus in ISOBMFF §4.3.2, big-endian).
 *
 * <pre>
 *  OpusHead only: "OpusHead"
 *   8 version: OpusHead 1, dOps 0 |  8 channels | 16 pre-skip | 32 input sample rate | 16 output gain
 *   8 mapping family, and unless it is 0: 8 streams | 8 coupled streams | 8 × channels mapping
 * </pre>
 *
 * Immutable.
 */
public final class OpusConfiguration {
  /** Opus is always decoded at, and counted in, 48 kHz. */
  public static final int SAMPLE_RATE = 48_000;

  private static final byte[] MAGIC = {'O', 'p', 'u', 's', 'H', 'e', 'a', 'd'};
  private static final int SAMPLES_PER_FRAME_20_MS = 960;

  private final int channels;
  private final int preSkipSamples;
  private final int inputSampleRate;
  private final int outputGain;
  private final int mappingFamily;
  private final byte[] mapping;

  private OpusConfiguration(ByteBuf in, boolean littleEndian) {
    if (in.readableBytes() < 10) {
      throw malformed("ends early");
    }
    channels = in.readUnsignedByte();
    preSkipSamples = littleEndian ? in.readUnsignedShortLE() : in.readUnsignedShort();
    inputSampleRate = littleEndian ? in.readIntLE() : in.readInt();
    outputGain = littleEndian ? in.readShortLE() : in.readShort();
    mappingFamily = in.readUnsignedByte();
    if (channels == 0 || (mappingFamily == 0 && channels > 2)) {
      throw malformed(channels + " channels in mapping family " + mappingFamily);
    }
    mapping = new byte[mappingFamily == 0 ? 0 : 2 + channels];
    if (in.readableBytes() < mapping.length) {
      throw malformed("ends inside the channel mapping table");
    }
    in.readBytes(mapping);
    if (mapping.length > 0 && (mapping[0] == 0 || (mapping[1] & 0xFF) > (mapping[0] & 0xFF))) {
      throw malformed("channel mapping table without streams");
    }
  }

  /**
   * Reads OpusHead, as encoders and Enhanced RTMP give it.
   *
   * @throws MediaFormatException malformed
   */
  public static OpusConfiguration parseHead(byte[] bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    if (bytes.length < 9 || !Arrays.equals(bytes, 0, 8, MAGIC, 0, 8)) {
      throw malformed("no OpusHead");
    }
    in.skipBytes(8);
    int version = in.readUnsignedByte();
    if (version >> 4 != 0) {
      throw malformed("OpusHead version " + version);
    }
    return new OpusConfiguration(in, true);
  }

  /**
   * Reads the content of a dOps box.
   *
   * @throws MediaFormatException malformed
   */
  public static OpusConfiguration parse(byte[] bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    if (bytes.length < 1 || in.readByte() != 0) {
      throw malformed("no dOps of version 0");
    }
    return new OpusConfiguration(in, false);
  }

  /**
   * The configuration of a sender that gives none, as Enhanced RTMP allows: mono or stereo, nothing
   * dropped.
   *
   * @param channels 1 or 2
   * @throws MediaFormatException for another count
   */
  public static OpusConfiguration ofChannels(int channels) {
    ByteBuf in = Unpooled.buffer(10);
    in.writeByte(channels).writeShort(0).writeInt(SAMPLE_RATE).writeShort(0).writeByte(0);
    return new OpusConfiguration(in, false);
  }

  /** Writes the content of a dOps box; a new array. */
  public byte[] toBytes() {
    ByteBuf out = Unpooled.buffer(32);
    out.writeByte(0).writeByte(channels).writeShort(preSkipSamples).writeInt(inputSampleRate);
    out.writeShort(outputGain).writeByte(mappingFamily).writeBytes(mapping);
    return Arrays.copyOf(out.array(), out.readableBytes());
  }

  /** Writes OpusHead; a new array. */
  public byte[] toHead() {
    ByteBuf out = Unpooled.buffer(32);
    out.writeBytes(MAGIC).writeByte(1).writeByte(channels).writeShortLE(preSkipSamples);
    out.writeIntLE(inputSampleRate).writeShortLE(outputGain);
    out.writeByte(mappingFamily).writeBytes(mapping);
    return Arrays.copyOf(out.array(), out.readableBytes());
  }

  public int channels() {
    return channels;
  }

  /** Samples at 48 kHz that a decoder drops at the start. */
  public int preSkipSamples() {
    return preSkipSamples;
  }

  /** The format of a track with this configuration, in frames of 20 ms. */
  public TrackFormat.Audio toFormat() {
    return new TrackFormat.Audio(
        AudioCodec.OPUS, "opus", toBytes(), SAMPLE_RATE, channels, SAMPLES_PER_FRAME_20_MS);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof OpusConfiguration that && Arrays.equals(toBytes(), that.toBytes());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(toBytes());
  }

  @Override
  public String toString() {
    return "opus " + channels + " ch";
  }

  private static MediaFormatException malformed(String what) {
    return MediaFormatException.malformed("Opus configuration: " + what);
  }
}
