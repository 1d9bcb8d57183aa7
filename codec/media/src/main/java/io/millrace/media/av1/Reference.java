package io.millrace.media.av1;

/**
 * What a frame leaves behind for the headers of those that refer to it (AV1 specification §7.20).
 *
 * @param frameType 0 key, 1 inter, 2 intra only, 3 switch
 * @param upscaledWidth in pixels
 * @param motion gm_params of references 1–7, six each
 * @param quantiserDeltas of the eight segments: feature 0, {@link Integer#MIN_VALUE} where it is
 *     off
 */
record Reference(
    int frameType,
    int orderHint,
    int upscaledWidth,
    int height,
    int[][] motion,
    int[] quantiserDeltas) {}
