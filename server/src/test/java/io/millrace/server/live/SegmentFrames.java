package io.millrace.server.live;

import io.millrace.packager.MediaObject;
import io.millrace.packager.bmff.Box;
import io.millrace.packager.bmff.BoxReader;
import io.millrace.packager.bmff.ContainerBox;
import io.millrace.packager.bmff.MediaDataBox;
import io.millrace.packager.bmff.TrackFragmentDecodeTimeBox;
import io.millrace.packager.bmff.TrackFragmentHeaderBox;
import io.millrace.packager.bmff.TrackRunBox;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What {@link SimulatedPublisher}s have sent, as it lies in a media segment. */
final class SegmentFrames {
  private SegmentFrames() {}

  /**
   * @param publisher {@link SimulatedPublisher#number}
   * @param capturedUs on the simulation's clock
   * @param ptsTicks since the stream's epoch, in the track's timescale
   */
  record Frame(int publisher, int frame, long capturedUs, long ptsTicks) {}

  private static final int FRAME_BYTES = 16;

  /** In decoding order. */
  static List<Frame> read(MediaObject segment) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    segment.parts().forEach(bytes::writeBytes);
    List<Frame> frames = new ArrayList<>();
    ContainerBox fragment = null;
    for (Box box : BoxReader.read(bytes.toByteArray())) {
      if (box instanceof ContainerBox container) {
        fragment = container;
      } else if (box instanceof MediaDataBox data) {
        read(fragment, ByteBuffer.wrap(data.data()), frames);
      }
    }
    return frames;
  }

  private static void read(ContainerBox fragment, ByteBuffer data, List<Frame> into) {
    ContainerBox track = child(fragment, ContainerBox.class);
    long dts = child(track, TrackFragmentDecodeTimeBox.class).decodeTimeTicks();
    TrackFragmentHeaderBox header = child(track, TrackFragmentHeaderBox.class);
    Integer duration = header.sampleDurationTicks();
    Integer size = header.sampleSizeBytes();
    TrackRunBox run = child(track, TrackRunBox.class);
    boolean durations = (run.fields() & TrackRunBox.DURATION) != 0;
    for (var sample : run.samples()) {
      long pts = dts + sample.compositionOffsetTicks();
      int bytes = size == null ? sample.sizeBytes() : size;
      if (bytes == FRAME_BYTES) {
        into.add(new Frame(data.getInt(), data.getInt(), data.getLong(), pts));
      } else {
        data.position(data.position() + bytes); // silence that closes a hole
      }
      dts += durations || duration == null ? sample.durationTicks() : duration;
    }
    if (data.hasRemaining()) {
      throw new AssertionError(data.remaining() + " bytes of mdat belong to no sample");
    }
  }

  private static <T extends Box> T child(ContainerBox container, Class<T> kind) {
    return container.children().stream()
        .filter(kind::isInstance)
        .map(kind::cast)
        .findFirst()
        .orElseThrow();
  }
}
