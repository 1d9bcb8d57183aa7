package io.millrace.packager;

import io.millrace.media.Colour;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.packager.RenditionInfo.Kind;
import io.millrace.packager.crypt.Protection;
import io.millrace.packager.dash.Manifest;
import io.millrace.packager.dash.ProtectionElements;
import io.millrace.packager.dash.SideData;
import io.millrace.packager.hls.KeyTags;
import io.millrace.packager.hls.MultivariantPlaylist;
import io.millrace.packager.hls.StartTag;
import io.millrace.packager.window.MediaNames;
import io.millrace.packager.window.PeriodLog;
import io.millrace.packager.window.RenditionView;
import io.millrace.packager.window.SegmentWindow;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Master playlists and manifests, one of each for every codec preference that makes a difference.
 *
 * <p>Written on the owner's thread; documents may be read from any.
 */
final class MasterView {
  /** What never changes. */
  record Fixed(MediaNames names, @Nullable Protection protection) {
    /** DASH has no encryption of whole segments that players know. */
    boolean hasManifest() {
      return protection == null || protection.scheme().isCommonEncryption();
    }
  }

  private final int patienceSegments;
  private final Duration listed;
  private final Fixed fixed;
  private final Documents documents;
  private final Duration startBehind;
  private SideData side = SideData.NONE;
  private volatile Map<CodecPreference, Document> masters = Map.of();
  private volatile Map<CodecPreference, Once<Document>> manifests = Map.of();

  /**
   * @param patienceSegments a rendition that is so many segments behind is not waited for
   * @param listed what playlists list at least
   * @param startBehind how far behind the live edge HLS players begin; zero: where they choose
   */
  MasterView(
      int patienceSegments,
      Duration listed,
      Duration startBehind,
      Fixed fixed,
      Documents documents) {
    this.fixed = fixed;
    this.patienceSegments = patienceSegments;
    this.listed = listed;
    this.startBehind = startBehind;
    this.documents = documents;
  }

  @Nullable Document master(CodecPreference preference) {
    return masters.get(preference);
  }

  @Nullable Document manifest(CodecPreference preference) {
    Once<Document> manifest = manifests.get(preference);
    return manifest == null ? null : manifest.get();
  }

  Fixed fixed() {
    return fixed;
  }

  /** What the next documents say beside the media. */
  void side(SideData said) {
    side = said;
  }

  /**
   * @param present renditions with media, in ladder order
   */
  void renderMasters(List<Rendition> present, Instant now) {
    Map<CodecPreference, Document> before = masters;
    masters =
        byPreference(
            present,
            (preference, videos, audios) ->
                documents.make(
                    Documents.HLS,
                    () -> master(videos, audios, views(present, Kind.TEXT)),
                    now,
                    before.get(preference)));
  }

  private byte[] master(
      List<RenditionView> videos, List<RenditionView> audios, List<RenditionView> texts) {
    byte[] text =
        new MultivariantPlaylist(
                videos, audios, texts, KeyTags.of(fixed.protection), side.captions(), "")
            .render()
            .getBytes(StandardCharsets.UTF_8);
    return startBehind.isZero() ? text : StartTag.into(text, -startBehind.toNanos() / 1_000);
  }

  /**
   * What manifests show is of this moment; they are rendered if and when somebody asks.
   *
   * @param present renditions with media, in ladder order
   * @param former those that are over, and that earlier periods have
   */
  void renewManifests(
      List<Rendition> present,
      List<Rendition> former,
      List<PeriodLog.Start> periods,
      Instant epoch,
      Instant now,
      Duration targetDuration,
      long partTargetUs,
      boolean ended) {
    if (!fixed.hasManifest()) {
      return;
    }
    long endSequence = ended ? Long.MAX_VALUE : endSequence(present, periods.getLast());
    SideData said = side;
    List<Rendition> all = Stream.concat(present.stream(), former.stream()).toList();
    manifests =
        byPreference(
            all,
            (_, videos, audios) -> {
              Manifest manifest =
                  new Manifest(
                      sets(videos, audios, views(all, Kind.TEXT_CMAF)),
                      periods,
                      endSequence,
                      fixed.names,
                      epoch,
                      0,
                      now,
                      targetDuration,
                      listed.compareTo(SegmentWindow.TIMELINE) < 0
                          ? listed
                          : SegmentWindow.TIMELINE,
                      partTargetUs,
                      ProtectionElements.of(fixed.protection),
                      ended,
                      said);
              return new Once<>(
                  () ->
                      documents.make(
                          Documents.DASH,
                          () -> manifest.render().getBytes(StandardCharsets.UTF_8),
                          now));
            });
  }

