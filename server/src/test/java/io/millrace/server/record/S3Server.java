package io.millrace.server.record;

import io.millrace.server.ProjectFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;

/** A real S3 server (S3Proxy), which keeps objects as files and checks signatures. */
final class S3Server implements AutoCloseable {
  static final String ACCESS_KEY = "access";
  static final String SECRET_KEY = "a-secret-of-the-test";
  static final String BUCKET = "recordings";
  private static final Duration START = Duration.ofSeconds(60);

  private final Process process;
  private final Path objects;
  private final int port;

  private S3Server(Process process, Path objects, int port) {
    this.process = process;
    this.objects = objects;
    this.port = port;
  }

  /** A port that is free now. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  static S3Server start(Path folder, int port) throws Exception {
    Path jar = ProjectFiles.root().resolve("server/target/s3-server/s3proxy.jar");
    Assumptions.assumeTrue(
        Files.exists(jar) || System.getenv("CI") != null,
        "skipped: server/target/s3-server/s3proxy.jar is fetched by Maven only");
    Path objects = Files.createDirectories(folder.resolve("objects"));
    Files.createDirectories(objects.resolve(BUCKET));
    Path properties =
        Files.writeString(
            folder.resolve("s3proxy.properties"),
            """
            s3proxy.endpoint=http://127.0.0.1:%d
            s3proxy.authorization=aws-v4
            s3proxy.identity=%s
            s3proxy.credential=%s
            jclouds.provider=filesystem-nio2
            jclouds.identity=unused
            jclouds.credential=unused
            jclouds.filesystem.basedir=%s
            """
                .formatted(port, ACCESS_KEY, SECRET_KEY, objects));
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-Xmx128m",
                    "-jar",
                    jar.toString(),
                    "--properties",
                    properties.toString()))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("s3proxy.log").toFile())
            .start();
    S3Server server = new S3Server(process, objects, port);
    long deadline = System.nanoTime() + START.toNanos();
    while (!listens(port)) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        server.close();
        throw new AssertionError(
            "the S3 server did not start\n" + Files.readString(folder.resolve("s3proxy.log")));
      }
      LockSupport.parkNanos(20_000_000);
    }
    return server;
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  Path object(String name) {
    return objects.resolve(BUCKET).resolve(name);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
