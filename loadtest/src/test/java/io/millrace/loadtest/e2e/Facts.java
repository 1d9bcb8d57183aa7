package io.millrace.loadtest.e2e;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a playlist or manifest says, one fact a line, in the words of {@code parsers.mjs}: as these
 * tests read it, to be compared with how others do.
 */
final class Facts {
  private Facts() {}

  static List<String> master(HlsPlaylist.Master master) {
    List<String> facts = new ArrayList<>();
    for (HlsPlaylist.Variant variant : master.variants()) {
      Map<String, String> attributes = variant.attributes();
      facts.add(
          "variant "
              + variant.uri()
              + " "
              + variant.bandwidth()
              + " "
              + attributes.get("AVERAGE-BANDWIDTH")
              + " "
              + attributes.get("CODECS")
              + " "
              + attributes.getOrDefault("RESOLUTION", "0x0"));
    }
    for (HlsPlaylist.Rendition rendition : master.renditions()) {
      Map<String, String> attributes = rendition.attributes();
      if (rendition.uri() != null) {
        facts.add(
            "rendition "
                + attributes.get("TYPE")
                + " "
                + attributes.get("GROUP-ID")
                + " "
                + attributes.get("NAME")
                + " "
                + rendition.uri());
      }
    }
    return facts;
  }

  static List<String> media(HlsPlaylist.Media media) {
    HlsPlaylist.LowLatency low = media.lowLatency();
    List<String> facts = new ArrayList<>();
    facts.add("sequence " + media.firstSequence());
    facts.add("target " + media.targetSeconds());
    facts.add("ended " + media.ended());
    facts.add("discontinuities " + media.discontinuitySequence());
    facts.add("skipped " + low.skipped());
    if (low.partTarget() != null) {
      facts.add("part-target " + seconds(low.partTarget()));
    }
    if (!low.control().isEmpty()) {
      facts.add(
          "control "
              + seconds(low.control().get("HOLD-BACK"))
              + " "
              + seconds(low.control().get("PART-HOLD-BACK"))
              + " "
              + seconds(low.control().get("CAN-SKIP-UNTIL"))
              + " "
              + "YES".equals(low.control().get("CAN-BLOCK-RELOAD")));
    }
    for (HlsPlaylist.Entry entry : media.entries()) {
      long at = entry.sequence();
      facts.add("segment " + at + " " + entry.uri() + " " + seconds(entry.seconds()));
      if (entry.programDateTime() != null) {
        facts.add("date " + at + " " + entry.programDateTime().toEpochMilli());
      }
      if (entry.discontinuity()) {
        facts.add("discontinuity " + at);
      }
      if (entry.gap()) {
        facts.add("gap " + at);
      }
    }
    for (HlsPlaylist.Part part : low.parts()) {
      String flags = (part.independent() ? " independent" : "") + (part.gap() ? " gap" : "");
      String name = "part " + part.sequence() + "." + part.index() + " " + part.uri();
      facts.add(name + " " + seconds(part.seconds()) + flags);
    }
    if (low.hint() != null) {
      facts.add("hint " + low.hint());
    }
    for (HlsPlaylist.Report report : low.reports()) {
      facts.add("report " + report.uri() + " " + report.lastSequence() + " " + report.lastPart());
    }
    return facts;
  }

  /** Segments of a representation that goes on in another period are one after another. */
  static List<String> manifest(DashManifest manifest) {
    LinkedHashSet<String> facts = new LinkedHashSet<>();
    for (DashManifest.Representation each : manifest.representations()) {
      facts.add(
          "representation %s %s %d %dx%d"
              .formatted(each.id(), each.codecs(), each.bandwidth(), each.width(), each.height()));
      for (DashManifest.Segment segment : each.segments()) {
        // Half a microsecond more or less is a matter of binary fractions; parsers.mjs does the
        // same.
        double lasts = (double) segment.durationTicks() / each.timescale() + 1e-9;
        facts.add(
            String.format(Locale.ROOT, "segment %s %s %.6f", segment.uri(), each.init(), lasts));
      }
    }
    return List.copyOf(facts);
  }

  /**
   * Where another parser reads something else, of what it knows of.
   *
   * @param answer of {@code parsers.mjs}
   * @param ignored kinds of facts that are not compared
   */
  static List<String> differences(
      URI uri, List<String> own, Map<String, Object> answer, Set<String> ignored) {
    List<String> problems = new ArrayList<>();
    answer.forEach(
        (parser, read) -> {
          String name = uri + ": " + parser + " ";
          Map<String, Object> said = Json.object(read);
          Object error = said.get("error");
          if (error != null) {
            problems.add(name + "refuses it: " + error);
            return;
          }
          List<String> speaks = Json.strings(said.get("speaks"));
          Set<String> theirs = new LinkedHashSet<>(Json.strings(said.get("facts")));
          theirs.removeIf(fact -> ignored.contains(kind(fact)));
          for (String fact : own) {
            boolean compared = speaks.contains(kind(fact)) && !ignored.contains(kind(fact));
            if (compared && !theirs.remove(fact)) {
              problems.add(name + "does not find: " + fact);
            }
          }
          theirs.forEach(fact -> problems.add(name + "alone finds: " + fact));
        });
    return problems;
  }

  private static String kind(String fact) {
    return fact.split(" ", 2)[0];
  }

  private static @Nullable String seconds(@Nullable String text) {
    return text == null ? null : seconds(new BigDecimal(text));
  }

  private static String seconds(BigDecimal seconds) {
    return seconds.setScale(6, RoundingMode.HALF_UP).toPlainString();
  }
}
