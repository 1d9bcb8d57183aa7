package io.millrace.loadtest.viewers;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One viewer's connection: sends a request when it is told to, reads the answer's head, counts the
 * body, and says when an answer is complete. HTTP/1.1 with Content-Length or in chunks (RFC 9112
 * §6.3): anything else is an error. On its channel's event loop.
 */
final class Viewer extends ChannelInboundHandlerAdapter {
  private static final int MAX_HEAD_BYTES = 2048;
  private static final byte[] NO_HEAD = {};

  /** What a viewer tells, on its event loop. */
  interface Listener {
    void connected(Viewer viewer);

    /**
     * @param status of the answer, 200 for instance
     */
    void answered(Viewer viewer, int status, long bodyBytes);

    void failed(Viewer viewer, String reason);
  }

  private final Listener listener;
  private volatile @Nullable ChannelHandlerContext context;
  private byte[] head = NO_HEAD;
  private int status;
  private long bodyBytes;
  private long leftBytes;
  private boolean waiting;
  private boolean inBody;

  /** Of an answer in chunks; null for one with a length. */
  private @Nullable ChunkCounter chunks;

  /** What it asks for next, for whoever decides that. */
  @Nullable PartPosition wanted;

  Viewer(Listener listener) {
    this.listener = listener;
  }

  /** Sends one request; the previous one must have been answered. */
  void ask(ByteBuf request) {
    ChannelHandlerContext ctx = context;
    if (ctx == null || waiting) {
      request.release();
      return;
    }
    waiting = true;
    var _ = ctx.writeAndFlush(request);
  }

  /** Runs {@code task} on the viewer's event loop; does nothing before it is connected. */
  void execute(Runnable task) {
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      ctx.executor().execute(task);
    }
  }

  void close() {
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      waiting = false;
      var _ = ctx.close();
    }
  }

  /** Called when the connection can be used: after the TLS handshake where there is one. */
  void ready(ChannelHandlerContext ctx) {
    context = ctx;
    listener.connected(this);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    try {
      while (bytes.isReadable()) {
        if (!inBody && !readHead(bytes)) {
          return;
        }
        if (takeBody(bytes)) {
          inBody = false;
          waiting = false;
          listener.answered(this, status, bodyBytes);
        }
      }
    } finally {
      bytes.release();
    }
  }

  /** True when the body is complete. */
  private boolean takeBody(ByteBuf bytes) {
    ChunkCounter counter = chunks;
    if (counter == null) {
      long taken = Math.min(leftBytes, bytes.readableBytes());
      bytes.skipBytes((int) taken);
      leftBytes -= taken;
      return leftBytes == 0;
    }
    boolean complete = counter.take(bytes);
    bodyBytes = counter.bodyBytes();
    if (counter.isMalformed()) {
      fail("an answer in malformed chunks");
      bytes.skipBytes(bytes.readableBytes());
    }
    return complete;
  }

  /** True when the head is complete; its bytes are kept until then only. */
  private boolean readHead(ByteBuf bytes) {
    int had = head.length;
    int take = Math.min(bytes.readableBytes(), MAX_HEAD_BYTES - had);
    byte[] all = new byte[had + take];
    System.arraycopy(head, 0, all, 0, had);
    bytes.getBytes(bytes.readerIndex(), all, had, take);
    int end = endOfHead(all);
    if (end < 0) {
      if (all.length >= MAX_HEAD_BYTES) {
        fail("the answer's head has more than " + MAX_HEAD_BYTES + " bytes");
      }
      head = all;
      bytes.skipBytes(take);
      return false;
    }
    head = NO_HEAD;
    bytes.skipBytes(end - had);
    String text = new String(all, 0, end, StandardCharsets.ISO_8859_1);
    status = Integer.parseInt(text.substring(9, 12));
    boolean chunked = text.toLowerCase(Locale.ROOT).contains("\r\ntransfer-encoding: chunked\r\n");
    chunks = chunked ? new ChunkCounter() : null;
    leftBytes = chunked ? 0 : contentLength(text);
    bodyBytes = leftBytes;
    inBody = true;
    return true;
  }

  private static int endOfHead(byte[] bytes) {
    for (int i = 3; i < bytes.length; i++) {
      if (bytes[i] == '\n' && bytes[i - 1] == '\r' && bytes[i - 2] == '\n') {
        return i + 1;
      }
    }
    return -1;
  }

  private long contentLength(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    int at = lower.indexOf("\r\ncontent-length:");
    if (at < 0) {
      fail("an answer without Content-Length: " + text.lines().findFirst().orElse(""));
      return 0;
    }
    int from = at + "\r\ncontent-length:".length();
    return Long.parseLong(lower.substring(from, lower.indexOf("\r\n", from)).strip());
  }

  private void fail(String reason) {
    listener.failed(this, reason);
    close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (waiting) {
      waiting = false;
      listener.failed(this, "the server closed the connection");
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    fail(String.valueOf(cause));
  }
}
