package io.millrace.loadtest.viewers;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Viewers of a file: all ask at once whenever {@link #tick} says so. */
final class TickScript implements Fleet.Script {
  private final ByteBuf request;

  TickScript(String path, String host) {
    String text =
        "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nAccept-Encoding: gzip\r\n\r\n";
    request =
        Unpooled.unreleasableBuffer(
            Unpooled.directBuffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII)));
  }

  @Override
  public void begin(Viewer viewer) {}

  @Override
  public void answered(Viewer viewer, int status, long bodyBytes) {}

  /** Has every viewer that has been answered ask again. */
  void tick(Fleet fleet) {
    fleet
        .viewers()
        .forEach(viewer -> viewer.execute(() -> viewer.ask(request.retainedDuplicate())));
  }
}
