package io.millrace.media.aac;

import io.millrace.media.AudioCodec;
import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackFormat;
import io.millrace.media.bits.BitReader;
import io.millrace.media.bits.BitWriter;

/**
 * AudioSpecificConfig for AAC-LC and what is built on it, HE-AAC and HE-AACv2 (ISO/IEC 14496-3
 * §1.6.2.1).
 *
 * <pre>
 *  5 bits  audioObjectType           2 LC; 5 or 29 first: SBR or SBR+PS, hierarchical
 *  4       samplingFrequencyIndex    15: 24 bits of hertz follow
 *  4       channelConfiguration
 * [4       extensionSamplingFrequencyIndex, 5 bits of the core's object type: only behind 5 or 29]
 *  1       frameLengthFlag           1: 960 samples instead of 1024
 *  1       dependsOnCoreCoder        0
 *  1       extensionFlag             0
 * [11      0x2B7, 5 bits "5", 1 bit sbrPresentFlag, [4 frequency index, [11 0x548, 1 psPresentFlag]]]
 * </pre>
 *
 * @param sampleRate of the AAC core, in Hz
 * @param channelConfiguration 1–7, 11, 12 or 14 (ISO/IEC 23001-8 §8.2)
 * @param coreSamplesPerFrame 1024 or 960
 * @param sbr how spectral band replication is announced
 * @param parametricStereo HE-AACv2: a mono core decoded to stereo; only with announced SBR
 * @param extensionSampleRate of the signal after SBR, in Hz; equals {@code sampleRate} without SBR
 */
