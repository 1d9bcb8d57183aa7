package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Tokens of Retry packets (RFC 9000 §8.1.4). */
class AddressValidationTest {
  private static final InetSocketAddress CALLER = new InetSocketAddress("192.0.2.1", 4433);

  private final AtomicLong nowNs = new AtomicLong(5);
  private final AtomicBoolean busy = new AtomicBoolean(true);
  private final byte[] key = new byte[AddressValidation.KEY_BYTES];
  private final AddressValidation validation = new AddressValidation(key, busy::get, nowNs::get);
  private final ByteBuf id = Unpooled.wrappedBuffer(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});

  private ByteBuf token() {
    ByteBuf token = Unpooled.buffer(validation.maxTokenLength());
    assertThat(validation.writeToken(token, id, CALLER)).isTrue();
    return token;
  }

  @Test
  void nobodyIsAskedInQuietTimes() {
    busy.set(false);
    ByteBuf out = Unpooled.buffer();
    assertThat(validation.writeToken(out, id, CALLER)).isFalse();
    assertThat(out.isReadable()).isFalse();
  }

  @Test
  void tokenNamesTheIdThatTheCallerBeganWith() {
    ByteBuf token = token();
    int at = validation.validateToken(token, CALLER);
    assertThat(at).isPositive();
    assertThat(token.slice(at, token.readableBytes() - at)).isEqualTo(id);
  }

  @Test
  void tokenIsGoodForItsAddressAndPortOnly() {
    ByteBuf token = token();
    assertThat(validation.validateToken(token, new InetSocketAddress("192.0.2.2", 4433)))
        .isEqualTo(-1);
    assertThat(validation.validateToken(token, new InetSocketAddress("192.0.2.1", 4434)))
        .isEqualTo(-1);
  }

  @Test
  void tokenIsGoodForSeconds() {
    ByteBuf token = token();
    nowNs.addAndGet(Duration.ofSeconds(10).toNanos());
    assertThat(validation.validateToken(token, CALLER)).isPositive();
    nowNs.addAndGet(1);
    assertThat(validation.validateToken(token, CALLER)).isEqualTo(-1);
  }

  @Test
  void changedOrForeignTokensAreRefused() {
    ByteBuf token = token();
    for (int i = 0; i < token.readableBytes(); i++) {
      ByteBuf changed = token.copy();
      changed.setByte(i, changed.getByte(i) ^ 1);
      assertThat(validation.validateToken(changed, CALLER)).as("byte %s", i).isEqualTo(-1);
    }
    for (int size = 0; size < 64; size++) {
      assertThat(validation.validateToken(Unpooled.wrappedBuffer(new byte[size]), CALLER))
          .isEqualTo(-1);
    }
    byte[] otherKey = new byte[AddressValidation.KEY_BYTES];
    otherKey[0] = 1;
    AddressValidation other = new AddressValidation(otherKey, busy::get, nowNs::get);
    assertThat(other.validateToken(token, CALLER)).isEqualTo(-1);
  }
}
