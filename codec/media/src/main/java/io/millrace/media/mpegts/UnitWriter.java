package io.millrace.media.mpegts;

import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.aac.AdtsHeader;
import io.millrace.media.aac.AudioSpecificConfig;
import io.millrace.media.h264.AvcConfiguration;
import io.millrace.media.h264.NalUnits;
import io.millrace.media.hevc.HevcConfiguration;
import io.millrace.media.opus.OpusConfiguration;
import io.netty.buffer.ByteBuf;
import java.util.List;

/** A track's samples as the payload of PES packets, and its entry in the program map. */
sealed interface UnitWriter {
  /**
   * @throws MediaFormatException unsupported, where MPEG-TS has no place for the codec
   */
  static UnitWriter of(TrackFormat format) {
    return switch (format) {
      case TrackFormat.Video video ->
          switch (video.codec()) {
            case H264 -> new Avc(AvcConfiguration.parse(video.configuration()));
            case HEVC -> new Hevc(HevcConfiguration.parse(video.configuration()));
            case AV1, VP9 -> throw MediaFormatException.unsupported(video.codec() + " in MPEG-TS");
          };
      case TrackFormat.Audio audio ->
          switch (audio.codec()) {
            case AAC -> Aac.of(AudioSpecificConfig.parse(audio.configuration()));
            case MP3 -> new Mp3(audio.sampleRate());
            case OPUS -> new Opus(OpusConfiguration.parse(audio.configuration()).channels());
          };
      case TrackFormat.Text text ->
          throw MediaFormatException.unsupported(text.codecs() + " in MPEG-TS");
    };
  }

  /** stream_type. */
  int streamType();

  /** The stream's descriptors in the program map. */
  default List<Descriptor> descriptors() {
    return List.of();
  }

  /** The stream_id of the PES packets of the track with this index among its kind. */
  int streamId(int index);

  /**
   * Appends the sample; borrows its payload.
   *
   * @throws MediaFormatException malformed, where the payload is not of its format
   */
  void write(Sample sample, ByteBuf out);

  /**
   * H.264 as a byte stream: an access unit delimiter, the parameter sets before a key frame, and
   * the sample's own units without those of either kind.
   */
  record Avc(AvcConfiguration configuration) implements UnitWriter {
    /** primary_pic_type 7: slices of any type. */
    private static final int ANY_SLICES = 0xF0;

    @Override
    public int streamType() {
      return StreamTypes.H264;
    }

    @Override
    public int streamId(int index) {
      return PesHeader.FIRST_VIDEO + (index & 0xF);
    }

    @Override
    public void write(Sample sample, ByteBuf out) {
      out.writeInt(1).writeByte(NalUnits.ACCESS_UNIT_DELIMITER).writeByte(ANY_SLICES);
      if (sample.key()) {
        configuration.sequenceParameterSets().forEach(set -> out.writeInt(1).writeBytes(set));
        configuration.pictureParameterSets().forEach(set -> out.writeInt(1).writeBytes(set));
      }
      ByteBuf payload = sample.payload();
      NalUnits nals = NalUnits.lengthPrefixed(payload, configuration.lengthSize());
      while (nals.next()) {
        boolean written =
            switch (nals.type()) {
              case NalUnits.ACCESS_UNIT_DELIMITER -> true;
              case NalUnits.SPS, NalUnits.PPS -> sample.key();
              default -> false;
            };
        if (!written) {
          out.writeInt(1).writeBytes(payload, nals.offset(), nals.sizeBytes());
        }
      }
    }
  }

  /** HEVC in the same way. */
  record Hevc(HevcConfiguration configuration) implements UnitWriter {
    /** NAL unit header of a delimiter, pic_type 2 for slices of any type, and the stop bit. */
    private static final int ANY_SLICES_DELIMITER = 0x46_01_50;

    @Override
    public int streamType() {
      return StreamTypes.HEVC;
    }

    @Override
    public int streamId(int index) {
      return PesHeader.FIRST_VIDEO + (index & 0xF);
    }

