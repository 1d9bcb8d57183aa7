package io.millrace.packager.bmff;

import io.millrace.media.MediaFormatException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads boxes into the records that write them, for inspection and tests. Lossless: what a record
 * would not write back byte for byte becomes an {@link OpaqueBox}.
 *
 * <p>Linear in the bytes given for a bounded depth; a size is checked against what is there before
 * anything is allocated.
 */
public final class BoxReader {
  private static final int MAX_DEPTH = 16;
  private int depth;

  private BoxReader() {}

  /**
   * @throws MediaFormatException (malformed) if the bytes are not a sequence of whole boxes
   */
  public static List<Box> read(byte[] bytes) {
    return new BoxReader().boxes(ByteBuffer.wrap(bytes));
  }

  List<Box> boxes(ByteBuffer in) {
    if (++depth > MAX_DEPTH) {
      throw MediaFormatException.malformed("boxes nested deeper than " + MAX_DEPTH);
    }
    try {
      List<Box> boxes = new ArrayList<>();
      while (in.hasRemaining()) {
        boxes.add(box(in));
      }
      return boxes;
    } finally {
      depth--;
    }
  }

  private Box box(ByteBuffer in) {
    if (in.remaining() < Box.HEADER_BYTES) {
      throw MediaFormatException.malformed(in.remaining() + " bytes where a box should start");
    }
    int start = in.position();
    long size = in.getInt() & 0xFFFF_FFFFL;
    String type = Fields.fourCc(in);
    if (size < Box.HEADER_BYTES || size > in.limit() - start) {
      throw MediaFormatException.malformed("box " + type + " of " + size + " bytes");
    }
    ByteBuffer content = in.slice(in.position(), (int) size - Box.HEADER_BYTES);
    ByteBuffer whole = in.slice(start, (int) size);
    in.position(start + (int) size);
    Box box;
    try {
      box = parse(type, content.duplicate());
    } catch (BufferUnderflowException | IllegalArgumentException | MediaFormatException e) {
      if (ContainerBox.TYPES.contains(type)) {
        throw e;
      }
      return OpaqueBox.read(type, content);
    }
    return sameBytes(box, whole) ? box : OpaqueBox.read(type, content);
  }

  private static boolean sameBytes(Box box, ByteBuffer whole) {
    if (box instanceof ContainerBox) {
      return true; // its children were compared
    }
    return box.sizeBytes() == whole.remaining()
        && ByteBuffer.wrap(Box.toBytes(List.of(box))).equals(whole);
  }

  private Box parse(String type, ByteBuffer in) {
    return switch (type) {
      case "ftyp", "styp" -> FileTypeBox.read(type, in);
      case "mvhd" -> MovieHeaderBox.read(in);
      case "tkhd" -> TrackHeaderBox.read(in);
      case "mdhd" -> MediaHeaderBox.read(in);
      case "hdlr" -> HandlerBox.read(in);
      case "vmhd" -> new VideoMediaHeaderBox();
      case "smhd" -> new SoundMediaHeaderBox();
      case "dref" -> new DataReferenceBox();
      case "stsd" -> sampleDescription(in);
      case "avc1", "hvc1", "av01", "vp09" -> VisualSampleEntry.read(type, in, this);
      case "mp4a", "Opus" -> AudioSampleEntry.read(type, in, this);
      case "avcC", "hvcC", "av1C", "dOps" -> CodecConfigurationBox.read(type, in);
      case "vpcC" -> VpConfigurationBox.read(in);
      case "esds" -> ElementaryStreamBox.read(in);
      case "pasp" -> PixelAspectRatioBox.read(in);
      case "colr" -> ColourBox.read(in);
      case "mdcv" -> MasteringDisplayBox.read(in);
      case "clli" -> ContentLightBox.read(in);
      case "btrt" -> BitRateBox.read(in);
      case "sgpd" -> RollDistanceBox.read(in);
      case "sbgp" -> RollGroupBox.read(in);
      case "trex" -> TrackExtendsBox.read(in);
      case "prft" -> ProducerReferenceTimeBox.read(in);
      case "mfhd" -> MovieFragmentHeaderBox.read(in);
      case "tfhd" -> TrackFragmentHeaderBox.read(in);
      case "tfdt" -> TrackFragmentDecodeTimeBox.read(in);
      case "trun" -> TrackRunBox.read(in);
      case "mdat" -> MediaDataBox.read(in);
      case "emsg" -> EventMessageBox.read(in);
      default -> {
        if (ContainerBox.TYPES.contains(type)) {
          yield new ContainerBox(type, boxes(in));
        }
        if (EmptySampleTableBox.TYPES.contains(type)) {
          yield new EmptySampleTableBox(type);
        }
        yield OpaqueBox.read(type, in);
      }
    };
  }

  private Box sampleDescription(ByteBuffer in) {
    Fields.skip(in, 8);
    List<Box> entries = boxes(in);
    if (entries.size() != 1) {
      throw new IllegalArgumentException("stsd with " + entries.size() + " entries");
    }
    return new SampleDescriptionBox(entries.getFirst());
  }
}
