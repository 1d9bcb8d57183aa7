package io.millrace.loadtest.bench;

import io.millrace.codec.Profile;
import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.media.VideoCodec;
import java.util.List;

/** The ladders that are compared. All rungs are of the fast profile. */
enum LadderCase {
  H264(
      "H.264 720p 2500k + 480p 1200k + 360p 700k",
      rung("720p", VideoCodec.H264, 720, 2_500_000),
      rung("480p", VideoCodec.H264, 480, 1_200_000),
      rung("360p", VideoCodec.H264, 360, 700_000)),
  H264_AV1(
      "H.264 720p 2500k + H.264 360p 700k + AV1 360p 400k",
      rung("720p", VideoCodec.H264, 720, 2_500_000),
      rung("360p", VideoCodec.H264, 360, 700_000),
      rung("av1-360p", VideoCodec.AV1, 360, 400_000)),
  FIVE(
      "H.264 720p 2500k + 540p 1600k + 480p 1200k + 360p 700k + 240p 350k",
      rung("720p", VideoCodec.H264, 720, 2_500_000),
      rung("540p", VideoCodec.H264, 540, 1_600_000),
      rung("480p", VideoCodec.H264, 480, 1_200_000),
      rung("360p", VideoCodec.H264, 360, 700_000),
      rung("240p", VideoCodec.H264, 240, 350_000)),
  FIVE_AV1(
      "H.264 720p 2500k + 480p 1200k + 360p 700k + AV1 480p 700k + AV1 360p 400k",
      rung("720p", VideoCodec.H264, 720, 2_500_000),
      rung("480p", VideoCodec.H264, 480, 1_200_000),
      rung("360p", VideoCodec.H264, 360, 700_000),
      rung("av1-480p", VideoCodec.AV1, 480, 700_000),
      rung("av1-360p", VideoCodec.AV1, 360, 400_000)),
  FULL_HD(
      "H.264 1080p 4500k + 720p 2500k + 480p 1200k",
      rung("1080p", VideoCodec.H264, 1080, 4_500_000),
      rung("720p", VideoCodec.H264, 720, 2_500_000),
      rung("480p", VideoCodec.H264, 480, 1_200_000)),
  FULL_HD_FIVE(
      "H.264 1080p 4500k + 720p 2500k + 480p 1200k + 360p 700k + AV1 360p 400k",
      rung("1080p", VideoCodec.H264, 1080, 4_500_000),
      rung("720p", VideoCodec.H264, 720, 2_500_000),
      rung("480p", VideoCodec.H264, 480, 1_200_000),
      rung("360p", VideoCodec.H264, 360, 700_000),
      rung("av1-360p", VideoCodec.AV1, 360, 400_000));

  private final String title;

  @SuppressWarnings("ImmutableEnumChecker") // List.of
  private final List<VideoRung> rungs;

  LadderCase(String title, VideoRung... rungs) {
    this.title = title;
    this.rungs = List.of(rungs);
  }

  /** For people. */
  String title() {
    return title;
  }

  Ladder ladder() {
    return new Ladder(rungs, null);
  }

  /** A ladder for each rung. */
  List<Ladder> single() {
    return rungs.stream().map(rung -> new Ladder(List.of(rung), null)).toList();
  }

  private static VideoRung rung(String name, VideoCodec codec, int heightPx, long bitrateBps) {
    return VideoRung.of(name, codec, heightPx, bitrateBps, Profile.FAST);
  }
}
