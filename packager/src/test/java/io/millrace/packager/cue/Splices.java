package io.millrace.packager.cue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;

/** Sections of SCTE 35 that tests feed in; their CRC is zero, for nobody behind the wire looks. */
public final class Splices {
  /** SCTE 35 §14.1 and §14.3: a placement opportunity of 307 s, and its end. */
  public static final byte[] OPPORTUNITY_START =
      Base64.getDecoder()
          .decode("/DA0AAAAAAAA///wBQb+cr0AUAAeAhxDVUVJSAAAjn/PAAGlmbAICAAAAAAsoKGKNAIAmsnRfg==");

  public static final byte[] OPPORTUNITY_END =
      Base64.getDecoder()
          .decode("/DAvAAAAAAAA///wBQb+dGKQoAAZAhdDVUVJSAAAjn+fCAgAAAAALKChijUCAKnMZ1g=");

  private Splices() {}

  /** Away from the network at a time of its own, for so many seconds; 0: nobody knows how many. */
  public static byte[] out(int eventId, int seconds) {
    return insert(eventId, 0x80 | 0x40 | (seconds > 0 ? 0x20 : 0), true, seconds);
  }

  /** Away from the network at once. */
  public static byte[] outNow(int eventId) {
    return insert(eventId, 0x80 | 0x40 | 0x10, false, 0);
  }

  /** Back to the network at a time of its own. */
  public static byte[] in(int eventId) {
    return insert(eventId, 0x40, true, 0);
  }

  /** What was announced under the id does not happen. */
  public static byte[] cancel(int eventId) {
    ByteBuffer command = ByteBuffer.allocate(5).putInt(eventId).put((byte) 0xFF);
    return section(0x05, command.array());
  }

  /** A chapter begins, which is no splice. */
  public static byte[] chapter() {
    byte[] section = OPPORTUNITY_START.clone();
    section[section.length - 7] = 0x20; // segmentation_type_id
    return section;
  }

  /** Nothing. */
  public static byte[] nothing() {
    return section(0x00, new byte[0]);
  }

  private static byte[] insert(int eventId, int flags, boolean timed, int seconds) {
    ByteBuffer command = ByteBuffer.allocate(32).putInt(eventId).put((byte) 0x7F);
    command.put((byte) (flags | 0x0F));
    if (timed) {
      command.put((byte) 0xFE).putInt(90_000);
    }
    if (seconds > 0) {
      command.put((byte) 0xFE).putInt(90_000 * seconds);
    }
    command.putShort((short) 1).put((byte) 0).put((byte) 0);
    return section(0x05, Arrays.copyOf(command.array(), command.position()));
  }

  private static byte[] section(int type, byte[] command) {
    ByteBuffer out = ByteBuffer.allocate(14 + command.length + 2 + 4);
    out.put((byte) 0xFC).putShort((short) (0x3000 | out.capacity() - 3)).put((byte) 0);
    out.put(new byte[5]).put((byte) 0xFF); // not encrypted, no adjustment; cw_index
    out.put((byte) 0xFF).put((byte) (0xF0 | command.length >> 8)).put((byte) command.length);
    out.put((byte) type).put(command);
    return out.array();
  }
}
