package io.millrace.server.cli;

import io.millrace.server.access.PlayKey;
import io.millrace.server.access.PlayToken;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code millrace secret token}: signs a playback token. The key comes from a file, never from the
 * command line, where ps shows it.
 */
@Command(
    name = "token",
    description = {
      "Signs a playback token with the first key of a file",
      "and prints the token, and the path that players are given."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class TokenCommand implements Callable<Integer> {
  private static final Pattern LIFE = Pattern.compile("([0-9]{1,6})([smhd])");
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  private final Terminal terminal;

  @Option(
      names = "--key-file",
      required = true,
      paramLabel = "FILE",
      description = "what streams.PATTERN.play.key_file names")
  private Path keyFile = Path.of("");

  @Option(
      names = "--path",
      required = true,
      paramLabel = "APP/NAME",
      description = "the stream; APP/ for every stream of the app")
  private String path = "";

  @Option(
      names = "--expires",
      defaultValue = "2h",
      paramLabel = "TIME",
      description = "from now: 90s, 30m, 2h, 7d; default ${DEFAULT-VALUE}")
  private String expires = "";

  @Option(
      names = "--ip",
      paramLabel = "ADDRESS",
      description = "the only address that may use it; of IPv6, its /64")
  private @Nullable String address;

  TokenCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try {
      PlayKey key = PlayKey.load(keyFile).getFirst();
      String token = PlayToken.sign(key, path, Instant.now().plus(life()), bound());
      terminal.out().println("token: " + token);
      terminal.out().println("path:  /t/" + token + "/" + name() + "/master.m3u8");
      return MillraceCommand.OK;
    } catch (IOException e) {
      return refuse(keyFile + ": cannot be read");
    } catch (IllegalArgumentException e) {
      return refuse(String.valueOf(e.getMessage()));
    }
  }

  private String name() {
    return path.endsWith("/") ? path + "NAME" : path;
  }

  private Duration life() {
    Matcher life = LIFE.matcher(expires);
    if (!life.matches()) {
      throw new IllegalArgumentException("--expires is not a time such as 2h");
    }
    long count = Long.parseLong(life.group(1));
    return switch (life.group(2)) {
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }

  /** By number: a name is no address, and is not looked up. */
  private @Nullable InetAddress bound() throws IOException {
    if (address == null) {
      return null;
    }
    if (!ADDRESS.matcher(address).matches()) {
      throw new IllegalArgumentException("--ip is not an address");
    }
    return InetAddress.getByName(address);
  }

  private int refuse(String why) {
    terminal.err().println("millrace: " + why);
    return MillraceCommand.BAD_USAGE;
  }

  /** {@code millrace secret play-key}. */
  @Command(
      name = "play-key",
      description = {
        "Makes a key for playback tokens and prints it, as a line of a file that only",
        "the server's user may read: streams.PATTERN.play.key_file."
      },
      mixinStandardHelpOptions = true)
  static final class PlayKeygen implements Callable<Integer> {
    private final Terminal terminal;

    PlayKeygen(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      terminal.out().println(PlayKey.generate(new SecureRandom()).line());
      return MillraceCommand.OK;
    }
  }
}
