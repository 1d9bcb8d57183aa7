package io.millrace.media.mpegts;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What networks do to a transport stream. Whatever it is, every unit that comes out is one that
 * went in, the damage is counted, nothing is left in memory, and with the last of the damage over
 * everything comes out again. A failure names its seed.
 */
final class TsDamageTest {
  /** {@code -Dmillrace.seeds=1000} looks further. */
  private static final int SEEDS = Integer.getInteger("millrace.seeds", 8);

  private static final int PICTURES = 60;
  private static final int PACKET = TsPacket.SIZE_BYTES;

  /** Damage to the first half of the packets. */
  enum Damage {
    DROP_SINGLE {
      @Override
      void apply(List<byte[]> packets, Random random) {
        for (int i = packets.size() / 2; i > 0; i--) {
          if (random.nextInt(60) == 0) {
            packets.remove(i);
          }
        }
      }
    },
    DROP_BURSTS {
      @Override
      void apply(List<byte[]> packets, Random random) {
        for (int burst = 0; burst < 6; burst++) {
          int at = random.nextInt(packets.size() / 3);
          // As many as an SRT message holds; a multiple of 16 of one PID would go unseen.
          packets.subList(at, at + 1 + random.nextInt(7)).clear();
        }
      }
    },
    DUPLICATE {
      @Override
      void apply(List<byte[]> packets, Random random) {
        for (int i = packets.size() / 2; i > 0; i--) {
          if (random.nextInt(20) == 0) {
            packets.add(i, packets.get(i));
          }
        }
      }

      @Override
      boolean harmless() {
        return true;
      }
    },
    REORDER {
      @Override
      void apply(List<byte[]> packets, Random random) {
        for (int i = packets.size() / 2; i > 1; i--) {
          if (random.nextInt(60) == 0) {
            Collections.swap(packets, i, i - 1 - random.nextInt(Math.min(i, 5)));
          }
        }
      }
    },
    ERROR_INDICATOR {
      @Override
      void apply(List<byte[]> packets, Random random) {
        for (int i = packets.size() / 2; i > 0; i--) {
          if (random.nextInt(60) == 0) {
            byte[] packet = packets.get(i).clone();
            packet[1] |= (byte) 0x80;
            packets.set(i, packet);
          }
        }
      }
    };

    abstract void apply(List<byte[]> packets, Random random);

    boolean harmless() {
      return false;
    }
  }

  @ParameterizedTest
  @EnumSource(Damage.class)
  void whatComesOutIsWhole(Damage damage) {
    for (long seed = 0; seed < SEEDS; seed++) {
      byte[] bytes = TestProgram.stream(seed, PICTURES);
      TsRecorder intact = TsDemuxerFfmpegTest.demux(bytes, new Random(seed));
      List<byte[]> packets = packets(bytes);
      damage.apply(packets, new Random(seed));
      Outcome outcome = demux(join(packets), new Random(seed));
      String where = damage + " seed " + seed;
      assertThat(outcome.failure).as(where).isNull();
      Set<TsRecorder.Unit> whole = new HashSet<>(intact.units);
      assertThat(whole).as(where).containsAll(outcome.recorder.units);
      assertThat(outcome.recorder.units).as(where).doesNotHaveDuplicates();
      if (damage != Damage.REORDER) { // a unit of one packet is whole wherever it turns up
        inOrder(where, intact, outcome.recorder);
      }
      int lost = intact.units.size() - outcome.recorder.units.size();
      if (damage.harmless()) {
        assertThat(lost).as(where).isZero();
        assertThat(outcome.recorder.losses).as(where).isEmpty();
      } else {
        assertThat(outcome.recorder.losses.size()).as(where).isPositive();
        assertThat(outcome.counters.continuityErrors()).as(where).isPositive();
      }
      // The second half is undamaged.
      List<TsRecorder.Unit> tail =
          intact.units.subList(intact.units.size() * 2 / 3, intact.units.size());
      assertThat(outcome.recorder.units).as(where).containsAll(tail);
    }
  }

  private static void inOrder(String where, TsRecorder intact, TsRecorder damaged) {
    Map<TsRecorder.Unit, Integer> order = new HashMap<>();
    for (TsRecorder.Unit unit : intact.units) {
      order.put(unit, order.size());
    }
    for (int pid : new int[] {TestProgram.VIDEO_PID, TestProgram.AUDIO_PID}) {
      assertThat(damaged.of(pid).stream().map(order::get)).as(where).isSorted();
    }
  }

