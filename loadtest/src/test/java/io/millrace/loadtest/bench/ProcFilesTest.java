package io.millrace.loadtest.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ProcFilesTest {
  @Test
  void processNameMayHoldSpacesAndBrackets() {
    String line =
        "42 (a) b (c) S 7 42 42 0 -1 4194304 121 0 0 0 300 45 6 1 20 0 9 0 228163 3133440 412";

    assertThat(ProcStat.parse(line)).isEqualTo(new ProcStat(42, 7, 345, 7));
  }

  @Test
  void otherTextIsRefused() {
    assertThatThrownBy(() -> ProcStat.parse("42 name S 7"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ProcStat.parse("42 (name) S 7"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> MachineLoad.parse("cpu0 1 2 3 4 5 6 7 8 9 10"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void idleAndDiskWaitAreNotBusyAndGuestTimeCountsOnce() {
    MachineLoad before = MachineLoad.parse("cpu  100 0 100 700 100 0 0 0 50 0");
    MachineLoad after = MachineLoad.parse("cpu  150 10 110 750 110 5 5 10 80 0");

    assertThat(before).isEqualTo(new MachineLoad(200, 1_000));
    assertThat(after.busySince(before)).isCloseTo(90.0 / 150, within(1e-9));
    assertThat(after.busySince(after)).isZero();
  }

  @Test
  void ownUsageGrowsWithWork() {
    ProcessUsage before = ProcessUsage.ofTree(ProcessHandle.current().pid());
    long until = before.cpuTicks() + 5;
    long usedTicks = before.cpuTicks();
    while (usedTicks < until) {
      usedTicks = ProcessUsage.ofTree(ProcessHandle.current().pid()).cpuTicks();
    }

    assertThat(before.residentKib()).isBetween(10_000L, before.peakResidentKib());
    assertThatThrownBy(() -> ProcessUsage.ofTree(Long.MAX_VALUE)).hasMessageContaining("gone");
  }
}
