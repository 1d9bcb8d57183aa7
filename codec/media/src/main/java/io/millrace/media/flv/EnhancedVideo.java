package io.millrace.media.flv;

import io.millrace.media.MediaFormatException;
import io.millrace.media.VideoCodec;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.function.Consumer;

/** Both directions of {@link VideoTag} in the header of Enhanced RTMP v2. */
final class EnhancedVideo {
  private static final int SEQUENCE_START = 0;
  private static final int CODED_FRAMES = 1;
  private static final int SEQUENCE_END = 2;
  private static final int CODED_FRAMES_X = 3;
  private static final int METADATA = 4;
  private static final int MPEG2_TS_SEQUENCE_START = 5;
  private static final int MULTITRACK = 6;
  private static final int ENHANCED = 8;

  private EnhancedVideo() {}

  /** A body whose first bit is set. */
  static void parse(ByteBuf body, Consumer<? super VideoTag> tags) {
    int frameType = body.getUnsignedByte(body.readerIndex()) >> 4 & 7;
    EnhancedMessage message = new EnhancedMessage("video", body);
    if (message.packetType() != METADATA && frameType == VideoTagSyntax.COMMAND_FRAME) {
      tags.accept(new VideoTag.Command(message.unsignedByte()));
      return;
    }
    message.open(MULTITRACK);
    while (message.next()) {
      tags.accept(tag(message, frameType));
    }
  }

  private static VideoTag tag(EnhancedMessage message, int frameType) {
    VideoCodec codec = FourCc.video(message.fourCc());
    int trackId = message.trackId();
    int packetType = message.packetType();
    return switch (packetType) {
      case SEQUENCE_START -> new VideoTag.SequenceStart(codec, trackId, message.configuration());
      case CODED_FRAMES, CODED_FRAMES_X -> {
        if (frameType < VideoTagSyntax.KEY_FRAME
            || frameType > VideoTagSyntax.GENERATED_KEY_FRAME) {
          throw message.malformed("FrameType " + frameType);
        }
        boolean hasOffset = packetType == CODED_FRAMES && reorders(codec);
        int offsetMs = hasOffset ? message.signedMedium() : 0;
        yield new VideoTag.CodedFrames(
            codec,
            trackId,
            frameType == VideoTagSyntax.KEY_FRAME
                || frameType == VideoTagSyntax.GENERATED_KEY_FRAME,
            offsetMs,
            message.timestampOffsetNanos(),
            message.payload());
      }
      case SEQUENCE_END -> {
        message.payload();
        yield new VideoTag.SequenceEnd(codec, trackId);
      }
      case METADATA -> new VideoTag.Metadata(codec, trackId, message.payload());
      case MPEG2_TS_SEQUENCE_START ->
          throw MediaFormatException.unsupported("Enhanced RTMP video MPEG2TSSequenceStart");
      default ->
          throw MediaFormatException.unsupported("Enhanced RTMP video PacketType " + packetType);
    };
  }

  /** True for the codecs whose CodedFrames start with a composition time. */
  private static boolean reorders(VideoCodec codec) {
    return switch (codec) {
      case H264, HEVC -> true;
      case AV1, VP9 -> false;
    };
  }

  static void write(VideoTag tag, ByteBuf out) {
    if (tag instanceof VideoTag.Command command) {
      out.writeByte((ENHANCED | VideoTagSyntax.COMMAND_FRAME) << 4).writeByte(command.code());
      return;
    }
    EnhancedMessage.writeHeader(
        out,
        ENHANCED | frameType(tag),
        packetType(tag),
        nanos(tag),
        MULTITRACK,
        tag.trackId(),
        FourCc.of(codec(tag)));
    writeBody(tag, out);
  }

