package io.millrace.packager.segment;

import static io.millrace.packager.Tracks.AAC_FRAME;
import static io.millrace.packager.Tracks.FRAME_30;
import static io.millrace.packager.Tracks.SECOND;
import static io.millrace.packager.Tracks.aac;
import static io.millrace.packager.Tracks.audio;
import static io.millrace.packager.Tracks.av1;
import static io.millrace.packager.Tracks.av1Hdr;
import static io.millrace.packager.Tracks.boundary;
import static io.millrace.packager.Tracks.frame;
import static io.millrace.packager.Tracks.gop;
import static io.millrace.packager.Tracks.h264;
import static io.millrace.packager.Tracks.h264Turned;
import static io.millrace.packager.Tracks.hevcHdr;
import static io.millrace.packager.Tracks.mp3;
import static io.millrace.packager.Tracks.opus;
import static io.millrace.packager.Tracks.sound;
import static io.millrace.packager.Tracks.video;
import static io.millrace.packager.Tracks.vp9;

import io.millrace.media.TrackFormat;
import io.millrace.packager.Golden;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CmafDumpTest {
  private final Recorder recorder = new Recorder();

  private static void init(String name, TrackFormat format, long bitrateBps) throws IOException {
    Golden.assertMatches(name, Golden.dump(InitWriter.write(format, bitrateBps)));
  }

  private void segment(String name) throws IOException {
    Golden.assertMatches(name, Golden.dump(Recorder.bytes(recorder.segment(0))));
  }

  @Test
  void h264Init() throws IOException {
    init("init-h264.txt", h264(1280, 720), 2_500_000);
  }

  @Test
  void av1Init() throws IOException {
    init("init-av1.txt", av1(1280, 720), 0);
  }

  @Test
  void av1HdrInit() throws IOException {
    init("init-av1-hdr.txt", av1Hdr(), 6_000_000);
  }

  @Test
  void hevcHdrInit() throws IOException {
    init("init-hevc-hdr.txt", hevcHdr(), 0);
  }

  @Test
  void vp9Init() throws IOException {
    init("init-vp9.txt", vp9(1280, 720), 0);
  }

  @Test
  void mp3Init() throws IOException {
    init("init-mp3.txt", mp3(48_000), 192_000);
    init("init-mp3-half-rate.txt", mp3(22_050), 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {90, 180, 270})
  void turnedAnamorphicInit(int rotation) throws IOException {
    init("init-h264-turned-" + rotation + ".txt", h264Turned(rotation), 0);
  }

  @Test
  void aacInit() throws IOException {
    init("init-aac.txt", aac(44_100, 1), 128_000);
  }

  @Test
  void opusInit() throws IOException {
    init("init-opus.txt", opus(), 96_000);
  }

  @Test
  void segmentWithReordering() throws IOException {
    TrackPackager packager = TrackPackager.video(Recorder.SETTINGS, 0, recorder);
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, SECOND));
    long[] order = {0, 3, 1, 2, 4};
    for (int i = 0; i < order.length; i++) {
      long dts = SECOND + (i - 2) * FRAME_30;
      packager.accept(frame(dts, SECOND + order[i] * FRAME_30, i == 0, 4 + i));
    }
    packager.accept(boundary(1, SECOND + 5 * FRAME_30));
    segment("segment-h264-reordered.txt");
  }

  @Test
  void segmentWhereEverythingIsUniform() throws IOException {
    TrackPackager packager = TrackPackager.video(Recorder.SETTINGS, 0, recorder);
    packager.accept(video(av1(1280, 720)));
    packager.accept(boundary(0, 1L << 33));
    gop(packager, 1L << 33, 4, 6);
    packager.accept(boundary(1, (1L << 33) + 4 * FRAME_30));
    segment("segment-av1-uniform.txt");
  }

  @Test
  void segmentOfParts() throws IOException {
    TrackPackager packager = TrackPackager.video(Recorder.SETTINGS, 0, recorder);
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, 0, 3 * FRAME_30));
    gop(packager, 0, 7, 6);
    packager.accept(boundary(1, 7 * FRAME_30, 3 * FRAME_30));
    segment("segment-h264-parts.txt");
  }

  @Test
  void audioSegment() throws IOException {
    TrackPackager packager = TrackPackager.audio(Recorder.SETTINGS, 0, recorder);
    packager.accept(audio(aac(48_000, 2)));
    packager.accept(boundary(0, 0));
    packager.accept(boundary(1, SECOND / 10));
    for (int i = 0; i < 6; i++) {
      packager.accept(sound(i * AAC_FRAME, 5 + i % 2));
    }
    segment("segment-aac.txt");
  }

  @Test
  void opusSegment() throws IOException {
    TrackPackager packager = TrackPackager.audio(Recorder.SETTINGS, 0, recorder);
    packager.accept(audio(opus()));
    packager.accept(boundary(0, 0));
    packager.accept(boundary(1, SECOND / 25));
    for (int i = 0; i < 3; i++) {
      packager.accept(sound(i * 960, 5 + i % 2));
    }
    segment("segment-opus.txt");
  }

  @Test
  void audioSegmentWithAHole() throws IOException {
    TrackPackager packager = TrackPackager.audio(Recorder.SETTINGS, 0, recorder);
    packager.accept(audio(aac(48_000, 2)));
    packager.accept(boundary(0, 0));
    packager.accept(boundary(1, SECOND));
    for (long pts : new long[] {0, 1024, 20_000, 21_024, 48_000}) {
      packager.accept(sound(pts, 5));
    }
    segment("segment-aac-hole.txt");
  }
}
