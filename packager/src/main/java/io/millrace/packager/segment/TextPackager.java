package io.millrace.packager.segment;

import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackEvent.Discontinuity;
import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.packager.text.CueBook;
import io.millrace.packager.text.TextCue;
import io.millrace.packager.text.WebVttSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what a {@link CueBook} has into the segments of a text rendition: exactly at the stream's
 * boundaries, and into parts at the same lines as the other renditions. An interval in which
 * nothing is said is a segment without text.
 *
 * <p>Text has no samples that would tell how far the stream is. Parts are sealed when {@link
 * #reach} says that another rendition has as many, so that text is never behind and takes as much
 * as can be taken of what comes late.
 */
public final class TextPackager implements Packager {
  /** How segments are written. */
  public enum Form {
    /** Each segment and each part a WebVTT file: for HLS. */
    WEBVTT {
      @Override
      byte[] init() {
        return new byte[0];
      }

      @Override
      byte[] part(List<TextCue> cues, long fromTicks, long toTicks, int number, boolean first) {
        return WebVttSegment.write(cues, fromTicks, toTicks);
      }
    },
    /** WebVTT in CMAF, for DASH. */
    CMAF {
      @Override
      byte[] init() {
        return InitWriter.write(TrackFormat.Text.WEBVTT, 0);
      }

      @Override
      byte[] part(List<TextCue> cues, long fromTicks, long toTicks, int number, boolean first) {
        return TextFragment.write(cues, fromTicks, toTicks, number, first);
      }
    };

    /** Empty where segments need none. */
    abstract byte[] init();

    abstract byte[] part(
        List<TextCue> cues, long fromTicks, long toTicks, int number, boolean first);
  }

  private final Form form;
  private final CueBook book;
  private final LongSupplier mediaEndTicks;
  private final SegmentListener listener;
  private final List<Part> parts = new ArrayList<>();
  private @Nullable InitSegment init;
  private @Nullable Boundary open;
  private long lastSequence = -1;
  private long sealedTicks;
  private int fragments;
  private byte @Nullable [] whole;

  /**
   * @param book borrowed; what it has
   * @param mediaEndTicks where the media of the other renditions ends so far, in video ticks
   */
  public TextPackager(
      Form form, CueBook book, LongSupplier mediaEndTicks, SegmentListener listener) {
    this.form = form;
    this.book = book;
    this.mediaEndTicks = mediaEndTicks;
    this.listener = listener;
  }

  @Override
  public void accept(TrackEvent event) {
    switch (event) {
      case Boundary boundary -> boundary(boundary);
      case Discontinuity _, End _ -> finish();
      case Format _, Cue _ -> {}
      case Sample sample -> sample.release();
    }
  }

  private void boundary(Boundary boundary) {
    if (boundary.sequence() <= lastSequence) {
      return; // a replay
    }
    lastSequence = boundary.sequence();
    listener.boundary(boundary);
    seal(boundary.startTicks());
    InitSegment header = init;
    if (header == null) {
      header = new InitSegment(0, TrackFormat.Text.WEBVTT, form.init());
      init = header;
      listener.init(header);
    }
    open = boundary;
    sealedTicks = boundary.startTicks();
    parts.clear();
    listener.opened(new Opening(boundary, header, boundary.startTicks()));
  }

  /** Another rendition has so many parts of a segment. */
  public void reach(long sequence, int count) {
    Boundary current = open;
    if (current == null || current.sequence() != sequence || current.partTicks() == 0) {
      return;
    }
    while (parts.size() < count) {
      sealPart(current, line(current), false);
    }
  }

  /** Where the next part ends. */
  private long line(Boundary current) {
    return current.startTicks() + (parts.size() + 1) * current.partTicks();
  }

  private void sealPart(Boundary current, long endTicks, boolean last) {
    List<TextCue> cues = book.between(sealedTicks, endTicks);
    byte[] bytes = form.part(cues, sealedTicks, endTicks, ++fragments, parts.isEmpty());
    Part part = new Part(sealedTicks, endTicks, true, bytes);
    sealedTicks = endTicks;
    book.sealed(endTicks);
    parts.add(part);
    listener.part(current.sequence(), part, last);
  }

  /** Ends the open segment, if there is one; it is at least as long as its parts. */
  private void seal(long wantedEndTicks) {
    Boundary current = open;
    InitSegment header = init;
    if (current == null || header == null) {
      return;
    }
    long endTicks = Math.max(wantedEndTicks, Math.max(sealedTicks, current.startTicks() + 1));
    if (current.partTicks() > 0) {
      while (line(current) < endTicks) {
        sealPart(current, line(current), false);
      }
    }
    if (sealedTicks < endTicks) {
      sealPart(current, endTicks, true);
    }
    whole =
        form == Form.WEBVTT && parts.size() > 1
            ? WebVttSegment.write(
                book.between(current.startTicks(), endTicks), current.startTicks(), endTicks)
            : null;
    open = null;
    listener.interval(
        new Segment(
            current.sequence(),
            current.discontinuity(),
            current.startTicks(),
            header,
            current.startTicks(),
            endTicks,
            parts.size(),
            parts));
  }

  /** The source is gone: seals what the others have; the rest when it is known where that ends. */
  private void finish() {
    Boundary current = open;
    long endTicks = mediaEndTicks.getAsLong();
    if (current != null && endTicks > current.startTicks()) {
      seal(endTicks);
    }
  }

  @Override
  public byte @Nullable [] whole() {
    return whole;
  }

  @Override
  public void discard() {
    Boundary current = open;
    open = null;
    if (current != null) {
      listener.givenUp(current.sequence());
    }
  }

  @Override
  public long droppedSamples() {
    return 0;
  }
}
