package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher, in a bundle as {@code docker/bundle} packs it. */
final class LauncherTest {
  private static final Path ROOT = root();
  private static final Duration START = Duration.ofSeconds(120);
  private static final List<String> FREE_PORTS =
      List.of(
          "--set", "listen.rtmp=127.0.0.1:0",
          "--set", "listen.rtmps=127.0.0.1:0",
          "--set", "listen.https=127.0.0.1:0",
          "--set", "listen.http=127.0.0.1:0",
          "--set", "listen.admin=127.0.0.1:0");

  private final Path dir;
  private final Path bundle;
  private final Path launcher;

  LauncherTest(@TempDir Path dir) {
    this.dir = dir;
    bundle = dir.resolve("opt/millrace");
    launcher = bundle.resolve("millrace");
  }

  @BeforeEach
  void unpack() throws IOException {
    Path jar = ROOT.resolve("server/target/millrace-server.jar");
    if (!Files.exists(jar)) {
      Tool.missing("server/target/millrace-server.jar is made by mvn package");
    }
    Files.createDirectories(bundle.resolve("build"));
    Files.copy(ROOT.resolve("millrace"), launcher);
    Files.copy(ROOT.resolve("build/find-jdk"), bundle.resolve("build/find-jdk"));
    Files.copy(jar, bundle.resolve("millrace-server.jar"));
    Files.createSymbolicLink(bundle.resolve("lib"), ROOT.resolve("server/target/lib"));
    // An empty cache says "tried already": only one test is about making it.
    Files.createFile(bundle.resolve("millrace.aot"));
    Files.createFile(bundle.resolve("millrace-worker.aot"));
  }

  @AfterEach
  void unlink() throws IOException {
    Files.deleteIfExists(bundle.resolve("lib"));
  }

  @Test
  void worksThroughSymbolicLinksFromAnotherDirectory() throws Exception {
    Path bin = Files.createDirectories(dir.resolve("bin"));
    Path absolute = Files.createSymbolicLink(dir.resolve("absolute"), launcher);
    Path relative = Files.createSymbolicLink(bin.resolve("millrace"), Path.of("../absolute"));
    for (Path link : List.of(launcher, absolute, relative)) {
      Run run = run(bin, link, "check");
      assertThat(run.code).as(run.err).isZero();
      assertThat(run.out).isEqualTo("defaults: fine\n");
      assertThat(run.err).isEmpty();
    }
  }

  @Test
  void exitCodesAreThoseOfTheServer() throws Exception {
    assertThat(run(dir, launcher, "check", "--set", "listen.rtpm=:1").code).isEqualTo(2);
    assertThat(run(dir, launcher, "nonsense").code).isEqualTo(2);
    try (ServerSocket taken = new ServerSocket(0)) {
      List<String> arguments = new ArrayList<>(List.of("run"));
      arguments.addAll(FREE_PORTS);
      arguments.addAll(
          List.of(
              "--set", "data.dir=" + dir.resolve("data"),
              "--set", "listen.rtmp=:" + taken.getLocalPort()));
      Run run = run(dir, launcher, arguments.toArray(String[]::new));
      assertThat(run.code).isEqualTo(1);
      assertThat(run.err)
          .contains("listen.rtmp: cannot listen on :" + taken.getLocalPort() + ": another process");
    }
  }

  @Test
  void aCacheThatCannotBeUsedCostsNothingButTime() throws Exception {
    Path cache = bundle.resolve("millrace.aot");
    for (byte[] content : List.of("nonsense".getBytes(StandardCharsets.UTF_8), new byte[100_000])) {
      Files.write(cache, content);
      Run run = run(dir, launcher, "check");
      assertThat(run.code).isZero();
      assertThat(run.out).isEqualTo("defaults: fine\n");
      assertThat(run.err).isEmpty();
    }
  }

  @Test
  void signalsReachTheServerAndTheCacheIsMadeOnceAndUsed() throws Exception {
    Files.delete(bundle.resolve("millrace.aot"));
    Files.delete(bundle.resolve("millrace-worker.aot"));
    startAndStop("first");
    Path cache = bundle.resolve("millrace.aot");
    assertThat(cache).exists();
    assertThat(Files.size(cache)).isGreaterThan(1 << 20);
    assertThat(Files.size(bundle.resolve("millrace-worker.aot"))).isGreaterThan(1 << 20);
    var made = Files.getLastModifiedTime(cache);
    startAndStop("second");
    assertThat(Files.getLastModifiedTime(cache)).isEqualTo(made);
    try (var files = Files.list(bundle)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "millrace",
              "build",
              "lib",
              "millrace-server.jar",
              "millrace.aot",
              "millrace-worker.aot");
    }
  }

  private static boolean ended(List<ProcessHandle> processes) {
    return processes.stream().noneMatch(ProcessHandle::isAlive);
  }

  private void startAndStop(String name) throws Exception {
    Path data = dir.resolve(name);
    List<String> arguments = new ArrayList<>(List.of("run"));
    arguments.addAll(FREE_PORTS);
    arguments.addAll(List.of("--set", "data.dir=" + data));
    Path err = dir.resolve(name + ".err");
    Process process = start(dir, launcher, arguments, dir.resolve(name + ".out"), err);
    try {
      Await.until(
          "the server is up",
          START,
          () -> Files.exists(data.resolve("ports.json")) || !process.isAlive());
      assertThat(process.isAlive()).as("%s", Files.readString(err)).isTrue();
      // The launcher has become the server: one process takes the signal.
      assertThat(process.info().command().orElse("")).endsWith("/java");
      List<ProcessHandle> workers = process.children().toList();
      process.destroy();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
      Await.until("the waiting worker has ended", START, () -> ended(workers));
    } finally {
      process.destroyForcibly();
    }
  }

  private Run run(Path workingDirectory, Path command, String... arguments) throws Exception {
    Path out = Files.createTempFile(dir, "out", "");
    Path err = Files.createTempFile(dir, "err", "");
    Process process = start(workingDirectory, command, List.of(arguments), out, err);
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  private static Process start(
      Path workingDirectory, Path command, List<String> arguments, Path out, Path err)
      throws IOException {
    List<String> line = new ArrayList<>(List.of(command.toString()));
    line.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .directory(workingDirectory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    builder.environment().putAll(Map.of("JAVA_HOME", System.getProperty("java.home")));
    return builder.start();
  }

  private static Path root() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.exists(directory.resolve("millrace"))
        || !Files.exists(directory.resolve("server/pom.xml"))) {
      directory = directory.getParent();
      if (directory == null) {
        throw new IllegalStateException("not inside the project");
      }
    }
    return directory;
  }

  private record Run(int code, String out, String err) {}
}
