package io.millrace.loadtest.browser;

import io.millrace.loadtest.e2e.Program;
import io.millrace.loadtest.e2e.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Headless Chromium with real players, through {@code src/test/browser/play.mjs}. The players come
 * from npm once and stay in {@code target/browser}.
 *
 * <p>{@link #require} skips the test, visibly, where node, npm, Chromium or the network is missing.
 */
public final class Browser {
  private static final Duration INSTALL_LIMIT = Duration.ofMinutes(5);
  private static final Duration SLACK = Duration.ofSeconds(60);
  private static final Path MODULE = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
  private static final Path SCRIPTS = MODULE.resolve("src/test/browser");
  private static final Path INSTALLED = MODULE.resolve("target/browser");

  private final Tool node;
  private final Tool chromium;

  private Browser(Tool node, Tool chromium) {
    this.node = node;
    this.chromium = chromium;
  }

  public enum Player {
    WATCH,
    HLS,
    SHAKA,
    DASH
  }

  public enum Codec {
    AUTO,
    H264,
    AV1
  }

  /**
   * What to play.
   *
   * @param url the watch page, or a playlist or manifest
   * @param duration from the first moving picture on
   * @param lowLatency has the player's low-latency mode on; the watch page has it on always
   * @param switchEvery ask for the next rung this often; zero leaves it to the player
   * @param license a Clear Key licence server; empty: the media is not encrypted
   * @param texts has the first text track shown
   * @param quicSpki hash of the server's public key: the stream's origin is reached by HTTP/3;
   *     empty: however the browser likes
   */
  public record Request(
      Player player,
      URI url,
      Codec codec,
      Duration duration,
      Duration switchEvery,
      Duration startWithin,
      boolean lowLatency,
      String license,
      boolean texts,
      String quicSpki) {
    public static Request of(Player player, URI url, Codec codec, Duration duration) {
      return new Request(
          player,
          url,
          codec,
          duration,
          Duration.ZERO,
          Duration.ofSeconds(30),
          false,
          "",
          false,
          "");
    }

    public Request switchingEvery(Duration each) {
      return new Request(
          player, url, codec, duration, each, startWithin, lowLatency, license, texts, quicSpki);
    }

    public Request startingWithin(Duration limit) {
      return new Request(
          player, url, codec, duration, switchEvery, limit, lowLatency, license, texts, quicSpki);
    }

    /** Has the player keep as close to the live edge as it can. */
    public Request inLowLatency() {
      return new Request(
          player, url, codec, duration, switchEvery, startWithin, true, license, texts, quicSpki);
    }

    public Request licensedBy(URI server) {
      return new Request(
          player,
          url,
          codec,
          duration,
          switchEvery,
          startWithin,
          lowLatency,
          server.toString(),
          texts,
          quicSpki);
    }

    /** Has the first text track shown from the start. */
    public Request withTexts() {
      return new Request(
          player,
          url,
          codec,
          duration,
          switchEvery,
          startWithin,
          lowLatency,
          license,
          true,
          quicSpki);
    }

    /** Has the stream's origin reached by HTTP/3 alone. */
    public Request overHttp3(String publicKeyHash) {
      return new Request(
          player,
          url,
          codec,
          duration,
          switchEvery,
          startWithin,
          lowLatency,
          license,
          texts,
          publicKeyHash);
    }
  }

  public static Browser require() {
    Tool node = Tool.require("node");
    Tool chromium = Tool.require("chromium", "chromium-browser", "google-chrome");
    install(Tool.require("npm"));
    return new Browser(node, chromium);
  }

  /** Where the packages of {@code package.json} are; empty where they cannot be had. */
  public static Optional<Path> modules() {
    return Tool.find("npm")
        .flatMap(npm -> installed(npm) == null ? Optional.of(INSTALLED) : Optional.empty());
  }

  /** A script beside {@code play.mjs}. */
  public static Path script(String name) {
    return SCRIPTS.resolve(name);
  }

  /** Runs a script beside {@code play.mjs}, which is told where packages and Chromium are. */
  public Program.Result run(String name, List<String> arguments, Duration limit) {
    List<String> all =
        new ArrayList<>(
            List.of(
                SCRIPTS.resolve(name).toString(),
                "--modules=" + INSTALLED,
                "--chromium=" + chromium.path()));
    all.addAll(arguments);
    return Program.run(node.with(all), limit);
  }

  /** Plays to the end of the request. */
  public Playback play(Request request) {
    try (Viewer viewer = start(request)) {
      return viewer.finish();
    }
  }

  /** Starts playing; the caller finishes or closes it. */
  public Viewer start(Request request) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                SCRIPTS.resolve("play.mjs").toString(),
                "--modules=" + INSTALLED,
                "--chromium=" + chromium.path(),
                "--insecure",
                "--until-stdin-closes",
                "--player=" + request.player.name().toLowerCase(Locale.ROOT),
                "--url=" + request.url,
                "--codec=" + request.codec.name().toLowerCase(Locale.ROOT),
                "--seconds=" + request.duration.toMillis() / 1000.0,
                "--start-within=" + request.startWithin.toMillis() / 1000.0,
                "--switch-every=" + request.switchEvery.toMillis() / 1000.0,
                "--license=" + request.license));
    if (request.lowLatency) {
      arguments.add("--low-latency");
    }
    if (request.texts) {
      arguments.add("--texts");
    }
    if (!request.quicSpki.isEmpty()) {
      arguments.add("--quic-spki=" + request.quicSpki);
    }
    return new Viewer(
        Program.start(node.with(arguments)),
        request.startWithin,
        request.duration.plus(request.startWithin).plus(SLACK));
  }

  /** One browser that is playing. */
  public static final class Viewer implements AutoCloseable {
    private final Program program;
    private final Duration startLimit;
    private final Duration limit;

    private Viewer(Program program, Duration startLimit, Duration limit) {
      this.program = program;
      this.startLimit = startLimit;
      this.limit = limit;
    }

    /** Waits for the first moving picture. */
    public Viewer awaitPlaying() {
      program.awaitLine("playing"::equals, startLimit.plus(SLACK));
      return this;
    }

    /** Waits for the request's end. */
    public Playback finish() {
      Program.Result result = program.await(limit).orFail("browser harness");
      return Playback.parse(result.text().strip());
    }

    /** Ends the playback early. */
    public Playback stop() {
      program.closeInput();
      return finish();
    }

    @Override
    public void close() {
      program.close();
    }
  }

  private static void install(Tool npm) {
    String problem = installed(npm);
    if (problem != null) {
      Tool.missing(problem);
    }
  }

  /** Installs what is not there yet; what went wrong, or null. */
  private static synchronized @Nullable String installed(Tool npm) {
    try {
      Path wanted = SCRIPTS.resolve("package.json");
      Path have = INSTALLED.resolve("installed.json");
      if (Files.exists(have) && Files.mismatch(wanted, have) < 0) {
        return null;
      }
      System.out.println(
          "browser tests: npm install of the test players into " + MODULE.relativize(INSTALLED));
      Files.createDirectories(INSTALLED);
      Files.copy(wanted, INSTALLED.resolve("package.json"), StandardCopyOption.REPLACE_EXISTING);
      Program.Result result =
          Program.run(
              npm.with(
                  "install",
                  "--prefix",
                  INSTALLED.toString(),
                  "--ignore-scripts",
                  "--no-package-lock",
                  "--no-audit",
                  "--no-fund",
                  "--loglevel=error"),
              INSTALL_LIMIT);
      if (result.exitCode() != 0) {
        return "npm install of the test players failed: " + String.join(" ", result.log());
      }
      Files.copy(wanted, have, StandardCopyOption.REPLACE_EXISTING);
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
