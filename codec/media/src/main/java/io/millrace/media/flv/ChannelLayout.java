package io.millrace.media.flv;

import io.netty.buffer.ByteBufUtil;

/** Which loudspeaker each channel is for (Enhanced RTMP v2, MultichannelConfig). */
public sealed interface ChannelLayout {
  /** Number of channels, 0–255. */
  int channels();

  /** Only the count is known. */
  record Unspecified(int channels) implements ChannelLayout {}

  /**
   * In the order of AudioChannel.
   *
   * @param mask AudioChannelMask: bit 0 front left, 1 front right, 2 front centre, 3 low frequency,
   *     …
   */
  record Native(int channels, int mask) implements ChannelLayout {}

  /**
   * By name.
   *
   * @param speakers an AudioChannel for each channel; owned by the record, read-only
   */
  record Custom(byte[] speakers) implements ChannelLayout {
    @Override
    public int channels() {
      return speakers.length;
    }

    @Override
    public String toString() {
      return "Custom " + ByteBufUtil.hexDump(speakers);
    }
  }
}
