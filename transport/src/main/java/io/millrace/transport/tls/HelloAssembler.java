package io.millrace.transport.tls;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Puts the first handshake message of a connection together out of records (RFC 8446 §5.1), over
 * any number of reads:
 *
 * <pre>
 * record  type 1 = 22 | version 2 | length 2 | fragment
 * </pre>
 *
 * <p>Bounded in every direction: a message of more than {@link #MAX_HELLO_BYTES} is not waited for,
 * nothing is allocated on a length's word alone (CVE-2026-45416), a message in more than {@link
 * #MAX_RECORDS} records is taken for an attack, and every byte is looked at once (CVE-2026-75596).
 * Confined to one event loop.
 */
final class HelloAssembler {
  /** Of BoringSSL: it refuses a longer one. */
  static final int MAX_HELLO_BYTES = 16_384;

  /** Clients send one or two; what splits a ClientHello to hide it sends a handful. */
  static final int MAX_RECORDS = 64;

  private static final int RECORD_HEADER_BYTES = 5;
  private static final int MESSAGE_HEADER_BYTES = 4;
  private static final int MAX_FRAGMENT_BYTES = 16_384;
  private static final int HANDSHAKE = 22;

  private byte[] message = new byte[2_048];
  private int messageBytes;
  private int records;

  /** How many of the connection's first bytes belong to records taken. */
  private int scannedBytes;

  /** What the bytes so far are. */
  enum State {
    /** The beginning of a message. */
    PARTIAL,
    /** A whole one, in {@link #message}. */
    COMPLETE,
    /** No handshake message that this server would wait for: for the TLS engine to refuse. */
    OTHER,
    /** Too many records for what is in them. */
    HOSTILE
  }

  /**
   * Looks at what has come.
   *
   * @param in everything since the beginning of the connection; borrowed, its indices stay
   */
  State look(ByteBuf in) {
    while (true) {
      int at = in.readerIndex() + scannedBytes;
      int left = in.writerIndex() - at;
      if (left > 0 && in.getUnsignedByte(at) != HANDSHAKE) {
        return State.OTHER;
      }
      if (left < RECORD_HEADER_BYTES) {
        return State.PARTIAL;
      }
      int fragmentBytes = in.getUnsignedShort(at + 3);
      if (fragmentBytes == 0 || fragmentBytes > MAX_FRAGMENT_BYTES) {
        return State.OTHER; // RFC 8446 §5.1 has neither
      }
      if (left < RECORD_HEADER_BYTES + fragmentBytes) {
        return State.PARTIAL;
      }
      if (++records > MAX_RECORDS) {
        return State.HOSTILE;
      }
      scannedBytes += RECORD_HEADER_BYTES + fragmentBytes;
      append(in, at + RECORD_HEADER_BYTES, fragmentBytes);
      if (messageBytes >= MESSAGE_HEADER_BYTES) {
        int wanted = length();
        if (wanted > MAX_HELLO_BYTES || messageBytes > wanted) {
          return State.OTHER; // more than one message before the keys change is not TLS either
        }
        if (messageBytes == wanted) {
          return State.COMPLETE;
        }
      }
    }
  }

  /** The message; null while it is not complete. */
  @Nullable ByteBuffer message() {
    return messageBytes < MESSAGE_HEADER_BYTES || messageBytes != length()
        ? null
        : ByteBuffer.wrap(message, 0, messageBytes);
  }

  private int length() {
    return MESSAGE_HEADER_BYTES
        + ((message[1] & 0xff) << 16 | (message[2] & 0xff) << 8 | message[3] & 0xff);
  }

  /** At most one fragment goes beyond {@link #MAX_HELLO_BYTES}. */
  private void append(ByteBuf in, int at, int bytes) {
    if (messageBytes + bytes > message.length) {
      message = Arrays.copyOf(message, Math.max(message.length * 2, messageBytes + bytes));
    }
    in.getBytes(at, message, messageBytes, bytes);
    messageBytes += bytes;
  }
}
