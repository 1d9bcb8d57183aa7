package io.millrace.transport.srt;

import java.util.List;

/**
 * One table: stream ids that name {@code live/cam} and {@code KEY}, for the reader and as seeds.
 */
final class StreamIdCases {
  static final List<String> GOOD =
      List.of(
          "#!::r=live/cam,m=publish,s=KEY",
          "#!::m=publish,s=KEY,r=/live/cam",
          "#!::r=live/cam,s=KEY",
          "#!::r=live/cam,s=KEY,t=stream,h=example.net,x_y=1",
          "#!::u=bob, r=live/cam , m=publish , s=KEY",
          "#!:{r=live/cam,m=publish,s=KEY}",
          "#!::r=live/cam?key=KEY,m=publish",
          "#!::r=live/cam?key=other,s=KEY",
          "publish:live/cam?key=KEY",
          "publish:/live/cam?key=%4BEY&x=%2",
          "live/cam?key=KEY",
          "/live/cam?key=KEY&key=other");

  private StreamIdCases() {}
}
