package io.millrace.transport.srt;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.StreamKey;
import io.millrace.transport.Loops;
import io.millrace.transport.http.NoLeaks;
import io.millrace.transport.srt.flow.SrtStatistics;
import io.millrace.transport.srt.wire.RejectCode;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** libsrt's own sender against our listener: what comes out is, byte by byte, what went in. */
@Timeout(120)
@ExtendWith(NoLeaks.class)
class LibsrtTest {
  private static final String PASSPHRASE = "correct-horse-battery";

  private final Loops loops = Loops.open(2, "srt-test");
  private final RecordingSrtHandler handler = new RecordingSrtHandler();
  private SrtServer server;

  @TempDir Path directory;

  @BeforeEach
  void start() throws Exception {
    server =
        SrtServer.bind(
            loops, new InetSocketAddress("127.0.0.1", 0), SrtSettings.defaults(), handler);
  }

  @AfterEach
  void stop() throws Exception {
    server.shutdown("test is over").get(10, TimeUnit.SECONDS);
    loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).get(10, TimeUnit.SECONDS);
  }

  private String url(String parameters) {
    return "srt://127.0.0.1:%d?mode=caller&%s".formatted(server.address().getPort(), parameters);
  }

  @Test
  void publishesInTheClear() throws Exception {
    byte[] media = SrtTool.media(1000);
    try (SrtTool tool =
        SrtTool.transmit(
            directory, "file://con", url("streamid=#!::r=live/cam,m=publish,s=secret"))) {
      RecordingSrtHandler.Recorded recorded = push(tool, media, 500);
      SrtRequest request = recorded.publication.request();
      assertThat(request.stream()).isEqualTo(new StreamKey("live", "cam"));
      assertThat(request.query()).containsExactly(Map.entry("key", "secret"));
      assertThat(request.toString()).doesNotContain("secret");
      assertThat(request.version()).startsWith("1.");
      SrtStatistics statistics =
          recorded.publication.statistics().toCompletableFuture().get(5, TimeUnit.SECONDS);
      assertThat(statistics.pktRecvUnique()).isEqualTo(recorded.messages());
      assertThat(statistics.pktRcvDrop()).isZero();
      assertThat(statistics.pktSentACK()).isPositive();
      tool.close();
      assertThat(recorded.end.get(10, TimeUnit.SECONDS).kind()).isEqualTo(EndReason.Kind.CLEAN);
      SrtSessionSummary summary = handler.summaries.poll(5, TimeUnit.SECONDS);
      assertThat(summary.rejectCode()).isZero();
      assertThat(server.connections()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"16", "24", "32"})
  void publishesEncrypted(int keyBytes) throws Exception {
    handler.decideAtOnce(SrtDecision.accept(PASSPHRASE));
    byte[] media = SrtTool.media(500);
    try (SrtTool tool =
        SrtTool.transmit(
            directory,
            "file://con",
            url("streamid=live/cam&passphrase=%s&pbkeylen=%d".formatted(PASSPHRASE, keyBytes)))) {
      push(tool, media, 500);
    }
  }

  @Test
  void followsTheSendersKeyRefresh() throws Exception {
    handler.decideAtOnce(SrtDecision.accept(PASSPHRASE));
    byte[] media = SrtTool.media(3000);
    try (SrtTool tool =
        SrtTool.transmit(
            directory,
            "file://con",
            url(
                "streamid=live/cam&passphrase=%s&kmrefreshrate=400&kmpreannounce=150"
                    .formatted(PASSPHRASE)))) {
      RecordingSrtHandler.Recorded recorded = push(tool, media, 1000);
      SrtStatistics statistics =
          recorded.publication.statistics().toCompletableFuture().get(5, TimeUnit.SECONDS);
      assertThat(statistics.pktRcvUndecrypt()).isZero();
    }
  }

  @Test
  void ffmpegPublishes() throws Exception {
    handler.decideAtOnce(SrtDecision.accept(PASSPHRASE));
    Path file = transportStream();
    assertArrives(
        file,
        List.of(
            "ffmpeg",
            "-nostdin",
            "-re",
            "-i",
            file.toString(),
            "-c",
            "copy",
            "-f",
            "mpegts",
            "-passphrase",
            PASSPHRASE,
            "-srt_streamid",
            "#!::r=live/cam,m=publish,s=secret",
            "srt://127.0.0.1:" + server.address().getPort() + "?pkt_size=1316"));
  }

  @Test
  void gstreamerPublishes() throws Exception {
    SrtTool.require("ffmpeg"); // makes the file
    Path file = transportStream();
    assertArrives(
        file,
        List.of(
            "gst-launch-1.0",
            "filesrc",
            "location=" + file,
            "!",
            "tsparse",
            "alignment=7",
            "set-timestamps=true",
            "!",
            "srtsink",
            "uri=srt://127.0.0.1:%d?mode=caller".formatted(server.address().getPort()),
            "streamid=publish:live/cam?key=secret"));
  }

  private Path transportStream() throws Exception {
    Path file = directory.resolve("clip.ts");
    try (SrtTool ffmpeg =
        SrtTool.start(
            directory,
            List.of(
                "ffmpeg",
                "-nostdin",
                "-f",
                "lavfi",
                "-i",
                "testsrc=size=320x180:rate=25:duration=3",
                "-f",
                "lavfi",
                "-i",
                "sine=duration=3",
                "-c:v",
                "mpeg2video",
                "-c:a",
                "aac",
                file.toString()))) {
      ffmpeg.awaitExit();
    }
    return file;
  }

  private void assertArrives(Path file, List<String> command) throws Exception {
    try (SrtTool tool = SrtTool.start(directory, command)) {
      RecordingSrtHandler.Recorded recorded = handler.opened.poll(10, TimeUnit.SECONDS);
      assertThat(recorded).as(tool.log()).isNotNull();
      assertThat(recorded.publication.request().query()).containsEntry("key", "secret");
      tool.awaitExit();
      assertThat(recorded.end.get(10, TimeUnit.SECONDS).kind()).isEqualTo(EndReason.Kind.CLEAN);
      byte[] got = recorded.bytes();
      assertThat(got.length).isGreaterThan((int) (Files.size(file) * 3 / 4));
      for (int i = 0; i < got.length; i += 188) {
        assertThat(got[i]).as("sync byte at %d", i).isEqualTo((byte) 0x47);
      }
      SrtStatistics statistics =
          recorded.publication.statistics().toCompletableFuture().get(5, TimeUnit.SECONDS);
      assertThat(statistics.pktRcvDrop() + statistics.pktRcvUndecrypt()).isZero();
    }
  }

  @Test
  void wrongPassphraseIsToldSo() throws Exception {
    handler.decideAtOnce(SrtDecision.accept(PASSPHRASE));
    assertThat(refusal("streamid=live/cam&passphrase=another-passphrase"))
        .contains("Incorrect passphrase");
    assertThat(lastRefusal().rejectCode()).isEqualTo(RejectCode.BAD_SECRET);
  }

  @Test
  void missingPassphraseIsToldSo() throws Exception {
    handler.decideAtOnce(SrtDecision.accept(PASSPHRASE));
    assertThat(refusal("streamid=live/cam")).contains("Password required or unexpected");
    assertThat(lastRefusal().rejectCode()).isEqualTo(RejectCode.UNSECURE);
  }

  @Test
  void uncalledForPassphraseIsToldSo() throws Exception {
    assertThat(refusal("streamid=live/cam&passphrase=" + PASSPHRASE))
        .contains("Password required or unexpected");
  }

  @Test
  void wrongKeyIsToldSo() throws Exception {
    handler.decideAtOnce(SrtDecision.reject(RejectCode.UNAUTHORIZED, "wrong key"));
    assertThat(refusal("streamid=#!::r=live/cam,m=publish,s=wrong"))
        .contains("Application-defined rejection");
    assertThat(lastRefusal().rejectCode()).isEqualTo(RejectCode.UNAUTHORIZED);
  }

  @Test
  void unknownStreamIsToldSo() throws Exception {
    handler.decideAtOnce(SrtDecision.reject(RejectCode.NOT_FOUND, "no such stream"));
    assertThat(refusal("streamid=live/nothing")).contains("Application-defined rejection");
    assertThat(lastRefusal().rejectCode()).isEqualTo(RejectCode.NOT_FOUND);
  }

  @Test
  void badStreamIdIsToldSo() throws Exception {
    assertThat(refusal("streamid=nothing")).contains("Application-defined rejection");
    assertThat(lastRefusal().rejectCode()).isEqualTo(RejectCode.BAD_REQUEST);
    assertThat(handler.requests).isEmpty();
  }

  @Test
  void playingIsRefused() throws Exception {
    assertThat(refusal("streamid=#!::r=live/cam,m=request"))
        .contains("Application-defined rejection");
    assertThat(lastRefusal().rejectCode()).isEqualTo(RejectCode.BAD_MODE);
  }

  /** srt-live-transmit throws away what it reads until it is connected. */
  private RecordingSrtHandler.Recorded push(SrtTool tool, byte[] media, int messagesPerSecond)
      throws Exception {
    RecordingSrtHandler.Recorded recorded = handler.opened.poll(10, TimeUnit.SECONDS);
    assertThat(recorded).as(tool.log()).isNotNull();
    tool.feed(media, messagesPerSecond);
    byte[] last = Arrays.copyOfRange(media, media.length - SrtTool.MESSAGE_BYTES, media.length);
    byte[] got = recorded.awaitEnding(last, 10_000);
    assertThat(got.length).isGreaterThan(media.length * 3 / 4);
    assertThat(got).isEqualTo(Arrays.copyOfRange(media, media.length - got.length, media.length));
    return recorded;
  }

  private String refusal(String parameters) throws Exception {
    try (SrtTool tool = SrtTool.transmit(directory, "file://con", url(parameters))) {
      return tool.awaitExit();
    }
  }

  private SrtSessionSummary lastRefusal() throws InterruptedException {
    SrtSessionSummary summary = handler.summaries.poll(5, TimeUnit.SECONDS);
    assertThat(summary).isNotNull();
    return summary;
  }
}
