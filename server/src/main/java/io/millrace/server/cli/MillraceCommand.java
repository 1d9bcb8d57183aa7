package io.millrace.server.cli;

import io.millrace.server.ServerRunner;
import io.millrace.server.StartFailure;
import io.millrace.server.config.ConfigException;
import io.millrace.server.config.ConfigProblem;
import io.millrace.server.config.ConfigProblem.Severity;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code millrace}: the root of the command line. */
@Command(
    name = "millrace",
    description = "Live media server: RTMP in, an H.264 and AV1 ladder, HLS and DASH out.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      RunCommand.class,
      DemoCommand.class,
      CheckCommand.class,
      PlanCommand.class,
      SecretCommand.class,
      WorkerCommand.class
    },
    versionProvider = VersionText.class,
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Exit codes: 0 fine, 1 failed, 2 bad usage or bad configuration.",
      "Configuration keys: docs/configuration.md"
    })
public final class MillraceCommand implements Runnable {
  static final int OK = 0;
  static final int FAILED = 1;
  static final int BAD_USAGE = 2;

  @CommandLine.Spec private CommandLine.Model.@org.jspecify.annotations.Nullable CommandSpec spec;

  private MillraceCommand() {}

  /**
   * Runs the command that {@code args} names.
   *
   * @param runner the server, for {@code run} and {@code demo}
   * @return the exit code
   */
  public static int execute(
      ServerRunner runner, String[] args, InputStream in, PrintStream out, PrintStream err) {
    Terminal terminal = new Terminal(runner, in, out, err);
    CommandLine line = new CommandLine(new MillraceCommand(), new Factory(terminal));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
    line.setExecutionExceptionHandler((e, _, _) -> explain(e, err));
    return line.execute(args);
  }

  @Override
  public void run() {
    if (spec != null) {
      throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing");
    }
  }

  private static int explain(Exception e, PrintStream err) {
    return switch (e) {
      case ConfigException bad -> {
        long errors = bad.problems().stream().filter(p -> p.severity() == Severity.ERROR).count();
        printProblems(bad.problems(), err);
        err.println(
            "millrace: " + errors + (errors == 1 ? " error" : " errors") + " in the configuration");
        yield BAD_USAGE;
      }
      case StartFailure failure -> {
        err.println("millrace: " + failure.getMessage());
        yield FAILED;
      }
      default -> {
        err.println("millrace: failed, and this is a bug: " + e);
        e.printStackTrace(err);
        yield FAILED;
      }
    };
  }

  /** One line each. */
  static void printProblems(List<ConfigProblem> problems, PrintStream err) {
    for (ConfigProblem problem : problems) {
      err.println(problem);
    }
  }

  /** Gives commands their terminal. */
  private record Factory(Terminal terminal) implements CommandLine.IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
      Object made =
          switch (type.getSimpleName()) {
            case "RunCommand" -> new RunCommand(terminal);
            case "DemoCommand" -> new DemoCommand(terminal);
            case "CheckCommand" -> new CheckCommand(terminal);
            case "PlanCommand" -> new PlanCommand(terminal);
            case "Hash" -> new SecretCommand.Hash(terminal);
            case "PlayKeygen" -> new TokenCommand.PlayKeygen(terminal);
            case "TokenCommand" -> new TokenCommand(terminal);
            case "Keygen" -> new SecretCommand.Keygen(terminal);
            default -> CommandLine.defaultFactory().create(type);
          };
      return type.cast(made);
    }
  }
}
