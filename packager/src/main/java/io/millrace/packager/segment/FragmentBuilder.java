package io.millrace.packager.segment;

import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.packager.bmff.Box;
import io.millrace.packager.bmff.ContainerBox;
import io.millrace.packager.bmff.FileTypeBox;
import io.millrace.packager.bmff.FragmentSample;
import io.millrace.packager.bmff.MovieFragmentHeaderBox;
import io.millrace.packager.bmff.ProducerReferenceTimeBox;
import io.millrace.packager.bmff.RollGroupBox;
import io.millrace.packager.bmff.TrackFragmentDecodeTimeBox;
import io.millrace.packager.bmff.TrackFragmentHeaderBox;
import io.millrace.packager.bmff.TrackRunBox;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Collects the samples of one part and writes them as {@code [styp] [prft] moof mdat}.
 *
 * <p>Owns the samples until {@link #seal} or {@link #discard}; payloads are copied once, at seal.
 * Values that all samples share go into {@code tfhd}, the others into {@code trun}.
 *
 * <p>Not thread-safe.
 */
final class FragmentBuilder {
  private static final byte[] MDAT = "mdat".getBytes(StandardCharsets.ISO_8859_1);

  /** {@code msdh}: a DASH media segment; {@code cmfs}, {@code cmff}: a CMAF segment, fragment. */
  private static final FileTypeBox SEGMENT_TYPE =
      new FileTypeBox("styp", "msdh", 0, List.of("msdh", "cmfs", "cmff", "cmf2"));

  private record Timed(Sample sample, long decodeTicks) {}

  private final List<Timed> samples = new ArrayList<>();
  private final boolean rolls;
  private final Timescale timescale;
  private final @Nullable Instant epoch;
  private int payloadBytes;

  /**
   * @param rolls true where the samples have the init segment's roll distance
   * @param timescale of the samples
   * @param epoch wall-clock time of tick 0, where fragments are to tell it; else null
   */
  FragmentBuilder(boolean rolls, Timescale timescale, @Nullable Instant epoch) {
    this.rolls = rolls;
    this.timescale = timescale;
    this.epoch = epoch;
  }

  boolean isEmpty() {
    return samples.isEmpty();
  }

  int size() {
    return samples.size();
  }

  long startTicks() {
    return samples.getFirst().decodeTicks;
  }

  long lastDecodeTicks() {
    return samples.getLast().decodeTicks;
  }

  /** Takes the sample. */
  void add(Sample sample, long decodeTicks) {
    payloadBytes = Math.addExact(payloadBytes, sample.sizeBytes());
    samples.add(new Timed(sample, decodeTicks));
  }

  /**
   * Writes and releases the samples.
   *
   * @param wantedEndTicks where the last sample ends; moved so far that each sample has a duration
   * @param number of the fragment, for {@code mfhd}
   * @param startsSegment true to put {@code styp} first
   */
  Part seal(long wantedEndTicks, int number, boolean startsSegment) {
    try {
      long startTicks = startTicks();
      long endTicks = Math.max(wantedEndTicks, startTicks + samples.size());
      List<FragmentSample> table = table(endTicks);
      List<Box> head = new ArrayList<>(3);
      if (startsSegment) {
        head.add(SEGMENT_TYPE);
      }
      if (epoch != null) {
        head.add(producerReferenceTime(epoch));
      }
      head.add(movieFragment(number, startTicks, table));
      byte[] bytes = new byte[Box.sizeBytes(head) + Box.HEADER_BYTES + payloadBytes];
      ByteBuffer out = ByteBuffer.wrap(bytes);
      head.forEach(box -> box.write(out));
      out.putInt(Box.HEADER_BYTES + payloadBytes).put(MDAT);
      int at = out.position();
      for (Timed timed : samples) {
        ByteBuf payload = timed.sample.payload();
        int size = payload.readableBytes();
        payload.getBytes(payload.readerIndex(), bytes, at, size);
        at += size;
      }
      return new Part(startTicks, endTicks, samples.getFirst().sample.key(), bytes);
    } finally {
      discard();
    }
  }

  /** Releases the samples. */
  void discard() {
    samples.forEach(timed -> timed.sample.release());
    samples.clear();
    payloadBytes = 0;
  }

  /**
   * Durations are the distances of decoding times, the last one up to {@code endTicks}. Where the
   * reordering delay shrinks at the next key frame, the last decoding times may lie behind {@code
   * endTicks}; then all are spread evenly before it. Presentation times stay as they are.
   */
  private List<FragmentSample> table(long endTicks) {
    int count = samples.size();
    long startTicks = startTicks();
    boolean spread = endTicks <= lastDecodeTicks();
    long spreadTicks = endTicks - startTicks;
    List<FragmentSample> table = new ArrayList<>(count);
    long decodeTicks = startTicks;
    for (int i = 0; i < count; i++) {
      long nextTicks =
          spread
              ? startTicks + spreadTicks * (i + 1) / count
              : i + 1 < count ? samples.get(i + 1).decodeTicks : endTicks;
      Sample sample = samples.get(i).sample;
      table.add(
          new FragmentSample(
              Math.toIntExact(nextTicks - decodeTicks),
              sample.sizeBytes(),
              sample.key() ? FragmentSample.KEY_FLAGS : FragmentSample.DEPENDENT_FLAGS,
              Math.toIntExact(sample.ptsTicks() - decodeTicks)));
      decodeTicks = nextTicks;
    }
    return table;
  }

  private ProducerReferenceTimeBox producerReferenceTime(Instant tickZero) {
    Sample first = samples.getFirst().sample;
    long us = timescale.rescale(first.ptsTicks(), Timescale.MICROS);
    return new ProducerReferenceTimeBox(
        InitWriter.TRACK_ID,
        ProducerReferenceTimeBox.ntpTimestamp(tickZero.plus(us, ChronoUnit.MICROS)),
        first.ptsTicks());
  }

  private ContainerBox movieFragment(int number, long startTicks, List<FragmentSample> table) {
    Integer duration = common(table, FragmentSample::durationTicks);
    Integer size = common(table, FragmentSample::sizeBytes);
    Integer restFlags =
        common(table.subList(Math.min(1, table.size() - 1), table.size()), FragmentSample::flags);
    Integer offset = common(table, FragmentSample::compositionOffsetTicks);
    boolean firstDiffers = restFlags != null && restFlags != table.getFirst().flags();
    int fields =
        (duration == null ? TrackRunBox.DURATION : 0)
            | (size == null ? TrackRunBox.SIZE : 0)
            | (restFlags == null ? TrackRunBox.FLAGS : 0)
            | (firstDiffers ? TrackRunBox.FIRST_FLAGS : 0)
            | (offset != null && offset == 0 ? 0 : TrackRunBox.OFFSET);
    TrackFragmentHeaderBox header =
        new TrackFragmentHeaderBox(InitWriter.TRACK_ID, duration, size, restFlags);
    ContainerBox sized = fragment(number, header, startTicks, new TrackRunBox(fields, 0, table));
    int dataOffset = sized.sizeBytes() + Box.HEADER_BYTES;
    return fragment(number, header, startTicks, new TrackRunBox(fields, dataOffset, table));
  }

  private ContainerBox fragment(
      int number, TrackFragmentHeaderBox header, long startTicks, TrackRunBox run) {
    List<Box> track = new ArrayList<>(4);
    track.add(header);
    track.add(new TrackFragmentDecodeTimeBox(startTicks));
    track.add(run);
    if (rolls) {
      track.add(new RollGroupBox(run.samples().size()));
    }
    return ContainerBox.of(
        "moof", new MovieFragmentHeaderBox(number), new ContainerBox("traf", track));
  }

  private static @Nullable Integer common(
      List<FragmentSample> table, ToIntFunction<FragmentSample> field) {
    int first = field.applyAsInt(table.getFirst());
    for (FragmentSample sample : table) {
      if (field.applyAsInt(sample) != first) {
        return null;
      }
    }
    return first;
  }
}
