package io.millrace.media.flv;

import java.util.List;

/** One table: bodies with Enhanced RTMP v2 headers, for reader, writer and fuzz seeds. */
final class EnhancedTagCases {
  /**
   * @param body hexadecimal
   * @param meaning what {@link EnhancedTagTest} says of the tag that it is
   */
  record Case(String body, String meaning) {
    @Override
    public String toString() {
      return meaning;
    }
  }

  static final List<Case> VIDEO =
      List.of(
          new Case("90 68766331 0101", "start HEVC 0 0101"),
          new Case("90 61763031 81", "start AV1 0 81"),
          new Case("91 68766331 000021 aabb", "frames HEVC 0 key +33 0ns aabb"),
          new Case("a1 61766331 fffff0 cc", "frames H264 0 - -16 0ns cc"),
          new Case("93 68766331 aabb", "frames HEVC 0 key +0 0ns aabb"),
          new Case("a1 61763031 aabb", "frames AV1 0 - +0 0ns aabb"),
          new Case("91 76703039 aabb", "frames VP9 0 key +0 0ns aabb"),
          new Case("92 68766331", "end HEVC 0"),
          new Case("94 68766331 020009", "metadata HEVC 0 020009"),
          new Case("96 00 61766331 07 0142", "start H264 7 0142"),
          new Case("a6 01 61766331 ff 000003 dd", "frames H264 255 - +3 0ns dd"),
          new Case("97 02 0f423f 03 68766331 ee", "frames HEVC 0 key +0 999999ns ee"),
          new Case("97 02 000001 06 01 61763031 02 ee", "frames AV1 2 key +0 1ns ee"),
          new Case("d0 01", "command 1"));

  static final List<Case> AUDIO =
      List.of(
          new Case("90 4f707573 4f70", "start OPUS 0 4f70"),
          new Case("90 6d703461 1190", "start AAC 0 1190"),
          new Case("91 4f707573 fc01", "frames OPUS 0 0ns fc01"),
          new Case("91 2e6d7033 fffb", "frames MP3 0 0ns fffb"),
          new Case("92 4f707573", "end OPUS 0"),
          new Case("94 4f707573 00 03", "config OPUS 0 Unspecified[channels=3]"),
          new Case("95 04 4f707573 01 01 06 0000003f", "config OPUS 1 Native[channels=6, mask=63]"),
          new Case("94 4f707573 02 02 01fe", "config OPUS 0 Custom 01fe"),
          new Case("95 01 6d703461 02 21", "frames AAC 2 0ns 21"),
          new Case("97 02 0003e8 01 4f707573 fc", "frames OPUS 0 1000ns fc"));

  private EnhancedTagCases() {}
}
