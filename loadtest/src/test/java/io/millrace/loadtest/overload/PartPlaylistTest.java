package io.millrace.loadtest.overload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.loadtest.overload.PartPlaylist.Segment;
import org.junit.jupiter.api.Test;

class PartPlaylistTest {
  static final String TEXT =
      """
      #EXTM3U
      #EXT-X-TARGETDURATION:2
      #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,HOLD-BACK=6.000000,PART-HOLD-BACK=0.600000
      #EXT-X-PART-INF:PART-TARGET=0.500000
      #EXT-X-MEDIA-SEQUENCE:7
      #EXT-X-MAP:URI="init.mp4"
      #EXTINF:2.000000,
      seg-7.m4s
      #EXT-X-GAP
      #EXTINF:2.000000,
      seg-8.m4s
      #EXT-X-PART:DURATION=0.500000,URI="part-9-0.m4s",INDEPENDENT=YES
      #EXT-X-PART:DURATION=0.500000,URI="part-9-1.m4s",GAP=YES
      #EXTINF:1.000000,
      seg-9.m4s
      #EXT-X-PART:DURATION=0.400000,URI="part-10-0.m4s",INDEPENDENT=YES
      #EXT-X-PRELOAD-HINT:TYPE=PART,URI="part-10-1.m4s"
      """;

  @Test
  void readsSegmentsPartsAndGaps() {
    PartPlaylist playlist = PartPlaylist.parse(TEXT);
    assertThat(playlist.holdBackUs()).isEqualTo(6_000_000);
    assertThat(playlist.partHoldBackUs()).isEqualTo(600_000);
    assertThat(playlist.partTargetUs()).isEqualTo(500_000);
    assertThat(playlist.segments()).extracting(Segment::sequence).containsExactly(7L, 8L, 9L, 10L);
    assertThat(playlist.segments())
        .extracting(Segment::gap)
        .containsExactly(false, true, false, false);
    assertThat(playlist.segments().get(2).parts())
        .extracting(PartPlaylist.Part::gap)
        .containsExactly(false, true);
    assertThat(playlist.segments().getLast().isComplete()).isFalse();
    assertThat(playlist.segments().getLast().reachesUs()).isEqualTo(400_000);
    assertThat(playlist.ended()).isFalse();
    assertThat(PartPlaylist.parse(TEXT + "#EXT-X-ENDLIST\n").ended()).isTrue();
  }

  @Test
  void partsOfOlderSegmentsMayBeLeftOut() {
    PartPlaylist playlist = PartPlaylist.parse(TEXT, 10);
    assertThat(playlist.segments()).hasSize(4);
    assertThat(playlist.segments().get(2).parts()).isEmpty();
    assertThat(playlist.segments().getLast().parts())
        .containsExactly(new PartPlaylist.Part(400_000, "part-10-0.m4s", false));
  }

  @Test
  void somethingElseIsNoPlaylist() {
    assertThatThrownBy(() -> PartPlaylist.parse("<html>"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
