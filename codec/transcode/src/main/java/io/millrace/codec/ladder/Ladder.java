package io.millrace.codec.ladder;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An immutable plan of encoded renditions, in the order in which a viewer would want them kept.
 *
 * @param video at most 16 rungs with distinct names
 * @param audio null when audio is none of the transcoder's business
 */
public record Ladder(List<VideoRung> video, @Nullable AudioRung audio) {
  public Ladder {
    video = List.copyOf(video);
    if (video.size() > 16) {
      throw new IllegalArgumentException("more than 16 rungs");
    }
    Set<String> names = new HashSet<>();
    for (VideoRung rung : video) {
      if (!names.add(rung.name())) {
        throw new IllegalArgumentException("two rungs are named " + rung.name());
      }
    }
  }
}
