package io.millrace.packager.segment;

import io.millrace.media.TrackFormat;
import io.millrace.packager.bmff.AudioSampleEntry;
import io.millrace.packager.bmff.Box;
import io.millrace.packager.bmff.BoxReader;
import io.millrace.packager.bmff.ProtectionSystemBox;
import io.millrace.packager.bmff.VisualSampleEntry;
import io.millrace.packager.crypt.ContentKey;
import io.millrace.packager.crypt.DrmSystem;
import io.millrace.packager.crypt.Scheme;
import io.millrace.packager.crypt.TrackProtection;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an init segment says of encryption (ISO/IEC 23001-7 §4): a sample entry of type {@code encv}
 * or {@code enca} with the scheme in it, and {@code pssh} for DRM systems.
 *
 * @param key null where samples are clear
 */
record Lock(Scheme scheme, @Nullable ContentKey key) {
  static final Lock NONE = new Lock(Scheme.CENC, null);

  Box entry(Box clear, TrackFormat format) {
    ContentKey current = key;
    if (current == null) {
      return clear;
    }
    Box protection = TrackProtection.protectionScheme(scheme, current, format, clear.type());
    return switch (clear) {
      case VisualSampleEntry video ->
          new VisualSampleEntry(
              "encv",
              video.widthPixels(),
              video.heightPixels(),
              with(video.children(), protection));
      case AudioSampleEntry audio ->
          new AudioSampleEntry(
              "enca", audio.channels(), audio.sampleRate(), with(audio.children(), protection));
      default -> throw new IllegalArgumentException("no sample entry: " + clear.type());
    };
  }

  private static List<Box> with(List<Box> children, Box last) {
    List<Box> all = new ArrayList<>(children);
    all.add(last);
    return all;
  }

  /**
   * The W3C's common format first, which every player understands; then those of the key server.
   */
  List<Box> systems() {
    ContentKey current = key;
    if (current == null) {
      return List.of();
    }
    List<Box> boxes = new ArrayList<>();
    boxes.add(ProtectionSystemBox.common(current.kid()));
    for (DrmSystem system : current.systems()) {
      if (!system.id().equals(ProtectionSystemBox.COMMON) && system.pssh().length > 0) {
        boxes.addAll(BoxReader.read(system.pssh()));
      }
    }
    return boxes;
  }
}
