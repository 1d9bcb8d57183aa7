package io.millrace.loadtest.e2e;

import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Follows a live HLS stream as a player of all renditions at once would, and keeps everything. One
 * thread.
 */
public final class HlsClient {
  private static final long RELOAD_NANOS = Duration.ofMillis(400).toNanos();

  private final URI master;
  private final Map<String, Track> tracks = new LinkedHashMap<>();
  private final Map<String, Track> texts = new LinkedHashMap<>();
  private final Map<URI, byte[]> maps = new HashMap<>();
  private HlsPlaylist.@Nullable Master document;
  private @Nullable Program publisher;

  /**
   * @param master address of the multivariant playlist
   */
  public HlsClient(URI master) {
    this.master = master;
  }

  /** Gives up at once, with the publisher's own words, when it ends while this client waits. */
  public HlsClient fedBy(Program publisher) {
    this.publisher = publisher;
    return this;
  }

  private void assertFed() {
    if (publisher != null && !publisher.isAlive()) {
      throw new AssertionError("the publisher ended\n" + publisher.allText());
    }
  }

  /** One segment of one rendition, as listed and as fetched; a gap has no bytes. */
  public record Fetched(HlsPlaylist.Entry entry, byte[] init, byte[] bytes) {
    public Boxes.Media media() {
      return Boxes.media(bytes);
    }
  }

  /** One rendition and what was fetched of it, by media sequence number. */
  public static final class Track {
    private final String name;
    private final URI uri;
    private final HlsPlaylist.@Nullable Variant variant;
    private final TreeMap<Long, Fetched> segments = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();
    private HlsPlaylist.@Nullable Media newest;
    private int firstTargetSeconds;

    private Track(URI uri, HlsPlaylist.@Nullable Variant variant) {
      this(nameOf(uri), uri, variant);
    }

    private static String nameOf(URI uri) {
      String[] parts = uri.getPath().split("/");
      return parts.length > 1
          ? parts[parts.length - 2] + "/" + parts[parts.length - 1]
          : uri.getPath();
    }

    private Track(String name, URI uri, HlsPlaylist.@Nullable Variant variant) {
      this.name = name;
      this.uri = uri;
      this.variant = variant;
    }

    public String name() {
      return name;
    }

    /** Null for an audio rendition of a group. */
    public HlsPlaylist.@Nullable Variant variant() {
      return variant;
    }

    public boolean isVideo() {
      return variant != null;
    }

    public TreeMap<Long, Fetched> segments() {
      return segments;
    }

    public HlsPlaylist.@Nullable Media newest() {
      return newest;
    }

    /** EXT-X-TARGETDURATION when first seen. */
    public int firstTargetSeconds() {
      return firstTargetSeconds;
    }

    /** What was wrong from one reload to the next. */
    public List<String> problems() {
      return problems;
    }

    public Boxes.Init init() {
      return Boxes.init(segments.firstEntry().getValue().init());
    }

    /** Runs of segments that share one header: more than one where the format changed. */
    public List<Track> pieces() {
      List<Track> pieces = new ArrayList<>();
      byte[] init = null;
      for (Fetched fetched : segments.values()) {
        if (fetched.entry.gap()) {
          continue;
        }
        if (fetched.init != init) {
          init = fetched.init;
          pieces.add(new Track(name + "-" + fetched.entry.sequence(), uri, variant));
        }
        pieces.getLast().segments.put(fetched.entry.sequence(), fetched);
      }
      return pieces;
    }

    /** Segments that come behind a discontinuity. */
    public List<Long> discontinuities() {
      return segments.values().stream()
          .filter(fetched -> fetched.entry.discontinuity())
          .map(fetched -> fetched.entry.sequence())
          .toList();
    }

    /** Segments that are not there. */
    public List<Long> gaps() {
      return segments.values().stream()
          .filter(fetched -> fetched.entry.gap())
          .map(fetched -> fetched.entry.sequence())
          .toList();
    }

    /** The longest that one sample lasts: a hole in the media shows here. */
    public double longestSampleSeconds() {
      double longest = 0;
      for (Track piece : pieces()) {
        double timescale = piece.init().timescale();
        for (Fetched fetched : piece.segments.values()) {
          for (Boxes.Sample sample : fetched.media().samples()) {
            longest = Math.max(longest, sample.durationTicks() / timescale);
          }
        }
      }
      return longest;
    }

    /** Header and all segments that have bytes, as one file; of a track in one piece. */
    public byte[] file() {
      java.io.ByteArrayOutputStream file = new java.io.ByteArrayOutputStream();
      byte[] init = null;
      for (Fetched fetched : segments.values()) {
        if (fetched.entry.gap()) {
          continue;
        }
        if (init == null) {
          init = fetched.init;
          file.writeBytes(init);
        } else if (init != fetched.init) {
          throw new AssertionError(name + ": the format changes at " + fetched.entry.sequence());
        }
        file.writeBytes(fetched.bytes);
      }
      return file.toByteArray();
    }
  }

  /** Waits until the multivariant playlist lists this many variants. */
  public HlsClient awaitVariants(int count, Duration limit) {
    document =
        Await.value(
            count + " variants in " + master,
            limit,
            () -> {
              assertFed();
              return load(master)
                  .map(text -> HlsPlaylist.master(master, text))
                  .filter(found -> found.variants().size() >= count);
            });
    return this;
  }

