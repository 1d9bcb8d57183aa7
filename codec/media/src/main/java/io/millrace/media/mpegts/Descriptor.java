package io.millrace.media.mpegts;

import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A descriptor of a program or an elementary stream (ISO/IEC 13818-1 §2.6): 8 tag, 8 length, body.
 *
 * @param body at most 255 bytes; shared, read-only
 */
record Descriptor(int tag, byte[] body) {
  static final int REGISTRATION = 0x05;
  static final int ISO_639_LANGUAGE = 0x0A;
  static final int METADATA = 0x26;
  static final int DVB_TELETEXT = 0x56;
  static final int DVB_SUBTITLING = 0x59;
  static final int DVB_AC3 = 0x6A;
  static final int DVB_ENHANCED_AC3 = 0x7A;
  static final int DVB_DTS = 0x7B;
  static final int DVB_EXTENSION = 0x7F;

  /** Reads descriptors from the reader index on: {@code sizeBytes} of them, exactly. */
  static List<Descriptor> parseAll(ByteBuf in, int sizeBytes) {
    if (sizeBytes > in.readableBytes()) {
      throw MediaFormatException.malformed("descriptors run past the end of their section");
    }
    int end = in.readerIndex() + sizeBytes;
    List<Descriptor> found = new ArrayList<>();
    while (in.readerIndex() < end) {
      if (end - in.readerIndex() < 2 || end - in.readerIndex() - 2 < bodySize(in)) {
        throw MediaFormatException.malformed("descriptor runs past the end of its loop");
      }
      int tag = in.readUnsignedByte();
      byte[] body = new byte[in.readUnsignedByte()];
      in.readBytes(body);
      found.add(new Descriptor(tag, body));
    }
    return List.copyOf(found);
  }

  private static int bodySize(ByteBuf in) {
    return in.getUnsignedByte(in.readerIndex() + 1);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Descriptor that && tag == that.tag && Arrays.equals(body, that.body);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(body) + tag;
  }

  void write(ByteBuf out) {
    out.writeByte(tag).writeByte(body.length).writeBytes(body);
  }

  /** A registration descriptor (§2.6.8) of four characters. */
  static Descriptor registration(String format) {
    return new Descriptor(REGISTRATION, format.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** An ISO 639 language descriptor (§2.6.18) of one language and audio type 0. */
  static Descriptor language(String code) {
    return new Descriptor(ISO_639_LANGUAGE, (code + "\0").getBytes(StandardCharsets.ISO_8859_1));
  }

  /** The format_identifier of the first registration descriptor; null without. */
  static @Nullable String registration(List<Descriptor> descriptors) {
    Descriptor found = find(descriptors, REGISTRATION);
    return found == null || found.body.length < 4 ? null : found.text(0, 4);
  }

  /** The first language, three lower-case letters; null where none or none that can be one. */
  static @Nullable String language(List<Descriptor> descriptors) {
    Descriptor found = find(descriptors, ISO_639_LANGUAGE);
    if (found == null || found.body.length < 3) {
      return null;
    }
    String code = found.text(0, 3).toLowerCase(Locale.ROOT);
    return code.chars().allMatch(c -> c >= 'a' && c <= 'z') && !code.equals("und") ? code : null;
  }

  static @Nullable Descriptor find(List<Descriptor> descriptors, int tag) {
    for (Descriptor descriptor : descriptors) {
      if (descriptor.tag == tag) {
        return descriptor;
      }
    }
    return null;
  }

  /** Bytes of the body as characters of Latin 1. */
  String text(int from, int sizeBytes) {
    return new String(body, from, sizeBytes, StandardCharsets.ISO_8859_1);
  }

  @Override
  public String toString() {
    return "0x%02x %s".formatted(tag, HexFormat.of().formatHex(body));
  }
}
