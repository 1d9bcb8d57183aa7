package io.millrace.server.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.Profile;
import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.media.AudioCodec;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.StreamKey;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.media.caption.CaptionWriter;
import io.millrace.media.mpegts.CueSchemes;
import io.millrace.packager.CodecPreference;
import io.millrace.packager.RenditionInfo;
import io.millrace.packager.RenditionSpec;
import io.millrace.server.config.Failover;
import io.millrace.server.config.StreamPolicy.OnConflict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which renditions a push of several tracks becomes. */
class StreamOutputsTest {
  private static final Instant EPOCH = Instant.parse("2026-11-21T00:00:00Z");

  /** SCTE 35 §14.2. */
  private static final byte[] OUT =
      Base64.getDecoder()
          .decode("/DAvAAAAAAAA///wFAVIAACPf+/+c2nALv4AUsz1AAAAAAAKAAhDVUVJAAABNWLbowo=");

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private StreamOutputs outputs;

  @AfterEach
  void close() throws InterruptedException {
    outputs.close();
    outputs.awaitClosed(Duration.ofSeconds(5));
    channel.close();
  }

  private void open(Ladder ladder) {
    outputs =
        new StreamOutputs(
            new StreamKey("live", "a"),
            channel.eventLoop(),
            new StreamSettings(
                OnConflict.REJECT,
                Failover.DEFAULT,
                null,
                Duration.ofSeconds(30),
                Duration.ofSeconds(2),
                Duration.ZERO,
                Duration.ofSeconds(30),
                "source",
                ladder),
            (encoder, account) -> {
              throw new AssertionError("no picture has come");
            });
  }

  private static TrackFormat.Video video(int width, int height) {
    return new TrackFormat.Video(
        VideoCodec.H264,
        "avc1.64001f",
        new byte[] {(byte) height},
        width,
        height,
        Rational.ONE,
        new Rational(30, 1),
        Colour.UNSPECIFIED,
        0);
  }

  private static TrackFormat.Audio audio() {
    return new TrackFormat.Audio(AudioCodec.AAC, "mp4a.40.2", new byte[0], 48_000, 2, 1024);
  }

  private static VideoRung rung(String name, int height) {
    return new VideoRung(name, VideoCodec.H264, height, 500_000, "veryfast", Profile.FAST, null);
  }

  private List<String> names() {
    return outputs.presentation().renditions().stream().map(RenditionInfo::name).toList();
  }

  @Test
  void everyPushedTrackIsARenditionAndNoRungIsMadeTwice() {
    open(new Ladder(List.of(rung("360p", 360), rung("240p", 240)), AudioRung.PASSTHROUGH));
    outputs.accept(new Format(TrackEvent.VIDEO_TRACK, video(1280, 720)));
    outputs.accept(new Format(TrackEvent.AUDIO_TRACK, audio()));
    outputs.accept(new Format(TrackEvent.videoTrack(1), video(640, 360)));
    outputs.accept(new Format(TrackEvent.audioTrack(1), audio()));
    assertThat(names()).as("all are opened together").isEmpty();
    outputs.accept(new Boundary(0, 0, EPOCH, false));
    assertThat(names()).containsExactly("source", "source-360p", "240p", "audio", "audio-2");
  }

  @Test
  void tracksOfOneSizeHaveNamesOfTheirOwn() {
    open(new Ladder(List.of(), AudioRung.PASSTHROUGH));
    outputs.accept(new Format(TrackEvent.VIDEO_TRACK, video(1280, 720)));
    outputs.accept(new Format(TrackEvent.videoTrack(1), video(640, 360)));
    outputs.accept(new Format(TrackEvent.videoTrack(2), video(640, 360)));
    outputs.accept(new Boundary(0, 0, EPOCH, false));
    assertThat(names()).containsExactly("source", "source-360p", "source-360p-2");
  }

  @Test
  void soundIsCalledByItsLanguage() {
    open(new Ladder(List.of(), AudioRung.PASSTHROUGH));
    outputs.accept(new Format(TrackEvent.VIDEO_TRACK, video(1280, 720)));
    outputs.accept(new Format(TrackEvent.AUDIO_TRACK, audio().withLanguage("en")));
    outputs.accept(new Format(TrackEvent.audioTrack(1), audio().withLanguage("de")));
    outputs.accept(new Format(TrackEvent.audioTrack(2), audio().withLanguage("qaa")));
    outputs.accept(new Format(TrackEvent.audioTrack(3), audio()));
    outputs.accept(new Boundary(0, 0, EPOCH, false));
    assertThat(outputs.presentation().renditions().stream().map(RenditionInfo::spec).skip(1))
        .containsExactly(
            new RenditionSpec("audio", 100, 0, "English", "en"),
            new RenditionSpec("audio-2", 101, 0, "Deutsch", "de"),
            new RenditionSpec("audio-3", 102, 0, null, "qaa"),
            new RenditionSpec("audio-4", 103, 0));
  }

  @Test
  void captionsAndSplicesOfTheSourceAreAnnounced() {
    open(new Ladder(List.of(), AudioRung.PASSTHROUGH));
    outputs.accept(
        new Format(
            TrackEvent.VIDEO_TRACK,
            new TrackFormat.Video(
                VideoCodec.AV1,
                "av01.0.05M.08",
                HexFormat.of().parseHex("81050c000a0b00000004"),
                1280,
                720,
                Rational.ONE,
                new Rational(1, 1),
                Colour.UNSPECIFIED,
                0)));
    for (int i = 0; i < 6; i++) {
      long ticks = i * 360_000L;
      if (i % 2 == 0) {
        outputs.accept(new Boundary(i / 2, ticks, EPOCH, false));
      }
      ByteBuf frame = Unpooled.wrappedBuffer(new byte[] {0x32, 1, 0x10});
      outputs.accept(
          new Sample(
              TrackEvent.VIDEO_TRACK,
              ticks,
              ticks,
              360_000,
              i % 2 == 0,
              i < 3
                  ? frame
                  : CaptionWriter.intoAv1(
                      frame,
                      new byte[] {(byte) 0xFC, (byte) 0x94, 0x20},
                      ByteBufAllocator.DEFAULT)));
      if (i == 2) {
        assertThat(master()).endsWith("CLOSED-CAPTIONS=NONE\nsource/media.m3u8\n");
        outputs.accept(new Cue(4 * 360_000, CueSchemes.SCTE35, OUT));
      }
    }
    assertThat(master()).contains("INSTREAM-ID=\"CC1\"").contains("CLOSED-CAPTIONS=\"cc\"");
    assertThat(new String(outputs.presentation().media("source").bytes(), StandardCharsets.UTF_8))
        .contains("SCTE35-OUT=0xFC");
  }

  private String master() {
    return new String(
        outputs.presentation().master(CodecPreference.DEFAULT).bytes(), StandardCharsets.UTF_8);
  }

  @Test
  void aTrackThatComesLaterIsOpenedThen() {
    open(new Ladder(List.of(), AudioRung.PASSTHROUGH));
    outputs.accept(new Format(TrackEvent.VIDEO_TRACK, video(1280, 720)));
    outputs.accept(new Boundary(0, 0, EPOCH, false));
    assertThat(names()).containsExactly("source");
    outputs.accept(new Format(TrackEvent.AUDIO_TRACK, audio()));
    outputs.accept(new Format(TrackEvent.AUDIO_TRACK, audio()));
    assertThat(names()).containsExactly("source", "audio");
  }
}
