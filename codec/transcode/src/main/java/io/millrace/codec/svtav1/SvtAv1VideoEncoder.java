package io.millrace.codec.svtav1;

import io.millrace.codec.CodecException;
import io.millrace.codec.EncoderSettings;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.PacketForm;
import io.millrace.codec.Picture;
import io.millrace.codec.VideoEncoder;
import io.millrace.media.TrackFormat;
import io.millrace.natives.svtav1.SvtAv1Encoder;
import io.millrace.natives.svtav1.SvtAv1Encoder.Received;
import io.millrace.natives.svtav1.SvtAv1Exception;
import io.millrace.natives.svtav1.SvtAv1Library;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;

/** SVT-AV1 through its own API, from a library that was found at run time. */
final class SvtAv1VideoEncoder implements VideoEncoder {
  /** No temporal unit of a live rung comes near it. */
  private static final int MAX_UNIT_BYTES = 64 << 20;

  private final SvtAv1Encoder encoder;
  private final NativeAccount account;
  private final String engine;
  private final boolean onePacketPerPicture;
  private final boolean variableRate;
  private final TrackFormat.Video format;
  private ByteBuffer unit = ByteBuffer.allocateDirect(64 << 10);
  private boolean closed;

  SvtAv1VideoEncoder(SvtAv1Library library, EncoderSettings settings, NativeAccount account) {
    this.engine = "SVT-AV1 " + library.version() + " (" + library.name() + ")";
    this.account = account;
    this.onePacketPerPicture =
        SvtAv1Parameters.lowDelay(settings, library.version())
            && SvtAv1Parameters.waitsInLowDelay(library.version());
    this.variableRate = SvtAv1Parameters.variableRate(settings, library.version());
    this.encoder = library.createEncoder(settings.width(), settings.height());
    account.handleOpened();
    try {
      SvtAv1Parameters.all(settings, library.version()).forEach(this::set);
      encoder.start();
      this.format = PacketForm.AV1.format(encoder.sequenceHeader(), settings);
    } catch (SvtAv1Exception e) {
      close();
      throw new CodecException(engine + " refuses " + settings, e);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void set(String name, String value) {
    if (!encoder.set(name, value)) {
      throw new CodecException(engine + " does not know " + name + "=" + value);
    }
  }

  @Override
  public TrackFormat.Video format() {
    return format;
  }

  @Override
  public boolean followsKeyInterval() {
    return variableRate;
  }

  @Override
  public String engine() {
    return engine;
  }

  @Override
  public void encode(Picture picture, long ptsTicks, boolean forceKey, Output output) {
    try {
      encoder.send(
          picture.planeAddress(0),
          picture.planeAddress(1),
          picture.planeAddress(2),
          picture.stride(0),
          picture.stride(1),
          picture.stride(2),
          ptsTicks,
          forceKey,
          0);
      Received received = receive(false, output);
      while (received == Received.PACKET && !onePacketPerPicture) {
        received = receive(false, output);
      }
    } catch (SvtAv1Exception e) {
      throw new CodecException(engine, e);
    }
  }

  @Override
  public void drain(Output output) {
    try {
      encoder.sendEnd();
      boolean last = false;
      while (!last) {
        Received received = receive(true, output);
        last = received != Received.PACKET || encoder.endOfStream();
      }
    } catch (SvtAv1Exception e) {
      throw new CodecException(engine, e);
    }
  }

  private Received receive(boolean allSent, Output output) {
    Received received = encoder.receive(allSent);
    if (received == Received.PACKET) {
      int sizeBytes = encoder.sizeBytes();
      makeRoom(sizeBytes);
      encoder.take(unit, 0);
      ByteBuf payload = PacketForm.AV1.payload(Unpooled.wrappedBuffer(unit.slice(0, sizeBytes)));
      output.packet(payload, encoder.pts(), encoder.pts(), encoder.key());
    }
    return received;
  }

  private void makeRoom(int sizeBytes) {
    if (sizeBytes > MAX_UNIT_BYTES) {
      throw new CodecException(engine + ": temporal unit of " + sizeBytes + " bytes");
    }
    if (sizeBytes > unit.capacity()) {
      unit = ByteBuffer.allocateDirect(Integer.highestOneBit(sizeBytes) * 2);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      encoder.close();
      account.handleClosed();
    }
  }
}
