package io.millrace.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.ServerRunner;
import io.millrace.server.StartFailure;
import io.millrace.server.auth.Argon2Hash;
import io.millrace.server.config.Config;
import io.millrace.server.config.Endpoint;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MillraceCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<Config> started = new ArrayList<>();
  private final List<Boolean> demos = new ArrayList<>();
  private ServerRunner runner =
      (config, _, demo, _) -> {
        started.add(config);
        demos.add(demo);
        return 0;
      };

  @TempDir Path dir;

  @Test
  void runAndDemoStartTheServerWithTheConfiguration() throws IOException {
    Path file = Files.writeString(dir.resolve("m.yaml"), "listen: { rtmp: ':1' }\n");
    assertThat(execute("", "run", "--config", file.toString(), "--set", "listen.http=off"))
        .isZero();
    assertThat(execute("", "demo")).isZero();
    assertThat(demos).containsExactly(false, true);
    assertThat(started.getFirst().listen().rtmp()).isEqualTo(new Endpoint("", 1));
    assertThat(started.getFirst().listen().http()).isNull();
    assertThat(started.getLast()).isEqualTo(Config.defaults());
  }

  @Test
  void theExitCodeOfTheServerIsThatOfTheProcess() {
    runner = (_, _, _, _) -> 1;
    assertThat(execute("", "run")).isEqualTo(1);
  }

  @Test
  void checkSaysFineOrEverythingThatIsWrong() throws IOException {
    Path good =
        Files.writeString(
            dir.resolve("good.yaml"),
            "streams: { a/*: { push: [\"rtmp://h.example/app/key\"] } }\n");
    assertThat(execute("", "check", "--config", good.toString())).isZero();
    assertThat(out()).isEqualTo(good + ": fine, with 1 warning\n");
    assertThat(err())
        .startsWith(good + ":1: streams.a/*.push[0].url: is the same place for every stream")
        .doesNotContain("app/key");

    Path bad = Files.writeString(dir.resolve("bad.yaml"), "listen: { rtpm: 1 }\nlog: 3\n");
    assertThat(execute("", "check", "--config", bad.toString())).isEqualTo(2);
    assertThat(out()).isEmpty();
    assertThat(err())
        .contains(bad + ":1:11: listen.rtpm: unknown key; did you mean listen.rtmp?\n")
        .contains(bad + ":2:6: log: is a single value, where a section is expected\n")
        .endsWith("millrace: 2 errors in the configuration\n");
    assertThat(started).isEmpty();
  }

  @Test
  void badUsageIsTwoWithTheUsageOnStandardError() {
    for (String[] args :
        new String[][] {
          {},
          {"rnu"},
          {"run", "--bogus"},
          {"run", "--set"},
          {"run", "x"},
          {"secret"},
          {"plan", "--source", "1280"},
          {"plan", "--source", "99999x720@30"},
          {"probe", "x"}
        }) {
      assertThat(execute("", args)).as(String.join(" ", args)).isEqualTo(2);
      assertThat(err()).contains("Usage: millrace");
      assertThat(out()).isEmpty();
    }
  }

  @Test
  void helpNamesWhatWorksAndNothingElse() {
    assertThat(execute("", "--help")).isZero();
    assertThat(out())
        .contains("run ", "demo ", "check ", "plan ", "secret ")
        .doesNotContain("probe", "worker");
    assertThat(execute("", "--version")).isZero();
    assertThat(out()).matches("millrace \\d+\\.\\d+\\.\\d+ \\(JDK .*\\)\n");
  }

  @Test
  void aBusyPortIsOneLineWithKeyAndPort() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Endpoint endpoint = new Endpoint("127.0.0.1", taken.getLocalPort());
      runner =
          (_, _, _, _) -> {
            try (ServerSocket second = new ServerSocket()) {
              second.bind(endpoint.toSocketAddress());
            } catch (IOException e) {
              throw StartFailure.cannotListen("listen.rtmp", endpoint, e);
            }
            return 0;
          };
      assertThat(execute("", "run")).isEqualTo(1);
      assertThat(err())
          .startsWith("millrace: listen.rtmp: cannot listen on " + endpoint + ": another process")
          .contains("sport = :" + taken.getLocalPort())
          .containsOnlyOnce("\n");
    }
  }

  @Test
  void otherReasonsNotToListenAreSaidPlainly() {
    Endpoint endpoint = new Endpoint("", 80);
    assertThat(
            StartFailure.cannotListen("k", endpoint, new BindException("Permission denied"))
                .getMessage())
        .isEqualTo(
            "k: cannot listen on :80: this user may not bind it; ports below 1024 need"
                + " CAP_NET_BIND_SERVICE");
    assertThat(
            StartFailure.cannotListen(
                    "k", endpoint, new BindException("Cannot assign requested address"))
                .getMessage())
        .endsWith("this machine has no such address");
  }

  @Test
  void secretHashReadsTheKeyFromStandardInput() {
    assertThat(execute("my key\nmore", "secret", "hash")).isZero();
    assertThat(Argon2Hash.parse(out().strip()).matches("my key")).isTrue();
    assertThat(execute("", "secret", "hash")).isEqualTo(2);
    assertThat(execute("", "secret", "hash", "mykey")).isEqualTo(2);
  }

  @Test
  void playbackTokensAreSignedWithTheKeyOfAFile() throws IOException {
    assertThat(execute("", "secret", "play-key")).isZero();
    String key = out();
    assertThat(key).matches("[0-9]{1,5}:[A-Za-z0-9_-]{43}\n");
    String file = Files.writeString(dir.resolve("play.keys"), key).toString();
    assertThat(
            execute("", "secret", "token", "--key-file", file, "--path", "live/x", "--ip", "::1"))
        .isZero();
    assertThat(out()).matches("token: (\\S+)\npath:  /t/\\1/live/x/master.m3u8\n");
    for (String[] wrong :
        new String[][] {{"live"}, {"live/x", "--expires", "soon"}, {"live/x", "--ip", "host"}}) {
      List<String> args = new ArrayList<>(List.of("secret", "token", "--key-file", file, "--path"));
      args.addAll(List.of(wrong));
      assertThat(execute("", args.toArray(String[]::new))).as("%s", args).isEqualTo(2);
      assertThat(err()).startsWith("millrace: ").doesNotContain(key.strip());
    }
    assertThat(execute("", "secret", "token", "--key-file", "/nowhere", "--path", "a/b"))
        .isEqualTo(2);
    assertThat(err()).isEqualTo("millrace: /nowhere: cannot be read\n");
  }

  @Test
  void secretKeygenPrintsAKeyAndItsHash() {
    assertThat(execute("", "secret", "keygen")).isZero();
    List<String> lines = out().lines().toList();
    String key = lines.get(0).substring("key:  ".length());
    assertThat(Argon2Hash.parse(lines.get(1).substring("hash: ".length())).matches(key)).isTrue();
  }

  private int execute(String in, String... args) {
    out.reset();
    err.reset();
    return MillraceCommand.execute(
        runner,
        args,
        new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
