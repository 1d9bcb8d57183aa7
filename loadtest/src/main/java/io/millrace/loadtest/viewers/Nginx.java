package io.millrace.loadtest.viewers;

import com.sun.management.UnixOperatingSystemMXBean;
import io.millrace.loadtest.process.ManagedProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** nginx as a peer: one worker, no access log, on a free port of the loopback. */
public final class Nginx implements AutoCloseable {
  private static final long START_LIMIT_S = 10;

  private final ManagedProcess process;
  private final int port;

  private Nginx(ManagedProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * What it does.
   *
   * @param http directives for all of it
   * @param listen behind the address
   * @param server directives of its one server
   */
  private record Site(String http, String listen, String server) {}

  /**
   * Serves one playlist as {@code /media.m3u8}, compressed beforehand: the least that an answer
   * with these bytes costs a server.
   *
   * @param directory empty; everything goes there
   * @param tls null for plain HTTP
   */
  static Nginx playlist(
      String program, Path directory, byte[] playlist, int connections, @Nullable Pem tls)
      throws IOException, InterruptedException {
    Path root = Files.createDirectories(directory.resolve("root"));
    Files.write(root.resolve("media.m3u8"), playlist);
    Files.write(root.resolve("media.m3u8.gz"), gzip(playlist));
    Site site =
        new Site(
            """
            sendfile on; tcp_nopush on; gzip_static on; open_file_cache max=10;
              types { application/vnd.apple.mpegurl m3u8; }\
            """,
            tls == null ? "" : " ssl",
            (tls == null ? "" : tls(tls))
                + "location / { root "
                + root
                + "; add_header Cache-Control max-age=1; add_header Access-Control-Allow-Origin *;"
                + " }");
    return start(List.of(program), directory, connections + 100, site);
  }

  /**
   * A cache in front of an origin, as its manual has it: {@code proxy_cache_lock on}.
   *
   * @param directory empty; everything goes there
   */
  static Nginx cache(String program, Path directory, InetSocketAddress origin, int connections)
      throws IOException, InterruptedException {
    Files.createDirectories(directory);
    Site site =
        new Site(
            """
            proxy_cache_path %1$s/cache keys_zone=c:10m max_size=512m inactive=60s use_temp_path=off;
              upstream origin { server 127.0.0.1:%2$d; keepalive 64; }\
            """
                .formatted(directory, origin.getPort()),
            "",
            """
            location / {
                  proxy_pass http://origin;
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                  proxy_cache c;
                  proxy_cache_lock on;
                  proxy_cache_lock_timeout 10s;
                  proxy_cache_use_stale error timeout updating;
                }\
            """);
    return start(List.of(program), directory, descriptors(connections), site);
  }

  /**
   * Serves files by HTTP/1.1 and HTTP/2 over TLS 1.3 with AES-128-GCM, with sendfile.
   *
   * @param command the program, with what runs it
   * @param directory everything goes there
   * @param root of the files
   */
  public static Nginx files(
      List<String> command, Path directory, Path root, int connections, Pem tls)
      throws IOException, InterruptedException {
    Site site =
        new Site(
            """
            sendfile on; tcp_nopush on; open_file_cache max=100;
              types { video/mp4 m4s mp4; }\
            """,
            " ssl http2",
            tls(tls)
                + "ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256; location / { root "
                + root
                + "; add_header Cache-Control max-age=300; add_header Access-Control-Allow-Origin"
                + " *; }");
    return start(command, directory, connections + 100, site);
  }

  private static String tls(Pem pem) {
    return "ssl_protocols TLSv1.3; ssl_certificate %s; ssl_certificate_key %s; "
        .formatted(pem.certificate(), pem.key());
  }

  /** Two for each viewer, as far as this machine lets a process have them. */
  private static int descriptors(int connections) {
    long wanted = 2L * connections + 100;
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? (int) Math.min(wanted, unix.getMaxFileDescriptorCount() - 50)
        : Math.toIntExact(wanted);
  }

  private static Nginx start(List<String> command, Path directory, int connections, Site site)
      throws IOException, InterruptedException {
    int port = freePort();
    Path config = directory.resolve("nginx.conf");
    Files.writeString(config, config(directory, port, connections, site));
    List<String> full = new ArrayList<>(command);
    full.addAll(List.of("-p", directory.toString(), "-c", config.toString(), "-e", "err.log"));
    Nginx started =
        new Nginx(ManagedProcess.start(full, directory, directory.resolve("nginx.log")), port);
    try {
      started.awaitListening();
    } catch (IOException | InterruptedException e) {
      started.close();
      throw e;
    }
    return started;
  }

  private static String config(Path directory, int port, int connections, Site site) {
    String user = System.getProperty("user.name").equals("root") ? "user root;" : "";
    return """
    %1$s
    daemon off;
    worker_processes 1;
    worker_rlimit_nofile %4$d;
    pid %2$s/nginx.pid;
    events { worker_connections %4$d; }
    http {
      access_log off;
      keepalive_timeout 600s;
      keepalive_requests 1000000;
      client_body_temp_path %2$s/body;
      proxy_temp_path %2$s/proxy;
      fastcgi_temp_path %2$s/fastcgi;
      uwsgi_temp_path %2$s/uwsgi;
      scgi_temp_path %2$s/scgi;
      %5$s
      server {
        listen 127.0.0.1:%3$d%6$s backlog=4096;
        %7$s
      }
    }
    """
        .formatted(user, directory, port, connections, site.http(), site.listen(), site.server());
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
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

  public InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  public long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    process.close();
  }
}
