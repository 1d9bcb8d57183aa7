package io.millrace.server.record;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A file system in memory that is soon full; a test is skipped, visibly, where none can be had. */
record SmallDisk(Path path) implements AutoCloseable {

  static SmallDisk mount(Path at, int sizeKib) {
    int code =
        run(List.of("mount", "-t", "tmpfs", "-o", "size=" + sizeKib + "k", "none", at.toString()));
    Assumptions.assumeTrue(code == 0, "a tmpfs cannot be mounted here (not root?): skipped");
    return new SmallDisk(at);
  }

  private static int run(List<String> command) {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } catch (IOException e) {
      return -1; // no such program
    }
  }

  @Override
  public void close() {
    run(List.of("umount", "-l", path.toString()));
  }
}
