package io.millrace.media.mpegts;

import io.netty.buffer.ByteBuf;

/** Where access units begin: ITU-T H.264 §7.4.1.2.3, ITU-T H.265 §7.4.2.4.4. */
enum NalSyntax {
  H264 {
    @Override
    Role role(ByteBuf in, int index, int sizeBytes) {
      return switch (in.getByte(index) & 0x1F) {
        case 1, 2, 5 -> slice(in, index + 1, sizeBytes - 1);
        case 3, 4 -> Role.SLICE;
        case 6, 7, 8, 14, 15, 16, 17, 18 -> Role.PREFIX;
        case 9 -> Role.DELIMITER;
        default -> Role.OTHER;
      };
    }
  },
  HEVC {
    @Override
    Role role(ByteBuf in, int index, int sizeBytes) {
      int type = in.getByte(index) >> 1 & 0x3F;
      if (type < 32) {
        return slice(in, index + 2, sizeBytes - 2);
      }
      return switch (type) {
        case 32, 33, 34, 39, 41, 42, 43, 44, 48, 49, 50, 51, 52, 53, 54, 55 -> Role.PREFIX;
        case 35 -> Role.DELIMITER;
        default -> Role.OTHER;
      };
    }
  };

  /** What a NAL unit says about the access unit that it is in. */
  enum Role {
    /** Begins a unit. */
    DELIMITER,
    /** Begins a unit unless the one before has no slice yet. */
    PREFIX,
    /** The first slice of a picture; begins a unit likewise. */
    FIRST_SLICE,
    SLICE,
    OTHER;

    boolean begins() {
      return this == DELIMITER || this == PREFIX || this == FIRST_SLICE;
    }

    boolean isSlice() {
      return this == FIRST_SLICE || this == SLICE;
    }
  }

  /** Borrows; {@code index} is that of the NAL unit's header, {@code sizeBytes} at least 1. */
  abstract Role role(ByteBuf in, int index, int sizeBytes);

  /** first_mb_in_slice is 0 and first_slice_segment_in_pic_flag 1 where the first bit is set. */
  private static Role slice(ByteBuf in, int index, int sizeBytes) {
    return sizeBytes > 0 && in.getByte(index) < 0 ? Role.FIRST_SLICE : Role.SLICE;
  }
}
