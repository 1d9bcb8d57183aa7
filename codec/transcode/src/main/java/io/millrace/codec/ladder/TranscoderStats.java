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
 * @param samplesWaiting access units of the source, with its sound, that wait to be decoded
 * @param rungs in ladder order, the audio rung last as {@code audio}
 */
public record TranscoderStats(
    long picturesDecoded,
    long samplesDamaged,
    long decodeNs,
    long scaleNs,
    long pictureBytes,
    long nativeHandles,
    long samplesWaiting,
    List<RungStats> rungs) {
  /** Nothing yet. */
  public static final TranscoderStats NONE = new TranscoderStats(0, 0, 0, 0, 0, 0, 0, List.of());

  /** The same where {@code more} wait in front of it. */
  public TranscoderStats waiting(long more) {
    return new TranscoderStats(
        picturesDecoded,
        samplesDamaged,
        decodeNs,
        scaleNs,
        pictureBytes,
        nativeHandles,
        samplesWaiting + more,
        rungs);
  }
}
