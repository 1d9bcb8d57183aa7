package io.millrace.transport.rtmp;

import io.millrace.transport.rtmp.amf.AmfLimits;
import io.millrace.transport.rtmp.amf.AmfValue;
import io.millrace.transport.rtmp.wire.MessageType;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Hands one publication's messages to its listener. Confined to the channel's event loop. */
final class PublicationInput {
  private static final Set<String> TIMED = Set.of("onTextData", "onCuePoint", "onAdCue");

  private final RtmpPublicationListener listener;
  private long videoMessages;
  private long audioMessages;
  private long lastMediaNs;
  private boolean ended;

  PublicationInput(RtmpPublicationListener listener, long nowNs) {
    this.listener = listener;
    this.lastMediaNs = nowNs;
  }

  long videoMessages() {
    return videoMessages;
  }

  long audioMessages() {
    return audioMessages;
  }

  /** When the last complete audio or video message came, or the publication began. */
  long lastMediaNs() {
    return lastMediaNs;
  }

  /** Takes {@code body}. Throws what the listener throws. */
  void media(int type, long timestampMs, long nowNs, ByteBuf body) {
    if (!body.isReadable() || ended) {
      body.release(); // an empty message is what some encoders send for "no audio"
      return;
    }
    lastMediaNs = nowNs;
    if (type == MessageType.VIDEO) {
      videoMessages++;
      listener.onVideo(timestampMs, body);
    } else {
      audioMessages++;
      listener.onAudio(timestampMs, body);
    }
  }

  /**
   * Reads {@code @setDataFrame onMetaData {...}} or {@code onMetaData {...}}, and likewise the
   * other messages that a listener knows; the rest is left out. Borrows {@code body}.
   *
   * @return the encoder's own name, empty where it has none
   * @throws io.millrace.transport.rtmp.amf.AmfException when it is no AMF or too much
   */
  String data(int type, long timestampMs, ByteBuf body) {
    int sizeBytes = body.readableBytes();
    List<AmfValue> values = RtmpCommand.readValues(type, body, AmfLimits.DEFAULT);
    int name = !values.isEmpty() && values.getFirst().asText("").equals("@setDataFrame") ? 1 : 0;
    if (ended
        || values.size() < name + 2
        || !(values.get(name + 1).plain() instanceof Map<?, ?> said)) {
      return "";
    }
    @SuppressWarnings("unchecked") // the keys of an AMF object are text
    Map<String, Object> typed = (Map<String, Object>) said;
    String message = values.get(name).asText("");
    if (TIMED.contains(message)) {
      listener.onData(message, timestampMs, typed, sizeBytes);
      return "";
    }
    if (!message.equals("onMetaData")) {
      return "";
    }
    listener.onMetadata(typed);
    return typed.get("encoder") instanceof String encoder ? encoder : "";
  }

  /** Tells the listener of the end, once. */
  void end(EndReason reason) {
    if (!ended) {
      ended = true;
      listener.onEnd(reason);
    }
  }
}
