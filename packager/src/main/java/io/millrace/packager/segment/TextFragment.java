package io.millrace.packager.segment;

import io.millrace.media.Timescale;
import io.millrace.packager.bmff.Box;
import io.millrace.packager.bmff.ContainerBox;
import io.millrace.packager.bmff.FileTypeBox;
import io.millrace.packager.bmff.FragmentSample;
import io.millrace.packager.bmff.MediaDataBox;
import io.millrace.packager.bmff.MovieFragmentHeaderBox;
import io.millrace.packager.bmff.OpaqueBox;
import io.millrace.packager.bmff.TrackFragmentDecodeTimeBox;
import io.millrace.packager.bmff.TrackFragmentHeaderBox;
import io.millrace.packager.bmff.TrackRunBox;
import io.millrace.packager.text.TextCue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Writes a part of a text rendition as {@code [styp] moof mdat} (ISO/IEC 14496-30 §6). A sample is
 * what is shown together; a new one begins where a cue does, or ends. Samples tile the part, so one
 * with nothing to show is there as well.
 *
 * <pre>
 *  sample   vttc vttc …    or   vtte
 *  vttc     [iden] [sttg] payl        UTF-8 without terminators
 * </pre>
 *
 * <p>Every sample has its size in {@code trun}, also where there is one only: Shaka Player takes a
 * sample without one for a single cue.
 */
final class TextFragment {
  private static final FileTypeBox SEGMENT_TYPE =
      new FileTypeBox("styp", "msdh", 0, List.of("msdh", "cmfs", "cmff", "cmf2"));
  private static final byte[] NOTHING = Box.toBytes(List.of(new OpaqueBox("vtte", new byte[0])));

  private TextFragment() {}

  /**
   * @param cues that are shown in it, in order
   * @param fromTicks in {@link Timescale#VIDEO}
   * @param number of the fragment, for {@code mfhd}
   * @param startsSegment true to put {@code styp} first
   */
  static byte[] write(
      List<TextCue> cues, long fromTicks, long toTicks, int number, boolean startsSegment) {
    TreeSet<Long> changes = new TreeSet<>(List.of(fromTicks, toTicks));
    for (TextCue cue : cues) {
      changes.add(Math.clamp(cue.startTicks(), fromTicks, toTicks));
      changes.add(Math.clamp(cue.endTicks(), fromTicks, toTicks));
    }
    List<FragmentSample> table = new ArrayList<>();
    List<byte[]> samples = new ArrayList<>();
    long atTicks = fromTicks;
    for (long nextTicks : changes.tailSet(fromTicks, false)) {
      byte[] sample = sample(cues, atTicks);
      samples.add(sample);
      table.add(
          new FragmentSample(
              Math.toIntExact(nextTicks - atTicks), sample.length, FragmentSample.KEY_FLAGS, 0));
      atTicks = nextTicks;
    }
    List<Box> boxes = new ArrayList<>(3);
    if (startsSegment) {
      boxes.add(SEGMENT_TYPE);
    }
    int dataOffset = fragment(number, fromTicks, table, 0).sizeBytes() + Box.HEADER_BYTES;
    boxes.add(fragment(number, fromTicks, table, dataOffset));
    boxes.add(new MediaDataBox(joined(samples)));
    return Box.toBytes(boxes);
  }

  private static ContainerBox fragment(
      int number, long startTicks, List<FragmentSample> table, int dataOffset) {
    return ContainerBox.of(
        "moof",
        new MovieFragmentHeaderBox(number),
        ContainerBox.of(
            "traf",
            new TrackFragmentHeaderBox(InitWriter.TRACK_ID, null, null, FragmentSample.KEY_FLAGS),
            new TrackFragmentDecodeTimeBox(startTicks),
            new TrackRunBox(TrackRunBox.DURATION | TrackRunBox.SIZE, dataOffset, table)));
  }

  private static byte[] sample(List<TextCue> cues, long atTicks) {
    List<Box> shown = new ArrayList<>();
    for (TextCue cue : cues) {
      if (cue.startTicks() <= atTicks && cue.endTicks() > atTicks) {
        shown.add(cue(cue));
      }
    }
    return shown.isEmpty() ? NOTHING : Box.toBytes(shown);
  }

  private static Box cue(TextCue cue) {
    List<Box> boxes = new ArrayList<>(3);
    boxes.add(text("iden", cue.id()));
    if (!cue.settings().isEmpty()) {
      boxes.add(text("sttg", cue.settings()));
    }
    boxes.add(text("payl", cue.text()));
    return new OpaqueBox("vttc", Box.toBytes(boxes));
  }

  private static Box text(String type, String text) {
    return new OpaqueBox(type, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] joined(List<byte[]> samples) {
    ByteBuffer out = ByteBuffer.allocate(samples.stream().mapToInt(sample -> sample.length).sum());
    samples.forEach(out::put);
    return out.array();
  }
}
