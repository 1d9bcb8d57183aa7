package io.millrace.loadtest.viewers;

import io.millrace.loadtest.process.ManagedProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * nginx serving one playlist as a file, compressed beforehand: the least that an answer with these
 * bytes costs a server. One worker, no access log, {@code open_file_cache}.
 */
final class NginxStatic implements AutoCloseable {
  private static final long START_LIMIT_S = 10;

  private final ManagedProcess process;
  private final int port;

  private NginxStatic(ManagedProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts it on a free port of the loopback.
   *
   * @param directory empty; everything goes there
   * @param playlist served as {@code /media.m3u8}
   * @param certificate PEM; null for plain HTTP
   * @param key PEM; null for plain HTTP
   */
  static NginxStatic start(
      String program,
      Path directory,
      byte[] playlist,
      int connections,
      @Nullable Path certificate,
      @Nullable Path key)
      throws IOException, InterruptedException {
    Path root = Files.createDirectories(directory.resolve("root"));
    Files.write(root.resolve("media.m3u8"), playlist);
    Files.write(root.resolve("media.m3u8.gz"), gzip(playlist));
    int port = freePort();
    Path config = directory.resolve("nginx.conf");
    Files.writeString(config, config(directory, root, port, connections, certificate, key));
    ManagedProcess process =
        ManagedProcess.start(
            List.of(program, "-p", directory.toString(), "-c", config.toString(), "-e", "err.log"),
            directory,
            directory.resolve("nginx.log"));
    NginxStatic started = new NginxStatic(process, port);
    try {
      started.awaitListening();
    } catch (IOException | InterruptedException e) {
      started.close();
      throw e;
    }
    return started;
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static String config(
      Path directory,
      Path root,
      int port,
      int connections,
      @Nullable Path certificate,
      @Nullable Path key) {
    String user = System.getProperty("user.name").equals("root") ? "user root;" : "";
    String tls =
        certificate == null
            ? ""
            : "ssl_protocols TLSv1.3; ssl_certificate "
                + certificate
                + "; ssl_certificate_key "
                + key
                + ";";
    return """
    %1$s
    daemon off;
    worker_processes 1;
    worker_rlimit_nofile %5$d;
    pid %2$s/nginx.pid;
    events { worker_connections %5$d; }
    http {
      access_log off;
      sendfile on;
      tcp_nopush on;
      gzip_static on;
      keepalive_timeout 600s;
      keepalive_requests 1000000;
      open_file_cache max=10;
      client_body_temp_path %2$s/body;
      proxy_temp_path %2$s/proxy;
      fastcgi_temp_path %2$s/fastcgi;
      uwsgi_temp_path %2$s/uwsgi;
      scgi_temp_path %2$s/scgi;
      types { application/vnd.apple.mpegurl m3u8; }
      server {
        listen 127.0.0.1:%4$d%6$s backlog=4096;
        %7$s
        location / { root %3$s; add_header Cache-Control max-age=1; add_header Access-Control-Allow-Origin *; }
      }
    }
    """
        .formatted(
            user, directory, root, port, connections + 100, certificate == null ? "" : " ssl", tls);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitListening() throws IOException, InterruptedException {
    long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_LIMIT_S);
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(address(), 1_000);
        return;
      } catch (IOException e) {
        if (System.nanoTime() - deadlineNs > 0) {
          throw new IOException("nginx does not listen: " + process.tail(), e);
        }
      }
      if (process.await(20, TimeUnit.MILLISECONDS)) {
        throw new IOException("nginx ended: " + process.tail());
      }
    }
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    process.close();
  }
}
