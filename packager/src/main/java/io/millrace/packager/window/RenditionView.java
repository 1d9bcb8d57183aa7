package io.millrace.packager.window;

import io.millrace.media.TrackFormat;
import org.jspecify.annotations.Nullable;

/**
 * A rendition as playlists and manifests show it. Immutable.
 *
 * @param label what a menu calls it; null: its name
 * @param language a tag of RFC 5646; null when unknown
 * @param number tells it from the other renditions of its kind as long as it exists; 0 is the first
 * @param format of its newest segment
 * @param bitrates as published, which follow the measured ones coarsely
 */
public record RenditionView(
    String name,
    @Nullable String label,
    @Nullable String language,
    int number,
    TrackFormat format,
    Bitrates bitrates,
    WindowSnapshot window) {

  /** What a menu shows. */
  public String title() {
    return label == null ? name : label;
  }
}
