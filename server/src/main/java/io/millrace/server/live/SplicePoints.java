package io.millrace.server.live;

import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.mpegts.CueSchemes;
import io.millrace.media.scte35.Segmentation;
import io.millrace.media.scte35.SpliceCommand;
import io.millrace.media.scte35.SpliceSection;

/**
 * Which cues are points that a programme is left or joined at, so that segments should meet there.
 */
final class SplicePoints {
  private SplicePoints() {}

  static boolean isOne(Cue cue) {
    if (!cue.scheme().equals(CueSchemes.SCTE35)) {
      return false;
    }
    SpliceSection section;
    try {
      section = SpliceSection.parse(cue.message());
    } catch (MediaFormatException _) {
      return false;
    }
    return switch (section.command()) {
      case SpliceCommand.Insert insert -> !insert.cancelled() && insert.timed();
      case SpliceCommand.TimeSignal signal ->
          signal.timed() && section.segmentations().stream().anyMatch(Segmentation::splices);
      case SpliceCommand.Null _,
          SpliceCommand.BandwidthReservation _,
          SpliceCommand.Other _,
          SpliceCommand.Encrypted _ ->
          false;
    };
  }
}
