package io.millrace.server.dvr;

import io.millrace.media.StreamKey;
import io.millrace.packager.dvr.DvrListener;
import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventSink;
import io.millrace.server.event.EventType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the operator what happens to a stream's window on disk. */
record DvrNotes(StreamKey key, EventSink events) implements DvrListener {
  private static final Logger LOG = LoggerFactory.getLogger(DvrNotes.class);

  @Override
  public void failed(String rendition, String reason) {
    events.say(
        LOG,
        EventNote.error(
                EventType.DVR_FAILED,
                key,
                "DVR cannot write to disk: the stream stays live, viewers cannot go back meanwhile")
            .with("rendition", rendition)
            .with("reason", reason));
  }

  @Override
  public void recovered(String rendition, long holes) {
    events.say(
        LOG,
        EventNote.info(EventType.DVR_RECOVERED, key, "DVR writes to disk again")
            .with("rendition", rendition)
            .with("missing_segments", holes));
  }

  @Override
  public void repaired(String what) {
    LOG.atWarn().addKeyValue("stream", key).addKeyValue("what", what).log("DVR repaired");
  }
}
