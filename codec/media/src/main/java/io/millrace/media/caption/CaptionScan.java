package io.millrace.media.caption;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which caption services a stream has, from what is in them: the channels of CEA-608 by
 * their control codes (ANSI/CTA-608-E §8.4), the services of CEA-708 by the headers of their blocks
 * (ANSI/CTA-708-E §6.2). What has been seen once stays.
 *
 * <p>Takes captions in decoding order, which with B-frames is not the order they are shown in: a
 * packet of CEA-708 that is torn apart by that is skipped. Not thread-safe.
 */
public final class CaptionScan {
  private static final int FIELD_1 = 0;
  private static final int FIELD_2 = 1;
  private static final int PACKET_DATA = 2;
  private static final int MAX_PACKET_BYTES = 128;

  private final SortedSet<Integer> channels = new TreeSet<>();
  private final SortedSet<Integer> services = new TreeSet<>();
  private final byte[] packet = new byte[MAX_PACKET_BYTES];
  private int packetBytes;
  private CaptionServices found = CaptionServices.NONE;

  /** Takes one picture's captions; true when there is a service that was not known before. */
  public boolean look(byte @Nullable [] triplets) {
    if (triplets == null) {
      return false;
    }
    for (int i = 0; i + CaptionData.TRIPLET_BYTES <= triplets.length; i += 3) {
      if (CaptionData.saysSomething(triplets, i)) {
        construct(triplets[i] & 0x03, triplets[i + 1], triplets[i + 2]);
      }
    }
    if (channels.size() == found.channels().size() && services.size() == found.services().size()) {
      return false;
    }
    found = new CaptionServices(List.copyOf(channels), List.copyOf(services));
    return true;
  }

  /** What has been seen so far. */
  public CaptionServices found() {
    return found;
  }

  private void construct(int type, byte first, byte second) {
    switch (type) {
      case FIELD_1, FIELD_2 -> line21(type, first & 0x7F);
      case PACKET_DATA -> append(first, second);
      default -> { // DTVCC_PACKET_START
        packetBytes = 0;
        append(first, second);
      }
    }
  }

  /** Control codes name their channel by one bit; text goes to the channel named last. */
  private void line21(int field, int code) {
    boolean control = code >= 0x10 && code < 0x20;
    if (control) {
      boolean second = (code & 0x08) != 0;
      channels.add(1 + 2 * field + (second ? 1 : 0));
    }
  }

  private void append(byte first, byte second) {
    if (packetBytes + 2 > MAX_PACKET_BYTES) {
      return;
    }
    packet[packetBytes++] = first;
    packet[packetBytes++] = second;
    int code = packet[0] & 0x3F; // packet_size_code
    int sizeBytes = code == 0 ? MAX_PACKET_BYTES : 2 * code;
    if (packetBytes == sizeBytes) {
      services.addAll(services(sizeBytes));
    }
  }

  /** The services of the blocks in a whole packet; none where the blocks do not fit it. */
  private List<Integer> services(int sizeBytes) {
    List<Integer> named = new ArrayList<>();
    int at = 1;
    while (at < sizeBytes) {
      int service = packet[at] >> 5 & 0x07;
      int blockBytes = packet[at] & 0x1F;
      at++;
      if (service == 7 && blockBytes > 0 && at < sizeBytes) {
        service = packet[at++] & 0x3F; // extended_service_number
      }
      if (service == 0) {
        break; // a null block: the rest is padding
      }
      at += blockBytes;
      if (at > sizeBytes) {
        return List.of();
      }
      if (blockBytes > 0) {
        named.add(service);
      }
    }
    return named;
  }
}
