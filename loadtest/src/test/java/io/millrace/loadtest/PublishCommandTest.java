package io.millrace.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.rtmp.RtmpTarget;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class PublishCommandTest {
  @Test
  void publishersAreNumberedBeforeTheKey() {
    RtmpTarget target = RtmpTarget.parse("rtmp://127.0.0.1:41935/live/load?key=k-1");

    assertThat(PublishCommand.numbered(target, 3).name()).isEqualTo("load-3?key=k-1");
    assertThat(PublishCommand.numbered(RtmpTarget.parse("rtmp://[::1]/live/a"), 0).name())
        .isEqualTo("a-0");
  }

  @Test
  void loadOnAnotherMachineIsBadUsage() {
    assertThat(execute("publish", "--clip", "none.flv", "rtmp://192.0.2.1/live/a?key=secret"))
        .startsWith("2 192.0.2.1 is not this machine; loopback only")
        .doesNotContain("secret");
    assertThat(execute("play", "http://192.0.2.1/live/a/master.m3u8"))
        .startsWith("2 192.0.2.1 is not this machine; loopback only");
  }

  @Test
  void countsAreBounded() {
    assertThat(execute("play", "--viewers", "1001", "http://127.0.0.1/a.m3u8"))
        .startsWith("2 --viewers or --seconds out of range");
    assertThat(
            execute("publish", "--publishers", "0", "--clip", "a.flv", "rtmp://127.0.0.1/live/a"))
        .startsWith("2 --publishers or --seconds out of range");
  }

  /** The exit code and what went to standard error. */
  private static String execute(String... arguments) {
    StringWriter error = new StringWriter();
    int code = Main.commandLine().setErr(new PrintWriter(error, true)).execute(arguments);
    return code + " " + error;
  }
}
