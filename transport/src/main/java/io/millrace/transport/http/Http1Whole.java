package io.millrace.transport.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A small reply as one buffer, head and content together: one write, one system call.
 *
 * <p>Thousands who wait for the same thing get the same reply, one after another on each event
 * loop; so each loop remembers the head that it has encoded last, which saves all but the copying.
 * What it remembers is a few hundred bytes and a reply that others hold as well.
 */
final class Http1Whole {
  /** What is larger is sent slice by slice, as the client takes it. */
  static final int MAX_BODY_BYTES = 32 * 1024;

  private static final FastThreadLocal<@Nullable Encoded> LAST = new FastThreadLocal<>();

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Encoded(
      HttpReply reply,
      Http1Head.Persistence persistence,
      String date,
      @Nullable String altSvc,
      byte[] head) {
    boolean is(
        HttpReply other, Http1Head.Persistence persisting, String now, @Nullable String service) {
      return reply == other
          && persistence == persisting
          && date.equals(now)
          && Objects.equals(altSvc, service);
    }
  }

  private Http1Whole() {}

  /** True for content that is all there and small, or that is not to be sent. */
  static boolean takes(ReplyBody body) {
    return switch (body) {
      case ReplyBody.Empty _ -> true;
      case ReplyBody.Bytes bytes -> bytes.sizeBytes() <= MAX_BODY_BYTES;
      case ReplyBody.Growing _, ReplyBody.Live _ -> false;
    };
  }

  /**
   * Returns a new buffer, which is the caller's.
   *
   * @param reply one that {@link #takes} says is small
   * @param content whether the content is sent, or only its length
   */
  static ByteBuf encode(
      ByteBufAllocator allocator,
      HttpReply reply,
      boolean content,
      Http1Head.Persistence persistence,
      String date,
      @Nullable String altSvc) {
    Encoded known = LAST.get();
    if (known == null || !known.is(reply, persistence, date, altSvc)) {
      ByteBuf head =
          Http1Head.encode(allocator, reply, Http1Head.Framing.LENGTH, persistence, date, altSvc);
      byte[] bytes = new byte[head.readableBytes()];
      head.readBytes(bytes).release();
      known = new Encoded(reply, persistence, date, altSvc, bytes);
      LAST.set(known);
    }
    long bodyBytes = content ? reply.body().sizeBytes() : 0;
    ByteBuf out = allocator.buffer(known.head.length + (int) bodyBytes);
    out.writeBytes(known.head);
    if (content) {
      BodyCursor cursor = new BodyCursor(reply.body());
      while (cursor.hasNext()) {
        ByteBuf slice = cursor.next(MAX_BODY_BYTES);
        out.writeBytes(slice);
        slice.release();
      }
    }
    return out;
  }
}
