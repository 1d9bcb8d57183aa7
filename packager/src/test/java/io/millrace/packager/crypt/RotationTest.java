package io.millrace.packager.crypt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackSink;
import io.millrace.packager.CodecPreference;
import io.millrace.packager.MediaObject;
import io.millrace.packager.Presentation;
import io.millrace.packager.PresentationSettings;
import io.millrace.packager.RenditionSpec;
import io.millrace.packager.Tracks;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What playlists and manifests say of keys, and when keys change. */
class RotationTest {
  private static final ClearKeys KEYS = new ClearKeys(new byte[32], "live/show");

  /** The test's epoch is 0.25 s behind a whole second that periods of 4 s begin at. */
  private static final long FIRST = Tracks.EPOCH.getEpochSecond() / 4;

  private final List<String> problems = new ArrayList<>();

  private Presentation presentation(Scheme scheme, KeyProvider keys) {
    Protection protection =
        new Protection(
            scheme, Duration.ofSeconds(4), keys, new KeyAddress("http://h/keys", "http://h/keys/"));
    Presentation made =
        new Presentation(
            PresentationSettings.of("show").withInstance("t"),
            protection,
            () -> true,
            InstantSource.system());
    var unused = made.onProblem(problem -> problems.add(problem.reason()));
    return made;
  }

  /** Eight seconds of sound and a boundary every 2 s: two crypto periods. */
  private static void play(Presentation presentation) {
    TrackSink sink = presentation.audio(new RenditionSpec("a", 0, 0));
    sink.accept(Tracks.audio(Tracks.aac(48_000, 2)));
    for (int i = 0; i < 4; i++) {
      sink.accept(Tracks.boundary(i, 2L * i * Tracks.SECOND));
      Tracks.sounds(sink, 2.0 * i, 2.0 * i + 2, 100);
    }
    presentation.close();
  }

  private static String media(Presentation presentation) {
    return new String(presentation.media("a").bytes(), UTF_8);
  }

  @Test
  void aNewKeyHasANewInitSegmentTagAndPeriod() {
    Presentation presentation = presentation(Scheme.CBCS, KEYS);
    play(presentation);
    List<String> lines =
        media(presentation)
            .lines()
            .filter(line -> line.matches("#EXT-X-(KEY|MAP).*|seg.*"))
            .map(line -> line.replaceAll("seg-.*", "seg"))
            .toList();
    assertThat(lines)
        .containsExactly(
            tag(FIRST),
            "#EXT-X-MAP:URI=\"init-t-0.mp4\"",
            "seg",
            "seg",
            tag(FIRST + 1),
            "#EXT-X-MAP:URI=\"init-t-1.mp4\"",
            "seg",
            "seg");
    String mpd = new String(presentation.manifest(CodecPreference.DEFAULT).bytes(), UTF_8);
    assertThat(mpd)
        .containsSubsequence(
            "<Period id=\"p0\"",
            "value=\"cbcs\" cenc:default_KID=\"" + KEYS.kid(FIRST),
            "<dashif:Laurl>http://h/keys</dashif:Laurl>",
            "init-t-0.mp4",
            "<Period id=\"p2\"",
            "cenc:default_KID=\"" + KEYS.kid(FIRST + 1),
            "init-t-1.mp4");
    String master = new String(presentation.master(CodecPreference.DEFAULT).bytes(), UTF_8);
    assertThat(master)
        .contains(
            "#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,URI=\"http://h/keys?kid=" + KEYS.kid(FIRST + 1));
  }

  private static String tag(long period) {
    String kid = KEYS.kid(period).toString();
    return "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"http://h/keys?kid="
        + kid
        + "\",KEYFORMAT=\"org.w3.clearkey\",KEYFORMATVERSIONS=\"1\",KEYID=0x"
        + kid.replace("-", "");
  }

  @Test
  void wholeSegmentsAreEncryptedAndTheirInitSegmentsAreNot() throws Exception {
    Presentation clear =
        new Presentation(PresentationSettings.of("show").withInstance("t"), () -> true);
    play(clear);
    Presentation presentation = presentation(Scheme.AES_128, KEYS);
    play(presentation);
    assertThat(presentation.manifest(CodecPreference.DEFAULT)).isNull();
    String key = "#EXT-X-KEY:METHOD=AES-128,URI=\"http://h/keys/%s\"";
    assertThat(media(presentation).lines().filter(line -> line.matches("#EXT-X-(KEY|MAP).*")))
        .containsExactly(
            "#EXT-X-MAP:URI=\"init-t-0.mp4\"",
            key.formatted(KEYS.kid(FIRST)),
            "#EXT-X-KEY:METHOD=NONE",
            "#EXT-X-MAP:URI=\"init-t-1.mp4\"",
            key.formatted(KEYS.kid(FIRST + 1)));
    assertThat(bytes(presentation.object("a", "init-t-1.mp4")))
        .isEqualTo(bytes(clear.object("a", "init-t-0.mp4")));
    List<String> segments =
        media(presentation).lines().filter(line -> line.startsWith("seg-")).toList();
    for (int sequence = 0; sequence < 4; sequence++) {
      byte[] iv = new byte[16];
      iv[15] = (byte) sequence;
      Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
      cipher.init(
          Cipher.DECRYPT_MODE,
          new SecretKeySpec(KEYS.find(FIRST + sequence / 2).key(), "AES"),
          new IvParameterSpec(iv));
      MediaObject object = presentation.object("a", segments.get(sequence));
      assertThat(object.sizeBytes()).isEqualTo(bytes(object).length);
      assertThat(cipher.doFinal(bytes(object)))
          .isEqualTo(bytes(clear.object("a", segments.get(sequence))));
    }
  }

  @Test
  void partsAreRefusedWhereWholeSegmentsAreEncrypted() {
    TrackSink sink = presentation(Scheme.AES_128, KEYS).audio(new RenditionSpec("a", 0, 0));
    sink.accept(Tracks.audio(Tracks.aac(48_000, 2)));
    assertThatThrownBy(() -> sink.accept(new Boundary(0, 0, Tracks.EPOCH, false, 72_000)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("excludes parts");
  }

  @Test
  void withoutAKeyNothingIsPublishedAndWithoutTheNextOneTheOldOneStays() {
    KeyProvider slow =
        new KeyProvider() {
          @Override
          public @Nullable ContentKey find(long period) {
            return period == FIRST ? KEYS.find(period) : null;
          }

          @Override
          public void prepare(long period) {}
        };
    Presentation stuck = presentation(Scheme.CENC, slow);
    play(stuck);
    assertThat(media(stuck)).containsOnlyOnce("#EXT-X-MAP").contains("SAMPLE-AES-CTR");
    assertThat(problems).isEmpty();

    Presentation without =
        presentation(
            Scheme.CENC,
            new KeyProvider() {
              @Override
              public @Nullable ContentKey find(long period) {
                return null;
              }

              @Override
              public void prepare(long period) {}
            });
    play(without);
    assertThat(without.media("a")).isNull();
    assertThat(problems).containsExactly("no content key yet");
  }

  private static byte[] bytes(MediaObject object) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    object.parts().forEach(out::writeBytes);
    return out.toByteArray();
  }
}
