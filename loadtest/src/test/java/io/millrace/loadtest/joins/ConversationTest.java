package io.millrace.loadtest.joins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConversationTest {
  private static void content(Conversation conversation, String text) {
    conversation.content(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
  }

  @Test
  void thePlaylistsNewestPartIsAskedForNext() {
    Conversation conversation = new Conversation("/live/a/media.m3u8", true);
    conversation.head(200, null);
    content(conversation, "#EXTM3U\n#EXT-X-PART:DURATION=0.2,URI=\"1.0.m4s\"\n#EXT-X-PA");
    content(conversation, "RT:DURATION=0.2,INDEPENDENT=YES,URI=\"1.1.m4s\"\n");
    assertThat(conversation.ended()).isEqualTo("/live/a/1.1.m4s");
    assertThat(conversation.joined()).isNotDone();
    content(conversation, "media");
    assertThat(conversation.ended()).isNull();
    Conversation.Joined joined = conversation.joined().join();
    assertThat(joined.mediaNs()).isGreaterThanOrEqualTo(joined.firstNs());
  }

  @Test
  void whatIsNoGoodAnswerIsNoJoin() {
    Conversation refused = new Conversation("/live/a/1.0.m4s", false);
    refused.head(425, null);
    assertThatThrownBy(() -> refused.joined().join()).hasMessageContaining("425");

    Conversation empty = new Conversation("/live/a/media.m3u8", true);
    content(empty, "#EXTM3U\n");
    assertThat(empty.ended()).isNull();
    assertThatThrownBy(() -> empty.joined().join()).hasMessageContaining("lists no part");
  }
}
