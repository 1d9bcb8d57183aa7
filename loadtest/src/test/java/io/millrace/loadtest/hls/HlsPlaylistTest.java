package io.millrace.loadtest.hls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.loadtest.hls.HlsPlaylist.AudioRendition;
import io.millrace.loadtest.hls.HlsPlaylist.Media;
import io.millrace.loadtest.hls.HlsPlaylist.Multivariant;
import io.millrace.loadtest.hls.HlsPlaylist.Segment;
import io.millrace.loadtest.hls.HlsPlaylist.Variant;
import java.util.List;
import org.junit.jupiter.api.Test;

class HlsPlaylistTest {
  @Test
  void multivariantNamesVariantsAndTheirAudio() {
    String text =
        """
        #EXTM3U
        #EXT-X-VERSION:7
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aud, io",NAME="main",URI="audio/media.m3u8"
        #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="en",URI="en.m3u8"
        #EXT-X-STREAM-INF:CODECS="avc1.64001f,mp4a.40.2",BANDWIDTH=3000000,AUDIO="aud, io"
        720p/media.m3u8
        #EXT-X-STREAM-INF:BANDWIDTH=800000
        360p/media.m3u8
        """;

    assertThat(HlsPlaylist.parse(text))
        .isEqualTo(
            new Multivariant(
                List.of(
                    new Variant("720p/media.m3u8", 3_000_000, "aud, io"),
                    new Variant("360p/media.m3u8", 800_000, null)),
                List.of(new AudioRendition("aud, io", "audio/media.m3u8"))));
  }

  @Test
  void mediaSegmentsCountUpFromTheMediaSequenceOverGaps() {
    String text =
        """
        #EXTM3U
        #EXT-X-TARGETDURATION:2
        #EXT-X-MEDIA-SEQUENCE:41
        #EXT-X-MAP:URI="init-0.mp4"
        #EXTINF:2.000000,
        seg-41.m4s
        #EXT-X-GAP
        #EXTINF:1.9666667,title, with a comma
        seg-42.m4s
        #EXT-X-MAP:URI="init-1.mp4"
        #EXTINF:2,
        seg-43.m4s
        #EXT-X-ENDLIST
        """;

    assertThat(HlsPlaylist.parse(text))
        .isEqualTo(
            new Media(
                2,
                List.of(
                    new Segment(41, "seg-41.m4s", "init-0.mp4", 2_000_000, false),
                    new Segment(42, "seg-42.m4s", "init-0.mp4", 1_966_667, true),
                    new Segment(43, "seg-43.m4s", "init-1.mp4", 2_000_000, false)),
                true));
  }

  @Test
  void transportStreamPlaylistNeedsNoMap() {
    String text = "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:2.1,\na-0.ts\n";

    assertThat(HlsPlaylist.parse(text))
        .isEqualTo(new Media(3, List.of(new Segment(0, "a-0.ts", null, 2_100_000, false)), false));
  }

  @Test
  void whatIsNoPlaylistIsRefused() {
    assertThatThrownBy(() -> HlsPlaylist.parse("<html></html>")).hasMessageContaining("#EXTM3U");
    assertThatThrownBy(() -> HlsPlaylist.parse("#EXTM3U\n")).hasMessageContaining("TARGETDURATION");
    assertThatThrownBy(() -> HlsPlaylist.parse("#EXTM3U\n#EXT-X-TARGETDURATION:2\na.ts\n"))
        .hasMessageContaining("without EXTINF");
  }
}
