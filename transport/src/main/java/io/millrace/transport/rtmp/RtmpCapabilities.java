package io.millrace.transport.rtmp;

import io.millrace.transport.rtmp.amf.AmfValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an end of a connection says in {@code connect}, or in its answer, that it can do beyond RTMP
 * 1.0 (Enhanced RTMP v2, "Enhancing NetConnection connect Command"). Immutable.
 *
 * @param fourCcs {@code fourCcList}, the only property of Enhanced RTMP v1: codecs by FourCC, or
 *     {@code "*"} for any
 * @param videoFourCcs {@code videoFourCcInfoMap}: FourCC or {@code "*"} to a sum of {@link
 *     #CAN_DECODE}, {@link #CAN_ENCODE}, {@link #CAN_FORWARD}
 * @param audioFourCcs {@code audioFourCcInfoMap}, likewise
 * @param capsEx sum of {@link #RECONNECT}, {@link #MULTITRACK}, {@link #MOD_EX}, {@link
 *     #TIMESTAMP_NANO_OFFSET}; unknown bits are kept
 */
public record RtmpCapabilities(
    List<String> fourCcs,
    Map<String, Integer> videoFourCcs,
    Map<String, Integer> audioFourCcs,
    int capsEx) {
  public static final int CAN_DECODE = 0x01;
  public static final int CAN_ENCODE = 0x02;
  public static final int CAN_FORWARD = 0x04;

  public static final int RECONNECT = 0x01;
  public static final int MULTITRACK = 0x02;
  public static final int MOD_EX = 0x04;
  public static final int TIMESTAMP_NANO_OFFSET = 0x08;

  /** RTMP 1.0 and nothing else. */
  public static final RtmpCapabilities NONE =
      new RtmpCapabilities(List.of(), Map.of(), Map.of(), 0);

  /** What this implementation takes and sends. */
  public static final RtmpCapabilities MILLRACE =
      new RtmpCapabilities(
          List.of("avc1", "hvc1", "av01", "vp09", "mp4a", "Opus", ".mp3"),
          forwarded("avc1", "hvc1", "av01", "vp09"),
          forwarded("mp4a", "Opus", ".mp3"),
          RECONNECT | MULTITRACK | MOD_EX | TIMESTAMP_NANO_OFFSET);

  private static final String ANY = "*";
  private static final int MAX_FOURCCS = 64;

  public RtmpCapabilities {
    fourCcs = List.copyOf(fourCcs);
    videoFourCcs = Collections.unmodifiableMap(new LinkedHashMap<>(videoFourCcs));
    audioFourCcs = Collections.unmodifiableMap(new LinkedHashMap<>(audioFourCcs));
  }

  private static Map<String, Integer> forwarded(String... fourCcs) {
    Map<String, Integer> map = new LinkedHashMap<>();
    for (String fourCc : fourCcs) {
      map.put(fourCc, CAN_FORWARD);
    }
    return map;
  }

  /** Whether it acts on {@code NetConnection.Connect.ReconnectRequest}. */
  public boolean reconnect() {
    return (capsEx & RECONNECT) != 0;
  }

  /** Whether it understands messages of several tracks. */
  public boolean multitrack() {
    return (capsEx & MULTITRACK) != 0;
  }

  /** Whether it can skip over ModEx packets that it does not know. */
  public boolean modEx() {
    return (capsEx & MOD_EX) != 0;
  }

  /** Whether it acts on nanoseconds added to a message's timestamp. */
  public boolean timestampNanoOffset() {
    return (capsEx & (MOD_EX | TIMESTAMP_NANO_OFFSET)) == (MOD_EX | TIMESTAMP_NANO_OFFSET);
  }

  /** Whether it names the codec, or any, in whatever role. */
  public boolean names(String fourCc) {
    return fourCcs.contains(fourCc)
        || fourCcs.contains(ANY)
        || videoFourCcs.containsKey(fourCc)
        || videoFourCcs.containsKey(ANY)
        || audioFourCcs.containsKey(fourCc)
        || audioFourCcs.containsKey(ANY);
  }

  /**
   * Reads what a command object or its answer says; what is of another type than it should be, or
   * is no FourCC, counts as not said.
   */
  static RtmpCapabilities read(Map<String, AmfValue> properties) {
    List<String> fourCcs = new ArrayList<>();
    if (properties.get("fourCcList") instanceof AmfValue.StrictArray(List<AmfValue> elements)) {
      for (AmfValue element : elements) {
        String fourCc = element.asText("");
        if (isFourCc(fourCc) && fourCcs.size() < MAX_FOURCCS) {
          fourCcs.add(fourCc);
        }
      }
    }
    AmfValue capsEx = properties.getOrDefault("capsEx", AmfValue.Null.INSTANCE);
    return new RtmpCapabilities(
        fourCcs,
        infoMap(properties, "videoFourCcInfoMap"),
        infoMap(properties, "audioFourCcInfoMap"),
        (int) capsEx.asNumber(0));
  }

  private static Map<String, Integer> infoMap(Map<String, AmfValue> properties, String name) {
    Map<String, Integer> map = new LinkedHashMap<>();
    properties
        .getOrDefault(name, AmfValue.Null.INSTANCE)
        .asProperties()
        .forEach(
            (fourCc, flags) -> {
              if (isFourCc(fourCc) && map.size() < MAX_FOURCCS) {
                map.put(fourCc, (int) flags.asNumber(0));
              }
            });
    return map;
  }

  private static boolean isFourCc(String text) {
    return text.equals(ANY)
        || (text.length() == 4 && text.chars().allMatch(c -> c >= ' ' && c <= '~'));
  }

  /** Adds what there is to say to a command object or an answer. */
  void write(Map<String, Object> properties) {
    if (equals(NONE)) {
      return;
    }
    properties.put("fourCcList", fourCcs);
    properties.put("videoFourCcInfoMap", videoFourCcs);
    properties.put("audioFourCcInfoMap", audioFourCcs);
    properties.put("capsEx", capsEx);
  }
}
