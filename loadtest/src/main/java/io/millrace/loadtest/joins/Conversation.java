package io.millrace.loadtest.joins;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * What one viewer asks for and when the answers come, whatever the protocol: one media file, or a
 * playlist and then the newest part in it. Confined to the connection's event loop, but for {@link
 * #joined}.
 */
final class Conversation {
  private static final int MAX_PLAYLIST_BYTES = 1 << 20;

  /**
   * What came of it; instants of {@link System#nanoTime}.
   *
   * @param firstNs the first byte of the first answer's content
   * @param mediaNs the first byte of media: the same where a media file was asked for at once
   */
  record Joined(long firstNs, long mediaNs) {}

  private final CompletableFuture<Joined> joined = new CompletableFuture<>();
  private final ByteArrayOutputStream playlist = new ByteArrayOutputStream();
  private final boolean playlistFirst;
  private String path;
  private boolean gzip;
  private boolean inMedia;
  private long firstNs;
  private long mediaNs;

  /**
   * @param path a playlist's, or a media file's
   */
  Conversation(String path, boolean playlistFirst) {
    this.path = path;
    this.playlistFirst = playlistFirst;
    this.inMedia = !playlistFirst;
  }

  /** What is to be asked for. */
  String path() {
    return path;
  }

  /**
   * An answer begins.
   *
   * @param coding of its content; null for none
   */
  void head(int status, @Nullable CharSequence coding) {
    if (status != 200) {
      fail(new IllegalStateException(path + " has status " + status));
    }
    gzip = coding != null && coding.toString().equals("gzip");
  }

  /** Borrows a piece of an answer's content. */
  void content(ByteBuf bytes) {
    if (!bytes.isReadable() || joined.isDone()) {
      return;
    }
    long nowNs = System.nanoTime();
    if (firstNs == 0) {
      firstNs = nowNs;
    }
    if (inMedia) {
      mediaNs = mediaNs == 0 ? nowNs : mediaNs;
    } else if (playlist.size() < MAX_PLAYLIST_BYTES) {
      byte[] copy = new byte[bytes.readableBytes()];
      bytes.getBytes(bytes.readerIndex(), copy);
      playlist.writeBytes(copy);
    }
  }

  /** An answer has ended. Returns what to ask for next; null when there is no more. */
  @Nullable String ended() {
    if (!playlistFirst || inMedia) {
      if (mediaNs == 0) {
        fail(new IllegalStateException(path + " is empty"));
      }
      joined.complete(new Joined(firstNs, mediaNs));
      return null;
    }
    inMedia = true;
    String part;
    try {
      part = newestPart(text());
    } catch (IOException e) {
      fail(e);
      return null;
    }
    if (part == null) {
      fail(new IllegalStateException(path + " lists no part"));
      return null;
    }
    path = URI.create(path).resolve(part).toString();
    return path;
  }

  private String text() throws IOException {
    InputStream in = new ByteArrayInputStream(playlist.toByteArray());
    try (InputStream plain = gzip ? new GZIPInputStream(in) : in) {
      return new String(plain.readNBytes(MAX_PLAYLIST_BYTES), StandardCharsets.UTF_8);
    }
  }

  void fail(Throwable cause) {
    joined.completeExceptionally(cause);
  }

  /** When the media file has come to its end. */
  CompletableFuture<Joined> joined() {
    return joined;
  }

  /** The address of the newest part that a playlist lists; null for none. */
  static @Nullable String newestPart(String playlist) {
    String found = null;
    for (String line : playlist.lines().filter(each -> each.startsWith("#EXT-X-PART:")).toList()) {
      int from = line.indexOf("URI=\"") + 5;
      found = line.substring(from, line.indexOf('"', from));
    }
    return found;
  }
}
