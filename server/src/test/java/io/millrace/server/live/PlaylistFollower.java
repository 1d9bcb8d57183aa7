package io.millrace.server.live;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.packager.Document;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads every version of one media playlist in turn, as a player would, and checks that it goes on
 * from what it has read before (RFC 8216bis §6.2.2).
 */
final class PlaylistFollower {
  /** Dates are written in milliseconds and added up in microseconds. */
  private static final long ROUNDING_US = 1_500;

  /** A gap that takes no time may lie under the last frames before it. */
  private static final long EMPTY_US = 100_000;

  /** One media segment as listed. */
  record Entry(
      long sequence,
      Instant date,
      long durationUs,
      boolean gap,
      boolean discontinuity,
      String uri) {
    Instant end() {
      return date.plusNanos(durationUs * 1_000);
    }
  }

  private final String name;
  private final long maxHoleUs;
  private final TreeMap<Long, Entry> known = new TreeMap<>();
  private long firstListed;
  private long dropped;

  /**
   * @param maxHoleUs by how much a segment may begin behind the end of the one before
   */
  PlaylistFollower(String name, long maxHoleUs) {
    this.name = name;
    this.maxHoleUs = maxHoleUs;
  }

  /** Every segment seen so far. */
  TreeMap<Long, Entry> known() {
    return known;
  }

  /** Reads a version; returns the segments that are new in it. */
  List<Entry> read(Document document) {
    String text = new String(document.bytes(), UTF_8);
    List<Entry> fresh = new ArrayList<>();
    long sequence = -1;
    long discontinuitySequence = 0;
    Instant date = null;
    Entry before = null;
    long durationUs = 0;
    boolean gap = false;
    boolean discontinuity = false;
    for (String line : text.lines().toList()) {
      String value = line.substring(line.indexOf(':') + 1);
      if (line.startsWith("#EXT-X-MEDIA-SEQUENCE:")) {
        sequence = Long.parseLong(value);
        assertThat(sequence).as("%s: media sequence", name).isGreaterThanOrEqualTo(firstListed);
        dropped +=
            known.subMap(firstListed, sequence).values().stream()
                .filter(Entry::discontinuity)
                .count();
        firstListed = sequence;
      } else if (line.startsWith("#EXT-X-DISCONTINUITY-SEQUENCE:")) {
        discontinuitySequence = Long.parseLong(value);
      } else if (line.equals("#EXT-X-DISCONTINUITY")) {
        discontinuity = true;
      } else if (line.startsWith("#EXT-X-PROGRAM-DATE-TIME:")) {
        date = Instant.parse(value);
      } else if (line.equals("#EXT-X-GAP")) {
        gap = true;
      } else if (line.startsWith("#EXTINF:")) {
        durationUs = Math.round(Double.parseDouble(value.replace(",", "")) * 1_000_000);
      } else if (!line.startsWith("#")) {
        assertThat(before != null || date != null).as("%s: a date first", name).isTrue();
        Instant at = date != null ? date : before.end();
        Entry entry = new Entry(sequence++, at, durationUs, gap, discontinuity, line);
        listed(entry, before, fresh);
        before = entry;
        date = null;
        gap = false;
        discontinuity = false;
      }
    }
    assertThat(discontinuitySequence).as("%s: discontinuity sequence", name).isEqualTo(dropped);
    return fresh;
  }

  private void listed(Entry entry, @Nullable Entry before, List<Entry> fresh) {
    if (before != null) {
      long hole = Duration.between(before.end(), entry.date).toNanos() / 1_000;
      assertThat(hole)
          .as("%s: from %s to %s", name, before, entry)
          .isBetween(entry.gap && entry.durationUs == 0 ? -EMPTY_US : -ROUNDING_US, maxHoleUs);
    }
    Entry same = known.get(entry.sequence);
    if (same == null) {
      assertThat(known.isEmpty() || known.lastKey() == entry.sequence - 1)
          .as("%s: %s is next", name, entry)
          .isTrue();
      known.put(entry.sequence, entry);
      fresh.add(entry);
      return;
    }
    assertThat(entry.uri).as(name).isEqualTo(same.uri);
    assertThat(entry.durationUs).as(name).isEqualTo(same.durationUs);
    assertThat(entry.gap).as(name).isEqualTo(same.gap);
    assertThat(entry.discontinuity).as(name).isEqualTo(same.discontinuity);
    assertThat(Math.abs(Duration.between(entry.date, same.date).toNanos()))
        .as("%s: date of %s, was %s", name, entry, same)
        .isLessThanOrEqualTo(ROUNDING_US * 1_000);
  }
}
