package io.millrace.media.nal;

import io.millrace.media.Hdr;
import io.millrace.media.MediaFormatException;
import io.millrace.media.bits.BitReader;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What SEI messages say about how a picture is to be shown. H.264 and HEVC number and write them
 * alike: display orientation (ITU-T H.264 §D.1.27, H.265 §D.2.17), mastering display colour volume
 * (H.265 §D.2.28) and content light level (H.265 §D.2.35). Not thread-safe.
 */
public final class DisplaySei {
  private static final int DISPLAY_ORIENTATION = 47;
  private static final int MASTERING_DISPLAY_COLOUR_VOLUME = 137;
  private static final int CONTENT_LIGHT_LEVEL = 144;

  private OptionalInt rotation = OptionalInt.empty();
  private Hdr.@Nullable MasteringDisplay display;
  private Hdr.@Nullable ContentLight light;

  /**
   * Takes what one NAL unit says; the last of each message counts.
   *
   * @throws MediaFormatException if a message ends early
   */
  public void read(SeiMessages messages) {
    while (messages.next()) {
      switch (messages.type()) {
        case DISPLAY_ORIENTATION -> rotation = OptionalInt.of(orientation(messages.payload()));
        case MASTERING_DISPLAY_COLOUR_VOLUME -> display = masteringDisplay(messages.payload());
        case CONTENT_LIGHT_LEVEL -> light = contentLight(messages.payload());
        default -> {}
      }
    }
  }

  /**
   * Degrees clockwise to the nearest quarter turn; empty where nothing is said. Mirroring along
   * both axes is half a turn; along one it has no equivalent and is left out.
   */
  public OptionalInt rotation() {
    return rotation;
  }

  /** Null where neither message came. */
  public @Nullable Hdr hdr() {
    return display == null && light == null ? null : new Hdr(display, light);
  }

  private static int orientation(BitReader in) {
    if (in.flag()) { // display_orientation_cancel_flag
      return 0;
    }
    boolean halfTurn = in.bits(2) == 3; // hor_flip and ver_flip
    int anticlockwise = in.bits(16); // in 360/65536 degrees
    int quarters = ((anticlockwise + 0x2000) >> 14) & 3;
    return (360 - 90 * quarters + (halfTurn ? 180 : 0)) % 360;
  }

  /** Primaries come as green, blue, red. */
  private static Hdr.MasteringDisplay masteringDisplay(BitReader in) {
    int greenX = in.bits(16);
    int greenY = in.bits(16);
    int blueX = in.bits(16);
    int blueY = in.bits(16);
    int redX = in.bits(16);
    int redY = in.bits(16);
    int whiteX = in.bits(16);
    int whiteY = in.bits(16);
    long maximum = in.longBits(32);
    long minimum = in.longBits(32);
    return new Hdr.MasteringDisplay(
        redX, redY, greenX, greenY, blueX, blueY, whiteX, whiteY, maximum, minimum);
  }

  private static Hdr.ContentLight contentLight(BitReader in) {
    int maxCll = in.bits(16);
    return new Hdr.ContentLight(maxCll, in.bits(16));
  }
}
