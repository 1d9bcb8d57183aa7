package io.millrace.server.worker;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The command line of a worker: this server's own Java and classes, a small heap, and what makes a
 * start short. Most of a worker's memory is native.
 */
final class WorkerCommand {
  private static final String MAIN = "io.millrace.server.worker.WorkerMain";
  private static final String CACHE = "millrace-worker.aot";
  private static final Path NICE = Path.of("/usr/bin/nice");

  /**
   * Of a cache of loaded classes (JEP 483, JEP 514) these have to be the same when it is made and
   * when it is used. The first compiler alone: what is hot is native code.
   */
  private static final List<String> FLAGS =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xms16m",
          "-Xmx128m",
          "-XX:MaxDirectMemorySize=256m",
          "-XX:+ExitOnOutOfMemoryError",
          "-XX:-UsePerfData",
          "-XX:-CreateCoredumpOnCrash",
          "-Xlog:aot=off",
          "-Xlog:aot*=off",
          "-Xlog:cds=off",
          "-Xlog:cds*=off",
          "-Djava.awt.headless=true",
          "-Dio.netty.leakDetection.level=disabled",
          "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");

  /** Where native libraries are unpacked to. */
  private static final List<String> PASSED_ON =
      List.of("java.io.tmpdir", "user.home", "org.bytedeco.javacpp.cachedir");

  private WorkerCommand() {}

  /**
   * @param crashFile where the JVM writes what it knows of a crash; overwritten by the next
   * @param socket where the server listens
   */
  static List<String> run(int nice, Path crashFile, Path socket) {
    List<String> command = new ArrayList<>();
    if (nice > 0 && Files.isExecutable(NICE)) {
      command.addAll(List.of(NICE.toString(), "-n", Integer.toString(nice)));
    }
    command.addAll(java());
    command.add("-XX:ErrorFile=" + crashFile);
    Path cache = cache();
    if (cache != null) {
      command.add("-XX:AOTCache=" + cache);
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN, socket.toString()));
    return command;
  }

  /** Makes the cache out of one short session. */
  static List<String> train(Path cache) {
    List<String> command = java();
    command.add("-XX:AOTCacheOutput=" + cache);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN, "--train"));
    return command;
  }

  private static List<String> java() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(FLAGS);
    for (String name : PASSED_ON) {
      String value = System.getProperty(name);
      if (value != null) {
        command.add("-D" + name + "=" + value);
      }
    }
    return command;
  }

  /** Beside the server's jar, where the launcher makes it; null where there is none. */
  static @Nullable Path cache() {
    String classPath = System.getProperty("java.class.path");
    if (classPath.contains(File.pathSeparator) || !classPath.endsWith(".jar")) {
      return null;
    }
    Path cache = Path.of(classPath).toAbsolutePath().resolveSibling(CACHE);
    return cache.toFile().length() > 0 ? cache : null;
  }
}
