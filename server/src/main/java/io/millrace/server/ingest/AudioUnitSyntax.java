package io.millrace.server.ingest;

import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackFormat;
import io.millrace.media.aac.AdtsHeader;
import io.millrace.media.aac.AudioSpecificConfig;
import io.millrace.media.aac.LatmReader;
import io.millrace.media.mp3.Mp3Frame;
import io.millrace.media.mpegts.ElementaryStream;
import io.millrace.media.opus.OpusPackets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** Sound as transport streams have it, made into samples. Follows one stream. */
interface AudioUnitSyntax {
  /** Takes the samples of a unit. */
  interface Sink {
    /**
     * @param format of this sample
     * @param samples PCM samples in it, at the format's rate
     * @param payload owned by the callee
     */
    void block(TrackFormat.Audio format, int samples, ByteBuf payload);
  }

  /**
   * Reads one unit; borrows it.
   *
   * @throws MediaFormatException malformed or unsupported
   */
  void read(ByteBuf unit, ByteBufAllocator allocator, Sink sink);

  /** The syntax of an audio stream. */
  static AudioUnitSyntax of(ElementaryStream stream) {
    return switch (stream.kind()) {
      case AAC_ADTS -> new Adts();
      case AAC_LATM -> new Latm();
      case MPEG_AUDIO -> new Mp3();
      case OPUS -> new Opus(stream.opusChannelConfiguration());
      case H264, HEVC, SCTE35, TIMED_ID3, UNSUPPORTED, OTHER ->
          throw new IllegalArgumentException("no sound: " + stream);
    };
  }

  private static ByteBuf copy(ByteBuf in, int index, int sizeBytes, ByteBufAllocator allocator) {
    return allocator.buffer(sizeBytes, Math.max(1, sizeBytes)).writeBytes(in, index, sizeBytes);
  }

  /** AAC in ADTS. */
  final class Adts implements AudioUnitSyntax {
    private @Nullable AudioSpecificConfig configuration;
    private TrackFormat.@Nullable Audio format;

    @Override
    public void read(ByteBuf unit, ByteBufAllocator allocator, Sink sink) {
      AdtsHeader header = AdtsHeader.parse(unit, unit.readerIndex());
      if (header.frameSizeBytes() != unit.readableBytes() || header.payloadSizeBytes() == 0) {
        throw MediaFormatException.malformed("ADTS frame: its length is not that of its header");
      }
      AudioSpecificConfig found = header.toConfiguration();
      TrackFormat.Audio current = format;
      if (current == null || !found.equals(configuration)) {
        configuration = found;
        current = found.toFormat();
        format = current;
      }
      int at = unit.readerIndex() + header.headerSizeBytes();
      sink.block(
          current, current.samplesPerFrame(), copy(unit, at, header.payloadSizeBytes(), allocator));
    }
  }

  /** AAC in LATM. */
  final class Latm implements AudioUnitSyntax {
    private final LatmReader reader = new LatmReader();
    private @Nullable AudioSpecificConfig configuration;
    private TrackFormat.@Nullable Audio format;

    @Override
    public void read(ByteBuf unit, ByteBufAllocator allocator, Sink sink) {
      reader.read(unit, unit.readerIndex(), (found, block) -> block(found, block, sink));
    }

    private void block(AudioSpecificConfig found, ByteBuf block, Sink sink) {
      TrackFormat.Audio current = format;
      if (current == null || !found.equals(configuration)) {
        configuration = found;
        current = found.toFormat();
        format = current;
      }
      sink.block(current, current.samplesPerFrame(), block);
    }
  }

  /** MPEG audio: layer III is taken, the others are refused by name. */
  final class Mp3 implements AudioUnitSyntax {
    @Override
    public void read(ByteBuf unit, ByteBufAllocator allocator, Sink sink) {
      Mp3Frame frame = Mp3Frame.parse(unit, unit.readerIndex());
      ByteBuf payload = copy(unit, unit.readerIndex(), unit.readableBytes(), allocator);
      sink.block(frame.toFormat(), frame.samplesPerFrame(), payload);
    }
  }

  /** Opus, configured by the stream's channel_config_code. */
  final class Opus implements AudioUnitSyntax {
    private final TrackFormat.@Nullable Audio format;
    private final int channelConfiguration;

    Opus(int channelConfiguration) {
      this.channelConfiguration = channelConfiguration;
      this.format = OpusChannels.format(channelConfiguration);
    }

    @Override
    public void read(ByteBuf unit, ByteBufAllocator allocator, Sink sink) {
      TrackFormat.Audio known = format;
      if (known == null) {
        throw MediaFormatException.unsupported(
            "Opus with channel_config_code " + channelConfiguration);
      }
      int samples = OpusPackets.samples(unit);
      ByteBuf payload = copy(unit, unit.readerIndex(), unit.readableBytes(), allocator);
      sink.block(known, samples, payload);
    }
  }
}
