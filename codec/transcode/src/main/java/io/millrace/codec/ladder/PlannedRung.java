package io.millrace.codec.ladder;

import io.millrace.media.Rational;
import org.jspecify.annotations.Nullable;

/**
 * A rung as it will be encoded for one source: upright, square pixels.
 *
 * @param width even, in pixels
 * @param height even, in pixels
 * @param frameRate after {@link VideoRung#maxFrameRate}; null when the source's is unknown
 */
public record PlannedRung(VideoRung rung, int width, int height, @Nullable Rational frameRate) {}
