package io.millrace.packager.window;

import io.millrace.media.TrackFormat;

/**
 * A rendition as playlists and manifests show it. Immutable.
 *
 * @param format of its newest segment
 * @param bitrates as published, which follow the measured ones coarsely
 */
public record RenditionView(
    String name, TrackFormat format, Bitrates bitrates, WindowSnapshot window) {}
