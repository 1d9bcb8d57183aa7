package io.millrace.packager.segment;

import io.millrace.media.Timescale;
import io.millrace.media.TrackFormat;
import io.millrace.packager.crypt.ContentKey;
import org.jspecify.annotations.Nullable;

/**
 * A CMAF header (ISO/IEC 23000-19 §7.3.2.1): {@code ftyp} and {@code moov}. Immutable.
 *
 * @param number counts the init segments of the rendition that differ, from 0
 * @param bytes shared, read-only
 * @param key of the samples or segments that refer to it; null: they are not encrypted
 */
@SuppressWarnings("ArrayRecordComponent") // shared, never compared
public record InitSegment(int number, TrackFormat format, byte[] bytes, @Nullable ContentKey key) {
  /** Of media that is not encrypted. */
  public InitSegment(int number, TrackFormat format, byte[] bytes) {
    this(number, format, bytes, null);
  }

  /** True for the same init segment of the same rendition. */
  public boolean is(@Nullable InitSegment other) {
    return other != null && other.number == number;
  }

  public Timescale timescale() {
    return format.timescale();
  }

  @Override
  public String toString() {
    return "init " + number + " " + format;
  }
}
