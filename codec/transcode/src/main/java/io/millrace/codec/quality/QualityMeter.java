package io.millrace.codec.quality;

import java.io.IOException;
import java.nio.file.Path;

/** Compares pictures with what they were made from. May be called from any thread. */
@FunctionalInterface
public interface QualityMeter {
  /**
   * Compares two YUV4MPEG2 files of one size, picture by picture.
   *
   * @param folder for files of its own; whoever calls deletes it
   * @return VMAF, the mean over all pictures: 0 to 100
   * @throws IOException saying why there is none
   */
  double vmaf(Path reference, Path distorted, Path folder) throws IOException, InterruptedException;
}
