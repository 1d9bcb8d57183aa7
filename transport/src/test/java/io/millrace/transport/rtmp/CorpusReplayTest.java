package io.millrace.transport.rtmp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What encoders really sent, recorded and cut after 24000 bytes. The dumps beside the recordings
 * were made by an independent parser: kind, milliseconds, bytes, SHA-256.
 */
class CorpusReplayTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"obs29", "ffmpeg51", "ffmpeg8", "gst122_rtmp2sink", "gst122_librtmp", "vlc3"})
  void recordingGivesItsDumpHoweverItIsSplit(String name) throws IOException {
    byte[] recording = resource(name + ".c2s");
    List<String> dump =
        new String(resource(name + ".dump"), StandardCharsets.US_ASCII).lines().toList();
    assertThat(dump).hasSizeGreaterThan(20);

    assertThat(replay(recording, recording.length)).isEqualTo(dump);
    assertThat(replay(recording, 1)).isEqualTo(dump);
    Random random = new Random(7);
    for (int i = 0; i < 10; i++) {
      assertThat(replay(recording, 1 + random.nextInt(2000))).isEqualTo(dump);
    }
  }

  /** The whole recordings, where the project's shared folder is at hand. */
  @Test
  void wholeRecordingsGiveTheSameWholeAndByteByByte() throws IOException {
    Path corpus = Path.of(System.getProperty("millrace.shared", "../../shared")).resolve("corpus");
    Assumptions.assumeTrue(Files.isDirectory(corpus), "no recordings in " + corpus);
    try (Stream<Path> files = Files.list(corpus)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".c2s")).toList()) {
        byte[] recording = Files.readAllBytes(file);
        List<String> whole = replay(recording, recording.length);
        assertThat(whole).as(file.toString()).hasSizeGreaterThan(20);
        assertThat(replay(recording, 1)).as(file.toString()).isEqualTo(whole);
      }
    }
  }

  private static List<String> replay(byte[] recording, int readBytes) {
    RecordingHandler handler = new RecordingHandler();
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(recording, readBytes);
      assertThat(handler.opened).hasSize(1);
    }
    RecordingHandler.Recorded recorded = handler.opened.element();
    assertThat(recorded.of("metadata")).isNotEmpty(); // GStreamer sends it again and again
    assertThat(recorded.end.join().kind()).isIn(EndReason.Kind.DISCONNECTED, EndReason.Kind.CLEAN);
    assertThat(handler.summaries.element().encoder()).isNotEmpty();
    return recorded.events.stream()
        .filter(event -> !event.kind().equals("metadata"))
        .map(
            event ->
                "%s %d %d %s"
                    .formatted(
                        event.kind(),
                        event.timestampMs(),
                        event.bytes(),
                        event.content().substring(0, 16)))
        .toList();
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = CorpusReplayTest.class.getResourceAsStream("/rtmp/corpus/" + name)) {
      return in.readAllBytes();
    }
  }
}
