package io.millrace.media.flv;

import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;

/**
 * What the Enhanced RTMP v2 headers of audio and video have in common (ExAudioTagHeader,
 * ExVideoTagHeader): a cursor over the tracks of one message.
 *
 * <pre>
 * 4 bits FrameType or SoundFormat | 4 PacketType
 * while PacketType is ModEx (7):  8 size − 1 (255: 16 size − 1 follows) | data | 4 ModExType | 4 PacketType
 * if PacketType is Multitrack:    4 AvMultitrackType | 4 PacketType
 *
 * OneTrack              FourCC | 8 trackId | body
 * ManyTracks            FourCC | { 8 trackId | 24 size | body }…
 * ManyTracksManyCodecs           { FourCC | 8 trackId | 24 size | body }…
 * without Multitrack    FourCC | body
 * </pre>
 *
 * <p>Borrows the body and moves none of its indices.
 */
final class EnhancedMessage {
  static final int MOD_EX = 7;
  static final int TIMESTAMP_OFFSET_NANO = 0;
  static final int ONE_TRACK = 0;
  static final int MANY_TRACKS = 1;
  static final int MANY_TRACKS_MANY_CODECS = 2;

  /** More than any ladder or set of languages; what a message may cost is bounded by it. */
  static final int MAXIMUM_TRACKS = 32;

  private static final int SINGLE = -1;
  private static final int NANO_SIZE_BYTES = 3;

  private final String medium;
  private final ByteBuf body;
  private final int end;
  private int index;
  private int packetType;
  private int timestampOffsetNanos;
  private int layout = SINGLE;
  private int tracks;
  private int fourCc;
  private int trackId;
  private int trackEnd;

  /** Reads the first byte and what ModEx packets stand behind it. */
  EnhancedMessage(String medium, ByteBuf body) {
    this.medium = medium;
    this.body = body;
    this.index = body.readerIndex();
    this.end = body.writerIndex();
    packetType = unsignedByte() & 0x0F;
    while (packetType == MOD_EX) {
      modEx();
    }
  }

  private void modEx() {
    int sizeBytes = unsignedByte() + 1;
    if (sizeBytes == 256) {
      need(2);
      sizeBytes = body.getUnsignedShort(index) + 1;
      index += 2;
    }
    need(sizeBytes);
    int data = index;
    index += sizeBytes;
    int types = unsignedByte();
    packetType = types & 0x0F;
    if (types >> 4 == TIMESTAMP_OFFSET_NANO) {
      if (sizeBytes < NANO_SIZE_BYTES) {
        throw malformed("TimestampOffsetNano of " + sizeBytes + " bytes");
      }
      timestampOffsetNanos = body.getUnsignedMedium(data);
    }
  }

  /**
   * Reads up to the first track; to be called once.
   *
   * @param multitrack the PacketType that means Multitrack: 5 for audio, 6 for video
   */
  void open(int multitrack) {
    if (packetType == multitrack) {
      int types = unsignedByte();
      layout = types >> 4;
      packetType = types & 0x0F;
      if (layout > MANY_TRACKS_MANY_CODECS) {
        throw MediaFormatException.unsupported(
            "Enhanced RTMP " + medium + " AvMultitrackType " + layout);
      }
      if (packetType == multitrack || packetType == MOD_EX) {
        throw malformed("PacketType " + packetType + " inside Multitrack");
      }
    }
    if (layout != MANY_TRACKS_MANY_CODECS) {
      readFourCc();
    }
  }

  /** Moves to the next track; false behind the last. */
  boolean next() {
    if (tracks > 0 && (layout == SINGLE || layout == ONE_TRACK || index == end)) {
      return false;
    }
    if (++tracks > MAXIMUM_TRACKS) {
      throw malformed("more than " + MAXIMUM_TRACKS + " tracks in one message");
    }
    if (layout == MANY_TRACKS_MANY_CODECS) {
      readFourCc();
    }
    if (layout != SINGLE) {
      trackId = unsignedByte();
    }
    trackEnd = end;
    if (layout == MANY_TRACKS || layout == MANY_TRACKS_MANY_CODECS) {
      need(3);
      int sizeBytes = body.getUnsignedMedium(index);
      index += 3;
      need(sizeBytes);
      trackEnd = index + sizeBytes;
    }
    return true;
  }

  /** Takes what is left of the current track: a slice that is derived, not retained. */
  ByteBuf payload() {
    ByteBuf payload = body.slice(index, trackEnd - index);
    index = trackEnd;
    return payload;
  }

  /** A copy of what is left of the current track. */
  byte[] configuration() {
    byte[] bytes = new byte[trackEnd - index];
    body.getBytes(index, bytes);
    index = trackEnd;
    return bytes;
  }

  /** SI24 at the start of the current track. */
  int signedMedium() {
    if (trackEnd - index < 3) {
      throw malformed("ends inside the composition time");
    }
    int value = body.getMedium(index);
    index += 3;
    return value;
  }

  /** UI8, of the header before {@link #open}. */
  int unsignedByte() {
    need(1);
    return body.getUnsignedByte(index++);
  }

  /** Of the message, and inside Multitrack of every track. */
  int packetType() {
    return packetType;
  }

  int timestampOffsetNanos() {
    return timestampOffsetNanos;
  }

  /** The current track's. */
  int fourCc() {
    return fourCc;
  }

  /** The current track's; 0 without Multitrack. */
  int trackId() {
    return trackId;
  }

  MediaFormatException malformed(String what) {
    return MediaFormatException.malformed("Enhanced RTMP " + medium + ": " + what);
  }

  private void readFourCc() {
    need(4);
    fourCc = body.getInt(index);
    index += 4;
  }

  private void need(int bytes) {
    if (bytes > end - index) {
      throw malformed("ends early");
    }
  }

  /**
   * Writes everything before the track's body.
   *
   * @param first the upper four bits of the first byte
   * @param multitrack the PacketType that means Multitrack
   */
  static void writeHeader(
      ByteBuf out, int first, int packetType, int nanos, int multitrack, int trackId, int fourCc) {
    checkTrackId(trackId);
    int outer = trackId == 0 ? packetType : multitrack;
    writeStart(out, first, outer, nanos);
    if (trackId != 0) {
      out.writeByte(ONE_TRACK << 4 | packetType);
    }
    out.writeInt(fourCc);
    if (trackId != 0) {
      out.writeByte(trackId);
    }
  }

  /** The first byte and, unless {@code nanos} is 0, the ModEx packet that carries it. */
  static void writeStart(ByteBuf out, int first, int packetType, int nanos) {
    if (nanos == 0) {
      out.writeByte(first << 4 | packetType);
      return;
    }
    if (nanos < 0 || nanos > 0xFF_FFFF) {
      throw new IllegalArgumentException("timestamp offset beyond 24 bits: " + nanos);
    }
    out.writeByte(first << 4 | MOD_EX).writeByte(NANO_SIZE_BYTES - 1).writeMedium(nanos);
    out.writeByte(TIMESTAMP_OFFSET_NANO << 4 | packetType);
  }

  static void checkTrackId(int trackId) {
    if (trackId < 0 || trackId > 255) {
      throw new IllegalArgumentException("a track id has 8 bits, not " + trackId);
    }
  }
}