    @Override
    public void write(Sample sample, ByteBuf out) {
      out.writeInt(1).writeMedium(ANY_SLICES_DELIMITER);
      if (sample.key()) {
        configuration.videoParameterSets().forEach(set -> out.writeInt(1).writeBytes(set));
        configuration.sequenceParameterSets().forEach(set -> out.writeInt(1).writeBytes(set));
        configuration.pictureParameterSets().forEach(set -> out.writeInt(1).writeBytes(set));
      }
      ByteBuf payload = sample.payload();
      io.millrace.media.hevc.NalUnits nals =
          io.millrace.media.hevc.NalUnits.lengthPrefixed(payload, configuration.lengthSize());
      while (nals.next()) {
        boolean written =
            switch (nals.type()) {
              case io.millrace.media.hevc.NalUnits.ACCESS_UNIT_DELIMITER -> true;
              case io.millrace.media.hevc.NalUnits.VPS,
                  io.millrace.media.hevc.NalUnits.SPS,
                  io.millrace.media.hevc.NalUnits.PPS ->
                  sample.key();
              default -> false;
            };
        if (!written) {
          out.writeInt(1).writeBytes(payload, nals.offset(), nals.sizeBytes());
        }
      }
    }
  }

  /** AAC with an ADTS header before each raw data block; spectral band replication unannounced. */
  record Aac(AudioSpecificConfig configuration) implements UnitWriter {
    static Aac of(AudioSpecificConfig configuration) {
      boolean expressible =
          configuration.coreSamplesPerFrame() == 1024 && configuration.channelConfiguration() <= 7;
      if (!expressible) {
        throw MediaFormatException.unsupported("ADTS has no code for " + configuration);
      }
      try {
        AdtsHeader.of(configuration, 0);
      } catch (IllegalArgumentException e) {
        throw MediaFormatException.unsupported(String.valueOf(e.getMessage()));
      }
      return new Aac(configuration);
    }

    @Override
    public int streamType() {
      return StreamTypes.AAC_ADTS;
    }

    @Override
    public int streamId(int index) {
      return PesHeader.FIRST_AUDIO + (index & 0x1F);
    }

    @Override
    public void write(Sample sample, ByteBuf out) {
      ByteBuf payload = sample.payload();
      if (payload.readableBytes() > AdtsHeader.MAXIMUM_PAYLOAD_BYTES) {
        throw MediaFormatException.malformed("AAC frame of " + payload.readableBytes() + " bytes");
      }
      AdtsHeader.of(configuration, payload.readableBytes()).write(out);
      out.writeBytes(payload, payload.readerIndex(), payload.readableBytes());
    }
  }

  /** MPEG audio frames as they are. */
  record Mp3(int sampleRate) implements UnitWriter {
    private static final int LOWEST_MPEG1_RATE = 32_000;

    @Override
    public int streamType() {
      return sampleRate < LOWEST_MPEG1_RATE ? StreamTypes.MPEG2_AUDIO : StreamTypes.MPEG1_AUDIO;
    }

    @Override
    public int streamId(int index) {
      return PesHeader.FIRST_AUDIO + (index & 0x1F);
    }

    @Override
    public void write(Sample sample, ByteBuf out) {
      ByteBuf payload = sample.payload();
      out.writeBytes(payload, payload.readerIndex(), payload.readableBytes());
    }
  }

  /** Opus packets behind control headers. */
  record Opus(int channels) implements UnitWriter {
    @Override
    public int streamType() {
      return StreamTypes.PRIVATE_PES;
    }

    @Override
    public List<Descriptor> descriptors() {
      return List.of(
          Descriptor.registration(StreamTypes.OPUS_REGISTRATION),
          new Descriptor(
              Descriptor.DVB_EXTENSION,
              new byte[] {(byte) StreamTypes.OPUS_EXTENSION, (byte) channels}));
    }

    @Override
    public int streamId(int index) {
      return PesHeader.PRIVATE_STREAM_1;
    }

    @Override
    public void write(Sample sample, ByteBuf out) {
      ByteBuf payload = sample.payload();
      OpusFramer.writeControlHeader(out, payload.readableBytes());
      out.writeBytes(payload, payload.readerIndex(), payload.readableBytes());
    }
  }
}
