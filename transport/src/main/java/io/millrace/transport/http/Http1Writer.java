package io.millrace.transport.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.nio.charset.StandardCharsets;

/**
 * Content as bytes of HTTP/1.1: as it is, or in the chunked coding (RFC 9112 §7.1):
 *
 * <pre>
 * size in hex CRLF … CRLF    one chunk for each array of the body
 * 0 CRLF CRLF                the end
 * </pre>
 *
 * <p>Confined to its event loop.
 */
final class Http1Writer implements BodyPump.Writer {
  private static final byte[] CHUNK_END = ascii("\r\n");
  private static final byte[] LAST_CHUNK = ascii("0\r\n\r\n");
  private static final byte[] CHUNK_END_AND_LAST = ascii("\r\n0\r\n\r\n");

  /** Told when it is over. */
  interface Done {
    void done(BodyPump.Outcome outcome, long sentBytes);
  }

  private final Channel channel;
  private final boolean chunked;
  private final Done done;
  private int chunkLeftBytes;

  Http1Writer(Channel channel, boolean chunked, Done done) {
    this.channel = channel;
    this.chunked = chunked;
    this.done = done;
  }

  @Override
  public ChannelFuture write(ByteBuf slice, int starts, boolean last) {
    if (!chunked) {
      return channel.write(slice);
    }
    ByteBuf head = Unpooled.EMPTY_BUFFER;
    if (starts > 0) {
      head = Unpooled.wrappedBuffer(ascii(Integer.toHexString(starts) + "\r\n"));
      chunkLeftBytes = starts;
    }
    chunkLeftBytes -= slice.readableBytes();
    ByteBuf tail =
        chunkLeftBytes > 0
            ? Unpooled.EMPTY_BUFFER
            : Unpooled.wrappedBuffer(last ? CHUNK_END_AND_LAST : CHUNK_END);
    return channel.write(Unpooled.wrappedBuffer(head, slice, tail));
  }

  @Override
  public ChannelFuture end() {
    return channel.write(chunked ? Unpooled.wrappedBuffer(LAST_CHUNK) : Unpooled.EMPTY_BUFFER);
  }

  @Override
  public void flush() {
    channel.flush();
  }

  @Override
  public void done(BodyPump.Outcome outcome, long sentBytes) {
    done.done(outcome, sentBytes);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
