package io.millrace.transport.rtmp;

import java.time.Duration;

/**
 * How an {@link RtmpPublisher} publishes.
 *
 * @param encoder what it calls itself
 * @param connectDeadline from the first packet to the accepted publish
 * @param outChunkBytes chunk size that it sends with, 128 to 16777215
 * @param maxPendingBytes bodies waiting for the socket; more is dropped
 * @param capabilities what it says in {@code connect} that it can do beyond RTMP 1.0
 */
public record RtmpPublisherSettings(
    String encoder,
    Duration connectDeadline,
    int outChunkBytes,
    int maxPendingBytes,
    RtmpCapabilities capabilities) {

  public RtmpPublisherSettings {
    if (outChunkBytes < 128 || outChunkBytes > 0xFFFFFF) {
      throw new IllegalArgumentException("outChunkBytes is " + outChunkBytes);
    }
    if (maxPendingBytes < 1) {
      throw new IllegalArgumentException("maxPendingBytes is " + maxPendingBytes);
    }
  }

  public static RtmpPublisherSettings defaults() {
    return new RtmpPublisherSettings(
        "FMLE/3.0 (compatible; Millrace)",
        Duration.ofSeconds(10),
        65_536,
        8 << 20,
        RtmpCapabilities.MILLRACE);
  }

  public RtmpPublisherSettings withMaxPending(int bytes) {
    return new RtmpPublisherSettings(encoder, connectDeadline, outChunkBytes, bytes, capabilities);
  }

  public RtmpPublisherSettings withCapabilities(RtmpCapabilities said) {
    return new RtmpPublisherSettings(
        encoder, connectDeadline, outChunkBytes, maxPendingBytes, said);
  }
}
