package io.millrace.transport.rtmp;

import io.millrace.transport.rtmp.amf.AmfValue;
import io.millrace.transport.rtmp.wire.MessageType;
import io.millrace.transport.rtmp.wire.Printable;
import io.millrace.transport.rtmp.wire.RtmpProtocolException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The server's half of the publishing conversation (Adobe RTMP 1.0 §7.2): understands commands,
 * answers the way that OBS, FFmpeg, GStreamer, librtmp and VLC wait for, and tells its {@link Host}
 * what they amount to. Confined to the channel's event loop.
 *
 * <pre>
 *  connect            ► window, bandwidth, chunk size, _result NetConnection.Connect.Success
 *                       with what this server can do beyond RTMP 1.0
 *  releaseStream      ► _result
 *  FCPublish          ► _result                 (onFCPublish follows with the acceptance)
 *  createStream       ► _result, the message stream id
 *  publish            ► [onFCPublish] StreamBegin, onStatus NetStream.Publish.Start or an error
 *  FCUnpublish, closeStream, deleteStream
 *                     ► [onFCUnpublish] onStatus NetStream.Unpublish.Success
 *  _checkbw, getStreamLength ► _result          play ► onStatus NetStream.Play.Failed
 * </pre>
 */
final class PublisherCommands {
  /** What the commands amount to. */
  interface Host {
    /** The peer wants to publish on {@code messageStreamId}. */
    void publishRequested(PublishTarget target, int messageStreamId);

    /** The peer is done with what it publishes, if anything. */
    void unpublishRequested();

    /** Tells the peer an error and disconnects it. */
    void refuse(int messageStreamId, String code, String description);
  }

  private static final int MAX_MESSAGE_STREAMS = 16;
  private static final int SHOWN_LENGTH = 64;

  private final RtmpLink link;
  private final RtmpSettings settings;
  private final Host host;

  private boolean connected;
  private boolean fcPublish;
  private String app = "";
  private String tcUrl = "";
  private String encoder = "";
  private RtmpCapabilities capabilities = RtmpCapabilities.NONE;
  private int messageStreams;

  PublisherCommands(RtmpLink link, RtmpSettings settings, Host host) {
    this.link = link;
    this.settings = settings;
    this.host = host;
  }

  /** What the client calls itself, printable. */
  String encoder() {
    return encoder;
  }

  /** What the client has said that it can do beyond RTMP 1.0. */
  RtmpCapabilities capabilities() {
    return capabilities;
  }

  /**
   * @throws RtmpProtocolException when the command has no place here
   */
  void onCommand(RtmpCommand command, int messageStreamId) {
    if (!connected && !command.name().equals("connect")) {
      throw new RtmpProtocolException(
          "command \"%s\" before connect".formatted(Printable.of(command.name(), SHOWN_LENGTH)));
    }
    switch (command.name()) {
      case "connect" -> connect(command);
      case "releaseStream", "_checkbw" -> result(command, AmfValue.Null.INSTANCE);
      case "FCPublish" -> {
        fcPublish = true;
        result(command, AmfValue.Null.INSTANCE);
      }
      case "createStream" -> createStream(command);
      case "getStreamLength" -> result(command, AmfValue.of(0));
      case "publish" -> publish(command, messageStreamId);
      case "FCUnpublish", "closeStream", "deleteStream" -> host.unpublishRequested();
      case "play", "play2" ->
          host.refuse(
              messageStreamId, "NetStream.Play.Failed", "playback is by HLS and DASH, not by RTMP");
      case "_result", "_error", "onStatus" -> {} // answers to nothing that was asked
      default -> unknown(command);
    }
  }

