package io.millrace.packager;

import io.millrace.media.TrackFormat;
import io.millrace.packager.RenditionInfo.Kind;
import io.millrace.packager.dvr.FileRange;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Segment;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The first pictures of a video rendition's segments, for whoever wants to show stills of the
 * stream. Immutable.
 *
 * @param instance of the presentation, as in its media's names
 * @param pictures in order, at least one
 */
public record KeyPictures(String instance, List<Picture> pictures) {
  /**
   * A picture that can be decoded by itself.
   *
   * @param startUs since the stream's epoch
   * @param media what it is taken from
   */
  public record Picture(TrackFormat.Video format, long startUs, Media media) {
    /**
     * The access unit, a copy; in the form of {@link io.millrace.media.TrackEvent.Sample}. May read
     * the disk.
     *
     * @throws io.millrace.media.MediaFormatException if the segment cannot be read: it has been
     *     encrypted, or this is a bug
     * @throws IOException if its file cannot be read, or has left the window
     */
    public byte[] accessUnit() throws IOException {
      return FirstSample.of(media.bytes());
    }
  }

  /** Where a picture comes from. */
  @FunctionalInterface
  public interface Media {
    /** The segment's first part, or all of it; read-only. */
    byte[] bytes() throws IOException;
  }

  public KeyPictures {
    pictures = List.copyOf(pictures);
  }

  public Picture newest() {
    return pictures.getLast();
  }

  static @Nullable KeyPictures of(String instance, Collection<Rendition> renditions, int widthPx) {
    Rendition chosen = null;
    for (Rendition rendition : renditions) {
      if (width(rendition) > 0 && (chosen == null || isBetter(rendition, chosen, widthPx))) {
        chosen = rendition;
      }
    }
    if (chosen == null) {
      return null;
    }
    List<Picture> pictures = new ArrayList<>();
    for (Interval interval : chosen.window().snapshot().listed()) {
      if (interval instanceof Segment segment
          && segment.init().format() instanceof TrackFormat.Video format) {
        pictures.add(new Picture(format, segment.startUs(), media(chosen, segment)));
      }
    }
    return pictures.isEmpty() ? null : new KeyPictures(instance, pictures);
  }

  private static Media media(Rendition rendition, Segment segment) {
    if (!segment.parts().isEmpty()) {
      byte[] first = segment.parts().getFirst().bytes();
      return () -> first;
    }
    return () -> {
      FileRange range = rendition.range(segment);
      if (range == null) {
        throw new NoSuchFileException("segment " + segment.sequence() + " has left the window");
      }
      return range.read();
    };
  }

  private static boolean isBetter(Rendition one, Rendition other, int widthPx) {
    int width = width(one);
    int otherWidth = width(other);
    return otherWidth < widthPx ? width > otherWidth : width >= widthPx && width < otherWidth;
  }

  /** Of its pictures; 0 where it has none. */
  private static int width(Rendition rendition) {
    boolean shows = rendition.kind() == Kind.VIDEO && rendition.info().segments() > 0;
    return shows && rendition.info().format() instanceof TrackFormat.Video video
        ? video.width()
        : 0;
  }
}
