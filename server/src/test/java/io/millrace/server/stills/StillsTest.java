package io.millrace.server.stills;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.testsource.TestSource;
import io.millrace.codec.testsource.TestSourceSettings;
import io.millrace.media.Rational;
import io.millrace.media.StreamKey;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackSink;
import io.millrace.packager.Document;
import io.millrace.packager.Presentation;
import io.millrace.packager.PresentationSettings;
import io.millrace.packager.RenditionSpec;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StillsTest {
  private static final Instant EPOCH = Instant.parse("2026-11-21T10:00:00Z");
  private static final StreamKey KEY = new StreamKey("live", "show");
  private static final long SECOND_NS = 1_000_000_000;

  private final Presentation presentation =
      new Presentation(
          PresentationSettings.of("show").withInstance("x1"),
          () -> true,
          InstantSource.fixed(EPOCH));
  private final ArrayDeque<Runnable> work = new ArrayDeque<>();
  private boolean busy;
  private long nowNs;
  private int sequence;
  private final Stills stills =
      new Stills(
          new Workshop(
              InstantSource.fixed(EPOCH),
              task -> {
                if (busy) {
                  throw new RejectedExecutionException("full");
                }
                work.add(task);
              }),
          () -> nowNs);
  private TrackSink video;

  @BeforeEach
  void declare() {
    video = presentation.video(new RenditionSpec("source", 0, 0));
  }

  /** Real pictures, in segments of a second. */
  private void play(int seconds) {
    TestSourceSettings settings =
        TestSourceSettings.hd(EPOCH)
            .withSize(320, 180, 300_000)
            .withFrameRate(new Rational(5, 1), 5, false)
            .withMaxBFrames(0)
            .withAudio(0, 48_000);
    TrackSink cut =
        event -> {
          if (event instanceof Sample sample && sample.key()) {
            video.accept(new Boundary(sequence++, sample.ptsTicks(), EPOCH, false));
          }
          video.accept(event);
        };
    try (TestSource source = new TestSource(settings, cut)) {
      source.play(seconds, TimeUnit.SECONDS);
    }
    video.accept(new TrackEvent.End("clip is over"));
  }

  private @Nullable Document made(CompletionStage<@Nullable Document> stage) {
    for (Runnable task = work.poll(); task != null; task = work.poll()) {
      task.run();
    }
    assertThat(stage.toCompletableFuture()).isDone();
    return stage.toCompletableFuture().join();
  }

  private static BufferedImage read(Document document) throws IOException {
    assertThat(document.contentType()).isEqualTo("image/jpeg");
    return ImageIO.read(new ByteArrayInputStream(document.bytes()));
  }

  private static long brightness(BufferedImage image, int left, int top, int width, int height) {
    long sum = 0;
    for (int y = top; y < top + height; y++) {
      for (int x = left; x < left + width; x++) {
        sum += image.getRGB(x, y) >> 8 & 0xFF;
      }
    }
    return sum / width / height;
  }

  @Test
  void beforeTheFirstSegmentThereIsNothing() {
    assertThat(made(stills.thumbnail(KEY, presentation))).isNull();
    assertThat(stills.storyboard(presentation)).isNull();
    assertThat(made(stills.sheet(KEY, presentation, "storyboard-x1-5-0-1.jpg"))).isNull();
    assertThat(work).isEmpty();
  }

  @Test
  void aThumbnailIsMadeOnceForEveryoneWhoAsks() throws IOException {
    play(2);
    CompletionStage<@Nullable Document> first = stills.thumbnail(KEY, presentation);
    assertThat(stills.thumbnail(KEY, presentation)).isSameAs(first);
    assertThat(work).hasSize(1);
    BufferedImage image = read(made(first));
    assertThat(image.getWidth()).isEqualTo(640);
    assertThat(image.getHeight()).isEqualTo(360);
    assertThat(brightness(image, 0, 0, 640, 360)).isGreaterThan(30);
    nowNs = 60 * SECOND_NS;
    assertThat(stills.thumbnail(KEY, presentation)).as("nothing newer has come").isSameAs(first);
  }

  @Test
  void aNewerPictureIsShownAfterTwoSeconds() {
    play(1);
    CompletionStage<@Nullable Document> first = stills.thumbnail(KEY, presentation);
    assertThat(made(first)).isNotNull();
    grow();
    nowNs = SECOND_NS;
    assertThat(stills.thumbnail(KEY, presentation)).isSameAs(first);
    nowNs = 2 * SECOND_NS;
    assertThat(stills.thumbnail(KEY, presentation)).isNotSameAs(first);
    assertThat(work).hasSize(1);
  }

  /** Another second behind what there is. */
  private void grow() {
    long from = sequence * 360_000L;
    TestSourceSettings settings =
        TestSourceSettings.hd(EPOCH)
            .withSize(320, 180, 300_000)
            .withFrameRate(new Rational(5, 1), 5, false)
            .withMaxBFrames(0)
            .withAudio(0, 48_000);
    TrackSink behind =
        event -> {
          if (event instanceof Sample sample) {
            if (sample.key()) {
              video.accept(new Boundary(sequence++, from + sample.ptsTicks(), EPOCH, false));
            }
            video.accept(
                new Sample(
                    0,
                    from + sample.dtsTicks(),
                    from + sample.ptsTicks(),
                    sample.durationTicks(),
                    sample.key(),
                    sample.payload()));
          } else {
            video.accept(event);
          }
        };
    try (TestSource source = new TestSource(settings, behind)) {
      source.play(1, TimeUnit.SECONDS);
    }
    video.accept(new TrackEvent.End("clip is over"));
  }

  @Test
  void tooMuchToDoIsToldAndTriedAgain() {
    play(1);
    busy = true;
    CompletionStage<@Nullable Document> refused = stills.thumbnail(KEY, presentation);
    assertThat(refused.toCompletableFuture()).isCompletedExceptionally();
    busy = false;
    nowNs = 2 * SECOND_NS;
    assertThat(made(stills.thumbnail(KEY, presentation))).isNotNull();
  }

  @Test
  void everyPictureOfAStoryboardIsWhereItSays() throws IOException {
    play(12);
    Document vtt = stills.storyboard(presentation);
    assertThat(vtt.contentType()).isEqualTo("text/vtt; charset=utf-8");
    String text = new String(vtt.bytes(), StandardCharsets.UTF_8);
    assertThat(text)
        .isEqualTo(
            """
            WEBVTT

            NOTE time 0 is 2026-11-21T10:00:00Z

            00:00:00.000 --> 00:00:05.000
            storyboard-x1-5-0-3.jpg#xywh=0,0,160,90

            00:00:05.000 --> 00:00:10.000
            storyboard-x1-5-0-3.jpg#xywh=160,0,160,90

            00:00:10.000 --> 00:00:15.000
            storyboard-x1-5-0-3.jpg#xywh=320,0,160,90
            """);
    List<MatchResult> cues =
        Pattern.compile("(storyboard-.*jpg)#xywh=(\\d+),(\\d+),(\\d+),(\\d+)")
            .matcher(text)
            .results()
            .toList();
    BufferedImage sheet = read(made(stills.sheet(KEY, presentation, cues.getFirst().group(1))));
    assertThat(sheet.getWidth()).isEqualTo(800);
    assertThat(sheet.getHeight()).isEqualTo(450);
    for (MatchResult cue : cues) {
      int left = Integer.parseInt(cue.group(2));
      assertThat(brightness(sheet, left, 0, 160, 88)).isGreaterThan(30);
    }
    assertThat(brightness(sheet, 0, 100, 800, 350)).as("not filled yet").isLessThan(3);
    CompletionStage<@Nullable Document> again =
        stills.sheet(KEY, presentation, cues.getFirst().group(1));
    assertThat(work).isEmpty();
    assertThat(again.toCompletableFuture()).isDone();
  }

  @Test
  void onlySheetsOfTheStoryboardAreMade() {
    play(2);
    for (String name :
        List.of(
            "storyboard-x2-5-0-1.jpg",
            "storyboard-x1-6-0-1.jpg",
            "storyboard-x1-5-1-1.jpg",
            "storyboard-x1-5-0-0.jpg",
            "storyboard-x1-5-0-2.jpg",
            "storyboard-x1-5-0-99.jpg",
            "storyboard-x1-5-999999999999-1.jpg",
            "storyboard.jpg")) {
      assertThat(made(stills.sheet(KEY, presentation, name))).as(name).isNull();
    }
    assertThat(work).isEmpty();
  }
}
