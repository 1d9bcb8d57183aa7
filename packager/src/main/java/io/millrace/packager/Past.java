package io.millrace.packager;

import io.millrace.media.TrackFormat;
import io.millrace.packager.RenditionInfo.Kind;
import io.millrace.packager.dvr.DvrStream;
import io.millrace.packager.dvr.DvrWindow;
import io.millrace.packager.dvr.StoredInterval;
import io.millrace.packager.segment.Gap;
import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a presentation has on disk: intervals that were published earlier, by this process or one
 * before it, and a place for those to come.
 */
record Past(DvrStream stream) {
  /** A rendition as it was published last. */
  record Stored(RenditionSpec spec, Kind kind) {}

  /** Every rendition that has media on disk, in ladder order. */
  List<Stored> renditions() {
    List<Stored> all = new ArrayList<>();
    for (String name : stream.renditions()) {
      DvrWindow window = stream.find(name);
      Kind kind = window == null ? null : kind(window);
      if (window != null && kind != null) {
        all.add(new Stored(spec(name, window.note()), kind));
      }
    }
    return all;
  }

  private static @Nullable Kind kind(DvrWindow window) {
    if (window.lastSequence() < 0 || window.inits().isEmpty()) {
      return null;
    }
    return switch (window.inits().getLast().format()) {
      case TrackFormat.Video _ -> Kind.VIDEO;
      case TrackFormat.Audio _ -> Kind.AUDIO;
      case TrackFormat.Text _ -> null; // is not kept
    };
  }

  DvrWindow window(RenditionSpec spec) {
    return stream.rendition(spec.name(), note(spec));
  }

  /** What the newest media of each rendition is. */
  List<TrackFormat> newestFormats() {
    List<TrackFormat> formats = new ArrayList<>();
    for (String name : stream.renditions()) {
      DvrWindow window = stream.find(name);
      StoredInterval newest = window == null ? null : window.newestMedia();
      InitSegment init = window == null || newest == null ? null : window.init(newest.initNumber());
      if (init != null) {
        formats.add(init.format());
      }
    }
    return formats;
  }

  static String note(RenditionSpec spec) {
    String language = spec.language() == null ? "-" : spec.language();
    String label = spec.label() == null ? "" : spec.label();
    return String.format(
        Locale.ROOT, "%d %d %s %s", spec.order(), spec.declaredBitrateBps(), language, label);
  }

  /** Of a note that cannot be read, the name is left. */
  static RenditionSpec spec(String name, String note) {
    String[] words = note.split(" ", 4);
    try {
      int order = Integer.parseInt(words[0]);
      long bitrateBps = Long.parseLong(words[1]);
      String language = words[2].equals("-") ? null : words[2];
      String label = words[3].isEmpty() ? null : words[3];
      return new RenditionSpec(name, order, bitrateBps, label, language);
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      return new RenditionSpec(name, 0, 0);
    }
  }

  /** An interval as windows list it, without its media; null where its init segment is missing. */
  static @Nullable Interval listed(StoredInterval stored, DvrWindow window) {
    if (stored.isGap()) {
      return new Gap(
          stored.sequence(),
          stored.discontinuity(),
          stored.boundaryTicks(),
          stored.timescale(),
          stored.startTicks(),
          stored.endTicks());
    }
    InitSegment init = window.init(stored.initNumber());
    return init == null
        ? null
        : new Segment(
            stored.sequence(),
            stored.discontinuity(),
            stored.boundaryTicks(),
            init,
            stored.startTicks(),
            stored.endTicks(),
            stored.sampleCount(),
            stored.sizeBytes(),
            List.of());
  }
}
