package io.millrace.transport.rtmp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReconnectRequestTest {
  /** The examples of the specification, and what must not be followed. */
  @ParameterizedTest
  @CsvSource({
    "rtmp://foo.mydomain.com:1935/realtimeapp, rtmp://foo.mydomain.com:1935/realtimeapp",
    "rtmp://127.0.0.1/realtimeapp,             rtmp://127.0.0.1:1935/realtimeapp",
    "//192.0.2.0/realtimeapp,                  rtmp://192.0.2.0:1935/realtimeapp",
    "/realtimeapp,                             rtmp://old.example:1935/realtimeapp",
    "rtmps://new.example/live,                 rtmps://new.example:443/live",
    "'',                                       rtmp://old.example:1935/live",
    "http://new.example/live,                  rtmp://old.example:1935/live",
    "rtmp://new.example/live?x=1,              rtmp://old.example:1935/live",
    "rtmp://user@new.example/live,             rtmp://old.example:1935/live",
    "'rtmp://a b/',                            rtmp://old.example:1935/live",
  })
  void urlIsResolvedAgainstTheCurrentOne(String tcUrl, String expected) {
    RtmpTarget current = RtmpTarget.parse("rtmp://old.example/live/studio?key=k");
    RtmpTarget target = ReconnectRequest.of(current, tcUrl, "").target();
    assertThat(target.tcUrl()).isEqualTo(expected);
    assertThat(target.name()).isEqualTo("studio?key=k");
  }

  @ParameterizedTest
  @CsvSource({
    "rtmp://new.example/live,  rtmps://old.example:443/live",
    "//new.example/live,       rtmps://new.example:443/live",
  })
  void keyIsNotSentFromTlsIntoTheClear(String tcUrl, String expected) {
    RtmpTarget current = RtmpTarget.parse("rtmps://old.example/live/studio?key=k");
    assertThat(ReconnectRequest.of(current, tcUrl, "").target().tcUrl()).isEqualTo(expected);
  }
}
