package io.millrace.packager.hls;

import io.millrace.media.caption.CaptionServices;
import org.jspecify.annotations.Nullable;

/**
 * Captions inside the video as renditions (RFC 8216bis §4.4.6.1, INSTREAM-ID), and what every
 * variant says of them. A player that is told NONE does not look for any.
 *
 * @param known null: whether there are any is not known, and nothing is said
 */
record ClosedCaptions(@Nullable CaptionServices known) {
  private static final String GROUP_ID = "cc";

  /** SERVICE values need it (§8). */
  private static final int VERSION_FOR_SERVICES = 7;

  private CaptionServices services() {
    return known == null ? CaptionServices.NONE : known;
  }

  int version(int otherwise) {
    return services().services().isEmpty() ? otherwise : Math.max(VERSION_FOR_SERVICES, otherwise);
  }

  /** One {@code EXT-X-MEDIA} for each; the first is what a viewer who wants captions gets. */
  void append(StringBuilder out) {
    boolean first = true;
    for (int channel : services().channels()) {
      media(out, "CC" + channel, "CC" + channel, first);
      first = false;
    }
    for (int service : services().services()) {
      media(out, "Service " + service, "SERVICE" + service, first);
      first = false;
    }
  }

  private static void media(StringBuilder out, String name, String instreamId, boolean first) {
    out.append("#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"").append(GROUP_ID);
    out.append("\",NAME=\"").append(name).append("\",DEFAULT=NO");
    out.append(first ? ",AUTOSELECT=YES" : ",AUTOSELECT=NO");
    out.append(",INSTREAM-ID=\"").append(instreamId).append("\"\n");
  }

  /** The attribute of a variant with video. */
  String attribute() {
    if (known == null) {
      return "";
    }
    return known.isEmpty() ? ",CLOSED-CAPTIONS=NONE" : ",CLOSED-CAPTIONS=\"" + GROUP_ID + "\"";
  }
}
