package io.millrace.server.ingest;

import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.mpegts.CueSchemes;
import io.millrace.media.scte35.SpliceOut;
import io.millrace.media.scte35.SpliceSection;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Cue points of RTMP encoders as the cues that transport streams carry.
 *
 * <ul>
 *   <li>{@code onAdCue} (Adobe Primetime): {@code type} {@code scte35} with a splice_info_section
 *       in base64, or {@code cue} {@code SpliceOut} with {@code id} and {@code duration}.
 *   <li>{@code onCuePoint} of {@code name} or {@code type} {@code scte35} (AWS Elemental), or of
 *       YouTube's form: a section in base64 in any parameter, or id and duration of a break.
 *   <li>Every other {@code onCuePoint} (Adobe ActionScript: name, type, parameters) becomes timed
 *       metadata: an ID3 tag with a {@code TXXX} frame for each parameter.
 * </ul>
 */
final class CuePoints {
  private static final int MAX_PARAMETERS = 32;
  private static final int MAX_TAG_BYTES = 4_096;
  private static final double MAX_BREAK_SECONDS = 86_400;

  /** Video ticks in one of 90 kHz. */
  private static final int PTS_DIVISOR = 4;

  /** Of a tag, and of a frame. */
  private static final int HEADER_BYTES = 10;

  private CuePoints() {}

  /**
   * The cue that a message is; null where it says nothing that is taken.
   *
   * @param ticks when, in video ticks
   * @param said plain values
   */
  static @Nullable Cue cue(String message, long ticks, Map<String, Object> said) {
    TreeMap<String, Object> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    all.putAll(said);
    if (said.get("parameters") instanceof Map<?, ?> parameters) {
      parameters.forEach((key, value) -> all.put(String.valueOf(key), value));
    }
    boolean splices =
        message.equals("onAdCue")
            || contains(said.get("name"), "scte35")
            || contains(said.get("type"), "scte35")
            || contains(said.get("type"), "youtube");
    if (splices) {
      byte[] section = section(all);
      section = section == null ? breakOf(all, ticks) : section;
      return section == null ? null : new Cue(ticks, CueSchemes.SCTE35, section);
    }
    return message.equals("onCuePoint") ? new Cue(ticks, CueSchemes.ID3, tag(said, all)) : null;
  }

  private static boolean contains(@Nullable Object value, String word) {
    return value instanceof String text && text.toLowerCase(Locale.ROOT).contains(word);
  }

  private static byte @Nullable [] section(Map<String, Object> all) {
    for (Object value : all.values()) {
      if (value instanceof String text && text.startsWith("/")) { // table_id 0xFC
        try {
          byte[] section = Base64.getMimeDecoder().decode(text);
          SpliceSection parsed = SpliceSection.parse(section);
          assert parsed.command() != null;
          return section;
        } catch (IllegalArgumentException | MediaFormatException _) {
          // another kind of text
        }
      }
    }
    return null;
  }

  /** A break whose sender says id and duration in words. */
  private static byte @Nullable [] breakOf(Map<String, Object> all, long ticks) {
    Double seconds = number(all, "duration", "break_duration_sec", "break_duration");
    if (seconds == null || !(seconds > 0) || seconds > MAX_BREAK_SECONDS) {
      return null;
    }
    Object id = first(all, "id", "splice_event_id", "spliceEventId");
    int eventId =
        switch (id) {
          case Double number -> (int) (long) (double) number;
          case String text when text.matches("\\d{1,9}") -> Integer.parseInt(text);
          case null -> 0;
          default -> id.toString().hashCode();
        };
    return SpliceOut.section(eventId, ticks / PTS_DIVISOR, Math.round(seconds * 90_000));
  }

  private static @Nullable Double number(Map<String, Object> all, String... keys) {
    return switch (first(all, keys)) {
      case Double number -> number;
      case String text when text.matches("\\d{1,6}(\\.\\d{1,6})?") -> Double.valueOf(text);
      case null, default -> null;
    };
  }

  private static @Nullable Object first(Map<String, Object> all, String... keys) {
    for (String key : keys) {
      if (all.get(key) != null) {
        return all.get(key);
      }
    }
    return null;
  }

  /** ID3v2.4 (§3.1) with a TXXX frame (§4.2.6) for the name, the type and each parameter. */
  private static byte[] tag(Map<String, Object> said, Map<String, Object> all) {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    int count = 0;
    for (Map.Entry<String, Object> each : all.entrySet()) {
      boolean plain = !(each.getValue() instanceof Map<?, ?>) && !each.getKey().equals("time");
      byte[] frame = plain ? frame(each.getKey(), each.getValue().toString()) : new byte[0];
      if (frames.size() + frame.length > MAX_TAG_BYTES || count == MAX_PARAMETERS) {
        break;
      }
      frames.writeBytes(frame);
      count++;
    }
    if (frames.size() == 0) {
      frames.writeBytes(frame("name", String.valueOf(said.get("name"))));
    }
    return header(frames.size()).put(frames.toByteArray()).array();
  }

  private static byte[] frame(String key, String value) {
    byte[] text = (key + '\0' + value).getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + 1 + text.length);
    out.put("TXXX".getBytes(StandardCharsets.US_ASCII)).putInt(synchsafe(1 + text.length));
    return out.putShort((short) 0).put((byte) 3).put(text).array(); // UTF-8
  }

  private static ByteBuffer header(int sizeBytes) {
    return ByteBuffer.allocate(HEADER_BYTES + sizeBytes)
        .put("ID3".getBytes(StandardCharsets.US_ASCII))
        .put((byte) 4)
        .put((byte) 0)
        .put((byte) 0)
        .putInt(synchsafe(sizeBytes));
  }

  /** Seven bits a byte (§6.2). */
  private static int synchsafe(int size) {
    return (size & 0x7F)
        | (size & 0x3F80) << 1
        | (size & 0x1F_C000) << 2
        | (size & 0xFE0_0000) << 3;
  }
}