  /** True once the multivariant playlist is there; asks. */
  public boolean isListed() {
    if (document == null) {
      document =
          load(master)
              .map(text -> HlsPlaylist.master(master, text))
              .filter(found -> !found.variants().isEmpty())
              .orElse(null);
    }
    return document != null;
  }

  public HlsPlaylist.Master master() {
    if (document == null) {
      awaitVariants(1, Duration.ofSeconds(30));
    }
    return java.util.Objects.requireNonNull(document);
  }

  public List<Track> tracks() {
    return List.copyOf(tracks.values());
  }

  public List<Track> videoTracks() {
    return tracks.values().stream().filter(Track::isVideo).toList();
  }

  /** WebVTT renditions, which are not among {@link #tracks}: their segments have no boxes. */
  public List<Track> textTracks() {
    return List.copyOf(texts.values());
  }

  public Optional<Track> audioTrack() {
    return tracks.values().stream().filter(track -> !track.isVideo()).findFirst();
  }

  /** Follows every rendition until each has this many segments more than when it was first seen. */
  public HlsClient record(int segments, Duration limit) {
    declare();
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    while (!all().allMatch(track -> track.segments.size() >= segments)) {
      if (System.nanoTime() > deadlineNanos) {
        throw new AssertionError("recorded within " + limit + " only " + counts());
      }
      assertFed();
      all().forEach(this::reload);
      LockSupport.parkNanos(RELOAD_NANOS);
    }
    return this;
  }

  /** Follows every rendition until it is closed with EXT-X-ENDLIST. */
  public HlsClient recordToEnd(Duration limit) {
    declare();
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    while (!all().allMatch(track -> track.newest != null && track.newest.ended())) {
      if (System.nanoTime() > deadlineNanos) {
        throw new AssertionError("no EXT-X-ENDLIST within " + limit + "; " + counts());
      }
      all().forEach(this::reload);
      LockSupport.parkNanos(RELOAD_NANOS);
    }
    return this;
  }

  /** Reloads every rendition once. */
  public void reload() {
    declare();
    all().forEach(this::reload);
  }

  private Stream<Track> all() {
    return Stream.concat(tracks.values().stream(), texts.values().stream());
  }

  private String counts() {
    StringBuilder text = new StringBuilder();
    all()
        .forEach(
            track ->
                text.append(track.name).append(": ").append(track.segments.size()).append("; "));
    return text.toString();
  }

  private void declare() {
    for (HlsPlaylist.Rendition rendition : master().renditions()) {
      if (rendition.uri() != null) {
        boolean text = "SUBTITLES".equals(rendition.attributes().get("TYPE"));
        (text ? texts : tracks)
            .computeIfAbsent(rendition.uri().toString(), key -> new Track(rendition.uri(), null));
      }
    }
    for (HlsPlaylist.Variant variant : master().variants()) {
      tracks.computeIfAbsent(variant.uri().toString(), key -> new Track(variant.uri(), variant));
    }
  }

  private void reload(Track track) {
    Optional<String> text = load(track.uri);
    if (text.isEmpty()) {
      return;
    }
    HlsPlaylist.Media playlist = HlsPlaylist.media(track.uri, text.get());
    HlsPlaylist.Media before = track.newest;
    track.newest = playlist;
    if (before == null) {
      track.firstTargetSeconds = playlist.targetSeconds();
    } else {
      compare(track, before, playlist);
    }
    for (HlsPlaylist.Entry entry : playlist.entries()) {
      Fetched known = track.segments.get(entry.sequence());
      if (known != null) {
        if (!known.entry.uri().equals(entry.uri())
            || known.entry.seconds().compareTo(entry.seconds()) != 0
            || known.entry.gap() != entry.gap()) {
          track.problems.add("segment changed: " + known.entry + " to " + entry);
        }
        continue;
      }
      track.segments.put(entry.sequence(), fetch(entry));
    }
  }

  private static void compare(Track track, HlsPlaylist.Media before, HlsPlaylist.Media now) {
    if (now.firstSequence() < before.firstSequence()) {
      track.problems.add(
          "EXT-X-MEDIA-SEQUENCE went from "
              + before.firstSequence()
              + " to "
              + now.firstSequence());
    }
    if (now.targetSeconds() < before.targetSeconds()) {
      track.problems.add(
          "EXT-X-TARGETDURATION went from "
              + before.targetSeconds()
              + " to "
              + now.targetSeconds());
    }
    if (now.discontinuitySequence() < before.discontinuitySequence()) {
      track.problems.add("EXT-X-DISCONTINUITY-SEQUENCE went back");
    }
  }

  private Fetched fetch(HlsPlaylist.Entry entry) {
    byte[] none = new byte[0];
    byte[] init = entry.map() == null ? none : maps.computeIfAbsent(entry.map(), Web::bytes);
    return new Fetched(entry, init, entry.gap() ? none : Web.bytes(entry.uri()));
  }

  private static Optional<String> load(URI uri) {
    HttpResponse<byte[]> response = Web.get(uri);
    return switch (response.statusCode()) {
      case 200 -> Optional.of(new String(response.body(), StandardCharsets.UTF_8));
      case 404, 503 -> Optional.empty();
      default -> throw new AssertionError("GET " + uri + ": " + response.statusCode());
    };
  }
}
