package io.millrace.packager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.packager.hls.StartTag;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Where players begin (RFC 8216bis §4.4.2.2). */
class StartOffsetTest {
  private static String into(String playlist, long offsetUs) {
    byte[] bytes = playlist.getBytes(StandardCharsets.UTF_8);
    return new String(StartTag.into(bytes, offsetUs), StandardCharsets.UTF_8);
  }

  @Test
  void theTagStandsBehindTheFirstLine() {
    assertThat(into("#EXTM3U\n#EXT-X-VERSION:6\nx\n", -1_500_000))
        .isEqualTo(
            "#EXTM3U\n#EXT-X-START:TIME-OFFSET=-1.500000,PRECISE=YES\n#EXT-X-VERSION:6\nx\n");
  }

  @Test
  void aTagThatWasThereIsReplaced() {
    String once = into("#EXTM3U\nx\n", -30_000_000);
    assertThat(into(once, 5_000_000))
        .isEqualTo("#EXTM3U\n#EXT-X-START:TIME-OFFSET=5.000000,PRECISE=YES\nx\n");
    assertThat(into("#EXTM3U\n", 0))
        .isEqualTo("#EXTM3U\n#EXT-X-START:TIME-OFFSET=0.000000,PRECISE=YES\n");
  }

  @Test
  void aMasterSaysWhereTheOperatorWantsPlayersToBegin() {
    Presentation presentation =
        new Presentation(
            PresentationSettings.of("studio").withStartBehind(Duration.ofSeconds(12)),
            () -> true,
            () -> Instant.EPOCH);
    LiveFeed feed = new LiveFeed();
    feed.video(presentation.video(new RenditionSpec("source", 0, 0)));
    feed.play(8 * 60);
    Document master = presentation.master(CodecPreference.DEFAULT);
    String text = new String(master.bytes(), StandardCharsets.UTF_8);
    assertThat(text).startsWith("#EXTM3U\n#EXT-X-START:TIME-OFFSET=-12.000000,PRECISE=YES\n");
    assertThat(new String(presentation.media("source").bytes(), StandardCharsets.UTF_8))
        .as("it is said once (§4.4.2)")
        .doesNotContain("EXT-X-START");

    Document other = master.startingAt(-20);
    assertThat(new String(other.bytes(), StandardCharsets.UTF_8))
        .isEqualTo(text.replace("-12.000000", "-20.000000"));
    assertThat(other.etag()).isNotEqualTo(master.etag()).matches("\"[^\"]+\"");
  }
}
