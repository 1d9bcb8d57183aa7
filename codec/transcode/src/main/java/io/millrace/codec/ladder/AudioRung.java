package io.millrace.codec.ladder;

import io.millrace.media.AudioCodec;
import org.jspecify.annotations.Nullable;

/**
 * The audio rendition that all video renditions share.
 *
 * @param passthrough true when the publisher's AAC is served as it is; audio then never enters the
 *     transcoder
 * @param codec what it is encoded in: {@link AudioCodec#AAC} (LC) or {@link AudioCodec#OPUS}; of no
 *     meaning with {@code passthrough}
 * @param bitrateBps of the encoder in bits per second; 0 with {@code passthrough}
 * @param loudnessLufs the loudness that it is brought to (EBU R 128); null leaves it alone
 */
public record AudioRung(
    boolean passthrough, AudioCodec codec, long bitrateBps, @Nullable Double loudnessLufs) {
  public static final AudioRung PASSTHROUGH = new AudioRung(true, AudioCodec.AAC, 0, null);

  /** What a loudness may be, in LUFS. */
  public static final double MIN_LUFS = -36;

  public static final double MAX_LUFS = -10;

  public AudioRung {
    if (!passthrough && (bitrateBps < 16_000 || bitrateBps > 512_000)) {
      throw new IllegalArgumentException("audio bit rate out of 16k to 512k: " + bitrateBps);
    }
    if (codec == AudioCodec.MP3) {
      throw new IllegalArgumentException("no encoder for " + codec);
    }
    if (loudnessLufs != null && !(loudnessLufs >= MIN_LUFS && loudnessLufs <= MAX_LUFS)) {
      throw new IllegalArgumentException("loudness out of -36 to -10 LUFS: " + loudnessLufs);
    }
    if (passthrough && loudnessLufs != null) {
      throw new IllegalArgumentException("what is passed through keeps its loudness");
    }
  }

  /** Re-encodes to AAC-LC at {@code bitrateBps}, sample rate and channels kept (at most 2). */
  public static AudioRung aac(long bitrateBps) {
    return new AudioRung(false, AudioCodec.AAC, bitrateBps, null);
  }

  /** Re-encodes to Opus at {@code bitrateBps} and 48 kHz, channels kept (at most 2). */
  public static AudioRung opus(long bitrateBps) {
    return new AudioRung(false, AudioCodec.OPUS, bitrateBps, null);
  }

  /** The same, brought to a loudness. */
  public AudioRung withLoudness(@Nullable Double lufs) {
    return new AudioRung(passthrough, codec, bitrateBps, lufs);
  }
}
