package io.millrace.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.function.Consumer;

/**
 * What a hostile sender may make of a valid input. A parser passes when it accepts or throws {@link
 * MediaFormatException}, and nothing else.
 */
public final class HostileInput {
  private static final int RANDOM_INPUTS = 5_000;

  private HostileInput() {}

  /** Feeds {@code seed} truncated at every byte, with every byte mutated, and random bytes. */
  public static void feed(byte[] seed, Consumer<byte[]> parser) {
    offer(seed, parser);
    for (int length = 0; length < seed.length; length++) {
      offer(Arrays.copyOf(seed, length), parser);
    }
    int[] values = {0x00, 0x01, 0x7F, 0x80, 0xFF};
    for (int i = 0; i < seed.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        offer(with(seed, i, seed[i] ^ 1 << bit), parser);
      }
      for (int value : values) {
        offer(with(seed, i, value), parser);
      }
    }
    Random random = new Random(20_261_121);
    for (int i = 0; i < RANDOM_INPUTS; i++) {
      byte[] bytes = new byte[random.nextInt(80)];
      random.nextBytes(bytes);
      int kept = Math.min(random.nextInt(1 + seed.length), bytes.length);
      System.arraycopy(seed, 0, bytes, 0, kept);
      offer(bytes, parser);
    }
  }

  /** Feeds {@code bytes} as they are: what the fuzz targets do. */
  public static void offer(byte[] bytes, Consumer<byte[]> parser) {
    try {
      parser.accept(bytes);
    } catch (MediaFormatException e) {
      assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(200);
    } catch (RuntimeException | Error e) {
      throw new AssertionError("on " + HexFormat.of().formatHex(bytes), e);
    }
  }

  private static byte[] with(byte[] seed, int index, int value) {
    byte[] bytes = seed.clone();
    bytes[index] = (byte) value;
    return bytes;
  }
}
