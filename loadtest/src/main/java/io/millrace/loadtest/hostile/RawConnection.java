package io.millrace.loadtest.hostile;

import io.millrace.loadtest.hls.TrustEveryone;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

/**
 * A connection that sends what it is told to, whatever that is, and reads what comes, for nothing.
 * Any thread.
 */
final class RawConnection implements AutoCloseable {
  private static final int CONNECT_MS = 10_000;
  private static final int FRAME_HEADER_BYTES = 9;
  private static final int RST_STREAM = 3;

  private final Socket socket;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicInteger resets = new AtomicInteger();

  private RawConnection(Socket socket) {
    this.socket = socket;
    Thread.ofVirtual().start(this::read);
  }

  /** Over TLS, whatever the server's certificate is. */
  static RawConnection tls(InetSocketAddress server, String alpn) throws IOException {
    SSLSocket socket = (SSLSocket) context().getSocketFactory().createSocket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(server, CONNECT_MS);
      socket.setSoTimeout(CONNECT_MS);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {alpn});
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      socket.setSoTimeout(0);
      return new RawConnection(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Without TLS, for what comes before it. */
  static RawConnection tcp(InetSocketAddress server) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(server, CONNECT_MS);
      return new RawConnection(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  static SSLContext context() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new TrustEveryone()}, new SecureRandom());
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  /** Sends, and waits while the server does not read; false once the server has ended it. */
  boolean send(byte[] bytes) {
    if (ended()) {
      return false;
    }
    try {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
      return true;
    } catch (IOException e) {
      ended.countDown();
      return false;
    }
  }

  boolean ended() {
    return ended.getCount() == 0;
  }

  /** Waits until the server ends it; false when it has not within this time. */
  boolean awaitEnd(long ms) throws InterruptedException {
    return ended.await(ms, TimeUnit.MILLISECONDS);
  }

  /** RST_STREAM frames that came, where it speaks HTTP/2 (RFC 9113 §4.1). */
  int resets() {
    return resets.get();
  }

  private void read() {
    byte[] buffer = new byte[16 * 1024];
    byte[] header = new byte[FRAME_HEADER_BYTES];
    int headerBytes = 0;
    long skip = 0;
    try {
      InputStream in = socket.getInputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        for (int at = 0; at < n; ) {
          if (skip > 0) {
            int skipped = (int) Math.min(skip, n - at);
            skip -= skipped;
            at += skipped;
            continue;
          }
          header[headerBytes++] = buffer[at++];
          if (headerBytes == FRAME_HEADER_BYTES) {
            headerBytes = 0;
            skip = (header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | header[2] & 0xff;
            if (header[3] == RST_STREAM) {
              resets.incrementAndGet();
            }
          }
        }
      }
    } catch (IOException e) {
      // Ended, in another way.
    } finally {
      ended.countDown();
    }
  }

  @Override
  public void close() {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // It is of no use any more.
    }
  }
}