  static void writeMultitrack(List<? extends VideoTag> tags, ByteBuf out) {
    if (tags.isEmpty() || tags.size() > EnhancedMessage.MAXIMUM_TRACKS) {
      throw new IllegalArgumentException(tags.size() + " tracks in one message");
    }
    VideoTag first = tags.getFirst();
    boolean oneCodec = true;
    for (VideoTag tag : tags) {
      oneCodec &= codec(tag) == codec(first);
      if (frameType(tag) != frameType(first) || nanos(tag) != nanos(first)) {
        throw new IllegalArgumentException("tracks of one message differ in their header");
      }
    }
    int packetType = common(tags);
    EnhancedMessage.writeStart(out, ENHANCED | frameType(first), MULTITRACK, nanos(first));
    int layout = oneCodec ? EnhancedMessage.MANY_TRACKS : EnhancedMessage.MANY_TRACKS_MANY_CODECS;
    out.writeByte(layout << 4 | packetType);
    if (oneCodec) {
      out.writeInt(FourCc.of(codec(first)));
    }
    for (VideoTag tag : tags) {
      EnhancedMessage.checkTrackId(tag.trackId());
      if (!oneCodec) {
        out.writeInt(FourCc.of(codec(tag)));
      }
      int sizeAt = out.writeByte(tag.trackId()).writerIndex();
      out.writeMedium(0);
      writeBody(tag, packetType, out);
      out.setMedium(sizeAt, out.writerIndex() - sizeAt - 3);
    }
  }

  /** The PacketType that all tags can have: CodedFrames where one of them has an offset. */
  private static int common(List<? extends VideoTag> tags) {
    int packetType = packetType(tags.getFirst());
    for (VideoTag tag : tags) {
      int own = packetType(tag);
      if (own != packetType && !(isFrames(own) && isFrames(packetType))) {
        throw new IllegalArgumentException("tracks of one message differ in their kind");
      }
      packetType = own == packetType ? own : CODED_FRAMES;
    }
    return packetType;
  }

  private static boolean isFrames(int packetType) {
    return packetType == CODED_FRAMES || packetType == CODED_FRAMES_X;
  }

  private static void writeBody(VideoTag tag, ByteBuf out) {
    writeBody(tag, packetType(tag), out);
  }

  private static void writeBody(VideoTag tag, int packetType, ByteBuf out) {
    switch (tag) {
      case VideoTag.SequenceStart start -> out.writeBytes(start.configuration());
      case VideoTag.CodedFrames frames -> {
        if (packetType == CODED_FRAMES && reorders(frames.codec())) {
          VideoTagSyntax.writeCompositionOffset(out, frames.compositionOffsetMs());
        }
        writePayload(frames.payload(), out);
      }
      case VideoTag.Metadata metadata -> writePayload(metadata.payload(), out);
      case VideoTag.SequenceEnd _, VideoTag.Command _ -> {}
    }
  }

  private static void writePayload(ByteBuf payload, ByteBuf out) {
    out.writeBytes(payload, payload.readerIndex(), payload.readableBytes());
  }

  private static int packetType(VideoTag tag) {
    return switch (tag) {
      case VideoTag.SequenceStart _ -> SEQUENCE_START;
      case VideoTag.CodedFrames frames ->
          reorders(frames.codec()) && frames.compositionOffsetMs() == 0
              ? CODED_FRAMES_X
              : CODED_FRAMES;
      case VideoTag.SequenceEnd _ -> SEQUENCE_END;
      case VideoTag.Metadata _ -> METADATA;
      case VideoTag.Command _ -> throw new IllegalArgumentException("a command has no track");
    };
  }

  private static int frameType(VideoTag tag) {
    return tag instanceof VideoTag.CodedFrames frames && !frames.key()
        ? VideoTagSyntax.INTER_FRAME
        : VideoTagSyntax.KEY_FRAME;
  }

  private static int nanos(VideoTag tag) {
    return tag instanceof VideoTag.CodedFrames frames ? frames.timestampOffsetNanos() : 0;
  }

  private static VideoCodec codec(VideoTag tag) {
    return switch (tag) {
      case VideoTag.SequenceStart start -> start.codec();
      case VideoTag.CodedFrames frames -> frames.codec();
      case VideoTag.SequenceEnd end -> end.codec();
      case VideoTag.Metadata metadata -> metadata.codec();
      case VideoTag.Command _ -> throw new IllegalArgumentException("a command has no codec");
    };
  }
}
