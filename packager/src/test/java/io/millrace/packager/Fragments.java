package io.millrace.packager;

import io.millrace.packager.bmff.Box;
import io.millrace.packager.bmff.BoxReader;
import io.millrace.packager.bmff.ContainerBox;
import io.millrace.packager.bmff.FragmentSample;
import io.millrace.packager.bmff.MediaDataBox;
import io.millrace.packager.bmff.TrackFragmentDecodeTimeBox;
import io.millrace.packager.bmff.TrackFragmentHeaderBox;
import io.millrace.packager.bmff.TrackRunBox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads the samples back out of movie fragments, as a player would. */
public final class Fragments {
  private Fragments() {}

  /** A sample as a player sees it. */
  public record Read(
      long dtsTicks, long ptsTicks, long durationTicks, boolean key, byte[] payload) {
    @Override
    public String toString() {
      return dtsTicks + "/" + ptsTicks + "+" + durationTicks + (key ? " key" : "");
    }
  }

  /** Reads all fragments; checks that data offsets point at the samples. */
  public static List<Read> samples(byte[] bytes) {
    List<Read> samples = new ArrayList<>();
    int offset = 0;
    int moofOffset = -1;
    ContainerBox moof = null;
    for (Box box : BoxReader.read(bytes)) {
      switch (box) {
        case ContainerBox container -> {
          moof = container;
          moofOffset = offset;
        }
        case MediaDataBox data -> {
          TrackRunBox run = find(moof, TrackRunBox.class);
          if (moofOffset + run.dataOffsetBytes() != offset + Box.HEADER_BYTES) {
            throw new AssertionError("data offset " + run.dataOffsetBytes());
          }
          read(moof, run, data.data(), samples);
        }
        default -> {}
      }
      offset += box.sizeBytes();
    }
    return samples;
  }

  private static void read(ContainerBox moof, TrackRunBox run, byte[] data, List<Read> samples) {
    TrackFragmentHeaderBox header = find(moof, TrackFragmentHeaderBox.class);
    long dts = find(moof, TrackFragmentDecodeTimeBox.class).decodeTimeTicks();
    int at = 0;
    for (int i = 0; i < run.samples().size(); i++) {
      FragmentSample sample = run.samples().get(i);
      int fields = run.fields();
      long duration =
          (fields & TrackRunBox.DURATION) != 0
              ? sample.durationTicks()
              : header.sampleDurationTicks();
      int size = (fields & TrackRunBox.SIZE) != 0 ? sample.sizeBytes() : header.sampleSizeBytes();
      boolean own =
          (fields & TrackRunBox.FLAGS) != 0 || (i == 0 && (fields & TrackRunBox.FIRST_FLAGS) != 0);
      int flags = own ? sample.flags() : header.sampleFlags();
      byte[] payload = Arrays.copyOfRange(data, at, at + size);
      long pts = dts + sample.compositionOffsetTicks();
      samples.add(new Read(dts, pts, duration, flags == FragmentSample.KEY_FLAGS, payload));
      dts += duration;
      at += size;
    }
    if (at != data.length) {
      throw new AssertionError(data.length - at + " bytes of mdat belong to no sample");
    }
  }

  private static <T extends Box> T find(ContainerBox container, Class<T> kind) {
    for (Box child : container.children()) {
      if (kind.isInstance(child)) {
        return kind.cast(child);
      }
      if (child instanceof ContainerBox inner) {
        T found = find(inner, kind);
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }
}
