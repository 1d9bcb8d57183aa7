package io.millrace.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.tls.HelloAssembler.State;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Fuzz target: the first bytes of a connection, in reads as long as the first byte says. However
 * they are read, they come to the same; early data is never seen without a binder.
 */
public final class ClientHelloFuzz {
  private ClientHelloFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length == 0) {
      return;
    }
    HelloAssembler whole = new HelloAssembler();
    State state = whole.look(Unpooled.wrappedBuffer(data, 1, data.length - 1));
    HelloAssembler parts = new HelloAssembler();
    int step = 1 + (data[0] & 0xff);
    ByteBuf in = Unpooled.buffer();
    State inParts = State.PARTIAL;
    for (int at = 1; at < data.length && inParts == State.PARTIAL; at += step) {
      in.writeBytes(data, at, Math.min(step, data.length - at));
      inParts = parts.look(in);
    }
    assertThat(inParts).isEqualTo(state);
    ByteBuffer message = whole.message();
    if (state == State.COMPLETE && message != null) {
      assertThat(parts.message()).isEqualTo(message);
      ClientHello hello = ClientHello.parse(message);
      if (hello != null && hello.earlyData()) {
        assertThat(hello.binder()).hasSizeGreaterThanOrEqualTo(32);
      }
    }
  }

  public static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    byte[] early = Hellos.early(Hellos.binder(1));
    byte[] plain = Hellos.with().serverName("a").algorithms(Hellos.RSA_PSS).message();
    byte[] protocols = Hellos.with().protocols("ftp", "h2").message();
    for (byte[] message : List.of(early, plain, protocols)) {
      for (int fragmentBytes : new int[] {16_384, 90, 8}) {
        byte[] records = Hellos.records(message, fragmentBytes);
        byte[] seed = new byte[records.length + 1];
        seed[0] = (byte) fragmentBytes;
        System.arraycopy(records, 0, seed, 1, records.length);
        seeds.add(seed);
      }
    }
    return seeds;
  }
}
