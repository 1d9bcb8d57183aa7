package io.millrace.media.mpegts;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.HostileInput;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class SpliceInfoTest {
  /** SCTE 35 §14.1, time_signal, "Placement Opportunity Start". */
  private static final byte[] TIME_SIGNAL =
      HexFormat.of()
          .parseHex(
              "fc3034000000000000fffff00506fe72bd0050001e021c435545494800008e7fcf0001a599b0"
                  + "0808000000002ca0a18a3402009ac9d17e");

  /** SCTE 35 §14.2, splice_insert. */
  private static final byte[] SPLICE_INSERT =
      HexFormat.of()
          .parseHex(
              "fc302f000000000000fffff014054800008f7feffe7369c02efe0052ccf500000000000a0008"
                  + "435545490000013562dba30a");

  @Test
  void readsTheStandardsExamples() {
    assertThat(Section.intact(Unpooled.wrappedBuffer(TIME_SIGNAL))).isTrue();
    assertThat(Section.intact(Unpooled.wrappedBuffer(SPLICE_INSERT))).isTrue();
    assertThat(SpliceInfo.parse(Unpooled.wrappedBuffer(TIME_SIGNAL)))
        .isEqualTo(new SpliceInfo(6, false, 0, 0x72BD0050L));
    assertThat(SpliceInfo.parse(Unpooled.wrappedBuffer(SPLICE_INSERT)))
        .isEqualTo(new SpliceInfo(5, false, 0, 0x7369C02EL));
  }

  @Test
  void theAdjustmentWrapsAndTheCrcFollows() {
    ByteBuf moved = SpliceInfo.adjusted(SPLICE_INSERT, 0x1_FFFF_FFFFL);
    assertThat(Section.intact(moved)).isTrue();
    assertThat(SpliceInfo.parse(moved).pts()).isEqualTo(0x7369C02DL);
    assertThat(SpliceInfo.parse(Unpooled.wrappedBuffer(timeSignal(0x1_0000_0005L, 0x1_0000_0007L))))
        .isEqualTo(new SpliceInfo(6, false, 0x1_0000_0007L, 0x1_0000_0005L));
  }

  @Test
  void survivesHostileInput() {
    HostileInput.feed(TIME_SIGNAL, bytes -> SpliceInfo.parse(Unpooled.wrappedBuffer(bytes)));
    HostileInput.feed(SPLICE_INSERT, bytes -> SpliceInfo.parse(Unpooled.wrappedBuffer(bytes)));
  }

  static byte[] timeSignal(long time, long adjustment) {
    ByteBuf out = Unpooled.buffer();
    out.writeByte(0xFC).writeShort(0).writeByte(0);
    out.writeByte((int) (adjustment >> 32 & 1)).writeInt((int) adjustment).writeByte(0);
    out.writeMedium(0xFFF005).writeByte(6);
    out.writeByte(0xFE | (int) (time >> 32 & 1)).writeInt((int) time);
    out.writeShort(0); // descriptor_loop_length
    out.setShort(1, 0x3000 | out.readableBytes() + 4 - 3);
    out.writeInt(Crc32Mpeg.of(out, 0, out.readableBytes()));
    return ByteBufUtil.getBytes(out);
  }
}
