package io.millrace.loadtest.fuzz;

import static java.util.stream.Collectors.joining;

import io.millrace.loadtest.process.ManagedProcess;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One target under Jazzer, in a JVM of its own: coverage of {@code io.millrace} steers libFuzzer's
 * mutations, and Jazzer's detectors watch for deserialisation, reflection by name, foreign file
 * names, native libraries and commands. Whatever a target throws, an input that takes longer than
 * {@link #INPUT_LIMIT}, and an exhausted heap, are findings.
 *
 * <pre>
 *  FOLDER/corpus/TARGET     inputs that reach something; grows from run to run
 *  FOLDER/findings/TARGET   inputs that broke something
 *  FOLDER/TARGET.log        what Jazzer said
 * </pre>
 */
final class JazzerRun {
  /** A machine under load is slow; an endless loop is slower. */
  private static final Duration INPUT_LIMIT = Duration.ofSeconds(20);

  /** For starting and ending a JVM on a machine under load. */
  private static final Duration GRACE = Duration.ofMinutes(3);

  /** Up to here a JVM gains nothing from its second compiler. */
  private static final Duration SHORT = Duration.ofSeconds(30);

  private static final String DETECTORS = "com.code_intelligence.jazzer.sanitizers.";

  /** Of what is nowhere in Millrace. Each makes Jazzer search the whole class path at its start. */
  private static final List<String> DETECTORS_LEFT_OUT =
      List.of(
          "BigDecimal",
          "ClojureLangHooks",
          "ExpressionLanguageInjection",
          "LdapInjection",
          "NamingContextLookup",
          "RegexInjection",
          "RegexRoadblocks",
          "ScriptEngineInjection",
          "ServerSideRequestForgery",
          "SqlInjection",
          "TemplateInjection",
          "UnsafeSanitizer",
          "XPathInjection",
          "XmlParserSsrfGuidance");

  private static final String HEAP = "-Xmx512m";
  private static final int SHOWN_BYTES = 2_048;
  private static final int LINE_CHARS = 200;
  private static final Pattern EXECUTED = Pattern.compile("stat::number_of_executed_units: (\\d+)");
  private static final Pattern COVERAGE = Pattern.compile("#\\d+\\s+[A-Z]+\\s+cov: (\\d+)");

  /**
   * @param executed inputs, all seeds among them
   * @param coverage edges of {@code io.millrace} that were reached
   * @param seeds inputs that it started from
   */
  record Outcome(long executed, long coverage, int seeds) {}

  private final FuzzTarget target;
  private final Path folder;
  private final Path corpus;
  private final Path findings;
  private final Path log;

  JazzerRun(FuzzTarget target, Path folder) {
    this.target = target;
    this.folder = folder;
    this.corpus = folder.resolve("corpus").resolve(target.name());
    this.findings = folder.resolve("findings").resolve(target.name());
    this.log = folder.resolve(target.name() + ".log");
  }

  /**
   * Runs for {@code duration}.
   *
   * @throws AssertionError with the input, and how to run it again, when there is a finding
   */
  Outcome run(Duration duration) throws IOException, InterruptedException {
    Files.createDirectories(corpus);
    Files.createDirectories(findings);
    List<byte[]> seeds = target.seeds().get();
    for (int i = 0; i < seeds.size(); i++) {
      Files.write(corpus.resolve("seed-%03d".formatted(i)), seeds.get(i));
    }
    List<Path> before = findings();
    try (ManagedProcess jvm = ManagedProcess.start(command(duration), folder, log)) {
      if (!jvm.await(duration.plus(GRACE).toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError(target.name() + " did not end: " + jvm.tail());
      }
    }
    String said = Files.readString(log);
    Optional<Path> finding = findings().stream().filter(file -> !before.contains(file)).findFirst();
    if (finding.isPresent()) {
      throw new AssertionError(describe(finding.get(), said));
    }
    Matcher executed = EXECUTED.matcher(said);
    if (!executed.find()) {
      throw new AssertionError(target.name() + " did not run: " + tail(said));
    }
    long coverage =
        COVERAGE
            .matcher(said)
            .results()
            .mapToLong(line -> Long.parseLong(line.group(1)))
            .max()
            .orElse(0);
    return new Outcome(Long.parseLong(executed.group(1)), coverage, seeds.size());
  }

  private List<String> command(Duration duration) throws IOException {
    Path quiet = folder.resolve("logback-quiet.xml");
    Files.writeString(quiet, "<configuration><root level=\"OFF\"/></configuration>\n");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            HEAP,
            "-XX:+UseSerialGC",
            "-XX:+EnableDynamicAgentLoading",
            "-XX:-OmitStackTraceInFastThrow",
            "-Djdk.attach.allowAttachSelf=true",
            duration.compareTo(SHORT) > 0 ? "-XX:+TieredCompilation" : "-XX:TieredStopAtLevel=1",
            "-ea:io.millrace...",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dio.netty.leakDetection.level=disabled",
            "-Dlogback.configurationFile=" + quiet,
            "-cp",
            classpath(),
            "com.code_intelligence.jazzer.Jazzer",
            "--target_class=" + target.type().getName(),
            "--instrumentation_includes=io.millrace.**",
            "--custom_hook_includes=io.millrace.**",
            "--disabled_hooks="
                + DETECTORS_LEFT_OUT.stream().map(DETECTORS::concat).collect(joining(":")),
            "--reproducer_path=" + findings,
            "-artifact_prefix=" + findings + File.separator,
            "-max_total_time=" + duration.toSeconds(),
            "-max_len=" + target.maxBytes(),
            "-timeout=" + INPUT_LIMIT.toSeconds(),
            "-rss_limit_mb=0",
            "-print_final_stats=1",
            corpus.toString()));
    return command;
  }

  /** Surefire hides the real one behind a jar that has only a manifest. */
  private static String classpath() {
    String direct = System.getProperty("java.class.path");
    return System.getProperty("surefire.test.class.path", direct);
  }

  private List<Path> findings() throws IOException {
    try (Stream<Path> files = Files.list(findings)) {
      return files
          .filter(file -> file.getFileName().toString().matches("(crash|timeout|oom|leak)-.*"))
          .sorted(Comparator.naturalOrder())
          .toList();
    }
  }

  private String describe(Path finding, String said) throws IOException {
    byte[] input = Files.readAllBytes(finding);
    String base64 = Base64.getEncoder().encodeToString(input);
    boolean shown = input.length <= SHOWN_BYTES;
    return """
        fuzzing %s found %s, %d bytes, saved as %s
        %s
        %s
        again:  loadtest/run fuzz --target %s --replay %s
        """
        .formatted(
            target.name(),
            finding.getFileName().toString().replaceFirst("-.*", ""),
            input.length,
            finding,
            exception(said),
            shown ? "hex:    " + HexFormat.of().formatHex(input) : "",
            target.name(),
            shown ? "base64:" + base64 : finding);
  }

  /** What Jazzer printed of the exception, without its advice. */
  private static String exception(String said) {
    int start = said.indexOf("== Java Exception");
    if (start < 0) {
      return tail(said);
    }
    int end = said.indexOf("== libFuzzer crashing input", start);
    return said.substring(start, end < 0 ? said.length() : end)
        .strip()
        .lines()
        .map(line -> line.length() > LINE_CHARS ? line.substring(0, LINE_CHARS) + "…" : line)
        .collect(joining("\n"));
  }

  private static String tail(String said) {
    return said.substring(Math.max(0, said.length() - SHOWN_BYTES)).strip();
  }
}
