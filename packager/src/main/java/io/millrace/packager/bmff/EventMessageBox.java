package io.millrace.packager.bmff;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * {@code emsg} version 1 (ISO/IEC 23009-1 §5.10.3.3): a message with a time of its own, in front of
 * the {@code moof} of a chunk.
 *
 * <pre>
 * 32 timescale | 64 presentation_time | 32 event_duration | 32 id
 * scheme_id_uri\0 | value\0 | message_data …
 * </pre>
 *
 * @param presentationTicks on the media's timeline
 * @param durationTicks {@link #UNKNOWN} when not known
 * @param id the same for the same event of one scheme and value
 * @param message shared, read-only
 */
public record EventMessageBox(
    int timescale,
    long presentationTicks,
    int durationTicks,
    int id,
    String scheme,
    String value,
    byte[] message)
    implements Box {
  /** 0xFFFFFFFF. */
  public static final int UNKNOWN = -1;

  private static final int NUMBERS_BYTES = 4 + 8 + 4 + 4;

  @Override
  public String type() {
    return "emsg";
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES
        + NUMBERS_BYTES
        + utf8(scheme).length
        + utf8(value).length
        + 2
        + message.length;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 1, 0);
    out.putInt(timescale).putLong(presentationTicks).putInt(durationTicks).putInt(id);
    out.put(utf8(scheme)).put((byte) 0);
    out.put(utf8(value)).put((byte) 0);
    out.put(message);
  }

  static EventMessageBox read(ByteBuffer in) {
    if (in.getInt() != 1 << 24) {
      throw new IllegalArgumentException("emsg of another version");
    }
    int timescale = in.getInt();
    long presentationTicks = in.getLong();
    int durationTicks = in.getInt();
    int id = in.getInt();
    String scheme = string(in);
    String value = string(in);
    byte[] message = new byte[in.remaining()];
    in.get(message);
    return new EventMessageBox(
        timescale, presentationTicks, durationTicks, id, scheme, value, message);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String string(ByteBuffer in) {
    int start = in.position();
    while (in.get() != 0) {
      // up to the terminator; the end of the box ends a broken one
    }
    byte[] bytes = new byte[in.position() - 1 - start];
    in.get(start, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EventMessageBox that
        && timescale == that.timescale
        && presentationTicks == that.presentationTicks
        && durationTicks == that.durationTicks
        && id == that.id
        && scheme.equals(that.scheme)
        && value.equals(that.value)
        && Arrays.equals(message, that.message);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(presentationTicks) * 31 + id;
  }

  @Override
  public String toString() {
    return "emsg " + scheme + " " + presentationTicks + " " + message.length + " bytes";
  }
}
