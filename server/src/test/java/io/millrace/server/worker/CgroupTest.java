package io.millrace.server.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written where, on a directory that looks like a group. */
class CgroupTest {
  @TempDir Path parent;

  @Test
  void saysWhatIsInTheWay() throws IOException {
    assertThat(Cgroup.obstacle(parent)).contains("no group of cgroup v2");
    Files.writeString(parent.resolve("cgroup.subtree_control"), "cpu pids\n");
    assertThat(Cgroup.obstacle(parent)).contains("memory is not in");
    Files.writeString(parent.resolve("cgroup.subtree_control"), "cpu memory pids\n");
    assertThat(Cgroup.obstacle(parent)).isNull();
  }

  @Test
  void aWorkerGetsItsOwnWithItsLimit() throws IOException {
    Cgroup group = Cgroup.enter(parent, 4711, 1 << 30);
    assertThat(group).isNotNull();
    Path made = parent.resolve("worker-4711");
    assertThat(made.resolve("memory.max")).hasContent("1073741824");
    assertThat(made.resolve("cgroup.procs")).hasContent("4711");
    assertThat(made.resolve("cpu.weight")).doesNotExist(); // not handed on here
    assertThat(group.ranOutOfMemory()).isFalse();
    Files.writeString(made.resolve("memory.events"), "low 0\noom 1\noom_kill 0\n");
    assertThat(group.ranOutOfMemory()).isFalse();
    Files.writeString(made.resolve("memory.events"), "low 0\noom 1\noom_kill 2\n");
    assertThat(group.ranOutOfMemory()).isTrue();
  }

  @Test
  void aKernelThatRefusesCostsOnlyTheGroup() throws IOException {
    Files.createDirectory(parent.resolve("worker-4711"));
    assertThat(Cgroup.enter(parent, 4711, 1 << 30)).isNull();
  }
}
