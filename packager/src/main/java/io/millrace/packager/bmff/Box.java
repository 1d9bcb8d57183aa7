package io.millrace.packager.bmff;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A box (ISO/IEC 14496-12 §4.2): an immutable value that knows its size and writes itself.
 *
 * <pre>
 *  0        4        8
 *  ┌────────┬────────┬──────────────┐
 *  │  size  │  type  │  content …   │    size counts the whole box
 *  └────────┴────────┴──────────────┘
 *  a full box's content starts with version (1 byte) and flags (3 bytes)
 * </pre>
 */
public sealed interface Box
    permits FileTypeBox,
        ContainerBox,
        MovieHeaderBox,
        TrackHeaderBox,
        MediaHeaderBox,
        HandlerBox,
        VideoMediaHeaderBox,
        SoundMediaHeaderBox,
        DataReferenceBox,
        SampleDescriptionBox,
        VisualSampleEntry,
        AudioSampleEntry,
        CodecConfigurationBox,
        VpConfigurationBox,
        ElementaryStreamBox,
        PixelAspectRatioBox,
        ColourBox,
        MasteringDisplayBox,
        ContentLightBox,
        BitRateBox,
        EmptySampleTableBox,
        RollDistanceBox,
        RollGroupBox,
        TrackExtendsBox,
        ProducerReferenceTimeBox,
        MovieFragmentHeaderBox,
        TrackFragmentHeaderBox,
        TrackFragmentDecodeTimeBox,
        TrackRunBox,
        MediaDataBox,
        EventMessageBox,
        OpaqueBox {

  /** Size and type. */
  int HEADER_BYTES = 8;

  /** Size, type, version and flags. */
  int FULL_HEADER_BYTES = 12;

  /** Four Latin-1 characters. */
  String type();

  /** Size of the whole box, header included. */
  int sizeBytes();

  /**
   * Writes the whole box, {@link #sizeBytes} bytes.
   *
   * @throws java.nio.BufferOverflowException if they do not fit
   */
  void write(ByteBuffer out);

  /** Writes boxes one after another into an array of exactly their size. */
  static byte[] toBytes(List<? extends Box> boxes) {
    ByteBuffer out = ByteBuffer.allocate(sizeBytes(boxes));
    boxes.forEach(box -> box.write(out));
    return out.array();
  }

  static int sizeBytes(List<? extends Box> boxes) {
    int size = 0;
    for (Box box : boxes) {
      size = Math.addExact(size, box.sizeBytes());
    }
    return size;
  }
}
