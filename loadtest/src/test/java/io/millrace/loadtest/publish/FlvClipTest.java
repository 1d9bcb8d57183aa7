package io.millrace.loadtest.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.loadtest.publish.FlvClip.Kind;
import io.millrace.loadtest.publish.FlvClip.Tag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class FlvClipTest {
  static final int AUDIO = 8;
  static final int VIDEO = 9;
  private static final int SCRIPT = 18;

  @Test
  void tagsCountFromTheFirstAndScriptDataIsLeftOut() {
    ByteBuf file = header();
    tag(file, SCRIPT, 0, "00");
    tag(file, VIDEO, 0x01000010, "17000000000142");
    tag(file, VIDEO, 0x01000010, "170100000001");
    tag(file, AUDIO, 0x01000020, "af0121");
    tag(file, VIDEO, 0x01000038, "270100000002");

    FlvClip clip = FlvClip.parse(file);

    assertThat(clip.tags())
        .extracting(Tag::kind)
        .containsExactly(Kind.VIDEO, Kind.VIDEO, Kind.AUDIO, Kind.VIDEO);
    assertThat(clip.tags()).extracting(Tag::timestampMs).containsExactly(0L, 0L, 16L, 40L);
    assertThat(clip.tags())
        .extracting(Tag::isConfiguration)
        .containsExactly(true, false, false, false);
    assertThat(ByteBufUtil.hexDump(clip.tags().get(2).body())).isEqualTo("af0121");
    assertThat(clip.durationMs()).isEqualTo(80);
  }

  @Test
  void aTagThatIsCutOffIsLeftOut() {
    ByteBuf whole = header();
    tag(whole, AUDIO, 0, "af0121");
    tag(whole, AUDIO, 21, "af0122");

    for (int cut = 1; cut < 4 + 14; cut++) {
      FlvClip clip = FlvClip.parse(whole.slice(0, whole.writerIndex() - cut).copy());
      assertThat(clip.tags()).hasSize(cut <= 4 ? 2 : 1);
    }
  }

  @Test
  void whatIsNoFlvIsRefused() {
    assertThatThrownBy(() -> FlvClip.parse(Unpooled.wrappedBuffer(new byte[64])))
        .hasMessageContaining("not an FLV");
    assertThatThrownBy(() -> FlvClip.parse(header())).hasMessageContaining("no media");
  }

  static ByteBuf header() {
    return Unpooled.buffer().writeBytes(new byte[] {'F', 'L', 'V', 1, 5}).writeInt(9).writeInt(0);
  }

  static void tag(ByteBuf out, int type, int timestampMs, String hex) {
    byte[] body = ByteBufUtil.decodeHexDump(hex);
    out.writeByte(type).writeMedium(body.length).writeMedium(timestampMs);
    out.writeByte(timestampMs >>> 24).writeMedium(0).writeBytes(body).writeInt(body.length + 11);
  }
}
