package io.millrace.server.ingest.obs;

import io.millrace.media.Rational;
import io.millrace.transport.rtmp.wire.Printable;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What OBS says of itself ({@code GoLiveApi::PostData}). What is missing, or of another type than
 * it should be, gets the value of an ordinary machine, so that a person can ask with the key alone.
 *
 * @param schemaVersion to be repeated in the answer
 * @param authentication the stream key as the broadcaster has entered it: {@code NAME?key=KEY}; a
 *     secret, so that {@link #toString} leaves it out
 * @param obsMajor major version of OBS; 0 when unknown
 * @param codecs {@code h264}, {@code h265}, {@code av1}
 * @param system {@code Windows}, {@code macOS}, or a Linux distribution's name
 * @param physicalCores of the CPU
 * @param gpuVendorId PCI vendor of the GPU that composes the picture; 0 when unknown
 * @param gpuModel its name; empty when unknown
 * @param canvas output picture
 * @param maximumAggregateKbps of all video tracks and audio; null for as much as is useful
 * @param maximumVideoTracks null for as many as are useful
 * @param vodTrack whether there is a second audio mix, for recordings
 */
record ClientDescription(
    String schemaVersion,
    String authentication,
    int obsMajor,
    Set<String> codecs,
    String system,
    int physicalCores,
    int gpuVendorId,
    String gpuModel,
    Canvas canvas,
    @Nullable Long maximumAggregateKbps,
    @Nullable Integer maximumVideoTracks,
    boolean vodTrack) {
  private static final int MAX_TEXT_LENGTH = 64;
  private static final int MAX_SIDE_PX = 8192;
  private static final int MAX_FRAME_RATE = 240;
  private static final Canvas ORDINARY_CANVAS = new Canvas(1920, 1080, new Rational(30, 1));

  /** A picture of OBS's, even in both sides. */
  record Canvas(int width, int height, Rational frameRate) {}

  ClientDescription {
    codecs = Set.copyOf(codecs);
  }

  /**
   * Reads a request.
   *
   * @throws IOException when it is no JSON object, or lacks the stream key
   */
  static ClientDescription read(byte[] body) throws IOException {
    Map<String, Object> post = JsonTree.readObject(body);
    if (!(post.get("authentication") instanceof String authentication)
        || authentication.isEmpty()) {
      throw new IOException("authentication, the stream key, is missing");
    }
    Map<?, ?> client = object(post, "client");
    Map<?, ?> capabilities = object(post, "capabilities");
    Map<?, ?> preferences = object(post, "preferences");
    Map<?, ?> gpu = gpu(capabilities, preferences);
    return new ClientDescription(
        text(post, "schema_version", "2025-01-25"),
        authentication,
        major(text(client, "version", "")),
        codecs(client),
        text(object(capabilities, "system"), "name", ""),
        (int) number(object(capabilities, "cpu"), "physical_cores", 1, 1024, 4),
        (int) number(gpu, "vendor_id", 0, 0xFFFF, 0),
        text(gpu, "model", ""),
        canvas(preferences),
        optional(preferences, "maximum_aggregate_bitrate"),
        tracks(preferences),
        Boolean.TRUE.equals(preferences.get("vod_track_audio")));
  }

  private static Map<?, ?> object(Map<?, ?> from, String name) {
    return from.get(name) instanceof Map<?, ?> map ? map : Map.of();
  }

  private static String text(Map<?, ?> from, String name, String otherwise) {
    return from.get(name) instanceof String text ? Printable.of(text, MAX_TEXT_LENGTH) : otherwise;
  }

  private static long number(Map<?, ?> from, String name, long min, long max, long otherwise) {
    return from.get(name) instanceof Long value && value >= min && value <= max ? value : otherwise;
  }

  private static @Nullable Long optional(Map<?, ?> from, String name) {
    return from.get(name) instanceof Long value && value > 0 ? value : null;
  }

  private static @Nullable Integer tracks(Map<?, ?> preferences) {
    Long tracks = optional(preferences, "maximum_video_tracks");
    return tracks == null ? null : (int) Math.min(tracks, Integer.MAX_VALUE);
  }

  private static int major(String version) {
    int end = 0;
    while (end < version.length() && end < 4 && Character.isDigit(version.charAt(end))) {
      end++;
    }
    return end == 0 ? 0 : Integer.parseInt(version.substring(0, end));
  }

  private static Set<String> codecs(Map<?, ?> client) {
    Set<String> codecs = new HashSet<>();
    if (client.get("supported_codecs") instanceof List<?> list) {
      for (Object codec : list) {
        if (codec instanceof String name) {
          codecs.add(name);
        }
      }
    }
    return codecs.isEmpty() ? Set.of("h264") : codecs;
  }

  /** The one that composes the picture. */
  private static Map<?, ?> gpu(Map<?, ?> capabilities, Map<?, ?> preferences) {
    if (!(capabilities.get("gpu") instanceof List<?> gpus) || gpus.isEmpty()) {
      return Map.of();
    }
    int index = (int) number(preferences, "composition_gpu_index", 0, gpus.size() - 1, 0);
    return gpus.get(index) instanceof Map<?, ?> gpu ? gpu : Map.of();
  }

  /** The first of {@code canvases}; before schema 2025-01-25 its fields stand in preferences. */
  private static Canvas canvas(Map<?, ?> preferences) {
    Map<?, ?> from =
        preferences.get("canvases") instanceof List<?> list
                && !list.isEmpty()
                && list.getFirst() instanceof Map<?, ?> first
            ? first
            : preferences;
    long width = number(from, "width", 16, MAX_SIDE_PX, ORDINARY_CANVAS.width());
    long height = number(from, "height", 16, MAX_SIDE_PX, ORDINARY_CANVAS.height());
    Map<?, ?> rate = object(from, "framerate");
    long numerator = number(rate, "numerator", 1, Integer.MAX_VALUE, 0);
    long denominator = number(rate, "denominator", 1, Integer.MAX_VALUE, Integer.MAX_VALUE);
    boolean usable = numerator >= denominator && numerator / denominator <= MAX_FRAME_RATE;
    return new Canvas(
        (int) width & ~1,
        (int) height & ~1,
        usable ? new Rational((int) numerator, (int) denominator) : ORDINARY_CANVAS.frameRate());
  }

  @Override
  public String toString() {
    return "ClientDescription[OBS %d on %s, GPU %04x %s, %s]"
        .formatted(obsMajor, system, gpuVendorId, gpuModel, canvas);
  }
}