  /**
   * A period is shown when every rendition has reached it, lest a player start it without audio;
   * but none is waited for longer than at the start.
   */
  private long endSequence(List<Rendition> present, PeriodLog.Start newest) {
    boolean reached = present.stream().allMatch(r -> r.reachedSequence() >= newest.sequence());
    boolean late =
        present.stream()
            .anyMatch(r -> r.reachedSequence() - newest.sequence() + 1 >= patienceSegments);
    return reached || late ? Long.MAX_VALUE : newest.sequence();
  }

  /** What a player may switch between without a change of decoder or display. */
  private record Family(VideoCodec codec, boolean pq, boolean hlg) {
    static Family of(TrackFormat.Video format) {
      int transfer = format.colour().transfer();
      return new Family(
          format.codec(), transfer == Colour.TRANSFER_PQ, transfer == Colour.TRANSFER_HLG);
    }
  }

  /**
   * Video by family, in the order that they were listed; then each audio and text rendition by
   * itself.
   */
  static List<List<RenditionView>> sets(
      List<RenditionView> videos, List<RenditionView> audios, List<RenditionView> texts) {
    Map<Family, List<RenditionView>> byFamily = new LinkedHashMap<>();
    for (RenditionView video : videos) {
      if (video.format() instanceof TrackFormat.Video format) {
        byFamily.computeIfAbsent(Family.of(format), _ -> new ArrayList<>()).add(video);
      }
    }
    List<List<RenditionView>> sets = new ArrayList<>(byFamily.values());
    audios.forEach(audio -> sets.add(List.of(audio)));
    texts.forEach(text -> sets.add(List.of(text)));
    return sets;
  }

  private interface Renderer<T> {
    T render(CodecPreference preference, List<RenditionView> videos, List<RenditionView> audios);
  }

  /** One for each order that makes a difference. */
  private static <T> Map<CodecPreference, T> byPreference(
      List<Rendition> present, Renderer<T> renderer) {
    List<RenditionView> audios = views(present, Kind.AUDIO);
    List<RenditionView> videos = views(present, Kind.VIDEO);
    Map<List<RenditionView>, T> made = new TreeMap<>(Comparator.comparing(MasterView::key));
    Map<CodecPreference, T> byPreference = new EnumMap<>(CodecPreference.class);
    for (CodecPreference preference : CodecPreference.values()) {
      List<RenditionView> ordered = ordered(videos, preference);
      byPreference.put(
          preference,
          made.computeIfAbsent(ordered, views -> renderer.render(preference, views, audios)));
    }
    return byPreference;
  }

  private static String key(List<RenditionView> views) {
    return String.join("\n", views.stream().map(RenditionView::name).toList());
  }

  private static List<RenditionView> views(List<Rendition> present, Kind kind) {
    List<RenditionView> views = new ArrayList<>();
    for (Rendition rendition : present) {
      RenditionView view = rendition.view();
      if (rendition.kind() == kind && view != null) {
        views.add(view);
      }
    }
    return views;
  }

  static List<RenditionView> ordered(List<RenditionView> videos, CodecPreference preference) {
    List<RenditionView> h264 = videos.stream().filter(video -> is(video, VideoCodec.H264)).toList();
    List<RenditionView> av1 = videos.stream().filter(video -> is(video, VideoCodec.AV1)).toList();
    List<RenditionView> others =
        videos.stream()
            .filter(video -> !is(video, VideoCodec.H264) && !is(video, VideoCodec.AV1))
            .toList();
    Stream<List<RenditionView>> ordered =
        switch (preference) {
          case DEFAULT -> Stream.of(h264, others, av1);
          case AV1_FIRST -> Stream.of(av1, h264, others);
          case H264_ONLY ->
              Stream.of(h264, others, av1).filter(family -> !family.isEmpty()).limit(1);
        };
    return ordered.flatMap(List::stream).toList();
  }

  private static boolean is(RenditionView view, VideoCodec codec) {
    return view.format() instanceof TrackFormat.Video video && video.codec() == codec;
  }
}