public record AudioSpecificConfig(
    int sampleRate,
    int channelConfiguration,
    int coreSamplesPerFrame,
    Sbr sbr,
    boolean parametricStereo,
    int extensionSampleRate) {

  /** How spectral band replication is announced (§1.6.5). */
  public enum Sbr {
    /** Nothing is said; a decoder may still find it in the payload (implicit signalling). */
    UNSIGNALLED,
    /** The extension says that there is none. */
    ABSENT,
    /** Object type 5 or 29 stands first. */
    HIERARCHICAL,
    /** An LC configuration with an extension behind it. */
    BACKWARD_COMPATIBLE;

    boolean present() {
      return this == HIERARCHICAL || this == BACKWARD_COMPATIBLE;
    }
  }

  private static final String STRUCTURE = "AudioSpecificConfig";
  private static final int AAC_LC = 2;
  private static final int SBR = 5;
  private static final int PS = 29;
  private static final int SBR_SYNC = 0x2B7;
  private static final int PS_SYNC = 0x548;

  public AudioSpecificConfig {
    checkChannels(channelConfiguration);
    if (coreSamplesPerFrame != 1024 && coreSamplesPerFrame != 960) {
      throw new IllegalArgumentException("an AAC frame has 1024 or 960 samples");
    }
    if (parametricStereo && !sbr.present()) {
      throw new IllegalArgumentException("parametric stereo needs SBR");
    }
  }

  /** Plain AAC-LC. */
  public static AudioSpecificConfig lc(int sampleRate, int channelConfiguration) {
    return new AudioSpecificConfig(
        sampleRate, channelConfiguration, 1024, Sbr.UNSIGNALLED, false, sampleRate);
  }

  /**
   * Reads the configuration; bytes behind it are ignored, as decoders do.
   *
   * @throws MediaFormatException malformed, or unsupported with the object type or layout named
   */
  public static AudioSpecificConfig parse(byte[] bytes) {
    return read(new BitReader(STRUCTURE, bytes), true);
  }

  /**
   * Reads the configuration inside another structure, and leaves the reader behind it.
   *
   * @param extensible false where nothing says how long the configuration is, so that the bits
   *     behind it cannot be an extension
   */
  static AudioSpecificConfig read(BitReader in, boolean extensible) {
    int objectType = objectType(in);
    int sampleRate = SamplingFrequency.read(in);
    int channels = in.bits(4);
    int extensionRate = sampleRate;
    Sbr sbr = Sbr.UNSIGNALLED;
    boolean ps = objectType == PS;
    if (objectType == SBR || objectType == PS) {
      sbr = Sbr.HIERARCHICAL;
      extensionRate = SamplingFrequency.read(in);
      objectType = objectType(in);
    }
    if (objectType != AAC_LC) {
      throw MediaFormatException.unsupported("audio object type " + objectTypeName(objectType));
    }
    int samplesPerFrame = in.flag() ? 960 : 1024;
    if (in.flag()) {
      throw MediaFormatException.unsupported("AAC that depends on a core coder (scalable)");
    }
    if (in.flag()) {
      throw in.malformed("extensionFlag set for AAC-LC");
    }
    if (extensible && sbr == Sbr.UNSIGNALLED && in.bitsLeft() >= 17 && in.bits(11) == SBR_SYNC) {
      if (objectType(in) == SBR) {
        sbr = in.flag() ? Sbr.BACKWARD_COMPATIBLE : Sbr.ABSENT;
        if (sbr == Sbr.BACKWARD_COMPATIBLE) {
          extensionRate = SamplingFrequency.read(in);
          ps = in.bitsLeft() >= 12 && in.bits(11) == PS_SYNC && in.flag();
        }
      }
    }
    if (extensionRate != sampleRate && extensionRate != 2 * sampleRate) {
      throw in.malformed("SBR from " + sampleRate + " to " + extensionRate + " Hz");
    }
    return new AudioSpecificConfig(sampleRate, channels, samplesPerFrame, sbr, ps, extensionRate);
  }

  /** Writes the configuration; a new array. */
  public byte[] toBytes() {
    BitWriter out = new BitWriter();
    boolean hierarchical = sbr == Sbr.HIERARCHICAL;
    out.bits(hierarchical ? (parametricStereo ? PS : SBR) : AAC_LC, 5);
    SamplingFrequency.write(out, sampleRate);
    out.bits(channelConfiguration, 4);
    if (hierarchical) {
      SamplingFrequency.write(out, extensionSampleRate);
      out.bits(AAC_LC, 5);
    }
    out.flag(coreSamplesPerFrame == 960).flag(false).flag(false);
    if (sbr == Sbr.ABSENT || sbr == Sbr.BACKWARD_COMPATIBLE) {
      out.bits(SBR_SYNC, 11).bits(SBR, 5).flag(sbr.present());
      if (sbr.present()) {
        SamplingFrequency.write(out, extensionSampleRate);
        if (parametricStereo) {
          out.bits(PS_SYNC, 11).flag(true);
        }
      }
    }
    return out.toBytes();
  }

  /** Channels of the decoded signal. */
  public int channels() {
    return parametricStereo && channelConfiguration == 1 ? 2 : channelCount(channelConfiguration);
  }

  /** Sample rate of the decoded signal in Hz, after announced SBR. */
  public int decodedSampleRate() {
    return sbr.present() ? extensionSampleRate : sampleRate;
  }

  /** Samples of the decoded signal in one access unit. */
  public int samplesPerFrame() {
    return sbr.present()
        ? (int) ((long) coreSamplesPerFrame * extensionSampleRate / sampleRate)
        : coreSamplesPerFrame;
  }

  /** {@code mp4a.40.2}, {@code .5} or {@code .29} (RFC 6381 §3.3). */
  public String codecs() {
    return "mp4a.40." + (parametricStereo ? PS : sbr.present() ? SBR : AAC_LC);
  }

  /** The format of a track with this configuration. */
  public TrackFormat.Audio toFormat() {
    return new TrackFormat.Audio(
        AudioCodec.AAC, codecs(), toBytes(), decodedSampleRate(), channels(), samplesPerFrame());
  }

  private static int objectType(BitReader in) {
    int type = in.bits(5);
    return type == 31 ? 32 + in.bits(6) : type;
  }

  private static void checkChannels(int configuration) {
    if (configuration == 0) {
      throw MediaFormatException.unsupported(
          "AAC channel layout given by a program_config_element (channelConfiguration 0)");
    }
    if (channelCount(configuration) == 0) {
      throw MediaFormatException.unsupported("AAC channelConfiguration " + configuration);
    }
  }

  private static int channelCount(int configuration) {
    return switch (configuration) {
      case 1, 2, 3, 4, 5, 6 -> configuration;
      case 7, 12, 14 -> 8;
      case 11 -> 7;
      default -> 0;
    };
  }

  private static String objectTypeName(int type) {
    return type
        + switch (type) {
          case 1 -> " (AAC Main)";
          case 3 -> " (AAC SSR)";
          case 4 -> " (AAC LTP)";
          case 17 -> " (ER AAC LC)";
          case 23 -> " (AAC LD)";
          case 32, 33, 34 -> " (MPEG-1/2 audio)";
          case 36 -> " (ALS)";
          case 39 -> " (AAC ELD)";
          case 42 -> " (xHE-AAC)";
          default -> "";
        };
  }
}