  private void connect(RtmpCommand command) {
    if (connected) {
      throw new RtmpProtocolException("second connect");
    }
    connected = true;
    Map<String, AmfValue> properties = command.commandObject();
    app = text(properties, "app");
    tcUrl = text(properties, "tcUrl");
    encoder = Printable.of(text(properties, "flashVer"), SHOWN_LENGTH);
    capabilities = RtmpCapabilities.read(properties);
    AmfValue objectEncoding = properties.getOrDefault("objectEncoding", AmfValue.Null.INSTANCE);

    link.windowAcknowledgementSize(settings.windowAckBytes());
    link.setPeerBandwidth(settings.windowAckBytes());
    link.setChunkSize(settings.outChunkBytes());
    Map<String, Object> server = new LinkedHashMap<>();
    server.put("fmsVer", "FMS/3,5,7,7009");
    server.put("capabilities", 31);
    Map<String, Object> information =
        status("status", "NetConnection.Connect.Success", "Connection succeeded.");
    information.put("objectEncoding", objectEncoding.asNumber(0));
    // The specification leaves open which of the two objects says it; clients look in either.
    RtmpCapabilities.MILLRACE.write(server);
    RtmpCapabilities.MILLRACE.write(information);
    command(0, "_result", command.transactionId(), server, information);
  }

  private static String text(Map<String, AmfValue> properties, String name) {
    return properties.getOrDefault(name, AmfValue.Null.INSTANCE).asText("");
  }

  private void createStream(RtmpCommand command) {
    if (++messageStreams > MAX_MESSAGE_STREAMS) {
      throw new RtmpProtocolException("more than " + MAX_MESSAGE_STREAMS + " message streams");
    }
    result(command, AmfValue.of(messageStreams));
  }

  private void publish(RtmpCommand command, int messageStreamId) {
    String name = command.argument(0).asText("");
    PublishTarget target;
    try {
      target = PublishTarget.parse(app, tcUrl, name, settings.maxNameLength());
    } catch (PublishRefusedException e) {
      host.refuse(messageStreamId, e.decision().code(), e.decision().description());
      return;
    }
    host.publishRequested(target, messageStreamId);
  }

  private void unknown(RtmpCommand command) {
    if (command.transactionId() != 0) {
      command(
          0,
          "_error",
          command.transactionId(),
          AmfValue.Null.INSTANCE,
          status("error", "NetConnection.Call.Failed", "Method not found."));
    }
  }

  private void result(RtmpCommand command, AmfValue value) {
    command(0, "_result", command.transactionId(), AmfValue.Null.INSTANCE, value);
  }

  /** Tells the peer that it may send. */
  void published(int messageStreamId, String streamName) {
    String description = streamName + " is now published.";
    if (fcPublish) {
      command(
          0,
          "onFCPublish",
          0,
          AmfValue.Null.INSTANCE,
          status("status", "NetStream.Publish.Start", description));
    }
    link.userControl(RtmpLink.STREAM_BEGIN, messageStreamId);
    onStatus(messageStreamId, "status", "NetStream.Publish.Start", description);
  }

  /** Tells the peer that it is published no longer. */
  void unpublished(int messageStreamId, String description) {
    if (fcPublish) {
      command(
          0,
          "onFCUnpublish",
          0,
          AmfValue.Null.INSTANCE,
          status("status", "NetStream.Unpublish.Success", description));
    }
    onStatus(messageStreamId, "status", "NetStream.Unpublish.Success", description);
  }

  /** Tells the peer what is wrong. */
  void error(int messageStreamId, String code, String description) {
    onStatus(messageStreamId, "error", code, description);
  }

  /** Asks the peer to connect again; {@code tcUrl} may be empty. */
  void reconnectRequest(String tcUrl, String description) {
    Map<String, Object> request =
        status("status", "NetConnection.Connect.ReconnectRequest", description);
    if (!tcUrl.isEmpty()) {
      request.put("tcUrl", tcUrl);
    }
    link.values(
        RtmpLink.COMMAND_CHUNK_STREAM,
        MessageType.COMMAND_AMF0,
        0,
        "onStatus",
        0,
        AmfValue.Null.INSTANCE,
        request);
  }

  private void onStatus(int messageStreamId, String level, String code, String description) {
    link.values(
        RtmpLink.STATUS_CHUNK_STREAM,
        MessageType.COMMAND_AMF0,
        messageStreamId,
        "onStatus",
        0,
        AmfValue.Null.INSTANCE,
        status(level, code, description));
  }

  private void command(int messageStreamId, Object... values) {
    link.values(RtmpLink.COMMAND_CHUNK_STREAM, MessageType.COMMAND_AMF0, messageStreamId, values);
  }

  private static Map<String, Object> status(String level, String code, String description) {
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("level", level);
    status.put("code", code);
    status.put("description", description);
    return status;
  }
}
