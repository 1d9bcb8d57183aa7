package io.millrace.server.ingest;

import static io.millrace.media.TrackEvent.audioTrack;
import static io.millrace.media.TrackEvent.videoTrack;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.media.AudioCodec;
import io.millrace.media.Colour;
import io.millrace.media.Hdr;
import io.millrace.media.MediaFormatException;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.VideoCodec;
import io.millrace.media.aac.AudioSpecificConfig;
import io.millrace.media.av1.Av1Configuration;
import io.millrace.media.flv.AudioTag;
import io.millrace.media.flv.ChannelLayout;
import io.millrace.media.flv.VideoTag;
import io.millrace.transport.rtmp.amf.Amf0Writer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MediaIngestTest {
  private static final int TICKS_PER_MS = 360;

  private final Tracks tracks = new Tracks();
  private final MediaIngest ingest = new MediaIngest(0, tracks);

  // ---- what FFmpeg 8 writes

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "av1_aac         | 0 av01.0.00M.08 96x64 30000/1001 fps; 1 mp4a.40.2 48000 Hz 1 ch",
        "hevc_opus       | 0 hvc1.1.6.L30.90 96x64 30000/1001 fps; 1 opus 48000 Hz 1 ch",
        "vp9_mp3         | 0 vp09.00.10.08 96x64 30000/1001 fps; 1 mp4a.40.34 44100 Hz 1 ch",
        "hevc_hdr10_aac  | 0 hvc1.2.4.L30.90 96x64 30000/1001 fps; 1 mp4a.40.2 48000 Hz 1 ch",
        "multitrack      | 0 avc1.42c00a 96x64 30000/1001 fps; 1 mp4a.40.2 48000 Hz 1 ch; 2 hvc1.1.6.L30.90 96x64 30000/1001 fps; 3 opus 48000 Hz 1 ch; 4 av01.0.00M.08 96x64 30000/1001 fps",
      })
  void everyPacketBecomesItsSample(String name, String formats) throws IOException {
    FlvClip clip = new FlvClip(name);
    clip.feed(ingest);
    assertThat(String.join("; ", tracks.summary())).isEqualTo(formats);
    assertThat(tracks.samples).hasSameSizeAs(clip.packets());
    for (int i = 0; i < tracks.samples.size(); i++) {
      Tracks.Seen sample = tracks.samples.get(i);
      FlvClip.Packet packet = clip.packets().get(i);
      boolean video = sample.track() % 2 == 0;
      assertThat(video).isEqualTo(packet.video());
      assertThat(sample.key()).as("key of %s", packet).isEqualTo(packet.key());
      boolean av1 = video && tracks.video(sample.track()).codec() == VideoCodec.AV1;
      int delimiterBytes = av1 ? 2 : 0; // ffprobe counts them
      assertThat(sample.payload()).hasSize(packet.sizeBytes() - delimiterBytes);
      long firstMs = clip.packets().getFirst().dtsMs();
      Timescale scale = video ? Timescale.VIDEO : tracks.audio(sample.track()).timescale();
      assertThat(scale.rescale(sample.ptsTicks(), Timescale.VIDEO))
          .as("time of %s", packet)
          .isCloseTo((packet.ptsMs() - firstMs) * TICKS_PER_MS, within(3L * TICKS_PER_MS));
    }
  }

  @Test
  void highDynamicRangeReachesTheFormat() throws IOException {
    new FlvClip("hevc_hdr10_aac").feed(ingest);
    Colour colour = tracks.video(0).colour();
    assertThat(colour.primaries()).isEqualTo(9);
    assertThat(colour.transfer()).isEqualTo(Colour.TRANSFER_PQ);
    assertThat(colour.hdr()).isNotNull();
    assertThat(colour.hdr().display()).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"av1_aac", "hevc_opus", "vp9_mp3", "hevc_hdr10_aac", "multitrack"})
  void damagedMessagesEndTheSessionWithAReason(String name) throws IOException {
    FlvClip clip = new FlvClip(name);
    for (int seed = 0; seed < 400; seed++) {
      Random random = new Random(seed);
      MediaIngest damaged = new MediaIngest(0, new Tracks());
      try {
        clip.feed(damaged, body -> damage(body, random));
      } catch (MediaFormatException e) {
        assertThat(e).as("seed %d", seed).message().isNotBlank();
      }
    }
  }

  private static byte[] damage(byte[] body, Random random) {
    byte[] damaged = random.nextInt(8) == 0 ? cut(body, random) : body.clone();
    for (int flips = random.nextInt(4); flips > 0 && damaged.length > 0; flips--) {
      damaged[random.nextInt(Math.min(damaged.length, 64))] ^= (byte) (1 << random.nextInt(8));
    }
    return damaged.length == 0 ? body : damaged; // an empty message never gets here
  }

  private static byte[] cut(byte[] body, Random random) {
    return Arrays.copyOf(body, random.nextInt(body.length + 1));
  }

  // ---- tracks

  @Test
  void tracksOfOneMessageAreKeptApartAndAligned() throws IOException {
    byte[] record = av1Record();
    for (int id = 0; id < MediaIngest.MAX_TRACKS; id++) {
      video(0, new VideoTag.SequenceStart(VideoCodec.AV1, id, record));
    }
    ByteBuf body = Unpooled.buffer();
    List<VideoTag> frames =
        List.of(
            new VideoTag.CodedFrames(VideoCodec.AV1, 0, true, 0, 0, av1Key()),
            new VideoTag.CodedFrames(VideoCodec.AV1, 7, true, 0, 0, av1Key()));
    VideoTag.writeMultitrack(frames, body);
    ingest.video(1000, body);
    assertThat(tracks.formats).hasSize(8);
    assertThat(tracks.samples)
        .extracting(Tracks.Seen::track)
        .containsExactly(videoTrack(0), videoTrack(7));
    assertThat(tracks.samples.get(0).ptsTicks()).isEqualTo(tracks.samples.get(1).ptsTicks());
  }

  @Test
  void moreTracksAreRefusedWithTheNumber() {
    assertThatThrownBy(() -> video(0, new VideoTag.SequenceEnd(VideoCodec.AV1, 8)))
        .isInstanceOf(MediaFormatException.class)
        .hasMessage("video track 8: ids 0 to 7 are taken");
    assertThatThrownBy(() -> audio(0, new AudioTag.SequenceEnd(AudioCodec.OPUS, 255)))
        .isInstanceOf(MediaFormatException.class)
        .hasMessage("audio track 255: ids 0 to 7 are taken");
  }

  @Test
  void errorsNameTrackAndCodec() {
    assertThatThrownBy(
            () -> video(0, new VideoTag.SequenceStart(VideoCodec.HEVC, 3, new byte[] {1, 2})))
        .isInstanceOf(MediaFormatException.class)
        .hasMessageStartingWith("video track 3 (HEVC): ");
    assertThatThrownBy(
            () ->
                audio(
                    0,
                    new AudioTag.CodedFrames(AudioCodec.AAC, 2, 0, Unpooled.buffer().writeByte(1))))
        .isInstanceOf(MediaFormatException.class)
        .hasMessage("audio track 2 (AAC): audio data before the decoder configuration");
    assertThatThrownBy(
            () ->
                video(
                    0,
                    new VideoTag.CodedFrames(
                        VideoCodec.VP9, true, 0, Unpooled.buffer().writeByte(1))))
        .isInstanceOf(MediaFormatException.class)
        .hasMessage("video track 0 (VP9): video data before the decoder configuration");
  }

  @Test
  void formatChangesOfOneTrackAreItsOwn() {
    byte[] first = AudioSpecificConfig.lc(48_000, 2).toBytes();
    byte[] second = AudioSpecificConfig.lc(44_100, 1).toBytes();
    audio(0, new AudioTag.SequenceStart(AudioCodec.AAC, 0, first));
    audio(0, new AudioTag.SequenceStart(AudioCodec.AAC, 1, first));
    audio(0, new AudioTag.SequenceStart(AudioCodec.AAC, 1, first));
    audio(0, new AudioTag.SequenceStart(AudioCodec.AAC, 1, second));
    assertThat(tracks.formats)
        .extracting(format -> format.track())
        .containsExactly(audioTrack(0), audioTrack(1), audioTrack(1));
    assertThat(tracks.audio(audioTrack(0)).sampleRate()).isEqualTo(48_000);
    assertThat(tracks.audio(audioTrack(1)).sampleRate()).isEqualTo(44_100);
  }

  @Test
  void trackMayChangeItsCodec() throws IOException {
    audio(
        0, new AudioTag.SequenceStart(AudioCodec.AAC, AudioSpecificConfig.lc(48_000, 2).toBytes()));
    audio(20, new AudioTag.CodedFrames(AudioCodec.AAC, Unpooled.buffer().writeByte(1)));
    audio(41, new AudioTag.CodedFrames(AudioCodec.OPUS, opus20Ms()));
    assertThat(tracks.formats)
        .extracting(format -> format.format().codecs())
        .containsExactly("mp4a.40.2", "opus");
    assertThat(tracks.samples).hasSize(2);
  }

  // ---- time

  @Test
  void nanosecondsAreAdded() throws IOException {
    video(0, new VideoTag.SequenceStart(VideoCodec.AV1, 0, av1Record()));
    video(0, new VideoTag.CodedFrames(VideoCodec.AV1, 0, true, 0, 0, av1Key()));
    video(16, new VideoTag.CodedFrames(VideoCodec.AV1, 0, true, 0, 683_333, av1Key()));
    long placed = tracks.samples.get(1).ptsTicks();
    assertThat(placed).isEqualTo(6006); // 1001/60000 s
  }

  @Test
  void frameRateOfMetadataIsUsedWhereTheCodecSaysNone() throws IOException {
    ingest.metadata(
        Map.of("framerate", 60.0, "videoTrackIdInfoMap", Map.of("1", Map.of("framerate", 30.0))));
    for (int id = 0; id < 3; id++) {
      video(0, new VideoTag.SequenceStart(VideoCodec.AV1, id, av1Record()));
    }
    assertThat(tracks.video(videoTrack(0)).frameRate()).isEqualTo(new Rational(60, 1));
    assertThat(tracks.video(videoTrack(1)).frameRate()).isEqualTo(new Rational(30, 1));
    assertThat(tracks.video(videoTrack(2)).frameRate()).isEqualTo(new Rational(60, 1));
  }

  // ---- codecs

  @Test
  void av1KeyFrameWithoutSequenceHeaderGetsTheRecords() throws IOException {
    Av1Configuration configuration = Av1Configuration.parse(av1Record());
    byte[] header = configuration.sequenceHeaderObu();
    byte[] whole = ByteBufUtil.getBytes(av1Key());
    assertThat(Arrays.copyOf(whole, header.length)).isEqualTo(header);
    byte[] bare = Arrays.copyOfRange(whole, header.length, whole.length);
    video(0, new VideoTag.SequenceStart(VideoCodec.AV1, configuration.toBytes()));
    video(0, new VideoTag.CodedFrames(VideoCodec.AV1, true, 0, Unpooled.wrappedBuffer(bare)));
    assertThat(tracks.samples.getFirst().key()).isTrue();
    assertThat(tracks.samples.getFirst().payload()).isEqualTo(whole);
  }

  @Test
  void av1MayLeaveItsSequenceHeaderToTheKeyFrame() throws IOException {
    byte[] fixed = Arrays.copyOf(av1Record(), 4);
    video(0, new VideoTag.SequenceStart(VideoCodec.AV1, fixed));
    assertThat(tracks.formats).isEmpty();
    video(0, new VideoTag.CodedFrames(VideoCodec.AV1, false, 0, av1Key()));
    assertThat(tracks.samples.getFirst().key()).as("by the bitstream").isTrue();
    assertThat(tracks.video(0).configuration()).isEqualTo(av1Record());
  }

  /** Found by fuzzing: a temporal delimiter and an end of padding are no picture. */
  @Test
  void av1UnitOfNothingButDelimitersIsNoSample() throws IOException {
    video(0, new VideoTag.SequenceStart(VideoCodec.AV1, av1Record()));
    ByteBuf nothing = Unpooled.wrappedBuffer(new byte[] {0x12, 0, 0x7A, 1, (byte) 0x80});
    video(0, new VideoTag.CodedFrames(VideoCodec.AV1, false, 0, nothing));
    assertThat(tracks.formats).hasSize(1);
    assertThat(tracks.samples).isEmpty();
  }

  @Test
  void colourInfoIsLaidOverWhatTheBitstreamSays() throws IOException {
    video(0, new VideoTag.SequenceStart(VideoCodec.AV1, av1Record()));
    ByteBuf amf = Unpooled.buffer();
    Map<String, Object> info =
        Map.of(
            "colorConfig",
                Map.of("colorPrimaries", 9, "transferCharacteristics", 16, "matrixCoefficients", 9),
            "hdrCll", Map.of("maxCLL", 1000, "maxFall", 400));
    Amf0Writer.writeAll(amf, List.of("colorInfo", info));
    video(0, new VideoTag.Metadata(VideoCodec.AV1, 0, amf));
    Colour colour = tracks.video(0).colour();
    assertThat(colour.transfer()).isEqualTo(Colour.TRANSFER_PQ);
    assertThat(colour.hdr()).isEqualTo(new Hdr(null, new Hdr.ContentLight(1000, 400)));
    video(0, new VideoTag.CodedFrames(VideoCodec.AV1, true, 0, av1Key()));
    assertThat(tracks.formats).as("the key frame changes nothing").hasSize(2);
    assertThatThrownBy(
            () ->
                video(0, new VideoTag.Metadata(VideoCodec.AV1, 0, Unpooled.buffer().writeByte(77))))
        .isInstanceOf(MediaFormatException.class)
        .hasMessageStartingWith("video track 0 (AV1): video metadata: ");
  }

  @Test
  void opusWithoutHeadIsStereoUnlessSaidOtherwise() {
    audio(0, new AudioTag.CodedFrames(AudioCodec.OPUS, 0, 0, opus20Ms()));
    audio(0, new AudioTag.MultichannelConfig(AudioCodec.OPUS, 1, new ChannelLayout.Unspecified(1)));
    audio(0, new AudioTag.SequenceStart(AudioCodec.OPUS, 1, new byte[0]));
    audio(0, new AudioTag.CodedFrames(AudioCodec.OPUS, 1, 0, opus20Ms()));
    assertThat(tracks.audio(audioTrack(0)).channels()).isEqualTo(2);
    assertThat(tracks.audio(audioTrack(1)).channels()).isEqualTo(1);
    assertThat(tracks.audio(audioTrack(1)).samplesPerFrame()).isEqualTo(960);
    assertThatThrownBy(
            () ->
                audio(
                    0,
                    new AudioTag.MultichannelConfig(
                        AudioCodec.OPUS, 1, new ChannelLayout.Unspecified(6))))
        .hasMessage("audio track 1 (OPUS): 6 channels without OpusHead");
  }

  @Test
  void mp3FramesOfOneMessageBecomeOneSampleEach() {
    byte[] frame = new byte[417];
    System.arraycopy(new byte[] {(byte) 0xFF, (byte) 0xFB, (byte) 0x90, 0}, 0, frame, 0, 4);
    ByteBuf payload = Unpooled.wrappedBuffer(frame, frame);
    audio(100, new AudioTag.CodedFrames(AudioCodec.MP3, payload));
    assertThat(tracks.samples).hasSize(2);
    assertThat(tracks.samples.get(1).ptsTicks() - tracks.samples.get(0).ptsTicks()).isEqualTo(1152);
    assertThat(tracks.audio(1).codec()).isEqualTo(AudioCodec.MP3);
  }

  private void video(long timestampMs, VideoTag tag) {
    ByteBuf body = Unpooled.buffer();
    tag.writeEnhanced(body);
    ingest.video(timestampMs, body);
  }

  private void audio(long timestampMs, AudioTag tag) {
    ByteBuf body = Unpooled.buffer();
    tag.writeEnhanced(body);
    ingest.audio(timestampMs, body);
  }

  /** 20 ms of CELT: only its first byte is ever looked at. */
  private static ByteBuf opus20Ms() {
    return Unpooled.wrappedBuffer(new byte[] {(byte) (31 << 3 | 4), 1, 2, 3});
  }

  private static byte[] av1Record() throws IOException {
    Tracks seen = new Tracks();
    new FlvClip("av1_aac").feed(new MediaIngest(0, seen));
    return seen.video(0).configuration();
  }

  private static ByteBuf av1Key() throws IOException {
    Tracks seen = new Tracks();
    new FlvClip("av1_aac").feed(new MediaIngest(0, seen));
    return Unpooled.wrappedBuffer(seen.of(0).getFirst().payload());
  }
}