  /** Damage that checksums would have caught: the demultiplexer may be wrong, but never astray. */
  @ParameterizedTest
  @EnumSource(Corruption.class)
  void corruptionIsSurvived(Corruption corruption) {
    for (long seed = 0; seed < SEEDS; seed++) {
      byte[] bytes = TestProgram.stream(seed, PICTURES);
      byte[] tail = TestProgram.stream(1_000 + seed, PICTURES);
      Random random = new Random(seed);
      byte[] corrupted = corruption.apply(bytes, random);
      // Enough packets behind it for the counters to be in step again.
      byte[] all = Arrays.copyOf(corrupted, corrupted.length + tail.length);
      System.arraycopy(tail, 0, all, corrupted.length, tail.length);
      Outcome outcome = demux(all, random);
      assertThat(outcome.failure).as(corruption + " seed " + seed).isNull();
      List<TsRecorder.Unit> expected =
          TsDemuxerFfmpegTest.demux(tail, new Random(seed)).of(TestProgram.VIDEO_PID);
      assertThat(outcome.recorder.units)
          .as(corruption + " seed " + seed)
          .containsAll(expected.subList(expected.size() / 3, expected.size()));
    }
  }

  /** What happens to bytes. */
  enum Corruption {
    FLIPPED_BITS {
      @Override
      byte[] apply(byte[] bytes, Random random) {
        byte[] out = bytes.clone();
        for (int i = 0; i < bytes.length / 2_000; i++) {
          out[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return out;
      }
    },
    RUNS_OF_NOISE {
      @Override
      byte[] apply(byte[] bytes, Random random) {
        byte[] out = bytes.clone();
        for (int i = 0; i < 5; i++) {
          byte[] noise = new byte[1 + random.nextInt(3_000)];
          random.nextBytes(noise);
          System.arraycopy(noise, 0, out, random.nextInt(out.length - 3_000), noise.length);
        }
        return out;
      }
    },
    BYTES_MISSING {
      @Override
      byte[] apply(byte[] bytes, Random random) {
        ByteBuf out = Unpooled.buffer();
        int at = 0;
        while (at < bytes.length) {
          int run = Math.min(bytes.length - at, 1 + random.nextInt(60_000));
          out.writeBytes(bytes, at, run);
          at += run + random.nextInt(400);
        }
        return Arrays.copyOf(out.array(), out.writerIndex());
      }
    },
    ENDS_EARLY {
      @Override
      byte[] apply(byte[] bytes, Random random) {
        return Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
    };

    abstract byte[] apply(byte[] bytes, Random random);
  }

  private record Outcome(TsRecorder recorder, TsCounters counters, MediaFormatException failure) {}

  private static Outcome demux(byte[] bytes, Random random) {
    UnpooledByteBufAllocator allocator = Heap.allocator();
    TsRecorder recorder = new TsRecorder();
    MediaFormatException failure = null;
    TsCounters counters;
    try (TsDemuxer demuxer = new TsDemuxer(TsDemuxer.ANY_PROGRAM, allocator, recorder)) {
      ByteBuf in = Unpooled.wrappedBuffer(bytes);
      try {
        while (in.isReadable()) {
          demuxer.accept(in.readSlice(Math.min(in.readableBytes(), 1 + random.nextInt(2_000))));
        }
        demuxer.flush();
      } catch (MediaFormatException e) {
        failure = e;
      }
      counters = demuxer.counters();
    }
    assertThat(allocator.metric().usedHeapMemory()).isZero();
    return new Outcome(recorder, counters, failure);
  }

  private static List<byte[]> packets(byte[] bytes) {
    List<byte[]> packets = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += PACKET) {
      packets.add(Arrays.copyOfRange(bytes, at, at + PACKET));
    }
    return packets;
  }

  private static byte[] join(List<byte[]> packets) {
    byte[] bytes = new byte[packets.size() * PACKET];
    for (int i = 0; i < packets.size(); i++) {
      System.arraycopy(packets.get(i), 0, bytes, i * PACKET, PACKET);
    }
    return bytes;
  }
}
