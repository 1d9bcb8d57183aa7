package io.millrace.media.mpegts;

import io.netty.buffer.ByteBuf;

/**
 * Opus packets (Opus in MPEG-2 TS, opus_access_unit and opus_control_header). The trims are left to
 * the decoder's configuration.
 *
 * <pre>
 *  11 prefix 0x3FF | 1 start_trim | 1 end_trim | 1 extension | 2 reserved
 *  au_size: bytes of 0xFF and one below, added up
 *  [16 start trim] [16 end trim] [8 extension length, bytes]
 *  one Opus packet of au_size bytes
 * </pre>
 */
final class OpusFramer implements Framer {
  private static final int PREFIX = 0x7FE0;
  private static final int START_TRIM = 0x10;
  private static final int END_TRIM = 0x08;
  private static final int EXTENSION = 0x04;

  private final Sink sink;
  private final Tally tally;

  OpusFramer(Sink sink, Tally tally) {
    this.sink = sink;
    this.tally = tally;
  }

  @Override
  public void packet(PesHeader header, boolean randomAccess, ByteBuf payload) {
    long pts = header.pts();
    ByteBuf in = payload.duplicate();
    while (in.isReadable()) {
      int sizeBytes = controlHeader(in);
      if (sizeBytes <= 0 || sizeBytes > in.readableBytes()) {
        tally.damagedUnits++;
        return;
      }
      sink.accept(new TsAccessUnit(pts, pts, true, in.readSlice(sizeBytes)));
      pts = PesHeader.NO_TIME;
    }
  }

  /** Steps over the control header; returns au_size, or 0 when the header cannot be. */
  private static int controlHeader(ByteBuf in) {
    if (in.readableBytes() < 3) {
      return 0;
    }
    int head = in.readUnsignedShort();
    if ((head & 0xFFE0) != PREFIX) {
      return 0;
    }
    int sizeBytes = 0;
    int part = 0xFF;
    while (part == 0xFF && in.isReadable()) {
      part = in.readUnsignedByte();
      sizeBytes += part;
    }
    int extraBytes = ((head & START_TRIM) != 0 ? 2 : 0) + ((head & END_TRIM) != 0 ? 2 : 0);
    if (part == 0xFF || extraBytes > in.readableBytes()) {
      return 0;
    }
    in.skipBytes(extraBytes);
    if ((head & EXTENSION) != 0) {
      int extension = in.isReadable() ? in.readUnsignedByte() : Integer.MAX_VALUE;
      if (extension > in.readableBytes()) {
        return 0;
      }
      in.skipBytes(extension);
    }
    return sizeBytes;
  }

  @Override
  public void cut(PesHeader header, boolean randomAccess, ByteBuf payload) {
    packet(header, randomAccess, payload);
  }

  @Override
  public void gap() {}

  /** Appends the control header of a packet, without trims. */
  static void writeControlHeader(ByteBuf out, int sizeBytes) {
    out.writeShort(PREFIX);
    int left = sizeBytes;
    for (; left >= 0xFF; left -= 0xFF) {
      out.writeByte(0xFF);
    }
    out.writeByte(left);
  }
}
