package io.millrace.codec;

import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.media.av1.Av1Configuration;
import io.millrace.media.av1.TemporalUnits;
import io.millrace.media.h264.AnnexB;
import io.millrace.media.h264.AvcConfiguration;
import io.millrace.media.hevc.HevcConfiguration;
import io.millrace.media.vp9.Vp9Configuration;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/** What an encoder's bytes are, and how they become a track's samples. */
public enum PacketForm {
  /** Annex B in, four-byte lengths out; pictures may be reordered. */
  H264 {
    @Override
    TrackFormat.Video fromHeader(byte[] extradata, EncoderSettings settings) {
      return AvcConfiguration.fromAnnexB(Unpooled.wrappedBuffer(extradata), 4).toFormat();
    }

    @Override
    public ByteBuf payload(ByteBuf packet) {
      return AnnexB.toLengthPrefixed(packet, ByteBufAllocator.DEFAULT);
    }

    @Override
    public boolean reorders() {
      return true;
    }
  },

  /**
   * Annex B in, four-byte lengths out, parameter sets in the configuration alone ({@code hvc1}).
   */
  HEVC {
    @Override
    TrackFormat.Video fromHeader(byte[] extradata, EncoderSettings settings) {
      return HevcConfiguration.fromAnnexB(Unpooled.wrappedBuffer(extradata), 4).toFormat();
    }

    @Override
    public ByteBuf payload(ByteBuf packet) {
      return io.millrace.media.hevc.AnnexB.toSample(packet, ByteBufAllocator.DEFAULT);
    }

    @Override
    public boolean reorders() {
      return true;
    }
  },

  /** Frames, or superframes that show one picture; there is no header outside them. */
  VP9 {
    @Override
    TrackFormat.Video fromHeader(byte[] extradata, EncoderSettings settings) {
      Vp9Configuration configuration =
          Vp9Configuration.ofEncoder(
              settings.width(), settings.height(), settings.frameRate(), settings.colour());
      return new TrackFormat.Video(
          VideoCodec.VP9,
          configuration.codecs(),
          configuration.toBytes(),
          settings.width(),
          settings.height(),
          Rational.ONE,
          settings.frameRate(),
          settings.colour(),
          0);
    }

    @Override
    public ByteBuf payload(ByteBuf packet) {
      return ByteBufAllocator.DEFAULT.buffer(packet.readableBytes()).writeBytes(packet);
    }

    @Override
    public boolean reorders() {
      return false;
    }
  },

  /**
   * Temporal units in, the same without delimiters out. A unit shows exactly one picture (AV1
   * §7.5), so units are in presentation order and decode when they are shown.
   */
  AV1 {
    @Override
    TrackFormat.Video fromHeader(byte[] extradata, EncoderSettings settings) {
      return Av1Configuration.of(extradata).toFormat();
    }

    @Override
    public ByteBuf payload(ByteBuf packet) {
      ByteBuf copy = ByteBufAllocator.DEFAULT.buffer(packet.readableBytes()).writeBytes(packet);
      try {
        return TemporalUnits.toSample(copy, ByteBufAllocator.DEFAULT);
      } finally {
        copy.release();
      }
    }

    @Override
    public boolean reorders() {
      return false;
    }
  };

  abstract TrackFormat.Video fromHeader(byte[] extradata, EncoderSettings settings);

  /**
   * The sample payload for a packet.
   *
   * @param packet borrowed, may be native memory that goes away
   * @return a copy that the caller owns
   */
  public abstract ByteBuf payload(ByteBuf packet);

  /** True when decoding order differs from presentation order. */
  public abstract boolean reorders();

  /**
   * The track's format from the encoder's own header. The frame rate is the nominal one: what an
   * encoder writes when it is fed with irregular times counts ticks, not pictures.
   */
  public TrackFormat.Video format(byte[] extradata, EncoderSettings settings) {
    TrackFormat.Video own = fromHeader(extradata, settings);
    Colour in = settings.colour();
    return new TrackFormat.Video(
        own.codec(),
        own.codecs(),
        own.configuration(),
        settings.width(),
        settings.height(),
        Rational.ONE,
        settings.frameRate(),
        new Colour(in.primaries(), in.transfer(), in.matrix(), false),
        0);
  }
}
