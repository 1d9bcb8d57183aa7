package io.millrace.media.flv;

import io.millrace.media.AudioCodec;
import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.function.Consumer;

/** Both directions of {@link AudioTag} in the header of Enhanced RTMP v2. */
final class EnhancedAudio {
  private static final int SOUND_FORMAT = 9;
  private static final int SEQUENCE_START = 0;
  private static final int CODED_FRAMES = 1;
  private static final int SEQUENCE_END = 2;
  private static final int MULTICHANNEL_CONFIG = 4;
  private static final int MULTITRACK = 5;
  private static final int ORDER_UNSPECIFIED = 0;
  private static final int ORDER_NATIVE = 1;
  private static final int ORDER_CUSTOM = 2;

  private EnhancedAudio() {}

  /** A body with SoundFormat 9. */
  static void parse(ByteBuf body, Consumer<? super AudioTag> tags) {
    EnhancedMessage message = new EnhancedMessage("audio", body);
    message.open(MULTITRACK);
    while (message.next()) {
      tags.accept(tag(message));
    }
  }

  private static AudioTag tag(EnhancedMessage message) {
    AudioCodec codec = FourCc.audio(message.fourCc());
    int trackId = message.trackId();
    int packetType = message.packetType();
    return switch (packetType) {
      case SEQUENCE_START -> new AudioTag.SequenceStart(codec, trackId, message.configuration());
      case CODED_FRAMES ->
          new AudioTag.CodedFrames(
              codec, trackId, message.timestampOffsetNanos(), message.payload());
      case SEQUENCE_END -> {
        message.payload();
        yield new AudioTag.SequenceEnd(codec, trackId);
      }
      case MULTICHANNEL_CONFIG ->
          new AudioTag.MultichannelConfig(codec, trackId, layout(message, message.payload()));
      default ->
          throw MediaFormatException.unsupported("Enhanced RTMP audio PacketType " + packetType);
    };
  }

  private static ChannelLayout layout(EnhancedMessage message, ByteBuf in) {
    if (in.readableBytes() < 2) {
      throw message.malformed("MultichannelConfig ends early");
    }
    int order = in.readUnsignedByte();
    int channels = in.readUnsignedByte();
    int needed = order == ORDER_NATIVE ? 4 : order == ORDER_CUSTOM ? channels : 0;
    if (in.readableBytes() < needed) {
      throw message.malformed("MultichannelConfig ends early");
    }
    return switch (order) {
      case ORDER_UNSPECIFIED -> new ChannelLayout.Unspecified(channels);
      case ORDER_NATIVE -> new ChannelLayout.Native(channels, in.readInt());
      case ORDER_CUSTOM -> {
        byte[] speakers = new byte[channels];
        in.readBytes(speakers);
        yield new ChannelLayout.Custom(speakers);
      }
      default -> throw MediaFormatException.unsupported("Enhanced RTMP AudioChannelOrder " + order);
    };
  }

  static void write(AudioTag tag, ByteBuf out) {
    EnhancedMessage.writeHeader(
        out,
        SOUND_FORMAT,
        packetType(tag),
        nanos(tag),
        MULTITRACK,
        tag.trackId(),
        FourCc.of(tag.codec()));
    writeBody(tag, out);
  }

  static void writeMultitrack(List<? extends AudioTag> tags, ByteBuf out) {
    if (tags.isEmpty() || tags.size() > EnhancedMessage.MAXIMUM_TRACKS) {
      throw new IllegalArgumentException(tags.size() + " tracks in one message");
    }
    AudioTag first = tags.getFirst();
    boolean oneCodec = true;
    for (AudioTag tag : tags) {
      oneCodec &= tag.codec() == first.codec();
      if (packetType(tag) != packetType(first) || nanos(tag) != nanos(first)) {
        throw new IllegalArgumentException("tracks of one message differ in their header");
      }
    }
    EnhancedMessage.writeStart(out, SOUND_FORMAT, MULTITRACK, nanos(first));
    int layout = oneCodec ? EnhancedMessage.MANY_TRACKS : EnhancedMessage.MANY_TRACKS_MANY_CODECS;
    out.writeByte(layout << 4 | packetType(first));
    if (oneCodec) {
      out.writeInt(FourCc.of(first.codec()));
    }
    for (AudioTag tag : tags) {
      EnhancedMessage.checkTrackId(tag.trackId());
      if (!oneCodec) {
        out.writeInt(FourCc.of(tag.codec()));
      }
      int sizeAt = out.writeByte(tag.trackId()).writerIndex();
      out.writeMedium(0);
      writeBody(tag, out);
      out.setMedium(sizeAt, out.writerIndex() - sizeAt - 3);
    }
  }

  private static void writeBody(AudioTag tag, ByteBuf out) {
    switch (tag) {
      case AudioTag.SequenceStart start -> out.writeBytes(start.configuration());
      case AudioTag.CodedFrames frames -> {
        ByteBuf payload = frames.payload();
        out.writeBytes(payload, payload.readerIndex(), payload.readableBytes());
      }
      case AudioTag.SequenceEnd _ -> {}
      case AudioTag.MultichannelConfig config -> writeLayout(config.layout(), out);
    }
  }

  private static void writeLayout(ChannelLayout layout, ByteBuf out) {
    switch (layout) {
      case ChannelLayout.Unspecified(int channels) ->
          out.writeByte(ORDER_UNSPECIFIED).writeByte(channels);
      case ChannelLayout.Native(int channels, int mask) ->
          out.writeByte(ORDER_NATIVE).writeByte(channels).writeInt(mask);
      case ChannelLayout.Custom(byte[] speakers) ->
          out.writeByte(ORDER_CUSTOM).writeByte(speakers.length).writeBytes(speakers);
    }
  }

  private static int packetType(AudioTag tag) {
    return switch (tag) {
      case AudioTag.SequenceStart _ -> SEQUENCE_START;
      case AudioTag.CodedFrames _ -> CODED_FRAMES;
      case AudioTag.SequenceEnd _ -> SEQUENCE_END;
      case AudioTag.MultichannelConfig _ -> MULTICHANNEL_CONFIG;
    };
  }

  private static int nanos(AudioTag tag) {
    return tag instanceof AudioTag.CodedFrames frames ? frames.timestampOffsetNanos() : 0;
  }
}
