package io.millrace.media.mpegts;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.FuzzSeeds;
import io.millrace.media.HostileInput;
import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Fuzz target: the demultiplexer. The first byte says whether the rest is a transport stream or
 * records ({@link TsFuzzInput}), and in what pieces it comes.
 *
 * <p>It is refused by a {@link MediaFormatException} or taken; pieces make no difference; no more
 * comes out than went in; what is held is bounded and released.
 */
public final class TsDemuxerFuzz {
  private static final int RECORDS = 1;

  /** Of a buffer that a stream may begin with, at most two a stream. */
  private static final int FIRST_BUFFERS_BYTES = 2 * (16 << 10);

  private TsDemuxerFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(data, 1, data.length);
    byte[] stream = (data[0] & RECORDS) != 0 ? TsFuzzInput.packets(rest) : rest;
    int pieceBytes = 1 + ((data[0] & 0xFE) << 1);
    HostileInput.offer(
        data,
        _ -> {
          Run whole = new Run(stream, Math.max(1, stream.length));
          Run pieces = new Run(stream, pieceBytes);
          assertThat(pieces.recorder.units).isEqualTo(whole.recorder.units);
          assertThat(pieces.recorder.notes).isEqualTo(whole.recorder.notes);
          assertThat(pieces.recorder.programs).isEqualTo(whole.recorder.programs);
          assertThat(pieces.recorder.losses).isEqualTo(whole.recorder.losses);
          assertThat(pieces.recorder.cues).hasSameSizeAs(whole.recorder.cues);
          assertThat(pieces.refusal).isEqualTo(whole.refusal);
          if (whole.refusal == null) {
            assertThat(pieces.counters).isEqualTo(whole.counters);
          }
        });
  }

  /** One demultiplexer over the whole stream. */
  private static final class Run {
    final TsRecorder recorder = new TsRecorder();
    @Nullable TsCounters counters;
    @Nullable String refusal;

    Run(byte[] stream, int pieceBytes) {
      UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
      ByteBuf in = Unpooled.wrappedBuffer(stream);
      try (TsDemuxer demuxer = new TsDemuxer(TsDemuxer.ANY_PROGRAM, allocator, recorder)) {
        for (int at = 0; at < stream.length; at += pieceBytes) {
          ByteBuf piece = in.slice(at, Math.min(pieceBytes, stream.length - at));
          demuxer.accept(piece);
          assertThat(piece.readerIndex()).isZero();
        }
        demuxer.flush();
        counters = demuxer.counters();
        long streams =
            recorder.programs.stream().mapToLong(program -> program.streams().size()).sum();
        assertThat(allocator.metric().usedHeapMemory())
            .isLessThanOrEqualTo(streams * FIRST_BUFFERS_BYTES + 4L * stream.length);
      } catch (MediaFormatException e) {
        refusal = e.kind() + " " + e.getMessage();
      }
      assertThat(allocator.metric().usedHeapMemory()).as("heap left").isZero();
      long unitBytes = recorder.units.stream().mapToLong(unit -> unit.bytes().length).sum();
      long cueBytes = recorder.cues.stream().mapToLong(cue -> cue.bytes().length).sum();
      assertThat(unitBytes + cueBytes).isLessThanOrEqualTo(stream.length);
      recorder.units.forEach(unit -> assertThat(unit.bytes()).isNotEmpty());
      assertThat(recorder.notes).hasSizeLessThanOrEqualTo(32);
    }
  }

  public static List<byte[]> seeds() {
    FuzzSeeds seeds = new FuzzSeeds();
    for (byte[] stream : TsFuzzInput.streams()) {
      seeds.add(new byte[] {94}, stream);
      seeds.add(new byte[] {94 | RECORDS}, TsFuzzInput.records(stream));
    }
    return seeds.list();
  }
}
