package io.millrace.media.mpegts;

import io.millrace.media.AudioCodec;
import io.millrace.media.Fixtures;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.aac.AudioSpecificConfig;
import io.millrace.media.h264.AvcConfiguration;
import io.millrace.media.hevc.HevcConfiguration;
import io.millrace.media.opus.OpusConfiguration;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Transport streams in a form that a fuzzer can change without losing all of it at the next sync
 * byte or CRC. Packets become records, and back:
 *
 * <pre>
 *  8 n | n bytes, 187 at most: a packet without its sync byte, and without the stuffing at its end
 * </pre>
 *
 * Where records become packets, room that is left is stuffing again, and the CRC of every whole
 * section of a table is put right.
 */
public final class TsFuzzInput {
  private static final int RECORD_BYTES = TsPacket.SIZE_BYTES - 1;
  private static final int CRC_BYTES = 4;

  private TsFuzzInput() {}

  /** The packets that {@code records} describe; the last record may be cut. */
  public static byte[] packets(byte[] records) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int at = 0; at < records.length; ) {
      int length = Math.min(Math.min(records[at] & 0xFF, RECORD_BYTES), records.length - at - 1);
      out.writeBytes(packet(Arrays.copyOfRange(records, at + 1, at + 1 + length)));
      at += 1 + length;
    }
    return out.toByteArray();
  }

  private static byte[] packet(byte[] record) {
    byte[] packet = new byte[TsPacket.SIZE_BYTES];
    packet[0] = TsPacket.SYNC;
    System.arraycopy(record, 0, packet, 1, Math.min(3, record.length));
    int room = RECORD_BYTES - record.length;
    int bodyBytes = Math.max(0, record.length - 3);
    boolean section = (packet[1] & 0x40) != 0 && bodyBytes > 1 && record[3] == 0;
    if (section || room == 0 || (packet[3] & 0x30) != 0x10) {
      Arrays.fill(packet, 4 + bodyBytes, packet.length, (byte) 0xFF);
      System.arraycopy(record, record.length - bodyBytes, packet, 4, bodyBytes);
      putCrcRight(packet);
      return packet;
    }
    packet[3] |= 0x20;
    packet[4] = (byte) (room - 1);
    if (room > 1) {
      Arrays.fill(packet, 6, 4 + room, (byte) 0xFF);
    }
    System.arraycopy(record, record.length - bodyBytes, packet, 4 + room, bodyBytes);
    return packet;
  }

  /** Of a section that begins right behind the header and ends in the packet. */
  private static void putCrcRight(byte[] packet) {
    if ((packet[1] & 0x40) == 0 || (packet[3] & 0x30) != 0x10 || packet[4] != 0) {
      return;
    }
    int start = 5;
    int bytes = 3 + ((packet[start + 1] & 0x0F) << 8 | packet[start + 2] & 0xFF);
    if (bytes >= 3 + CRC_BYTES && start + bytes <= packet.length) {
      ByteBuf section = Unpooled.wrappedBuffer(packet, start, bytes);
      int crc = Crc32Mpeg.of(section, 0, bytes - CRC_BYTES);
      section.setInt(bytes - CRC_BYTES, crc);
    }
  }

  /** Whole packets as records. */
  public static byte[] records(byte[] packets) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int at = 0; at + TsPacket.SIZE_BYTES <= packets.length; at += TsPacket.SIZE_BYTES) {
      byte[] packet = Arrays.copyOfRange(packets, at, at + TsPacket.SIZE_BYTES);
      int end = packet.length;
      if ((packet[3] & 0x30) == 0x10) {
        while (end > 5 && packet[end - 1] == (byte) 0xFF) {
          end--;
        }
      }
      int stuffing = 0;
      int adaptationBytes = packet[4] & 0xFF;
      if ((packet[3] & 0x30) == 0x30 && (adaptationBytes == 0 || packet[5] == 0)) {
        stuffing = 1 + adaptationBytes;
        packet[3] ^= 0x20;
      }
      out.write(end - 1 - stuffing);
      out.write(packet, 1, 3);
      out.write(packet, 4 + stuffing, end - 4 - stuffing);
    }
    return out.toByteArray();
  }

  /** Streams of every kind that is taken, a few units each, with cues. */
  public static List<byte[]> streams() {
    return List.of(
        stream(avc(), aac(), "00000004 65888400 00000002 0600"),
        stream(hevc(), opus(), "00000004 2601af80"),
        stream(avc(), mp3(), "00000004 65888400"));
  }

  private static byte[] stream(TrackFormat video, TrackFormat.Audio audio, String unit) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TsMuxer muxer =
        new TsMuxer(
            UnpooledByteBufAllocator.DEFAULT,
            packets -> {
              out.writeBytes(ByteBufUtil.getBytes(packets));
              packets.release();
            })) {
      muxer.accept(new Format(TrackEvent.VIDEO_TRACK, video));
      muxer.accept(new Format(TrackEvent.AUDIO_TRACK, audio));
      for (int i = 0; i < 4; i++) {
        long ticks = i * 12_000L;
        muxer.accept(
            new Sample(TrackEvent.VIDEO_TRACK, ticks, ticks + 12_000, 12_000, i == 0, hex(unit)));
        ByteBuf sound =
            switch (audio.codec()) {
              case AAC -> hex("2110045ffff8");
              case OPUS -> hex("fc0102030405");
              case MP3 -> Unpooled.wrappedBuffer(mp3Frame());
            };
        long at = (long) i * audio.samplesPerFrame();
        muxer.accept(
            new Sample(TrackEvent.AUDIO_TRACK, at, at, audio.samplesPerFrame(), true, sound));
        if (i == 1) {
          byte[] tag = HexFormat.of().parseHex("49443304000000000004" + "54495432");
          muxer.accept(new Cue(ticks, CueSchemes.ID3, tag));
          muxer.accept(new Cue(ticks, CueSchemes.SCTE35, splice()));
        }
      }
    }
    return out.toByteArray();
  }

  /** splice_insert of SCTE 35, out of network, with its CRC. */
  private static byte[] splice() {
    ByteBuf section =
        hex("fc3025000000000000fff01405000000017feffe2d142b00fe0123d3080001010100 00 00000000");
    int bytes = section.readableBytes();
    section.setShort(1, 0x3000 | bytes - 3);
    section.setInt(bytes - CRC_BYTES, Crc32Mpeg.of(section, 0, bytes - CRC_BYTES));
    return ByteBufUtil.getBytes(section);
  }

  private static TrackFormat avc() {
    String record = Fixtures.table("/h264/configurations.txt").getFirst().get(1);
    return AvcConfiguration.parse(HexFormat.of().parseHex(record)).toFormat();
  }

  private static TrackFormat hevc() {
    String record = Fixtures.table("/hevc/configurations.txt").getLast().get(1);
    return HevcConfiguration.parse(HexFormat.of().parseHex(record)).toFormat();
  }

  private static TrackFormat.Audio aac() {
    return AudioSpecificConfig.lc(48_000, 2).toFormat();
  }

  private static TrackFormat.Audio opus() {
    return OpusConfiguration.ofChannels(2).toFormat();
  }

  private static TrackFormat.Audio mp3() {
    return new TrackFormat.Audio(AudioCodec.MP3, "mp4a.40.34", new byte[0], 8_000, 1, 576);
  }

  private static byte[] mp3Frame() {
    return Arrays.copyOf(Fixtures.bytes("/mp3/mpeg25_8k.mp3"), 72);
  }

  private static ByteBuf hex(String text) {
    return Unpooled.wrappedBuffer(HexFormat.of().parseHex(text.replace(" ", "")));
  }
}
