package io.millrace.transport.srt.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PacketTest {
  private final ByteBuf out = Unpooled.buffer();

  @Test
  void dataHeader() {
    SrtPacket.writeData(out, 0x12345678, 0x3FFFFFF, 0xFFFF_FFFE, 0x0A0B0C0D);
    assertThat(ByteBufUtil.hexDump(out)).isEqualTo("12345678e3fffffffffffffe0a0b0c0d");
    assertThat(SrtPacket.isControl(out)).isFalse();
    assertThat(SrtPacket.sequence(out)).isEqualTo(0x12345678);
    assertThat(SrtPacket.position(out)).isEqualTo(SrtPacket.POSITION_SOLO);
    assertThat(SrtPacket.isOrdered(out)).isTrue();
    assertThat(SrtPacket.keyFlags(out)).isEqualTo(SrtPacket.KEY_NONE);
    assertThat(SrtPacket.isRetransmitted(out)).isFalse();
    assertThat(SrtPacket.messageNumber(out)).isEqualTo(SrtPacket.MAX_MESSAGE_NUMBER);
    assertThat(SrtPacket.timestampUs(out)).isEqualTo(0xFFFF_FFFEL);
    assertThat(SrtPacket.destination(out)).isEqualTo(0x0A0B0C0D);

    SrtPacket.setKeyFlags(out, SrtPacket.KEY_ODD);
    SrtPacket.markRetransmitted(out);
    assertThat(SrtPacket.keyFlags(out)).isEqualTo(SrtPacket.KEY_ODD);
    assertThat(SrtPacket.isRetransmitted(out)).isTrue();
    assertThat(SrtPacket.messageNumber(out)).isEqualTo(SrtPacket.MAX_MESSAGE_NUMBER);
    SrtPacket.setKeyFlags(out, SrtPacket.KEY_EVEN);
    assertThat(SrtPacket.keyFlags(out)).isEqualTo(SrtPacket.KEY_EVEN);
    assertThat(SrtPacket.position(out)).isEqualTo(SrtPacket.POSITION_SOLO);
  }

  @Test
  void accessorsAreRelativeToTheReaderIndex() {
    out.writeZero(5);
    SrtPacket.writeControl(out, ControlType.USER_DEFINED, 3, 4, 5, 6);
    out.readerIndex(5);
    assertThat(SrtPacket.type(out)).isEqualTo(ControlType.USER_DEFINED);
    assertThat(SrtPacket.subtype(out)).isEqualTo(3);
    assertThat(SrtPacket.info(out)).isEqualTo(4);
    assertThat(SrtPacket.timestampUs(out)).isEqualTo(5);
    assertThat(SrtPacket.destination(out)).isEqualTo(6);
    assertThat(SrtPacket.payloadBytes(out)).isZero();
    assertThat(SrtPacket.payloadIndex(out)).isEqualTo(21);
  }

  @Test
  void acknowledgements() {
    AckPacket.writeFull(out, 9, 100, 1, 2, 3, 4, 5, -1, 7, 8);
    assertThat(SrtPacket.type(out)).isEqualTo(ControlType.ACK);
    assertThat(AckPacket.isFull(out)).isTrue();
    assertThat(AckPacket.number(out)).isEqualTo(9);
    assertThat(AckPacket.acknowledged(out)).isEqualTo(100);
    assertThat(AckPacket.rttUs(out)).isEqualTo(1);
    assertThat(AckPacket.rttVarianceUs(out)).isEqualTo(2);
    assertThat(AckPacket.freeBufferPackets(out)).isEqualTo(3);
    assertThat(AckPacket.receivedPacketsPerSecond(out)).isEqualTo(4);
    assertThat(AckPacket.linkPacketsPerSecond(out)).isEqualTo(5);
    assertThat(AckPacket.receivedBytesPerSecond(out)).isEqualTo(0xFFFF_FFFFL);
    ByteBuf light = Unpooled.buffer();
    AckPacket.writeLight(light, 101, 7, 8);
    assertThat(AckPacket.isValid(light)).isTrue();
    assertThat(AckPacket.isSmall(light)).isFalse();
    assertThat(AckPacket.acknowledged(light)).isEqualTo(101);
    assertThat(AckPacket.isValid(light.slice(0, 19))).isFalse();
    ByteBuf ackAck = Unpooled.buffer();
    AckPacket.writeAckAck(ackAck, 9, 7, 8);
    assertThat(SrtPacket.type(ackAck)).isEqualTo(ControlType.ACK_ACK);
    assertThat(AckPacket.number(ackAck)).isEqualTo(9);
  }

  private List<String> ranges(int oldest, int newest) {
    List<String> ranges = new ArrayList<>();
    refused =
        LossReport.forEach(out, oldest, newest, (first, last) -> ranges.add(first + "-" + last));
    return ranges;
  }

  private int refused;

  @Test
  void lossReportsAreCutToTheWindow() {
    LossReport.writeHeader(out, 1, 2);
    LossReport.writeRange(out, 5, 5);
    LossReport.writeRange(out, 7, 12);
    LossReport.writeRange(out, 14, 15);
    assertThat(SrtPacket.payloadBytes(out)).isEqualTo(20);
    assertThat(ranges(0, 20)).containsExactly("5-5", "7-12", "14-15");
    assertThat(refused).isZero();
    assertThat(ranges(9, 20)).containsExactly("9-12", "14-15");
    assertThat(refused).isZero();
  }

  @Test
  void lossReportsWrap() {
    LossReport.writeHeader(out, 1, 2);
    LossReport.writeRange(out, SequenceNumber.MAX - 1, 3);
    assertThat(ranges(SequenceNumber.MAX - 5, 10)).containsExactly(SequenceNumber.MAX - 1 + "-3");
    assertThat(ranges(0, 10)).containsExactly("0-3");
  }

  @Test
  @DisplayName("Out-of-bounds loss report: ranges outside the send buffer are never handed on")
  void outOfBoundsLossReportIsNeverHandedOn() {
    LossReport.writeHeader(out, 1, 2);
    out.writeInt(30); // never sent
    out.writeInt(0x8000_0000 | 15).writeInt(21); // ends behind the last one sent
    out.writeInt(0x8000_0000 | 12).writeInt(11); // turned round
    out.writeInt(0x8000_0000 | 12).writeInt(0x8000_0000 | 13); // its end begins another range
    out.writeInt(0x8000_0000 | 3).writeInt(0x4000_0004); // half the space ahead
    out.writeInt(0x8000_0000 | 16); // its end is missing
    assertThat(ranges(10, 20)).isEmpty();
    assertThat(refused).isEqualTo(6);
  }

  @Test
  void nothingInALossReportEscapesTheWindow() {
    for (int seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      out.clear();
      LossReport.writeHeader(out, 1, 2);
      int oldest = random.nextInt() & SequenceNumber.MAX;
      int newest = SequenceNumber.add(oldest, random.nextInt(1000) - 1);
      for (int i = random.nextInt(12); i > 0; i--) {
        out.writeInt(
            random.nextBoolean()
                ? random.nextInt()
                : SequenceNumber.add(oldest, random.nextInt(1100) - 50)
                    | (random.nextBoolean() ? 0x8000_0000 : 0));
      }
      out.writeZero(random.nextInt(4));
      int at = seed;
      LossReport.forEach(
          out,
          oldest,
          newest,
          (first, last) -> {
            assertThat(first).as("seed %d", at).isNotNegative();
            assertThat(SequenceNumber.isBefore(first, oldest)).as("seed %d", at).isFalse();
            assertThat(SequenceNumber.isBefore(last, first)).as("seed %d", at).isFalse();
            assertThat(SequenceNumber.isBefore(newest, last)).as("seed %d", at).isFalse();
          });
    }
  }

  @Test
  @DisplayName("Out-of-bounds DROPREQ: a range turned round or out of bounds is not valid")
  void malformedDropRequestIsNotValid() {
    DropRequest.write(out, 3, 10, 12, 1, 2);
    assertThat(DropRequest.isValid(out)).isTrue();
    assertThat(SrtPacket.info(out)).isEqualTo(3);
    assertThat(DropRequest.first(out)).isEqualTo(10);
    assertThat(DropRequest.last(out)).isEqualTo(12);
    assertThat(DropRequest.isValid(out.slice(0, 23))).isFalse();
    for (int[] pair : new int[][] {{12, 10}, {-1, 10}, {10, -1}, {0, 0x4000_0001}}) {
      ByteBuf bad = Unpooled.buffer();
      DropRequest.write(bad, 0, pair[0], pair[1], 1, 2);
      assertThat(DropRequest.isValid(bad)).as("%d-%d", pair[0], pair[1]).isFalse();
    }
  }
}
