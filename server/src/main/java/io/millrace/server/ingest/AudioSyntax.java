package io.millrace.server.ingest;

import io.millrace.media.AudioCodec;
import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackFormat;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One audio codec as FLV carries it, from one configuration record to the next. One instance a
 * record.
 *
 * <p>Buffers are borrowed, and their indices left alone.
 */
sealed interface AudioSyntax permits AacSyntax, OpusSyntax, Mp3Syntax {
  /** Takes the access units of a message. */
  @FunctionalInterface
  interface FrameSink {
    /**
     * @param format of this and the following access units
     * @param samples in this one, at the format's rate
     * @param frame borrowed
     */
    void frame(TrackFormat.Audio format, int samples, ByteBuf frame);
  }

  /**
   * Reads a configuration record.
   *
   * @param configuration empty where the sender leaves it to the frames
   * @param channels as a MultichannelConfig has said; 0 without one
   * @throws MediaFormatException malformed or unsupported
   */
  static AudioSyntax of(AudioCodec codec, byte[] configuration, int channels) {
    return switch (codec) {
      case AAC -> new AacSyntax(configuration);
      case OPUS -> new OpusSyntax(configuration, channels);
      case MP3 -> new Mp3Syntax();
    };
  }

  /** What the record alone says of the format; null where it takes a frame to tell. */
  TrackFormat.@Nullable Audio format();

  /**
   * Gives the access units of a message to {@code sink}, in order.
   *
   * @throws MediaFormatException when one is broken
   */
  void read(ByteBuf payload, FrameSink sink);
}
