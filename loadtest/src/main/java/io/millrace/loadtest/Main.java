package io.millrace.loadtest;

import io.millrace.loadtest.bench.JmhCommand;
import io.millrace.loadtest.bench.LadderComparison;
import io.millrace.loadtest.bench.PassthroughComparison;
import io.millrace.loadtest.hostile.HostileCommand;
import io.millrace.loadtest.joins.JoinsCommand;
import io.millrace.loadtest.overload.OverloadCommand;
import io.millrace.loadtest.quality.QualityCommand;
import io.millrace.loadtest.srt.SrtCommand;
import io.millrace.loadtest.throughput.TlsCommand;
import io.millrace.loadtest.viewers.EdgeCommand;
import io.millrace.loadtest.viewers.PartLatencyCommand;
import io.millrace.loadtest.viewers.ScalingCommand;
import io.millrace.loadtest.viewers.ViewersCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Load and measurements, on this machine only: {@code loadtest/run COMMAND}. */
@Command(
    name = "loadtest/run",
    mixinStandardHelpOptions = true,
    description = "Publishers, viewers and benchmarks for a Millrace on this machine.",
    subcommands = {
      PublishCommand.class,
      PlayCommand.class,
      PassthroughComparison.class,
      LadderComparison.class,
      QualityCommand.class,
      OverloadCommand.class,
      SrtCommand.class,
      ViewersCommand.class,
      EdgeCommand.class,
      PartLatencyCommand.class,
      ScalingCommand.class,
      JoinsCommand.class,
      TlsCommand.class,
      HostileCommand.class
    })
public final class Main {
  Main() {}

  /** Exit codes: 0 fine, 1 failed, 2 bad usage. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** JMH has a command line of its own, in another style. */
  static CommandLine commandLine() {
    CommandLine jmh = new CommandLine(new JmhCommand());
    jmh.setUnmatchedOptionsArePositionalParams(true);
    return new CommandLine(new Main()).addSubcommand(jmh);
  }
}
