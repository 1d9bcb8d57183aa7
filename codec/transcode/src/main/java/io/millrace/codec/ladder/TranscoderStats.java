package io.millrace.codec.ladder;

import java.util.List;

/**
 * A transcoder's counters since its start; a snapshot.
 *
 * @param picturesDecoded pictures that came out of the decoder
 * @param samplesDamaged access units that did not decode, or were skipped until the next key frame
 * @param decodeNs CPU time in the decoder
 * @param scaleNs CPU time in scaling, conversion and rotation
 * @param pictureBytes native bytes in pictures, pooled ones included
 * @param nativeHandles open native encoders, decoders, scalers and resamplers
 * @param rungs in ladder order, the audio rung last as {@code audio}
 */
public record TranscoderStats(
    long picturesDecoded,
    long samplesDamaged,
    long decodeNs,
    long scaleNs,
    long pictureBytes,
    long nativeHandles,
    List<RungStats> rungs) {}
