package io.millrace.media.mpegts;

import io.netty.buffer.ByteBuf;

/** How long a frame of sound is that begins here; what is in it is for others to read. */
enum FrameSyntax {
  /** ISO/IEC 14496-3 §1.A.2.2: 12 ones, 1 ID, 2 layer 0, … 13 frame length from bit 30. */
  ADTS(7) {
    @Override
    int sizeBytes(ByteBuf in, int index) {
      int sizeBytes = in.getUnsignedMedium(index + 3) >> 5 & 0x1FFF;
      boolean frame =
          (in.getUnsignedShort(index) & 0xFFF6) == 0xFFF0 && sizeBytes >= headerSizeBytes();
      return frame ? sizeBytes : NOT_A_FRAME;
    }
  },
  /** ISO/IEC 14496-3 §1.7.2, AudioSyncStream: 11 syncword 0x2B7, 13 length. */
  LOAS(3) {
    @Override
    int sizeBytes(ByteBuf in, int index) {
      int head = in.getUnsignedMedium(index);
      return head >> 13 == 0x2B7 && (head & 0x1FFF) > 0
          ? headerSizeBytes() + (head & 0x1FFF)
          : NOT_A_FRAME;
    }
  },
  /** ISO/IEC 11172-3 §2.4.1.3 and 13818-3 §2.4.2.3, all three layers; MPEG 2.5 likewise. */
  MPEG_AUDIO(4) {
    @Override
    int sizeBytes(ByteBuf in, int index) {
      return MpegAudioFrames.sizeBytes(in.getInt(index));
    }
  };

  static final int NOT_A_FRAME = -1;

  private final int headerSizeBytes;

  FrameSyntax(int headerSizeBytes) {
    this.headerSizeBytes = headerSizeBytes;
  }

  /** Bytes that {@link #sizeBytes} looks at. */
  int headerSizeBytes() {
    return headerSizeBytes;
  }

  /** Size of the frame at an absolute index with its header, or {@link #NOT_A_FRAME}. Borrows. */
  abstract int sizeBytes(ByteBuf in, int index);
}
