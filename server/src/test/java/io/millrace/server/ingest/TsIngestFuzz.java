package io.millrace.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.HostileInput;
import io.millrace.media.MediaFormatException;
import io.millrace.media.mpegts.TsDemuxer;
import io.millrace.media.mpegts.TsDemuxerFuzz;
import io.millrace.media.mpegts.TsFuzzInput;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Fuzz target: a transport stream to track events. Input is as for {@link TsDemuxerFuzz}; what
 * comes out keeps the {@link EventLaws}, is no more than what went in but for what length prefixes
 * are longer than start codes, and can be sent {@link Onward}.
 */
public final class TsIngestFuzz {
  private static final int RECORDS = 1;
  private static final int MAX_NOTES = 64;

  private TsIngestFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(data, 1, data.length);
    byte[] stream = (data[0] & RECORDS) != 0 ? TsFuzzInput.packets(rest) : rest;
    List<String> notes = new ArrayList<>();
    try (Onward onward = new Onward()) {
      EventLaws laws = new EventLaws(onward);
      HostileInput.offer(data, _ -> feed(stream, laws, notes));
      assertThat(laws.payloadBytes()).isLessThanOrEqualTo(2L * stream.length);
    }
    assertThat(notes).hasSizeLessThan(MAX_NOTES);
  }

  private static void feed(byte[] stream, EventLaws laws, List<String> notes) {
    ByteBuf in = Unpooled.wrappedBuffer(stream);
    try (TsIngest ingest = new TsIngest(0, TsDemuxer.ANY_PROGRAM, laws, notes::add)) {
      ingest.accept(in);
      ingest.end();
      assertThat(ingest.droppedUnits()).isNotNegative();
      assertThat(in.readerIndex()).isZero();
    } catch (MediaFormatException e) {
      assertThat(in.refCnt()).isOne();
      throw e;
    }
  }

  public static List<byte[]> seeds() {
    return TsDemuxerFuzz.seeds();
  }
}
