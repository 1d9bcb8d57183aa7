package io.millrace.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.tls.HelloAssembler.State;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientHelloTest {
  private static final byte[] BINDER = Hellos.binder(1);

  private static ClientHello parse(byte[] message) {
    return ClientHello.parse(ByteBuffer.wrap(message));
  }

  @Test
  void readsWhatTheServerDecidesBy() {
    ClientHello hello = Objects.requireNonNull(parse(Hellos.early(BINDER)));
    assertThat(hello.serverName()).isEqualTo("media.example");
    assertThat(hello.ecdsa()).isTrue();
    assertThat(hello.earlyData()).isTrue();
    assertThat(hello.binder()).isEqualTo(BINDER);
    assertThat(hello.ticketName()).isEqualTo(new byte[16]);

    ClientHello plain =
        Objects.requireNonNull(
            parse(Hellos.with().serverName("A.Example.").algorithms(Hellos.RSA_PSS).message()));
    assertThat(plain.serverName()).isEqualTo("a.example");
    assertThat(plain.ecdsa()).isFalse();
    assertThat(plain.earlyData()).isFalse();
    assertThat(plain.binder()).isNull();
  }

  @Test
  void knowsHttpAmongOtherProtocols() {
    byte[] http = Hellos.with().protocols("ftp", "http/1.0").message();
    assertThat(Objects.requireNonNull(parse(http)).http()).isTrue();
    byte[] none = Hellos.with().serverName("a").message();
    assertThat(Objects.requireNonNull(parse(none)).http()).isTrue();
    byte[] other = Hellos.with().protocols("h2c", "h3").message();
    assertThat(Objects.requireNonNull(parse(other)).http()).isFalse();
    assertThat(parse(Hellos.with().protocols().message())).as("an empty list").isNull();
    assertThat(parse(Hellos.with().protocols("h2", "").message())).as("an empty name").isNull();
  }

  @Test
  void theFirstBinderCounts() {
    byte[] message =
        Hellos.with()
            .extension(42, new byte[0])
            .preSharedKeys(Hellos.binder(7), Hellos.binder(8))
            .message();
    assertThat(Objects.requireNonNull(parse(message)).binder()).isEqualTo(Hellos.binder(7));
  }

  @Test
  void whatTwoReadersCouldReadInTwoWaysIsRefused() {
    byte[] nothing = new byte[0];
    assertThat(parse(Hellos.with().extension(42, nothing).message()))
        .as("early data without a key")
        .isNull();
    assertThat(parse(Hellos.with().preSharedKeys(BINDER).extension(42, nothing).message()))
        .as("the key is not the last")
        .isNull();
    assertThat(
            parse(
                Hellos.with()
                    .extension(42, nothing)
                    .extension(42, nothing)
                    .preSharedKeys(BINDER)
                    .message()))
        .as("twice the same")
        .isNull();
    assertThat(parse(Hellos.with().extension(42, new byte[4]).preSharedKeys(BINDER).message()))
        .as("early data with content")
        .isNull();
    assertThat(parse(Hellos.with().preSharedKeys().message())).as("no key").isNull();
    assertThat(parse(Hellos.with().preSharedKeys(new byte[31]).message()))
        .as("a short binder")
        .isNull();
    byte[] message = Hellos.early(BINDER);
    assertThat(parse(Arrays.copyOf(message, message.length + 1))).as("a byte behind it").isNull();
    message[0] = 2;
    assertThat(parse(message)).as("a ServerHello").isNull();
  }

  @Test
  void noTruncationIsTaken() {
    byte[] message = Hellos.early(BINDER);
    for (int length = 0; length < message.length; length++) {
      byte[] cut = Arrays.copyOf(message, length);
      assertThat(parse(cut)).isNull();
      if (length >= 4) {
        cut[1] = 0;
        cut[2] = (byte) (length - 4 >> 8);
        cut[3] = (byte) (length - 4);
        ClientHello hello = parse(cut);
        assertThat(hello == null || !hello.earlyData()).as("cut to %d", length).isTrue();
      }
    }
  }

  /** Whatever comes, early data is never seen without the binder that it would be known by. */
  @Test
  void mutationsBreakNothing() {
    Random random = new Random(20_261_128);
    int taken = 0;
    for (int i = 0; i < 50_000; i++) {
      byte[] message = Hellos.early(BINDER);
      for (int n = 1 + random.nextInt(4); n > 0; n--) {
        message[random.nextInt(message.length)] = (byte) random.nextInt(256);
      }
      ClientHello hello = parse(message);
      if (hello != null) {
        taken++;
        assertThat(hello.earlyData() && hello.binder() == null).isFalse();
      }
    }
    assertThat(taken).as("the mutations are not all refused at the door").isGreaterThan(1_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {16_384, 400, 100, 13})
  void comesTogetherOverAnyRecordsAndReads(int fragmentBytes) {
    byte[] message = Hellos.early(BINDER);
    byte[] records = Hellos.records(message, fragmentBytes);
    for (int step : new int[] {1, 2, 7, records.length}) {
      HelloAssembler assembler = new HelloAssembler();
      ByteBuf in = Unpooled.buffer();
      State state = State.PARTIAL;
      for (int at = 0; at < records.length; at += step) {
        assertThat(state).isEqualTo(State.PARTIAL);
        assertThat(assembler.message()).isNull();
        in.writeBytes(records, at, Math.min(step, records.length - at));
        state = assembler.look(in);
      }
      assertThat(state).isEqualTo(State.COMPLETE);
      assertThat(assembler.message()).isEqualTo(ByteBuffer.wrap(message));
      assertThat(in.readerIndex()).isZero();
    }
  }

  @Test
  void earlyDataBehindItIsLeftAlone() {
    byte[] records = Hellos.records(Hellos.early(BINDER), 16_384);
    HelloAssembler assembler = new HelloAssembler();
    ByteBuf in = Unpooled.wrappedBuffer(records, new byte[] {23, 3, 3, 0, 4, 1, 2, 3, 4});
    assertThat(assembler.look(in)).isEqualTo(State.COMPLETE);
  }

  /** CVE-2026-45416: a length of 16 MiB in the first nine bytes. */
  @Test
  void aLengthAloneReservesNothing() {
    byte[] start = {22, 3, 1, 0, 4, 1, (byte) 0xff, (byte) 0xff, (byte) 0xff};
    assertThat(new HelloAssembler().look(Unpooled.wrappedBuffer(start))).isEqualTo(State.OTHER);
  }

  /** CVE-2026-75596: one byte a record. */
  @Test
  void manyTinyRecordsAreHostileSoon() {
    byte[] records = Hellos.records(Hellos.early(BINDER), 1);
    HelloAssembler assembler = new HelloAssembler();
    ByteBuf in = Unpooled.buffer();
    State state = State.PARTIAL;
    int reads = 0;
    while (state == State.PARTIAL) {
      in.writeBytes(records, reads * 6, 6);
      state = assembler.look(in);
      reads++;
    }
    assertThat(state).isEqualTo(State.HOSTILE);
    assertThat(reads).isEqualTo(HelloAssembler.MAX_RECORDS + 1);
  }

  @Test
  void whatIsNoHandshakeIsLeftToTheEngine() {
    assertThat(look(21, 3, 1, 0, 2, 1, 90)).as("an alert first").isEqualTo(State.OTHER);
    assertThat(look('G')).isEqualTo(State.OTHER);
    assertThat(look(22, 3, 1, 0, 0)).as("an empty fragment").isEqualTo(State.OTHER);
    assertThat(look(22, 3, 1, 0xff, 0xff)).as("a long fragment").isEqualTo(State.OTHER);
    assertThat(look(22, 3, 1, 0, 5, 1, 0, 0, 0, 1)).as("two messages").isEqualTo(State.OTHER);
    assertThat(look(22, 3, 1, 0)).isEqualTo(State.PARTIAL);
    assertThat(look()).isEqualTo(State.PARTIAL);
  }

  private static State look(int... bytes) {
    ByteBuf in = Unpooled.buffer();
    for (int each : bytes) {
      in.writeByte(each);
    }
    return new HelloAssembler().look(in);
  }
}
