package io.millrace.transport.srt;

import io.millrace.transport.srt.wire.HandshakeExtension;
import io.millrace.transport.srt.wire.KeyEncryptingKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link SrtCaller} says and allows. Immutable; start from {@link #of}.
 *
 * @param streamId for the listener, may be empty; 512 bytes at most; may hold a secret
 * @param passphrase 10 to 79 characters, or null for a connection in the clear
 * @param keyBytes 16, 24 or 32: AES-128, -192, -256
 * @param latency of receiving, at least; the listener may ask for more
 * @param peerLatency of sending, at least
 * @param connectDeadline from the first packet to the listener's answer
 */
public record SrtCallerSettings(
    String streamId,
    @Nullable String passphrase,
    int keyBytes,
    Duration latency,
    Duration peerLatency,
    Duration connectDeadline,
    int mtuBytes,
    int windowPackets,
    int maxHeldBytes,
    int socketBufferBytes,
    long keyRefreshPackets,
    long keyAnnouncePackets) {

  public SrtCallerSettings {
    require(
        streamId.getBytes(StandardCharsets.UTF_8).length <= HandshakeExtension.MAX_STREAM_ID_BYTES,
        "stream id is longer than 512 bytes");
    require(
        passphrase == null
            || (passphrase.length() >= KeyEncryptingKey.MIN_PASSPHRASE_LENGTH
                && passphrase.length() <= KeyEncryptingKey.MAX_PASSPHRASE_LENGTH),
        "passphrase has other than 10 to 79 characters");
    require(
        keyBytes == 16 || keyBytes == 24 || keyBytes == 32, "key of other than 16, 24, 32 bytes");
    require(latency.toMillis() >= 0 && latency.toMillis() <= 60_000, "latency over 60 s");
    require(peerLatency.toMillis() >= 0 && peerLatency.toMillis() <= 60_000, "latency over 60 s");
    require(connectDeadline.toMillis() >= 1, "no time to connect");
    require(
        mtuBytes >= SrtSettings.MIN_MTU_BYTES && mtuBytes <= SrtSettings.MAX_MTU_BYTES,
        "MTU of other than 256 to 1500 bytes");
  }

  /** The defaults of {@link SrtSettings}, three seconds to connect. */
  public static SrtCallerSettings of(String streamId, @Nullable String passphrase) {
    SrtSettings defaults = SrtSettings.defaults();
    return new SrtCallerSettings(
        streamId,
        passphrase,
        16,
        defaults.latency(),
        defaults.latency(),
        Duration.ofSeconds(3),
        defaults.mtuBytes(),
        defaults.windowPackets(),
        defaults.maxHeldBytes(),
        defaults.socketBufferBytes(),
        defaults.keyRefreshPackets(),
        defaults.keyAnnouncePackets());
  }

  public SrtCallerSettings withKeyBytes(int bytes) {
    return new SrtCallerSettings(
        streamId,
        passphrase,
        bytes,
        latency,
        peerLatency,
        connectDeadline,
        mtuBytes,
        windowPackets,
        maxHeldBytes,
        socketBufferBytes,
        keyRefreshPackets,
        keyAnnouncePackets);
  }

  /**
   * @param latency both ways
   */
  public SrtCallerSettings withTimes(Duration latency, Duration connectDeadline) {
    return new SrtCallerSettings(
        streamId,
        passphrase,
        keyBytes,
        latency,
        latency,
        connectDeadline,
        mtuBytes,
        windowPackets,
        maxHeldBytes,
        socketBufferBytes,
        keyRefreshPackets,
        keyAnnouncePackets);
  }

  public SrtCallerSettings withKeyRefresh(long refreshPackets, long announcePackets) {
    return new SrtCallerSettings(
        streamId,
        passphrase,
        keyBytes,
        latency,
        peerLatency,
        connectDeadline,
        mtuBytes,
        windowPackets,
        maxHeldBytes,
        socketBufferBytes,
        refreshPackets,
        announcePackets);
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new IllegalArgumentException(what);
    }
  }

  /** Without secrets. */
  @Override
  public String toString() {
    return "SrtCallerSettings[encrypted=%b, latency=%s]".formatted(passphrase != null, latency);
  }
}
