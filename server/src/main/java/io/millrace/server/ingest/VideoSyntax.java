package io.millrace.server.ingest;

import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One video codec as FLV carries it, from one configuration record to the next: what the track's
 * format is, and what of a message's frame goes into a sample. One instance a record.
 *
 * <p>Buffers are borrowed, and their indices left alone.
 */
sealed interface VideoSyntax permits AvcSyntax, Av1Syntax, HevcSyntax, Vp9Syntax {
  /**
   * Reads a configuration record.
   *
   * @throws MediaFormatException malformed or unsupported
   */
  static VideoSyntax of(VideoCodec codec, byte[] configuration) {
    return switch (codec) {
      case H264 -> new AvcSyntax(configuration);
      case HEVC -> new HevcSyntax(configuration);
      case AV1 -> new Av1Syntax(configuration);
      case VP9 -> new Vp9Syntax(configuration);
    };
  }

  /** What the record alone says of the format; null where it takes a key frame to tell. */
  TrackFormat.@Nullable Video format();

  /**
   * True for a random access point.
   *
   * @param flagged what the sender says
   * @throws MediaFormatException when the frame is broken
   */
  boolean isKey(ByteBuf frame, boolean flagged);

  /**
   * The format from a key frame on: what its own headers say, else what was known.
   *
   * @throws MediaFormatException when the frame is broken, or neither the record nor this frame
   *     says what is needed
   */
  TrackFormat.Video formatAt(ByteBuf keyFrame);

  /**
   * The frame as a sample carries it.
   *
   * @param key as {@link #isKey} has found
   * @return retained: a slice where nothing had to be changed
   */
  ByteBuf payload(ByteBuf frame, boolean key);
}
