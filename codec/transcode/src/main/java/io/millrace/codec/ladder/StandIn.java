package io.millrace.codec.ladder;

import io.millrace.codec.Picture;
import io.millrace.codec.VideoEncoder;
import io.millrace.media.TrackFormat;

/**
 * Software in the place of a device, as the operator allowed; says so wherever engines are named.
 *
 * @param encoder owned
 * @param reason why the device does not encode
 */
record StandIn(VideoEncoder encoder, String reason) implements VideoEncoder {
  @Override
  public TrackFormat.Video format() {
    return encoder.format();
  }

  @Override
  public boolean followsKeyInterval() {
    return encoder.followsKeyInterval();
  }

  @Override
  public String engine() {
    return encoder.engine() + " instead: " + reason;
  }

  @Override
  public void encode(Picture picture, long ptsTicks, boolean forceKey, Output output) {
    encoder.encode(picture, ptsTicks, forceKey, output);
  }

  @Override
  public void drain(Output output) {
    encoder.drain(output);
  }

  @Override
  public void close() {
    encoder.close();
  }
}
