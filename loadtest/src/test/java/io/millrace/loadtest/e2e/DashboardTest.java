package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.loadtest.browser.Browser;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The operators' page lists streams, where they are pushed, and events newest first: those of
 * before, and one that comes.
 */
class DashboardTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path folder;

  @Test
  void eventsAreListedAsTheyCome() {
    Browser browser = Browser.require();
    try (RunningServer server =
            RunningServer.start(
                folder,
                RunningServer.PASSTHROUGH,
                "publish: { on_conflict: reject }",
                "push: [ \"rtmp://127.0.0.1:1/app/hunter2\" ]");
        Program publisher = publish(server)) {
      server.hls("cam").fedBy(publisher).awaitVariants(1, LIMIT);
      try (Program second = publish(server)) {
        assertThat(second.await(LIMIT).exitCode()).isNotZero();
      }
      Program.Result result =
          browser
              .run(
                  "dashboard.mjs",
                  List.of("--url=" + server.admin("/"), "--type=publish.refused"),
                  LIMIT)
              .orFail("dashboard");
      Map<String, Object> page = Json.object(result.text().strip());
      assertThat(Json.strings(page.get("errors"))).isEmpty();
      assertThat(Json.strings(page.get("streams"))).containsExactly("live/cam live");
      assertThat(Json.strings(page.get("pushes")))
          .singleElement()
          .asString()
          .contains("rtmp://127.0.0.1:1/app", "refused")
          .doesNotContain("hunter2");
      List<List<String>> events =
          Json.list(page.get("events")).stream().map(Json::strings).toList();
      assertThat(events.stream().map(List::getFirst))
          .containsSubsequence(
              "publish.refused", "ladder.opened", "stream.published", "server.ready");
      assertThat(events.getFirst()).contains("live/cam");
      assertThat(events.getFirst().getLast())
          .contains("publisher refused", "reason=it has a publisher already");
    }
  }

  private static Program publish(RunningServer server) {
    return Publisher.ffmpegEncode(
        Publisher.testPicture(320, 180, 25), Publisher.h264(12, 300), server.rtmp("/live/cam"));
  }
}
