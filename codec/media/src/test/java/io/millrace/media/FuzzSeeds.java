package io.millrace.media;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Collects the inputs that a fuzz target starts from. A target is a class with two static methods:
 * {@code seeds()}, and {@code fuzzerTestOneInput(byte[])}, which throws when what it feeds breaks a
 * promise. It knows no fuzzer; loadtest runs them all.
 */
public final class FuzzSeeds {
  private final List<byte[]> seeds = new ArrayList<>();

  /** Adds the bytes of {@code parts} one behind the other. */
  public FuzzSeeds add(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    seeds.add(out.toByteArray());
    return this;
  }

  /** Adds each of {@code texts}, as hexadecimal with spaces, behind {@code prefix}. */
  public FuzzSeeds hex(int prefix, String... texts) {
    for (String text : texts) {
      add(new byte[] {(byte) prefix}, HexFormat.of().parseHex(text.replace(" ", "")));
    }
    return this;
  }

  public List<byte[]> list() {
    return List.copyOf(seeds);
  }
}
