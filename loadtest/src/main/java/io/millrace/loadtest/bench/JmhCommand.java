package io.millrace.loadtest.bench;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.Main;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code jmh}: the microbenchmarks, with JMH's own arguments. */
@Command(
    name = "jmh",
    description = "Microbenchmarks; arguments are JMH's: -h, -l, -prof gc, a regular expression …")
public final class JmhCommand implements Callable<Integer> {
  @Parameters(arity = "0..*", paramLabel = "ARGUMENT", description = "passed to JMH")
  private List<String> arguments = List.of();

  @Override
  public Integer call() throws IOException {
    Main.main(arguments.toArray(String[]::new));
    return 0;
  }
}
