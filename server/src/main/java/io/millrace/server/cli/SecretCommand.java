package io.millrace.server.cli;

import io.millrace.server.auth.Argon2Hash;
import io.millrace.server.auth.StreamKeys;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code millrace secret}: stream keys and their hashes, playback keys and tokens. */
@Command(
    name = "secret",
    description = "Stream keys and their hashes, playback keys and tokens.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      SecretCommand.Hash.class,
      SecretCommand.Keygen.class,
      TokenCommand.PlayKeygen.class,
      TokenCommand.class
    },
    mixinStandardHelpOptions = true)
final class SecretCommand implements Runnable {
  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public void run() {
    if (spec != null) {
      throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing");
    }
  }

  /** {@code millrace secret hash}: the key never stands on the command line, where ps shows it. */
  @Command(
      name = "hash",
      description = {
        "Reads a key (asks for it, or takes the first line of standard input)",
        "and prints its hash for streams.PATTERN.publish.keys."
      },
      mixinStandardHelpOptions = true)
  static final class Hash implements Callable<Integer> {
    private final Terminal terminal;

    Hash(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
      String key = readKey();
      if (key == null || key.isEmpty()) {
        terminal.err().println("millrace: no key: give it at the prompt or on standard input");
        return MillraceCommand.BAD_USAGE;
      }
      terminal.out().println(Argon2Hash.of(key, new SecureRandom()).phc());
      return MillraceCommand.OK;
    }

    private @Nullable String readKey() throws IOException {
      Console console = terminal.in() == System.in ? System.console() : null;
      if (console != null && console.isTerminal()) {
        char[] typed = console.readPassword("Stream key: ");
        return typed == null ? null : new String(typed);
      }
      return new BufferedReader(new InputStreamReader(terminal.in(), StandardCharsets.UTF_8))
          .readLine();
    }
  }

  /** {@code millrace secret keygen}. */
  @Command(
      name = "keygen",
      description =
          "Makes a key; prints it, for the publisher, and its hash, for the configuration.",
      mixinStandardHelpOptions = true)
  static final class Keygen implements Callable<Integer> {
    private final Terminal terminal;

    Keygen(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      SecureRandom random = new SecureRandom();
      String key = StreamKeys.generate(random);
      terminal.out().println("key:  " + key);
      terminal.out().println("hash: " + Argon2Hash.of(key, random).phc());
      return MillraceCommand.OK;
    }
  }
}
