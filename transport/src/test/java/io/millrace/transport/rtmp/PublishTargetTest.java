package io.millrace.transport.rtmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.StreamKey;
import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublishTargetTest {
  @ParameterizedTest
  @CsvSource({
    "live, rtmp://h/live, cam, live/cam",
    "live/, rtmp://h/live/, cam, live/cam",
    "live?key=k, rtmp://h/live?key=k, cam, live/cam",
    "'', rtmp://h:1935/live, cam, live/cam",
    "'', rtmp://h:1935/live?a=b/c, cam, live/cam",
    "live, '', /cam, live/cam",
    "my-app_1, '', Cam.1~x, my-app_1/Cam.1~x"
  })
  void appAndNameAreFound(String app, String tcUrl, String name, String expected) {
    assertThat(PublishTarget.parse(app, tcUrl, name, 128).stream()).hasToString(expected);
  }

  @Test
  void queryIsDecodedAndTheNameWins() {
    PublishTarget target =
        PublishTarget.parse(
            "live?key=app&b=2", "rtmp://h/live?key=url&c=3", "cam?key=a%2Fb%3d+%zz%4&flag&=x", 128);
    assertThat(target.query())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("key", "a/b=+%zz%4", "flag", "", "b", "2", "c", "3"));
  }

  @Test
  void parametersAreBounded() {
    StringBuilder name = new StringBuilder("cam?");
    for (int i = 0; i < 100; i++) {
      name.append('k').append(i).append("=1&");
    }
    assertThat(PublishTarget.parse("live", "", name.toString(), 128).query()).hasSize(32);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "?key=x", ".", ".a", "a b", "a/b", "é", "a\\b", "a\"b", "a%2fb"})
  void badNamesAreRefused(String name) {
    assertThatThrownBy(() -> PublishTarget.parse("live", "", name, 128))
        .isInstanceOfSatisfying(
            PublishRefusedException.class,
            e -> assertThat(e.decision().code()).isEqualTo(PublishDecision.BAD_NAME));
  }

  @Test
  void secretsAreNotPrinted() {
    PublishRequest request =
        new PublishRequest(
            "s",
            new StreamKey("live", "a"),
            Map.of("key", "hunter2"),
            new InetSocketAddress("127.0.0.1", 1),
            false,
            "");
    assertThat(request.toString()).contains("key").doesNotContain("hunter2");
    assertThat(RtmpTarget.parse("rtmp://h/live/a?key=hunter2")).hasToString("rtmp://h:1935/live/a");
    assertThatThrownBy(() -> RtmpTarget.parse("http://h/live/a?key=hunter2"))
        .hasMessageNotContaining("hunter2");
    assertThatThrownBy(() -> PublishTarget.parse("live", "", "a b?key=hunter2", 128))
        .hasMessageNotContaining("hunter2");
  }

  @ParameterizedTest
  @CsvSource({
    "rtmp://h/live/a, h, 1935, live, a",
    "rtmps://h/live/a, h, 443, live, a",
    "rtmp://[::1]:1/x/y/a?k=v/w, ::1, 1, x/y, a?k=v/w"
  })
  void targetsAreParsed(String url, String host, int port, String app, String name) {
    RtmpTarget target = RtmpTarget.parse(url);
    assertThat(target).isEqualTo(new RtmpTarget(url.startsWith("rtmps"), host, port, app, name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rtmp://h/a",
        "rtmp://h/a/",
        "rtmp:///a/b",
        "rtmp://u:p@h/a/b",
        "h/a/b",
        "rtmp://h h/a/b"
      })
  void otherUrlsAreRefused(String url) {
    assertThatThrownBy(() -> RtmpTarget.parse(url)).isInstanceOf(IllegalArgumentException.class);
  }
}
