package io.millrace.media;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the samples of a track are. Immutable; a new, unequal instance <em>is</em> a format change.
 *
 * <p>{@code configuration} is the codec's own record and must not be modified by anyone: {@code
 * AVCDecoderConfigurationRecord} (ISO/IEC 14496-15 §5.3.3.1) for H.264, {@code
 * HEVCDecoderConfigurationRecord} (§8.3.3.1) for HEVC, {@code AV1CodecConfigurationRecord}
 * (AV1-ISOBMFF §2.3) for AV1, {@code VPCodecConfigurationRecord} for VP9 (what follows version and
 * flags in {@code vpcC}), {@code AudioSpecificConfig} (ISO/IEC 14496-3 §1.6.2.1) for AAC, {@code
 * dOps} payload for Opus; empty for MP3.
 */
public sealed interface TrackFormat {
  /** The timescale of every tick value in this track's samples. */
  Timescale timescale();

  /** The codec configuration record; shared, read-only. */
  byte[] configuration();

  /** The {@code codecs} parameter of RFC 6381, such as {@code avc1.64001f}. */
  String codecs();

  /**
   * @param width coded picture width after cropping, in pixels
   * @param height coded picture height after cropping, in pixels
   * @param sampleAspectRatio width:height of one pixel
   * @param frameRate nominal; null when unknown or variable
   * @param rotation clockwise degrees to turn the picture for display: 0, 90, 180, 270
   */
  record Video(
      VideoCodec codec,
      String codecs,
      byte[] configuration,
      int width,
      int height,
      Rational sampleAspectRatio,
      @Nullable Rational frameRate,
      Colour colour,
      int rotation)
      implements TrackFormat {

    @Override
    public Timescale timescale() {
      return Timescale.VIDEO;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Video that
          && codec == that.codec
          && width == that.width
          && height == that.height
          && rotation == that.rotation
          && codecs.equals(that.codecs)
          && sampleAspectRatio.equals(that.sampleAspectRatio)
          && Objects.equals(frameRate, that.frameRate)
          && colour.equals(that.colour)
          && Arrays.equals(configuration, that.configuration);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(configuration) + width * 65_537 + height;
    }

    @Override
    public String toString() {
      return codecs
          + " "
          + width
          + "x"
          + height
          + (frameRate == null ? "" : " " + frameRate + " fps");
    }
  }

  /**
   * @param sampleRate of the decoded signal in Hz; also the track's timescale
   * @param channels decoded channel count
   * @param samplesPerFrame PCM samples in one access unit (1024 for AAC-LC)
   * @param language a tag of RFC 5646 such as {@code de}; null when unknown
   */
  record Audio(
      AudioCodec codec,
      String codecs,
      byte[] configuration,
      int sampleRate,
      int channels,
      int samplesPerFrame,
      @Nullable String language)
      implements TrackFormat {

    /** In a language that is not known. */
    public Audio(
        AudioCodec codec,
        String codecs,
        byte[] configuration,
        int sampleRate,
        int channels,
        int samplesPerFrame) {
      this(codec, codecs, configuration, sampleRate, channels, samplesPerFrame, null);
    }

    /** The same in another language. */
    public Audio withLanguage(@Nullable String tag) {
      return new Audio(codec, codecs, configuration, sampleRate, channels, samplesPerFrame, tag);
    }

    @Override
    public Timescale timescale() {
      return new Timescale(sampleRate);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Audio that
          && codec == that.codec
          && sampleRate == that.sampleRate
          && channels == that.channels
          && samplesPerFrame == that.samplesPerFrame
          && Objects.equals(language, that.language)
          && codecs.equals(that.codecs)
          && Arrays.equals(configuration, that.configuration);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(configuration) + sampleRate;
    }

    @Override
    public String toString() {
      return codecs + " " + sampleRate + " Hz " + channels + " ch";
    }
  }

  /**
   * Text that is shown with the picture. It comes from outside the tracks of a publisher, so only
   * packagers have it.
   *
   * @param codecs {@code wvtt}
   */
  record Text(String codecs) implements TrackFormat {
    /** WebVTT (ISO/IEC 14496-30 §6). */
    public static final Text WEBVTT = new Text("wvtt");

    private static final byte[] NO_CONFIGURATION = {};

    @Override
    public Timescale timescale() {
      return Timescale.VIDEO;
    }

    @Override
    public byte[] configuration() {
      return NO_CONFIGURATION;
    }
  }
}
