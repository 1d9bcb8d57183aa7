package io.millrace.loadtest.viewers;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ChunkCounterTest {
  private static ByteBuf ascii(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  @Test
  void contentIsCountedInWhateverPiecesItComes() {
    String wire = "a\r\n0123456789\r\n1F\r\n" + "x".repeat(31) + "\r\n0\r\n\r\n";
    for (int step = 1; step <= wire.length(); step++) {
      ChunkCounter counter = new ChunkCounter();
      ByteBuf all = ascii(wire + "HTTP/1.1 200 OK");
      boolean complete = false;
      while (!complete) {
        complete = counter.take(all.readSlice(Math.min(step, wire.length() - all.readerIndex())));
      }
      assertThat(counter.bodyBytes()).isEqualTo(41);
      assertThat(all.readerIndex()).isEqualTo(wire.length());
    }
  }

  @Test
  void whatFollowsIsLeftToTheNextAnswer() {
    ByteBuf all = ascii("3\r\nabc\r\n0\r\nTrailer: x\r\n\r\nHTTP/1.1 200 OK");
    ChunkCounter counter = new ChunkCounter();
    assertThat(counter.take(all)).isTrue();
    assertThat(all.toString(StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200 OK");
    assertThat(counter.bodyBytes()).isEqualTo(3);
  }

  @Test
  void nonsenseIsNoticed() {
    for (String wire : new String[] {"zz\r\n", "\n", "3\r\nabcd", "fffffffffffffffff\r\n"}) {
      ChunkCounter counter = new ChunkCounter();
      assertThat(counter.take(ascii(wire))).isFalse();
      assertThat(counter.isMalformed()).as(wire).isTrue();
    }
  }
}
