package io.millrace.server.live;

import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.caption.CaptionReader;
import io.millrace.media.caption.CaptionScan;
import io.millrace.media.caption.CaptionServices;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Notices which closed captions come inside the main video, so that playlists and manifests tell
 * players of them. On the stream's event loop.
 */
final class CaptionWatch {
  private final Consumer<CaptionServices> announce;
  private final CaptionScan scan = new CaptionScan();
  private @Nullable CaptionReader reader;

  /**
   * @param announce is told of all services whenever one is new
   */
  CaptionWatch(Consumer<CaptionServices> announce) {
    this.announce = announce;
  }

  void format(TrackFormat.Video format) {
    reader = CaptionReader.of(format);
  }

  /** Borrows {@code sample}, which is of the main video. */
  void look(Sample sample) {
    CaptionReader reading = reader;
    if (reading != null && scan.look(reading.read(sample.payload()))) {
      announce.accept(scan.found());
    }
  }
}
