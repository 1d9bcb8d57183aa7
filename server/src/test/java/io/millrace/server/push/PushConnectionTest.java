package io.millrace.server.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.VideoCodec;
import io.millrace.transport.rtmp.RtmpCapabilities;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PushConnectionTest {
  private final PushMedia media = new PushMedia();
  private final FakeLink link = new FakeLink();
  private long nowNs = 1_000;
  private PushConnection out = new PushConnection(link, false, () -> nowNs);

  @AfterEach
  void everyPayloadIsReleased() {
    out.close();
    assertThat(media.payloads).allSatisfy(payload -> assertThat(payload.refCnt()).isZero());
  }

  @Test
  void beginsWithAKeyFrameAtZeroAndTheConfigurationsBeforeIt() {
    out.accept(PushMedia.h264());
    out.accept(PushMedia.aac());
    out.accept(media.sound(99L * 1920));
    out.accept(media.picture(99, false, 30));
    out.accept(media.picture(100, true, 30));
    out.accept(media.sound(100L * 1920));
    out.accept(media.picture(101, false, 30));
    assertThat(link.heard)
        .containsExactly(
            "meta",
            "video configuration H264",
            "audio configuration AAC",
            "video 0 key",
            "audio 0",
            "video 40");
    assertThat(link.metadata)
        .containsEntry("width", 1280.0)
        .containsEntry("height", 720.0)
        .containsEntry("framerate", 25.0)
        .containsEntry("videocodecid", 7.0)
        .containsEntry("audiocodecid", 10.0);
  }

  @Test
  void soundIsSentAloneWhereThereIsNoPicture() {
    out.accept(PushMedia.aac());
    out.accept(media.sound(48_000));
    out.accept(media.sound(49_024));
    assertThat(link.heard)
        .containsExactly("meta", "audio configuration AAC", "audio 0", "audio 21");
  }

  @Test
  void soundDoesNotWaitWithoutEndForAPictureThatDoesNotCome() {
    out.accept(PushMedia.h264());
    out.accept(PushMedia.aac());
    for (int i = 0; i < 120; i++) {
      out.accept(media.sound(i * 1024L));
    }
    assertThat(link.heard.getFirst()).isEqualTo("meta");
    assertThat(link.heard.stream().filter(it -> it.matches("audio \\d+")).count())
        .isBetween(20L, 30L);
  }

  @Test
  void otherTracksAreLeftOut() {
    out.accept(PushMedia.h264());
    out.accept(new Format(TrackEvent.videoTrack(1), PushMedia.video(VideoCodec.H264, 640)));
    out.accept(media.picture(0, true, 30));
    assertThat(link.heard).containsExactly("meta", "video configuration H264", "video 0 key");
  }

  @Test
  void whatAServerDoesNotReadWaitsAndThenIsDroppedUpToTheNextKeyFrame() {
    out.accept(PushMedia.h264());
    out.accept(PushMedia.aac());
    link.reads = false;
    int size = 200 << 10;
    out.accept(media.picture(0, true, size));
    out.accept(media.picture(1, false, size));
    int given = link.heard.size();
    long number = 2;
    while (out.drops() == 0) {
      out.accept(media.picture(number++, false, size));
      out.accept(media.sound(number * 1920));
      assertThat(out.queuedBytes()).isLessThanOrEqualTo(PushConnection.MAX_BYTES);
      assertThat(number).isLessThan(200);
    }
    assertThat(out.queuedBytes()).isZero();
    assertThat(out.droppedSamples()).isGreaterThan(2 * (number - 4));
    assertThat(link.heard).hasSize(given);

    link.catchUp();
    out.accept(media.picture(number, false, size));
    out.accept(media.sound((number + 1) * 1920));
    assertThat(link.heard).as("nothing refers to what was dropped").hasSize(given);
    out.accept(media.picture(number + 1, true, size));
    out.accept(media.sound((number + 2) * 1920));
    assertThat(link.heard.subList(given, link.heard.size()))
        .as("time goes on as if nothing had been dropped")
        .containsExactly("video " + (number + 1) * 40 + " key", "audio " + (number + 2) * 40);
    assertThat(out.drops()).isEqualTo(1);
  }

  @Test
  void whatIsSmallIsDroppedWhenItHasWaitedTooLong() {
    out.accept(PushMedia.h264());
    link.reads = false;
    link.pendingBytes = PushConnection.MAX_PENDING_BYTES;
    long number = 0;
    out.accept(media.picture(number++, true, 10));
    while (out.drops() == 0) {
      nowNs += TimeUnit.MILLISECONDS.toNanos(40);
      out.accept(media.picture(number++, false, 10));
      assertThat(number).isLessThan(300);
    }
    assertThat(number).isBetween(250L, 253L);
  }

  @Test
  void aKeyFrameThatFindsNoRoomTakesThePlaceOfWhatWaited() {
    out.accept(PushMedia.h264());
    link.pendingBytes = PushConnection.MAX_PENDING_BYTES;
    out.accept(media.picture(0, true, 10));
    nowNs += PushConnection.MAX_WAIT_NS + 1;
    out.accept(media.picture(300, true, 10));
    link.catchUp();
    out.drain();
    assertThat(link.pictures())
        .containsExactly("meta", "video configuration H264", "video 12000 key");
  }

  @Test
  void aServerThatTakesNothingIsStalledAndOneThatHasNothingToTakeIsNot() {
    out.accept(PushMedia.h264());
    out.accept(media.picture(0, true, 30));
    nowNs += 2 * PushConnection.STALLED_AFTER_NS;
    assertThat(out.isStalled()).isFalse();
    link.reads = false;
    out.accept(media.picture(1, false, 30));
    assertThat(out.isStalled()).isFalse();
    nowNs += PushConnection.STALLED_AFTER_NS + 1;
    assertThat(out.isStalled()).isTrue();
    link.pendingBytes--;
    assertThat(out.isStalled()).isFalse();
  }

  @Test
  void anotherConfigurationOfTheSamePictureIsSentBeforeIt() {
    out.accept(PushMedia.h264());
    out.accept(media.picture(0, true, 30));
    out.accept(new Format(TrackEvent.VIDEO_TRACK, PushMedia.video(VideoCodec.H264, 1280, 9)));
    out.accept(media.picture(25, true, 30));
    assertThat(out.changed()).isNull();
    assertThat(link.heard)
        .containsExactly(
            "meta",
            "video configuration H264",
            "video 0 key",
            "meta",
            "video configuration H264",
            "video 1000 key");
  }

  @Test
  void anotherSizeIsNotSentButSaid() {
    out.accept(PushMedia.h264());
    out.accept(media.picture(0, true, 30));
    out.accept(new Format(TrackEvent.VIDEO_TRACK, PushMedia.video(VideoCodec.H264, 640)));
    out.accept(media.picture(25, true, 30));
    assertThat(out.changed()).contains("1280x720").contains("640x720");
    assertThat(link.heard).hasSize(3);
  }

  @ParameterizedTest
  @EnumSource(
      value = VideoCodec.class,
      names = {"HEVC", "AV1", "VP9"})
  void codecsThatServersHaveNotNamedAreNotSent(VideoCodec codec) {
    Format format = new Format(TrackEvent.VIDEO_TRACK, PushMedia.video(codec, 1280));
    out.accept(format);
    out.accept(media.picture(0, true, 30));
    assertThat(out.unsupported()).contains(codec.name()).contains("does not say that it takes");
    assertThat(link.heard).isEmpty();

    link.capabilities = RtmpCapabilities.MILLRACE;
    out = new PushConnection(link, false, () -> nowNs);
    out.accept(format);
    out.accept(media.picture(0, true, 30));
    assertThat(out.unsupported()).isNull();
    assertThat(link.heard).containsExactly("meta", "video configuration " + codec, "video 0 key");
  }

  @Test
  void anOperatorMayKnowBetterWhatAServerTakes() {
    out = new PushConnection(link, true, () -> nowNs);
    out.accept(new Format(TrackEvent.VIDEO_TRACK, PushMedia.video(VideoCodec.HEVC, 1280)));
    out.accept(media.picture(0, true, 30));
    assertThat(out.unsupported()).isNull();
    assertThat(link.heard).isEqualTo(List.of("meta", "video configuration HEVC", "video 0 key"));
    assertThat(link.metadata).containsEntry("videocodecid", (double) 0x68766331); // hvc1
  }
}
