package io.millrace.loadtest.bench;

/**
 * What is wanted of {@code /proc/PID/stat} (proc_pid_stat(5)). CPU times are in ticks of {@link
 * #TICKS_PER_SECOND}.
 *
 * @param parentPid field 4
 * @param cpuTicks fields 14 and 15: user and system time of the process and its dead threads
 * @param reapedCpuTicks fields 16 and 17: the same of children that have ended and were waited for,
 *     and of theirs
 */
public record ProcStat(long pid, long parentPid, long cpuTicks, long reapedCpuTicks) {
  /** {@code USER_HZ}, what Linux tells times to user space in: 100 on every 64-bit port. */
  public static final int TICKS_PER_SECOND = 100;

  /**
   * Reads the one line of the file. The second field, the program's name, is in brackets and may
   * itself hold spaces and brackets.
   *
   * @throws IllegalArgumentException when it is something else
   */
  static ProcStat parse(String line) {
    int open = line.indexOf('(');
    int close = line.lastIndexOf(')');
    if (open < 2 || close < open) {
      throw new IllegalArgumentException("not a line of /proc/PID/stat: " + line);
    }
    String[] fields = line.substring(close + 1).strip().split(" ", -1);
    if (fields.length < 15) {
      throw new IllegalArgumentException("a short line of /proc/PID/stat: " + line);
    }
    return new ProcStat(
        Long.parseLong(line.substring(0, open).strip()),
        Long.parseLong(fields[1]),
        Long.parseLong(fields[11]) + Long.parseLong(fields[12]),
        Long.parseLong(fields[13]) + Long.parseLong(fields[14]));
  }
}
