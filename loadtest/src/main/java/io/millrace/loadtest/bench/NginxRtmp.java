package io.millrace.loadtest.bench;

import io.millrace.loadtest.process.ManagedProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * nginx with its RTMP module (Debian: {@code nginx libnginx-mod-rtmp}), set up well: one worker,
 * {@code sendfile}, no access log, MPEG-TS segments of 2 s in a playlist of 30 s.
 *
 * @param program the nginx binary
 * @param module the path of {@code ngx_rtmp_module.so}
 */
public record NginxRtmp(String program, Path module) implements ServerUnderTest {
  private static final Duration START_LIMIT = Duration.ofSeconds(10);

  @Override
  public String name() {
    return "nginx-rtmp";
  }

  @Override
  public String describe() throws IOException, InterruptedException {
    String version =
        ManagedProcess.output(START_LIMIT, Path.of("/"), List.of(program, "-v")).strip();
    return version.replaceFirst("^nginx version: ", "")
        + " with ngx_rtmp_module; worker_processes 1, hls_fragment 2s, hls_playlist_length 30s,"
        + " sendfile on, tcp_nopush on, access_log off";
  }

  @Override
  public Running start(Path directory) throws IOException, InterruptedException {
    Path hls = Files.createDirectories(directory.resolve("hls"));
    int rtmpPort = freePort();
    int httpPort = freePort();
    Path config = directory.resolve("nginx.conf");
    Files.writeString(config, config(directory, hls, rtmpPort, httpPort));
    List<String> command =
        List.of(program, "-p", directory.toString(), "-c", config.toString(), "-e", "error.log");
    ManagedProcess process =
        ManagedProcess.start(command, directory, directory.resolve("nginx.log"));
    Started started = new Started(process, rtmpPort, httpPort);
    try {
      awaitListening(process, rtmpPort);
      awaitListening(process, httpPort);
    } catch (IOException | InterruptedException e) {
      started.close();
      throw e;
    }
    return started;
  }

  private record Started(ManagedProcess process, int rtmpPort, int httpPort) implements Running {
    @Override
    public long pid() {
      return process.pid();
    }

    @Override
    public URI rtmp(String stream) {
      return URI.create("rtmp://127.0.0.1:" + rtmpPort + "/live/" + stream);
    }

    @Override
    public URI playlist(String stream) {
      return URI.create("http://127.0.0.1:" + httpPort + "/hls/" + stream + ".m3u8");
    }

    @Override
    public void close() {
      process.close();
    }
  }

  private String config(Path directory, Path hls, int rtmpPort, int httpPort) {
    // Started by root, nginx would give its workers to another user, who may not write here.
    String user = System.getProperty("user.name").equals("root") ? "user root;" : "";
    return """
    load_module %1$s;
    %2$s
    daemon off;
    worker_processes 1;
    pid %3$s/nginx.pid;
    events { worker_connections 4096; }
    rtmp {
      access_log off;
      server {
        listen 127.0.0.1:%5$d;
        chunk_size 4096;
        application live {
          live on;
          hls on;
          hls_path %4$s;
          hls_fragment 2s;
          hls_playlist_length 30s;
        }
      }
    }
    http {
      access_log off;
      sendfile on;
      tcp_nopush on;
      client_body_temp_path %3$s/body;
      proxy_temp_path %3$s/proxy;
      fastcgi_temp_path %3$s/fastcgi;
      uwsgi_temp_path %3$s/uwsgi;
      scgi_temp_path %3$s/scgi;
      types { application/vnd.apple.mpegurl m3u8; video/mp2t ts; }
      server {
        listen 127.0.0.1:%6$d;
        location /hls/ { alias %4$s/; add_header Cache-Control no-cache; }
      }
    }
    """
        .formatted(module, user, directory, hls, rtmpPort, httpPort);
  }

  /** nginx cannot be told to take a free port; between asking and using one it may go away. */
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void awaitListening(ManagedProcess process, int port)
      throws IOException, InterruptedException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    long deadlineNs = System.nanoTime() + START_LIMIT.toNanos();
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(address, 1_000);
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
}
