package io.millrace.transport.srt.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CipherTest {
  private static final String PASSPHRASE = "0123456789";

  private final SecureRandom random = new SecureRandom();

  /** What libsrt encrypted, with two refreshes of the key in the first of them. */
  @ParameterizedTest
  @CsvSource({"aes128.srt, 16, 70, 2", "aes192.srt, 24, 10, 0", "aes256.srt, 32, 10, 0"})
  void decryptsWhatLibsrtEncrypted(String name, int keyBytes, int messages, int refreshes)
      throws Exception {
    Capture capture = Capture.resource(name);
    KeyExchange keys = null;
    int message = 0;
    int refreshed = 0;
    for (int i = 0; i < capture.packets().size(); i++) {
      ByteBuf packet = capture.packets().get(i);
      if (!SrtPacket.isControl(packet)) {
        assertThat(keys.cipher().decrypt(packet)).isTrue();
        assertThat(ByteBufUtil.getBytes(packet, 16, packet.readableBytes() - 16))
            .isEqualTo(Capture.message(message++));
        assertThat(SrtPacket.keyFlags(packet)).isEqualTo(SrtPacket.KEY_NONE);
      } else if (capture.fromCaller().get(i)
          && SrtPacket.type(packet) == ControlType.HANDSHAKE
          && Handshake.type(packet) == Handshake.CONCLUSION) {
        keys = accept(keyBody(packet), Capture.PASSPHRASE);
        assertThat(KeyMaterial.parse(keyBody(packet)).keyBytes()).isEqualTo(keyBytes);
      } else if (SrtPacket.type(packet) == ControlType.USER_DEFINED
          && capture.fromCaller().get(i)) {
        byte[] answer = keys.onControl(packet);
        assertThat(answer).isEqualTo(ByteBufUtil.getBytes(packet, 16, packet.readableBytes() - 16));
        refreshed++;
      }
    }
    assertThat(message).isEqualTo(messages);
    assertThat(refreshed).isEqualTo(refreshes);
  }

  private static byte[] keyBody(ByteBuf conclusion) throws HandshakeException {
    return Handshake.parse(conclusion).extensions().stream()
        .filter(each -> each instanceof HandshakeExtension.Keys)
        .map(each -> ((HandshakeExtension.Keys) each).body())
        .findFirst()
        .orElseThrow();
  }

  private KeyExchange accept(byte[] body, String passphrase) throws HandshakeException {
    return KeyExchange.accept(body, passphrase, random, 1 << 20, 1 << 10);
  }

  /** RFC 3394 §4.1. */
  @Test
  void keysAreWrappedAsRfc3394Says() throws Exception {
    Cipher wrap = Cipher.getInstance("AESWrap");
    HexFormat hex = HexFormat.of();
    wrap.init(
        Cipher.WRAP_MODE,
        new SecretKeySpec(hex.parseHex("000102030405060708090a0b0c0d0e0f"), "AES"));
    assertThat(
            wrap.wrap(new SecretKeySpec(hex.parseHex("00112233445566778899aabbccddeeff"), "AES")))
        .isEqualTo(hex.parseHex("1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"));
  }

  /** The key stream from AES-ECB is that of AES-CTR with the counter block of the draft. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 15, 16, 17, 188, 1316, 1456})
  void isCounterMode(int bytes) throws Exception {
    Random seeded = new Random(bytes);
    byte[] salt = new byte[16];
    byte[] key = new byte[16];
    byte[] plain = new byte[bytes];
    seeded.nextBytes(salt);
    seeded.nextBytes(key);
    seeded.nextBytes(plain);
    int sequence = seeded.nextInt() & SequenceNumber.MAX;
    byte[] block = new byte[16];
    for (int i = 0; i < 4; i++) {
      block[10 + i] = (byte) (sequence >>> (24 - 8 * i));
    }
    for (int i = 0; i < 14; i++) {
      block[i] ^= salt[i];
    }
    Cipher counter = Cipher.getInstance("AES/CTR/NoPadding");
    counter.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(block));
    byte[] expected = counter.doFinal(plain);

    ByteBuf buffer = Unpooled.directBuffer().writeZero(3).writeBytes(plain);
    new AesCtr(salt, key, 0, 16).apply(sequence, buffer, 3, bytes, new AesCtr.Scratch());
    assertThat(ByteBufUtil.getBytes(buffer, 3, bytes)).isEqualTo(expected);
    buffer.release();
  }

  @Test
  void bothSidesOfTheHandshakesKeyUnderstandEachOther() throws Exception {
    KeyExchange caller = KeyExchange.create(PASSPHRASE, 32, random, 1 << 20, 1 << 10);
    KeyExchange listener = accept(caller.handshakeBody(), PASSPHRASE);
    assertThat(listener.handshakeBody()).isEqualTo(caller.handshakeBody());
    assertTravels(caller, listener, 5);
    assertTravels(listener, caller, 6);
  }

  private static void assertTravels(KeyExchange from, KeyExchange to, int sequence) {
    ByteBuf packet = packet(sequence);
    String clear = ByteBufUtil.hexDump(packet);
    from.cipher().encrypt(packet);
    assertThat(SrtPacket.keyFlags(packet)).isNotEqualTo(SrtPacket.KEY_NONE);
    assertThat(ByteBufUtil.hexDump(packet, 16, 100)).isNotEqualTo(clear.substring(32));
    assertThat(to.cipher().decrypt(packet)).isTrue();
    assertThat(ByteBufUtil.hexDump(packet)).isEqualTo(clear);
  }

  private static ByteBuf packet(int sequence) {
    ByteBuf packet = Unpooled.buffer();
    SrtPacket.writeData(packet, sequence, 1, 2, 3);
    return packet.writeZero(100);
  }

  @Test
  void anotherPassphraseIsABadSecret() {
    KeyExchange caller = KeyExchange.create(PASSPHRASE, 16, random, 1 << 20, 1 << 10);
    assertThatThrownBy(() -> accept(caller.handshakeBody(), "another-passphrase"))
        .isInstanceOfSatisfying(
            HandshakeException.class,
            e -> assertThat(e.rejectCode()).isEqualTo(RejectCode.BAD_SECRET));
  }

  @Test
  void anotherCipherIsSaidToBeSo() {
    byte[] body = KeyExchange.create(PASSPHRASE, 16, random, 1 << 20, 1 << 10).handshakeBody();
    body[8] = 4; // AES-GCM
    body[9] = 1;
    assertThatThrownBy(() -> KeyMaterial.parse(body))
        .isInstanceOfSatisfying(
            HandshakeException.class, e -> assertThat(e.rejectCode()).isEqualTo(RejectCode.CRYPTO));
  }

  @Test
  void undecryptablePacketStaysAsItIs() throws Exception {
    KeyExchange caller = KeyExchange.create(PASSPHRASE, 16, random, 1 << 20, 1 << 10);
    ByteBuf packet = packet(9);
    for (int flags : new int[] {SrtPacket.KEY_ODD, SrtPacket.KEY_BOTH}) {
      SrtPacket.setKeyFlags(packet, flags);
      String before = ByteBufUtil.hexDump(packet);
      assertThat(caller.cipher().decrypt(packet)).isFalse();
      assertThat(ByteBufUtil.hexDump(packet)).isEqualTo(before);
    }
  }

  /** Packets are encrypted with the old key until the peer has the next one. */
  @Test
  void keyIsChangedOnlyWhenThePeerHasTheNext() throws Exception {
    KeyExchange caller = KeyExchange.create(PASSPHRASE, 16, random, 100, 20);
    KeyExchange listener = accept(caller.handshakeBody(), PASSPHRASE);
    int sequence = 0;
    for (; sequence < 80; sequence++) {
      assertTravels(caller, listener, sequence);
      assertThat(caller.poll(0)).isNull();
    }
    assertTravels(caller, listener, sequence++);
    byte[] announced = caller.poll(0);
    assertThat(announced).isNotNull();
    assertThat(caller.poll(1)).isNull();
    assertThat(caller.poll(SenderKeys.RETRY_US)).isEqualTo(announced);
    for (; sequence < 150; sequence++) {
      ByteBuf packet = packet(sequence);
      caller.cipher().encrypt(packet);
      assertThat(SrtPacket.keyFlags(packet)).isEqualTo(SrtPacket.KEY_EVEN);
      caller.poll(SenderKeys.RETRY_US);
    }
    byte[] answer = listener.onControl(key(ExtensionType.KEY_REQUEST, announced));
    assertThat(answer).isEqualTo(announced);
    assertThat(caller.onControl(key(ExtensionType.KEY_RESPONSE, answer))).isNull();
    assertThat(caller.poll(SenderKeys.RETRY_US)).isNull();
    ByteBuf packet = packet(sequence);
    caller.cipher().encrypt(packet);
    assertThat(SrtPacket.keyFlags(packet)).isEqualTo(SrtPacket.KEY_ODD);
    assertThat(listener.cipher().decrypt(packet)).isTrue();
    // One that was encrypted before and is sent again can still be read.
    assertThat(listener.onControl(key(ExtensionType.KEY_REQUEST, announced))).isEqualTo(announced);
  }

  private static ByteBuf key(int subtype, byte[] body) {
    ByteBuf packet = Unpooled.buffer();
    SrtPacket.writeControl(packet, ControlType.USER_DEFINED, subtype, 0, 0, 0);
    return packet.writeBytes(body);
  }

  @Test
  void hostileKeyMessagesChangeNothing() throws Exception {
    KeyExchange caller = KeyExchange.create(PASSPHRASE, 16, random, 1 << 20, 1 << 10);
    KeyExchange listener = accept(caller.handshakeBody(), PASSPHRASE);
    byte[] stranger =
        KeyExchange.create("another-passphrase", 16, random, 1 << 20, 1 << 10).handshakeBody();
    assertThat(listener.onControl(key(ExtensionType.KEY_REQUEST, stranger))).isNull();
    for (int seed = 0; seed < 5_000; seed++) {
      Random seeded = new Random(seed);
      byte[] body = caller.handshakeBody();
      int length = seeded.nextInt(160);
      byte[] hostile = Arrays.copyOf(body, length);
      for (int i = seeded.nextInt(5); i >= 0 && length > 0; i--) {
        hostile[seeded.nextInt(length)] ^= (byte) (1 + seeded.nextInt(255));
      }
      byte[] answer = listener.onControl(key(3 + seeded.nextInt(2), hostile));
      assertThat(answer).as("seed %d", seed).isNull();
    }
    assertTravels(caller, listener, 1);
  }

  @Test
  @DisplayName("CVE-2026-55869: a key request of any length but its own is not taken")
  void keyRequestsOfAWrongLengthAreNotTaken() throws Exception {
    KeyExchange caller = KeyExchange.create(PASSPHRASE, 16, random, 1 << 20, 1 << 10);
    KeyExchange listener = accept(caller.handshakeBody(), PASSPHRASE);
    byte[] body = caller.handshakeBody();
    for (int bytes = 0; bytes <= 1456; bytes++) {
      byte[] request = Arrays.copyOf(body, bytes);
      byte[] answer = listener.onControl(key(ExtensionType.KEY_REQUEST, request));
      if (bytes == body.length) {
        assertThat(answer).isEqualTo(body);
      } else {
        assertThat(answer).as("%d bytes", bytes).isNull();
        assertThatThrownBy(() -> KeyMaterial.parse(request)).isInstanceOf(HandshakeException.class);
      }
    }
    assertTravels(caller, listener, 1);
  }

  /** Not even the short ones, which say that the peer has no secret, or another. */
  @Test
  @DisplayName("CVE-2026-55868: no key response makes a connection less encrypted")
  void keyResponsesTakeNoEncryptionAway() throws Exception {
    KeyExchange caller = KeyExchange.create(PASSPHRASE, 16, random, 100, 20);
    KeyExchange listener = accept(caller.handshakeBody(), PASSPHRASE);
    int sequence = 0;
    for (boolean announcing : new boolean[] {false, true}) {
      for (int bytes = 0; bytes <= 1456; bytes++) {
        byte[] response = new byte[bytes];
        Arrays.fill(response, (byte) bytes);
        assertThat(caller.onControl(key(ExtensionType.KEY_RESPONSE, response))).isNull();
      }
      for (byte status = 0; status < 8; status++) {
        byte[] failure = {0, 0, 0, status};
        assertThat(caller.onControl(key(ExtensionType.KEY_RESPONSE, failure))).isNull();
        byte[] littleEndian = {status, 0, 0, 0};
        assertThat(caller.onControl(key(ExtensionType.KEY_RESPONSE, littleEndian))).isNull();
      }
      for (int i = 0; i < 85; i++) {
        assertTravels(caller, listener, sequence++);
      }
      assertThat(caller.poll(0) != null).as("the next key is announced").isNotEqualTo(announcing);
    }
    ByteBuf clear = packet(sequence);
    assertThat(listener.cipher().decrypt(clear)).as("a packet in the clear is taken").isFalse();
  }

  @Test
  void noGarbagePerPacket() throws Exception {
    KeyExchange caller = KeyExchange.create(PASSPHRASE, 16, random, 1L << 30, 1 << 10);
    KeyExchange listener = accept(caller.handshakeBody(), PASSPHRASE);
    ByteBuf packet = Unpooled.buffer(); // a tracked one would note every access
    SrtPacket.writeData(packet, 1, 1, 2, 3);
    packet.writeZero(1316);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int packets = 20_000;
    long allocated = 0;
    for (int round = 0; round < 2; round++) { // the first one warms up
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < packets; i++) {
        caller.cipher().encrypt(packet);
        listener.cipher().decrypt(packet);
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertThat(allocated / packets).isLessThan(8);
  }
}
