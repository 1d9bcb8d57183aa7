package io.millrace.media.av1;

import io.millrace.media.MediaFormatException;
import io.millrace.media.bits.BitReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Where the coded data of tiles stands in the temporal units of a track: what encryption may touch
 * (AV1-ISOBMFF §4). Everything else is headers and sizes.
 *
 * <p>Headers are coded against earlier frames, so units are given in decoding order and none is
 * left out; after a loss, go on at a key frame. Not thread-safe.
 */
public final class Tiles {
  private static final int MAXIMUM_HEADER_BYTES = 1_024;

  /** Takes the position of one decode_tile(). */
  @FunctionalInterface
  public interface Visitor {
    /**
     * @param offset absolute index in the buffer
     */
    void tile(int offset, int sizeBytes);
  }

  private final @Nullable Reference[] references = new Reference[FrameReader.REFERENCES];
  private @Nullable FrameSequence sequence;
  private @Nullable TileInfo open;

  /**
   * @param configurationRecord {@code av1C}, whose sequence header counts until another one comes
   */
  public Tiles(byte[] configurationRecord) {
    Av1Configuration configuration = Av1Configuration.parse(configurationRecord);
    read(configuration.sequenceHeaderObu());
  }

  private void read(byte[] sequenceHeaderObu) {
    Obus obus = Obus.of(Unpooled.wrappedBuffer(sequenceHeaderObu));
    if (obus.next()) {
      sequence = FrameSequence.parse(obus.copyPayload());
    }
  }

  /**
   * Shows {@code visitor} every tile of the unit, in order.
   *
   * @param unit borrowed; its indices stay
   * @throws MediaFormatException malformed
   */
  public void visit(ByteBuf unit, Visitor visitor) {
    Obus obus = Obus.of(unit);
    while (obus.next()) {
      switch (obus.type()) {
        case Obus.SEQUENCE_HEADER -> sequence = FrameSequence.parse(obus.copyPayload());
        case Obus.FRAME_HEADER -> frameHeader(unit, obus);
        case Obus.FRAME -> {
          int headerBytes = frameHeader(unit, obus);
          tileGroup(unit, obus, headerBytes, visitor);
        }
        case Obus.TILE_GROUP -> tileGroup(unit, obus, 0, visitor);
        case Obus.TILE_LIST -> throw MediaFormatException.unsupported("AV1 tile lists");
        default -> {}
      }
    }
  }

  /** Returns how many bytes the header takes up. */
  private int frameHeader(ByteBuf unit, Obus obus) {
    byte[] start = new byte[Math.min(obus.payloadSizeBytes(), MAXIMUM_HEADER_BYTES)];
    unit.getBytes(obus.payloadOffset(), start);
    BitReader in = new BitReader("AV1 frame header", start);
    FrameSequence known = sequence;
    if (known == null) {
      throw in.malformed("comes before a sequence header");
    }
    open = new FrameReader(in, known, references, obus.layers()).read();
    return start.length - (int) (in.bitsLeft() / 8);
  }

  /** tile_group_obu(), §5.11.1. */
  private void tileGroup(ByteBuf unit, Obus obus, int skippedBytes, Visitor visitor) {
    TileInfo tiles = open;
    if (tiles == null) {
      throw MediaFormatException.malformed("AV1 tile group: no frame header before it");
    }
    int at = obus.payloadOffset() + skippedBytes;
    int end = obus.payloadOffset() + obus.payloadSizeBytes();
    int first = 0;
    int last = tiles.count() - 1;
    if (tiles.count() > 1) {
      byte[] start = new byte[Math.min(end - at, 4)];
      unit.getBytes(at, start);
      BitReader in = new BitReader("AV1 tile group", start);
      if (in.flag()) { // tile_start_and_end_present_flag
        int bits = tiles.columnsLog2() + tiles.rowsLog2();
        first = in.bits(bits);
        last = in.bits(bits);
      }
      at += start.length - (int) (in.bitsLeft() / 8);
    }
    if (first > last || last >= tiles.count()) {
      throw MediaFormatException.malformed("AV1 tile group: tiles " + first + " to " + last);
    }
    for (int tile = first; tile <= last; tile++) {
      long size = end - at;
      if (tile < last) {
        if (size < tiles.sizeBytes()) {
          throw MediaFormatException.malformed("AV1 tile group: ends inside a tile size");
        }
        size = 1 + littleEndian(unit, at, tiles.sizeBytes());
        at += tiles.sizeBytes();
      }
      if (size <= 0 || size > end - at) {
        throw MediaFormatException.malformed(
            "AV1 tile of " + size + " bytes where " + (end - at) + " are left");
      }
      visitor.tile(at, (int) size);
      at += (int) size;
    }
    if (last == tiles.count() - 1) {
      open = null;
    }
  }

  private static long littleEndian(ByteBuf in, int at, int bytes) {
    long value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      value = value << 8 | in.getUnsignedByte(at + i);
    }
    return value;
  }
}
