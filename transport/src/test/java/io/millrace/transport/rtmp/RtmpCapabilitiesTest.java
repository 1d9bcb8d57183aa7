package io.millrace.transport.rtmp;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.rtmp.amf.AmfValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RtmpCapabilitiesTest {
  @Test
  void whatIsWrittenIsReadBack() {
    Map<String, Object> properties = new LinkedHashMap<>();
    RtmpCapabilities.MILLRACE.write(properties);
    assertThat(read(properties)).isEqualTo(RtmpCapabilities.MILLRACE);
    assertThat(RtmpCapabilities.MILLRACE.reconnect()).isTrue();
    assertThat(RtmpCapabilities.MILLRACE.multitrack()).isTrue();
    assertThat(RtmpCapabilities.MILLRACE.modEx()).isTrue();
    assertThat(RtmpCapabilities.MILLRACE.timestampNanoOffset()).isTrue();
  }

  @Test
  void whoSaysNothingCanNothingAndIsToldNothing() {
    assertThat(read(Map.of("app", "live"))).isEqualTo(RtmpCapabilities.NONE);
    Map<String, Object> properties = new LinkedHashMap<>();
    RtmpCapabilities.NONE.write(properties);
    assertThat(properties).isEmpty();
  }

  @Test
  void anyCodecIsNamedByTheWildcard() {
    assertThat(read(Map.of("fourCcList", List.of("*"))).names("av01")).isTrue();
    assertThat(read(Map.of("videoFourCcInfoMap", Map.of("*", 4))).names("hvc1")).isTrue();
    assertThat(read(Map.of("audioFourCcInfoMap", Map.of("Opus", 1))).names("Opus")).isTrue();
    assertThat(read(Map.of("audioFourCcInfoMap", Map.of("Opus", 1))).names("mp4a")).isFalse();
  }

  @Test
  void nanosecondsNeedModExToo() {
    assertThat(read(Map.of("capsEx", 8)).timestampNanoOffset()).isFalse();
    assertThat(read(Map.of("capsEx", 12)).timestampNanoOffset()).isTrue();
  }

  @Test
  void whatIsOfAnotherTypeOrNoFourCcCountsAsNotSaid() {
    RtmpCapabilities said =
        read(
            Map.of(
                "fourCcList",
                List.of(1, "toolong", "av\r1", "av01"),
                "videoFourCcInfoMap",
                "hvc1",
                "audioFourCcInfoMap",
                Map.of("Opus", "yes", "", 1),
                "capsEx",
                "all"));
    assertThat(said)
        .isEqualTo(new RtmpCapabilities(List.of("av01"), Map.of(), Map.of("Opus", 0), 0));
  }

  @Test
  void listsAreBounded() {
    List<String> many = IntStream.range(1000, 3000).mapToObj(Integer::toString).toList();
    RtmpCapabilities said =
        read(
            Map.of(
                "fourCcList",
                many,
                "videoFourCcInfoMap",
                many.stream().collect(Collectors.toMap(name -> name, _ -> 4))));
    assertThat(said.fourCcs()).hasSize(64);
    assertThat(said.videoFourCcs()).hasSize(64);
  }

  private static RtmpCapabilities read(Map<String, Object> properties) {
    return RtmpCapabilities.read(AmfValue.fromPlain(properties).asProperties());
  }
}
