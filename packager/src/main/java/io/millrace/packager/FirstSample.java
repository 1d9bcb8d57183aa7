package io.millrace.packager;

import io.millrace.media.MediaFormatException;
import io.millrace.packager.bmff.Box;
import io.millrace.packager.bmff.BoxReader;
import io.millrace.packager.bmff.ContainerBox;
import io.millrace.packager.bmff.MediaDataBox;
import io.millrace.packager.bmff.TrackFragmentHeaderBox;
import io.millrace.packager.bmff.TrackRunBox;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Takes the first sample out of a movie fragment (ISO/IEC 14496-12 §8.8). */
final class FirstSample {
  private FirstSample() {}

  /**
   * A copy of the sample.
   *
   * @throws MediaFormatException if there is none
   */
  static byte[] of(byte[] fragment) {
    List<Box> boxes = BoxReader.read(fragment);
    TrackRunBox run = find(boxes, TrackRunBox.class);
    TrackFragmentHeaderBox header = find(boxes, TrackFragmentHeaderBox.class);
    byte[] data = find(boxes, MediaDataBox.class).data();
    Integer common = header.sampleSizeBytes();
    boolean own = (run.fields() & TrackRunBox.SIZE) != 0;
    if (run.samples().isEmpty() || (!own && common == null)) {
      throw MediaFormatException.malformed("movie fragment without a sample");
    }
    int sizeBytes = own || common == null ? run.samples().getFirst().sizeBytes() : common;
    if (sizeBytes > data.length) {
      throw MediaFormatException.malformed("sample runs past the end of its mdat");
    }
    return Arrays.copyOf(data, sizeBytes);
  }

  private static <T extends Box> T find(List<? extends Box> boxes, Class<T> kind) {
    return search(boxes, kind)
        .orElseThrow(() -> MediaFormatException.malformed("no movie fragment"));
  }

  private static <T extends Box> Optional<T> search(List<? extends Box> boxes, Class<T> kind) {
    for (Box box : boxes) {
      Optional<T> found =
          kind.isInstance(box)
              ? Optional.of(kind.cast(box))
              : box instanceof ContainerBox container
                  ? search(container.children(), kind)
                  : Optional.empty();
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }
}
