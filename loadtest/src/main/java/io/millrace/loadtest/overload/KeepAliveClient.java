package io.millrace.loadtest.overload;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One connection of HTTP/1.1 that is kept (RFC 9112 §9.3), one request at a time. It costs next to
 * nothing, which a viewer beside what is measured has to. Confined to one thread, which it blocks.
 */
final class KeepAliveClient implements AutoCloseable {
  private static final int TIMEOUT_MS = 15_000;
  private static final int MAX_LINE = 8_192;
  private static final int MAX_BODY_BYTES = 64 << 20;

  private final Socket socket;
  private final InputStream in;

  /** An answer. */
  record Reply(int status, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  KeepAliveClient(InetSocketAddress server) throws IOException {
    this.socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(TIMEOUT_MS);
      socket.connect(server, TIMEOUT_MS);
      this.in = new BufferedInputStream(socket.getInputStream(), 16 << 10);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Asks, and waits for all of the answer.
   *
   * @param target path and query
   */
  Reply get(String target) throws IOException {
    String request = "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    String status = line();
    if (!status.startsWith("HTTP/1.1 ") || status.length() < 12) {
      throw new IOException("not an answer of HTTP/1.1: " + status);
    }
    long lengthBytes = 0;
    boolean chunked = false;
    for (String field = line(); !field.isEmpty(); field = line()) {
      String lower = field.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        lengthBytes = Long.parseLong(lower.substring("content-length:".length()).strip());
      }
      chunked |= lower.startsWith("transfer-encoding:") && lower.endsWith("chunked");
    }
    byte[] body = chunked ? chunks() : exactly(lengthBytes);
    return new Reply(Integer.parseInt(status.substring(9, 12)), body);
  }

  private byte[] exactly(long sizeBytes) throws IOException {
    if (sizeBytes < 0 || sizeBytes > MAX_BODY_BYTES) {
      throw new IOException("a body of " + sizeBytes + " bytes");
    }
    byte[] bytes = in.readNBytes((int) sizeBytes);
    if (bytes.length < sizeBytes) {
      throw new EOFException("the server has closed the connection inside an answer");
    }
    return bytes;
  }

  /** RFC 9112 §7.1; trailers are dropped. */
  private byte[] chunks() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      long sizeBytes = Long.parseLong(line().split(";", 2)[0].strip(), 16);
      if (sizeBytes == 0) {
        while (!line().isEmpty()) {}
        return body.toByteArray();
      }
      if (body.size() + sizeBytes > MAX_BODY_BYTES) {
        throw new IOException("a body of more than " + MAX_BODY_BYTES + " bytes");
      }
      body.writeBytes(exactly(sizeBytes));
      line();
    }
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the server has closed the connection");
      }
      if (line.length() > MAX_LINE) {
        throw new IOException("a line of more than " + MAX_LINE + " bytes");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
