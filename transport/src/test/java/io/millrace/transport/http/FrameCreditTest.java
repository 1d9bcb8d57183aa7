package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import org.junit.jupiter.api.Test;

class FrameCreditTest {
  private static void spend(FrameCredit credit, int frames) throws Http2Exception {
    for (int i = 0; i < frames; i++) {
      credit.spend();
    }
  }

  @Test
  void whoAsksForNothingIsEnded() throws Exception {
    FrameCredit credit = new FrameCredit();
    spend(credit, FrameCredit.FULL);
    assertThatThrownBy(credit::spend)
        .isInstanceOfSatisfying(
            Http2Exception.class,
            ended -> assertThat(ended.error()).isEqualTo(Http2Error.ENHANCE_YOUR_CALM));
  }

  /** As a client does that acknowledges every frame of 1024 bytes, on stream and connection. */
  @Test
  void whoWatchesIsNot() throws Exception {
    FrameCredit credit = new FrameCredit();
    for (int i = 0; i < 10_000; i++) {
      credit.request();
      for (int j = 0; j < 8; j++) {
        credit.content(1_024);
        spend(credit, 2);
      }
    }
    spend(credit, FrameCredit.FULL - 2);
  }

  @Test
  void creditDoesNotPileUp() throws Exception {
    FrameCredit credit = new FrameCredit();
    credit.content(Integer.MAX_VALUE / 2);
    credit.request();
    spend(credit, FrameCredit.FULL);
    assertThatThrownBy(credit::spend).isInstanceOf(Http2Exception.class);
  }
}
