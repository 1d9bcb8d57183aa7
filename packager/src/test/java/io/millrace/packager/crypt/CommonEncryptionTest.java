package io.millrace.packager.crypt;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.media.VideoCodec;
import io.millrace.packager.Ffmpeg;
import io.millrace.packager.Fragments;
import io.millrace.packager.MediaObject;
import io.millrace.packager.Presentation;
import io.millrace.packager.PresentationSettings;
import io.millrace.packager.RenditionSpec;
import io.millrace.packager.Tracks;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real streams are encrypted; an independent reader, and FFmpeg, give back every sample. */
class CommonEncryptionTest {
  private static final Pattern FILE = Pattern.compile("(init|seg)-t-[^\"\n]*");
  private static final byte[] SECRET = new byte[32];
  private static final ClearKeys KEYS = new ClearKeys(SECRET, "live/clip");

  /** A tenth of a second. */
  private static final long PART_TICKS = 36_000;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "CENC, H264, libx264 -preset veryfast -bf 2 -x264-params slices=3:keyint=12",
    "CBCS, H264, libx264 -preset veryfast -bf 2 -x264-params slices=3:keyint=12",
    "CENC, HEVC, libx265 -preset ultrafast -tag:v hvc1 -x265-params log-level=none:keyint=12:info=0",
    "CBCS, HEVC, libx265 -preset ultrafast -tag:v hvc1 -x265-params log-level=none:keyint=12:info=0",
    "CENC, AV1,  libaom-av1 -cpu-used 8 -usage realtime -tiles 2x2 -g 12",
    "CBCS, AV1,  libaom-av1 -cpu-used 8 -usage realtime -tiles 2x2 -g 12",
    "CENC, VP9,  libvpx-vp9 -deadline realtime -cpu-used 8 -lag-in-frames 0 -g 12",
    "CBCS, VP9,  libvpx-vp9 -deadline realtime -cpu-used 8 -lag-in-frames 0 -g 12"
  })
  void videoComesBackBitForBit(Scheme scheme, VideoCodec codec, String encoder) throws Exception {
    RealClip clip = RealClip.video(folder, codec, "testsrc2", "512x288", encoder.split(" "));
    Presentation presentation = presentation(scheme);
    play(presentation.video(new RenditionSpec("v", 0, 0)), clip);
    presentation.close();
    check(presentation, clip, scheme);
  }

  @ParameterizedTest
  @CsvSource({"CENC", "CBCS"})
  void soundComesBackBitForBit(Scheme scheme) throws Exception {
    RealClip clip = RealClip.aac(folder);
    Presentation presentation = presentation(scheme);
    play(presentation.audio(new RenditionSpec("v", 0, 0)), clip);
    presentation.close();
    check(presentation, clip, scheme);
  }

  private static Presentation presentation(Scheme scheme) {
    Protection protection =
        new Protection(scheme, Duration.ZERO, KEYS, new KeyAddress("/keys", "/keys/"));
    return new Presentation(
        PresentationSettings.of("clip").withInstance("t"),
        protection,
        () -> true,
        InstantSource.system());
  }

  private static void play(TrackSink sink, RealClip clip) {
    boolean video = clip.format() instanceof TrackFormat.Video;
    switch (clip.format()) {
      case TrackFormat.Video format -> sink.accept(Tracks.video(format));
      case TrackFormat.Audio format -> sink.accept(Tracks.audio(format));
      case TrackFormat.Text _ -> throw new AssertionError("a clip of text");
    }
    int sequence = 0;
    for (Fragments.Read read : clip.samples()) {
      if (video ? read.key() : sequence == 0) {
        sink.accept(
            new Boundary(
                sequence++,
                video ? read.ptsTicks() : 0,
                Tracks.EPOCH,
                false,
                video ? PART_TICKS : 0));
      }
      sink.accept(
          new Sample(
              video ? 0 : 1,
              read.dtsTicks(),
              read.ptsTicks(),
              read.durationTicks(),
              read.key(),
              Unpooled.wrappedBuffer(read.payload())));
    }
    sink.accept(new End("test"));
  }

  private void check(Presentation presentation, RealClip clip, Scheme scheme) throws Exception {
    List<String> files = new ArrayList<>();
    FILE.matcher(new String(presentation.media("v").bytes(), StandardCharsets.UTF_8))
        .results()
        .forEach(match -> files.add(match.group()));
    PlainReader reader = new PlainReader(bytes(presentation.object("v", files.getFirst())));
    assertThat(reader.scheme).isEqualTo(scheme.fourCc());
    assertThat(reader.kid).isEqualTo(KEYS.kid(0));
    assertThat(reader.psshKids).containsExactly(KEYS.kid(0));
    byte[] key = KEYS.find(0).key();
    Map<UUID, byte[]> keys = new HashMap<>(Map.of(reader.kid, key));
    List<byte[]> decrypted = new ArrayList<>();
    List<byte[]> sent = new ArrayList<>();
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(bytes(presentation.object("v", files.getFirst())));
    for (String name : files.subList(1, files.size())) {
      byte[] segment = bytes(presentation.object("v", name));
      whole.writeBytes(segment);
      decrypted.addAll(reader.samples(segment, keys));
      Fragments.samples(segment).forEach(sample -> sent.add(sample.payload()));
    }
    List<byte[]> clear = clip.samples().stream().map(Fragments.Read::payload).toList();
    assertThat(decrypted).usingElementComparator(java.util.Arrays::compare).isEqualTo(clear);
    assertThat(reader.encryptedSamples).isGreaterThan(clear.size() / 2);
    for (int i = 0; i < clear.size(); i++) {
      if (clear.get(i).length > 400) {
        assertThat(sent.get(i)).as("sample " + i).isNotEqualTo(clear.get(i));
      }
    }
    Files.write(folder.resolve("encrypted.mp4"), whole.toByteArray());
    String hashes =
        Ffmpeg.run(
            folder,
            folder.resolve("encrypted.mp4"),
            "-decryption_key",
            HexFormat.of().formatHex(key),
            "-i",
            "pipe:0", // of a file, FFmpeg 5.1 reads the next fragment's keys before this one's
            // media
            "-c",
            "copy",
            "-f",
            "framemd5",
            "-");
    assertThat(hashes.lines().filter(line -> !line.startsWith("#")).map(CommonEncryptionTest::hash))
        .isEqualTo(clear.stream().map(CommonEncryptionTest::md5).toList());
  }

  private static String hash(String line) {
    return line.split("\\s*,\\s*")[5];
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(java.security.MessageDigest.getInstance("MD5").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] bytes(MediaObject object) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    object.parts().forEach(out::writeBytes);
    return out.toByteArray();
  }
}
