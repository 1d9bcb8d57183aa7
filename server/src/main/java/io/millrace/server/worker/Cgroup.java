package io.millrace.server.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A group of cgroup v2 (the kernel's {@code Documentation/admin-guide/cgroup-v2.rst}) for one
 * worker: the kernel itself keeps it within its memory, and gives it less of the processors than
 * the server where both want them. The parent has to be the server's to write, and to hand {@code
 * memory} on ({@code cgroup.subtree_control}); {@code cpu} is used where it is there.
 */
final class Cgroup implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Cgroup.class);

  /** A half of what everything else gets. */
  private static final String CPU_WEIGHT = "50";

  private final Path group;

  private Cgroup(Path group) {
    this.group = group;
  }

  /** Why workers cannot have groups under {@code parent}; null when they can. */
  static @Nullable String obstacle(Path parent) {
    try {
      String handedOn = Files.readString(parent.resolve("cgroup.subtree_control"));
      if (!(" " + handedOn.strip() + " ").contains(" memory ")) {
        return "memory is not in its cgroup.subtree_control";
      }
      return Files.isWritable(parent) ? null : "it may not be written";
    } catch (IOException e) {
      return "it is no group of cgroup v2: " + e.getMessage();
    }
  }

  /**
   * Puts a process into a new group.
   *
   * @return null where the kernel refuses, which is logged: the server watches its memory anyway
   */
  static @Nullable Cgroup enter(Path parent, long pid, long maxBytes) {
    Path group = parent.resolve("worker-" + pid);
    try {
      Files.createDirectory(group);
      Cgroup made = new Cgroup(group);
      try {
        Files.writeString(group.resolve("memory.max"), Long.toString(maxBytes));
        Path weight = group.resolve("cpu.weight");
        if (Files.exists(weight)) {
          Files.writeString(weight, CPU_WEIGHT);
        }
        Files.writeString(group.resolve("cgroup.procs"), Long.toString(pid));
        return made;
      } catch (IOException e) {
        made.close();
        throw e;
      }
    } catch (IOException e) {
      LOG.atWarn().addKeyValue("group", group).setCause(e).log("worker has no group of its own");
      return null;
    }
  }

  /** True when the kernel has ended something in it for want of memory. */
  boolean ranOutOfMemory() {
    try {
      return Files.readAllLines(group.resolve("memory.events")).stream()
          .anyMatch(line -> line.startsWith("oom_kill ") && !line.equals("oom_kill 0"));
    } catch (IOException e) {
      return false;
    }
  }

  /** Removes the group, whose process has ended. */
  @Override
  public void close() {
    try {
      Files.deleteIfExists(group);
    } catch (NoSuchFileException e) {
      // Somebody else has removed it.
    } catch (IOException e) {
      LOG.atDebug().addKeyValue("group", group).setCause(e).log("group is left");
    }
  }
}
