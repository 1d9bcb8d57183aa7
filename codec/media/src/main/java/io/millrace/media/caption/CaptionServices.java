package io.millrace.media.caption;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which captions a stream carries. Immutable.
 *
 * @param channels of CEA-608: 1 for CC1 to 4 for CC4, in order
 * @param services of CEA-708: 1 to 63, in order
 */
public record CaptionServices(List<Integer> channels, List<Integer> services) {
  public static final CaptionServices NONE = new CaptionServices(List.of(), List.of());

  /**
   * @throws IllegalArgumentException for a number out of range
   */
  public CaptionServices {
    channels = ordered(channels, 4);
    services = ordered(services, 63);
  }

  private static List<Integer> ordered(List<Integer> numbers, int last) {
    SortedSet<Integer> sorted = new TreeSet<>(numbers);
    if (!sorted.isEmpty() && (sorted.first() < 1 || sorted.last() > last)) {
      throw new IllegalArgumentException("no such caption service in " + numbers);
    }
    return List.copyOf(sorted);
  }

  public boolean isEmpty() {
    return channels.isEmpty() && services.isEmpty();
  }

  @Override
  public String toString() {
    return channels.stream().map(channel -> "CC" + channel).collect(Collectors.joining(" "))
        + services.stream().map(service -> " SERVICE" + service).collect(Collectors.joining());
  }
}
