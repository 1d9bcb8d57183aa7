package io.millrace.transport.rtmp;

import io.millrace.transport.rtmp.amf.Amf0Reader;
import io.millrace.transport.rtmp.amf.AmfLimits;
import io.millrace.transport.rtmp.amf.AmfValue;
import io.millrace.transport.rtmp.wire.MessageType;
import io.millrace.transport.rtmp.wire.RtmpProtocolException;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Map;

/**
 * A command message: name, transaction id, command object, arguments (Adobe RTMP 1.0 §7.2).
 *
 * @param arguments what comes behind the transaction id, the command object first
 */
record RtmpCommand(String name, double transactionId, List<AmfValue> arguments) {
  /**
   * Reads a command message of either type. Borrows {@code body}.
   *
   * @throws RtmpProtocolException when it has no name
   * @throws io.millrace.transport.rtmp.amf.AmfException when it is no AMF
   */
  static RtmpCommand read(int messageType, ByteBuf body) {
    List<AmfValue> values = readValues(messageType, body, AmfLimits.COMMAND);
    if (values.isEmpty() || !(values.getFirst() instanceof AmfValue.Str(String name))) {
      throw new RtmpProtocolException("command without a name");
    }
    double transactionId = values.size() > 1 ? values.get(1).asNumber(0) : 0;
    return new RtmpCommand(
        name, transactionId, values.size() > 2 ? values.subList(2, values.size()) : List.of());
  }

  /**
   * The values of a command or data message. One in AMF 3 begins with a zero byte and then is AMF 0
   * that switches to AMF 3 value by value; some senders leave the zero out.
   */
  static List<AmfValue> readValues(int messageType, ByteBuf body, AmfLimits limits) {
    boolean amf3 = messageType == MessageType.COMMAND_AMF3 || messageType == MessageType.DATA_AMF3;
    if (amf3 && body.isReadable() && body.getByte(body.readerIndex()) == 0) {
      body.skipBytes(1);
    }
    return Amf0Reader.readAll(body, limits);
  }

  /** The properties of the command object. */
  Map<String, AmfValue> commandObject() {
    return arguments.isEmpty() ? Map.of() : arguments.getFirst().asProperties();
  }

  /** The {@code index}th argument behind the command object, or null as AMF has it. */
  AmfValue argument(int index) {
    return index + 1 < arguments.size() ? arguments.get(index + 1) : AmfValue.Null.INSTANCE;
  }
}
