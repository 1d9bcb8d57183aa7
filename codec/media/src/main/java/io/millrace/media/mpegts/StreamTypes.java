package io.millrace.media.mpegts;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What stream_type (ISO/IEC 13818-1 Table 2-34), registration and descriptors (ETSI EN 300 468,
 * SCTE 35 §8.1, "Carriage of Opus in MPEG-2 TS") say a stream is.
 */
final class StreamTypes {
  static final int MPEG1_AUDIO = 0x03;
  static final int MPEG2_AUDIO = 0x04;
  static final int PRIVATE_PES = 0x06;
  static final int AAC_ADTS = 0x0F;
  static final int AAC_LATM = 0x11;
  static final int METADATA_PES = 0x15;
  static final int H264 = 0x1B;
  static final int HEVC = 0x24;
  static final int SCTE35 = 0x86;

  static final String OPUS_REGISTRATION = "Opus";
  static final String CUE_REGISTRATION = "CUEI";
  static final String ID3_REGISTRATION = "ID3 ";

  /** descriptor_tag_extension of the Opus audio descriptor inside DVB's extension descriptor. */
  static final int OPUS_EXTENSION = 0x80;

  private StreamTypes() {}

  static ElementaryStream describe(ProgramMap map, ProgramMap.Stream stream) {
    List<Descriptor> descriptors = stream.descriptors();
    Named named = name(map, stream.streamType(), descriptors);
    return new ElementaryStream(
        stream.pid(),
        stream.streamType(),
        named.kind,
        named.name,
        Descriptor.language(descriptors),
        named.kind == StreamKind.OPUS ? opusChannelConfiguration(descriptors) : 0);
  }

  private record Named(StreamKind kind, String name) {}

  private static Named name(ProgramMap map, int streamType, List<Descriptor> descriptors) {
    return switch (streamType) {
      case 0x01, 0x02 -> unsupported("MPEG-1/2 video");
      case MPEG1_AUDIO, MPEG2_AUDIO -> new Named(StreamKind.MPEG_AUDIO, "MPEG audio");
      case PRIVATE_PES -> privateData(descriptors);
      case AAC_ADTS -> new Named(StreamKind.AAC_ADTS, "AAC");
      case 0x10 -> unsupported("MPEG-4 part 2 video");
      case AAC_LATM -> new Named(StreamKind.AAC_LATM, "AAC in LATM");
      case METADATA_PES -> metadata(descriptors);
      case H264 -> new Named(StreamKind.H264, "H.264");
      case 0x1C -> unsupported("AAC without transport syntax");
      case 0x21 -> unsupported("JPEG 2000");
      case HEVC -> new Named(StreamKind.HEVC, "HEVC");
      case 0x2D -> unsupported("MPEG-H audio");
      case 0x32 -> unsupported("JPEG XS");
      case 0x33 -> unsupported("VVC");
      case 0x42, 0xD2, 0xD4 -> unsupported("AVS video");
      case 0x80 -> new Named(StreamKind.OTHER, "private stream type 0x80");
      case 0x81 -> unsupported("AC-3");
      case 0x82, 0x85, 0x88, 0x8A -> unsupported("DTS");
      case 0x83 -> unsupported("TrueHD");
      case SCTE35 ->
          CUE_REGISTRATION.equals(Descriptor.registration(map.descriptors()))
                  || CUE_REGISTRATION.equals(Descriptor.registration(descriptors))
                  || Descriptor.registration(descriptors) == null
              ? new Named(StreamKind.SCTE35, "SCTE-35")
              : unsupported("DTS-HD");
      case 0x84, 0x87 -> unsupported("E-AC-3");
      case 0xEA -> unsupported("VC-1");
      default -> new Named(StreamKind.OTHER, "stream type 0x%02x".formatted(streamType));
    };
  }

  private static Named privateData(List<Descriptor> descriptors) {
    String registration = Descriptor.registration(descriptors);
    Named registered = registration == null ? null : registered(registration);
    if (registered != null) {
      return registered;
    }
    for (Descriptor descriptor : descriptors) {
      switch (descriptor.tag()) {
        case Descriptor.DVB_AC3 -> {
          return unsupported("AC-3");
        }
        case Descriptor.DVB_ENHANCED_AC3 -> {
          return unsupported("E-AC-3");
        }
        case Descriptor.DVB_DTS -> {
          return unsupported("DTS");
        }
        case Descriptor.DVB_TELETEXT -> {
          return new Named(StreamKind.OTHER, "DVB teletext");
        }
        case Descriptor.DVB_SUBTITLING -> {
          return new Named(StreamKind.OTHER, "DVB subtitles");
        }
        default -> {}
      }
    }
    return new Named(StreamKind.OTHER, "private data");
  }

  private static @Nullable Named registered(String registration) {
    return switch (registration) {
      case OPUS_REGISTRATION -> new Named(StreamKind.OPUS, "Opus");
      case "HEVC" -> new Named(StreamKind.HEVC, "HEVC");
      case "AC-3" -> unsupported("AC-3");
      case "EAC3" -> unsupported("E-AC-3");
      case "AC-4" -> unsupported("AC-4");
      case "AV01" -> unsupported("AV1 in MPEG-TS");
      case "VP09" -> unsupported("VP9 in MPEG-TS");
      case "BSSD" -> unsupported("SMPTE 302M audio");
      case "DTS1", "DTS2", "DTS3" -> unsupported("DTS");
      case "VC-1" -> unsupported("VC-1");
      case "drac" -> unsupported("Dirac");
      default -> null;
    };
  }

  /**
   * ID3 says so in a metadata descriptor (ISO/IEC 13818-1 §2.6.60, metadata_format_identifier; or
   * the application format's) or in a registration.
   */
  private static Named metadata(List<Descriptor> descriptors) {
    boolean id3 = ID3_REGISTRATION.equals(Descriptor.registration(descriptors));
    Descriptor metadata = Descriptor.find(descriptors, Descriptor.METADATA);
    if (metadata != null) {
      id3 |= metadata.text(0, metadata.body().length).contains(ID3_REGISTRATION);
    }
    return id3
        ? new Named(StreamKind.TIMED_ID3, "timed ID3")
        : new Named(StreamKind.OTHER, "metadata");
  }

  /** A metadata_descriptor of timed ID3 as the application format's specification writes it. */
  static Descriptor id3Descriptor() {
    byte[] body = {
      (byte) 0xFF, (byte) 0xFF, 'I', 'D', '3', ' ', (byte) 0xFF, 'I', 'D', '3', ' ', 0, 0x0F
    };
    return new Descriptor(Descriptor.METADATA, body);
  }

  private static int opusChannelConfiguration(List<Descriptor> descriptors) {
    for (Descriptor descriptor : descriptors) {
      byte[] body = descriptor.body();
      if (descriptor.tag() == Descriptor.DVB_EXTENSION
          && body.length >= 2
          && (body[0] & 0xFF) == OPUS_EXTENSION) {
        return body[1] & 0xFF;
      }
    }
    return 2;
  }

  private static Named unsupported(String name) {
    return new Named(StreamKind.UNSUPPORTED, name);
  }
}
