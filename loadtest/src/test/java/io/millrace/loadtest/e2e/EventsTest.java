package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator is told while a stream lives: on the wire as in the log, and nothing twice. */
class EventsTest {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final String LADDER =
      """
      segment: 1s
      audio: [ { passthrough: true } ]
      video:
        - { name: source, passthrough: true }
        - { name: 90p, codec: h264, height: 90, bitrate: 100k }
        - { name: av1-360p, codec: av1, height: 360, bitrate: 500k, preset: "0", profile: quality }
      budget: { cpu: 100%, shed: [ av1-360p ] }
      """;
  private static final String CHOSEN =
      """
      { "audio": [ { "passthrough": true } ],
        "video": [ { "name": "source", "passthrough": true },
                   { "name": "64p", "codec": "h264", "height": 64, "bitrate": "60k" } ] }
      """;

  private static final String HASH =
      "$argon2id$v=19$m=19456,t=2,p=1$/+vH/NF9PzTOj/7qJ756+Q$Ys5Krm2UakcNsGzf56g998Jd/UbNvaDuNzzJE7+Dosw";

  @Test
  void everyDecisionAboutAStreamIsToldWhenItIsMade(@TempDir Path folder) throws Exception {
    try (RunningServer server =
            RunningServer.start(
                folder,
                LADDER,
                Map.of(
                    "live/much", List.of("grace: 1s", "publish: { on_conflict: reject }"),
                    "live/locked", List.of("publish: { keys: [ \"" + HASH + "\" ] }")),
                "transcode: { isolation: process }\n");
        EventClient all = EventClient.listen(server.admin("/api/v1/events"), "");
        EventClient ends =
            EventClient.listen(
                server.admin("/api/v1/events?type=stream.ended,server&stream=live/much"), "")) {
      Program publisher =
          Publisher.ffmpegEncode(
              Publisher.testPicture(640, 360, 30),
              Publisher.h264(30, 500),
              server.rtmp("/live/much"));
      try (publisher) {
        Map<String, Object> published = all.await("stream.published", LIMIT);
        assertThat(published).containsEntry("stream", "live/much").containsEntry("level", "info");
        assertThat(EventClient.data(published)).containsEntry("protocol", "rtmp");
        assertThat(EventClient.data(all.await("worker.started", LIMIT))).containsKey("pid");
        assertThat(EventClient.data(all.await("ladder.opened", LIMIT)))
            .containsEntry("rungs", "90p, av1-360p");
        Map<String, Object> shed = all.await("rung.shed", LIMIT);
        assertThat(shed).containsEntry("level", "warn");
        assertThat(EventClient.data(shed)).containsEntry("rung", "av1-360p");
        assertThat(server.log())
            .contains(
                "rung given up: overload stream=live/much rung=av1-360p reason="
                    + Json.quoted(String.valueOf(EventClient.data(shed).get("reason"))));

        refused(server, all);

        kill(server);
        Map<String, Object> ended =
            all.await(
                "worker.ended",
                LIMIT,
                event -> "signal 9".equals(EventClient.data(event).get("detail")));
        assertThat(EventClient.data(ended).get("reason"))
            .as("start: on a busy machine it may be the second one, and not ready yet")
            .isIn("crash", "start");

        assertThat(
                Web.send(
                        "PUT",
                        server.admin("/api/v1/streams/live/much/ladder"),
                        "application/json",
                        CHOSEN)
                    .statusCode())
            .isEqualTo(200);
        assertThat(EventClient.data(all.await("ladder.chosen", LIMIT)))
            .containsEntry("renditions", "source, 64p");
        assertThat(EventClient.data(all.await("ladder.changed", LIMIT)))
            .containsEntry("joined", "64p")
            .containsEntry("left", "90p, av1-360p");

        server.reload(yaml -> yaml + "nonsense: 1\n");
        assertThat(all.await("config.refused", LIMIT)).containsEntry("level", "error");
      }
      all.await("stream.waiting", LIMIT);
      assertThat(EventClient.data(all.await("stream.ended", LIMIT)))
          .containsEntry("reason", "no publisher came back within the grace period");

      List<String> told = List.copyOf(all.raw);
      String third = String.valueOf(Json.object(told.get(2)).get("id"));
      try (EventClient back = EventClient.listen(server.admin("/api/v1/events"), third)) {
        Await.until(
            "what came meanwhile comes again", LIMIT, () -> back.raw.size() >= told.size() - 3);
        assertThat(back.raw.subList(0, told.size() - 3)).isEqualTo(told.subList(3, told.size()));
      }
      for (Map<String, Object> event : all.events()) {
        if (!event.get("type").equals("publish.refused")) {
          assertThat(server.log()).contains(String.valueOf(event.get("message")));
        }
      }
      assertThat(String.join("\n", all.raw)).doesNotContain("wr0ng", "argon2");
      assertThat(all.events().stream().map(event -> event.get("id"))).doesNotHaveDuplicates();

      CompletableFuture<Integer> exit = server.terminate();
      assertThat(all.end.get(60, TimeUnit.SECONDS)).as("a clean end").isNull();
      assertThat(all.events().getLast()).containsEntry("type", "server.stopping");
      assertThat(ends.end.get(60, TimeUnit.SECONDS)).isNull();
      assertThat(ends.events().stream().map(event -> event.get("type")))
          .as("a filter by stream leaves out what is about none")
          .containsExactly("stream.ended");
      assertThat(exit.get(60, TimeUnit.SECONDS)).isZero();
    }
  }

  private static void refused(RunningServer server, EventClient all) {
    try (Program second =
        Publisher.ffmpegEncode(
            Publisher.testPicture(320, 180, 25),
            Publisher.h264(12, 300),
            server.rtmp("/live/much"))) {
      assertThat(second.await(LIMIT).exitCode()).isNotZero();
    }
    Map<String, Object> busy =
        all.await("publish.refused", LIMIT, event -> event.get("stream").equals("live/much"));
    assertThat(EventClient.data(busy))
        .containsEntry("reason", "it has a publisher already")
        .containsEntry("remote", "127.0.0.1");
    try (Program stranger =
        Publisher.ffmpegEncode(
            Publisher.testPicture(320, 180, 25),
            Publisher.h264(12, 300),
            server.rtmp("/live/locked?key=wr0ng"))) {
      assertThat(stranger.await(LIMIT).exitCode()).isNotZero();
    }
    Map<String, Object> locked =
        all.await("publish.refused", LIMIT, event -> event.get("stream").equals("live/locked"));
    assertThat(EventClient.data(locked)).containsEntry("protocol", "rtmp").containsKey("reason");
  }

  private static void kill(RunningServer server) {
    Await.until("a worker", LIMIT, () -> pid(server) > 0);
    long pid = pid(server);
    assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
  }

  private static long pid(RunningServer server) {
    return (long) Json.number(Json.object(server.stream("much").get("worker")).get("pid"));
  }
}
