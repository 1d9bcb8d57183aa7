package io.millrace.media.scte35;

import io.millrace.media.MediaFormatException;
import io.millrace.media.bits.BitReader;
import java.util.ArrayList;
import java.util.List;

/**
 * A whole splice_info_section (SCTE 35 §9.6), read for what it means.
 *
 * <pre>
 *   8 table_id 0xFC | 4 flags | 12 section_length | 8 protocol_version
 *   1 encrypted | 6 algorithm | 33 pts_adjustment | 8 cw_index | 12 tier
 *  12 splice_command_length | 8 splice_command_type | command
 *  16 descriptor_loop_length | { 8 tag | 8 length | 32 identifier | ... } ... | 32 CRC
 * </pre>
 *
 * When it applies is read by {@link io.millrace.media.mpegts.SpliceInfo}, where it comes in.
 *
 * @param segmentations its segmentation descriptors, in order
 */
public record SpliceSection(SpliceCommand command, List<Segmentation> segmentations) {
  private static final int TABLE_ID = 0xFC;
  private static final int HEADER_BYTES = 14;
  private static final int CRC_BYTES = 4;

  /** splice_command_length of senders from before it was defined. */
  private static final int LENGTH_UNSAID = 0xFFF;

  private static final int SEGMENTATION_DESCRIPTOR = 0x02;
  private static final long CUEI = 0x4355_4549;

  public SpliceSection {
    segmentations = List.copyOf(segmentations);
  }

  /**
   * Reads a section; its CRC is not looked at.
   *
   * @throws MediaFormatException malformed
   */
  public static SpliceSection parse(byte[] section) {
    if (section.length < HEADER_BYTES + CRC_BYTES || (section[0] & 0xFF) != TABLE_ID) {
      throw MediaFormatException.malformed("splice_info_section: ends early, or is none");
    }
    int end = section.length - CRC_BYTES;
    BitReader in = new BitReader("splice_info_section", section, 4, end - 4);
    if (in.flag()) {
      return new SpliceSection(new SpliceCommand.Encrypted(), List.of());
    }
    in.skip(6 + 33 + 8 + 12);
    int length = in.bits(12);
    int type = in.bits(8);
    long leftBits = in.bitsLeft();
    SpliceCommand command = command(type, in);
    long readBits = leftBits - in.bitsLeft();
    if (length != LENGTH_UNSAID) {
      if (readBits > 8L * length) {
        throw in.malformed("command is longer than its length");
      }
      in.skip(8L * length - readBits);
    } else if (command instanceof SpliceCommand.Other) {
      return new SpliceSection(command, List.of()); // nobody knows where it ends
    }
    return new SpliceSection(command, descriptors(in, section, end));
  }

  private static SpliceCommand command(int type, BitReader in) {
    return switch (type) {
      case 0x00 -> new SpliceCommand.Null();
      case 0x05 -> insert(in);
      case 0x06 -> new SpliceCommand.TimeSignal(spliceTime(in));
      case 0x07 -> new SpliceCommand.BandwidthReservation();
      default -> new SpliceCommand.Other(type);
    };
  }

  private static SpliceCommand insert(BitReader in) {
    long eventId = in.longBits(32);
    boolean cancelled = in.flag();
    in.skip(7);
    if (cancelled) {
      return new SpliceCommand.Insert(eventId, true, false, false, SpliceCommand.UNKNOWN, false);
    }
    boolean out = in.flag();
    boolean wholeProgram = in.flag();
    boolean hasDuration = in.flag();
    boolean immediate = in.flag();
    in.skip(4);
    boolean timed = false;
    if (wholeProgram) {
      timed = !immediate && spliceTime(in);
    } else {
      int components = in.bits(8);
      for (int i = 0; i < components; i++) {
        in.skip(8);
        boolean _ = !immediate && spliceTime(in);
      }
    }
    boolean autoReturn = false;
    long breakTicks = SpliceCommand.UNKNOWN;
    if (hasDuration) {
      autoReturn = in.flag();
      in.skip(6);
      breakTicks = ticks(in);
    }
    in.skip(32); // unique_program_id, avail_num, avails_expected
    return new SpliceCommand.Insert(eventId, false, out, timed, breakTicks, autoReturn);
  }

  /** splice_time(), §9.8.1; true where it says one. */
  private static boolean spliceTime(BitReader in) {
    boolean specified = in.flag();
    in.skip(specified ? 6 + 33 : 7);
    return specified;
  }

  private static long ticks(BitReader in) {
    long high = in.bits(1);
    return high << 32 | in.longBits(32);
  }

  private static List<Segmentation> descriptors(BitReader in, byte[] section, int end) {
    List<Segmentation> found = new ArrayList<>();
    int loopBytes = in.bits(16);
    if (loopBytes > in.bitsLeft() / 8) {
      throw in.malformed("descriptors run past its end");
    }
    int at = end - (int) (in.bitsLeft() / 8);
    int loopEnd = at + loopBytes;
    while (loopEnd - at >= 2) {
      int sizeBytes = section[at + 1] & 0xFF;
      if (sizeBytes > loopEnd - at - 2) {
        throw in.malformed("descriptor runs past the end of its loop");
      }
      if (section[at] == SEGMENTATION_DESCRIPTOR && sizeBytes >= 9) {
        BitReader body = new BitReader("segmentation_descriptor", section, at + 2, sizeBytes);
        if (body.longBits(32) == CUEI) {
          found.add(segmentation(body));
        }
      }
      at += 2 + sizeBytes;
    }
    return found;
  }

  private static Segmentation segmentation(BitReader in) {
    long eventId = in.longBits(32);
    boolean cancelled = in.flag();
    in.skip(7);
    if (cancelled) {
      return new Segmentation(eventId, true, 0, SpliceCommand.UNKNOWN);
    }
    boolean wholeProgram = in.flag();
    boolean hasDuration = in.flag();
    in.skip(6);
    if (!wholeProgram) {
      int components = in.bits(8);
      in.skip(48L * components);
    }
    long durationTicks = SpliceCommand.UNKNOWN;
    if (hasDuration) {
      long high = in.bits(8);
      durationTicks = high << 32 | in.longBits(32);
    }
    in.skip(8); // segmentation_upid_type
    int upidBytes = in.bits(8);
    in.skip(8L * upidBytes);
    return new Segmentation(eventId, false, in.bits(8), durationTicks);
  }
}
