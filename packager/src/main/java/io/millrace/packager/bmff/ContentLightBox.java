package io.millrace.packager.bmff;

import io.millrace.media.Hdr.ContentLight;
import java.nio.ByteBuffer;

/** {@code clli} (ISO/IEC 14496-12 §12.1.6): how bright a picture gets (CTA-861.3), in cd/m². */
public record ContentLightBox(ContentLight light) implements Box {
  @Override
  public String type() {
    return "clli";
  }

  @Override
  public int sizeBytes() {
    return HEADER_BYTES + 4;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.header(out, this);
    out.putShort((short) light.maxCll()).putShort((short) light.maxFall());
  }

  static ContentLightBox read(ByteBuffer in) {
    return new ContentLightBox(new ContentLight(in.getShort() & 0xFFFF, in.getShort() & 0xFFFF));
  }
}
