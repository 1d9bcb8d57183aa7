package io.millrace.server.dvr;

import io.millrace.media.StreamKey;
import io.millrace.packager.dvr.DvrListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the operator what happens to a stream's window on disk. */
record DvrNotes(StreamKey key) implements DvrListener {
  private static final Logger LOG = LoggerFactory.getLogger(DvrNotes.class);

  @Override
  public void failed(String rendition, String reason) {
    LOG.atError()
        .addKeyValue("stream", key)
        .addKeyValue("rendition", rendition)
        .addKeyValue("reason", reason)
        .log("DVR cannot write to disk: the stream stays live, viewers cannot go back meanwhile");
  }

  @Override
  public void recovered(String rendition, long holes) {
    LOG.atInfo()
        .addKeyValue("stream", key)
        .addKeyValue("rendition", rendition)
        .addKeyValue("missing_segments", holes)
        .log("DVR writes to disk again");
  }

  @Override
  public void repaired(String what) {
    LOG.atWarn().addKeyValue("stream", key).addKeyValue("what", what).log("DVR repaired");
  }
}
