package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The comparison with other parsers itself: it passes what is right, and finds what is not. */
class ParsersTest {
  private static final URI URI_OF_ALL = URI.create("https://127.0.0.1/live/a/b/media.m3u8");
  private static final String MEDIA =
      """
      #EXTM3U
      #EXT-X-VERSION:10
      #EXT-X-TARGETDURATION:2
      #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.0,HOLD-BACK=6.0,PART-HOLD-BACK=1.5
      #EXT-X-PART-INF:PART-TARGET=0.500000
      #EXT-X-MEDIA-SEQUENCE:7
      #EXT-X-MAP:URI="init.mp4"
      #EXT-X-PROGRAM-DATE-TIME:2026-11-21T10:00:00.250Z
      #EXTINF:1.000000,
      7.m4s
      #EXT-X-PROGRAM-DATE-TIME:2026-11-21T10:00:01.250Z
      #EXT-X-PART:DURATION=0.500000,URI="8.0.m4s",INDEPENDENT=YES
      #EXT-X-PART:DURATION=0.500000,URI="8.1.m4s",GAP=YES
      #EXT-X-GAP
      #EXTINF:1.000000,
      8.m4s
      #EXT-X-PROGRAM-DATE-TIME:2026-11-21T10:00:02.250Z
      #EXT-X-PART:DURATION=0.500000,URI="9.0.m4s",INDEPENDENT=YES
      #EXT-X-PRELOAD-HINT:TYPE=PART,URI="9.1.m4s"
      #EXT-X-RENDITION-REPORT:URI="../c/media.m3u8",LAST-MSN=9,LAST-PART=0
      """;

  private Parsers parsers;

  @BeforeEach
  void find() {
    parsers = Parsers.find().orElseGet(() -> Tool.missing("node, or npm's parsers"));
  }

  private static List<String> own(String text) {
    return Facts.media(HlsPlaylist.media(URI_OF_ALL, text));
  }

  private List<String> differences(List<String> own, String text) {
    Map<String, Object> read = parsers.read("media", URI_OF_ALL, text);
    assertThat(read).containsOnlyKeys("hls-parser", "m3u8-parser");
    return Facts.differences(URI_OF_ALL, own, read, Set.of());
  }

  @Test
  void allReadASoundPlaylistAlike() {
    assertThat(own(MEDIA))
        .hasSize(17)
        .contains("part 9.0 " + URI_OF_ALL.resolve("9.0.m4s") + " 0.500000 independent");
    assertThat(differences(own(MEDIA), MEDIA)).isEmpty();
  }

  @Test
  void whatIsReadOtherwiseIsFound() {
    for (String[] change :
        new String[][] {
          {"SEQUENCE:7", "SEQUENCE:8"},
          {"#EXTINF:1.000000,\n8", "#EXTINF:1.000001,\n8"},
          {"10:00:02.250Z", "10:00:02.251Z"},
          {"TARGETDURATION:2", "TARGETDURATION:3"},
          {"URI=\"9.0.m4s\",INDEPENDENT=YES", "URI=\"9.0.m4s\""},
          {"URI=\"9.1.m4s\"", "URI=\"9.2.m4s\""},
          {"LAST-MSN=9", "LAST-MSN=8"},
        }) {
      String other = MEDIA.replace(change[0], change[1]).replace("HOLD-BACK=6.0", "HOLD-BACK=9.0");
      assertThat(other).isNotEqualTo(MEDIA);
      assertThat(differences(own(MEDIA), other)).as(change[1]).hasSizeGreaterThanOrEqualTo(4);
    }
  }

  @Test
  void whatABrokenRuleSaysIsPassedOn() {
    String tooLong = MEDIA.replace("#EXTINF:1.000000,\n7", "#EXTINF:3.000000,\n7");
    assertThat(differences(own(tooLong), tooLong))
        .anyMatch(problem -> problem.contains("hls-parser refuses it: Invalid Playlist"));
  }

  @Test
  void manifestsAreReadAlike() {
    String mpd =
        """
        <MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="dynamic"
            availabilityStartTime="2026-11-21T10:00:00Z" minimumUpdatePeriod="PT1S" minBufferTime="PT1S">
          <Period id="p0" start="PT0S">
            <AdaptationSet contentType="video" mimeType="video/mp4">
              <Representation id="b" bandwidth="1000" codecs="avc1.64001f" width="64" height="36">
                <SegmentTemplate timescale="90000" initialization="$RepresentationID$/init.mp4" media="$RepresentationID$/$Time$.m4s">
                  <SegmentTimeline><S t="0" d="90000" r="2"/></SegmentTimeline>
                </SegmentTemplate>
              </Representation>
            </AdaptationSet>
          </Period>
        </MPD>
        """;
    DashManifest read = DashManifest.parse(URI_OF_ALL, mpd.getBytes(StandardCharsets.UTF_8));
    List<String> own = Facts.manifest(read);
    assertThat(own).hasSize(4);
    Map<String, Object> theirs = parsers.read("mpd", URI_OF_ALL, mpd);
    assertThat(Facts.differences(URI_OF_ALL, own, theirs, Set.of())).isEmpty();
    Map<String, Object> longer = parsers.read("mpd", URI_OF_ALL, mpd.replace("r=\"2\"", "r=\"3\""));
    assertThat(Facts.differences(URI_OF_ALL, own, longer, Set.of())).hasSize(1);
  }
}
