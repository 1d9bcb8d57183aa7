package io.millrace.transport.rtmp;

import io.millrace.media.MediaFormatException;
import io.millrace.transport.rtmp.wire.MessageSink;
import io.millrace.transport.rtmp.wire.MessageType;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Takes a publisher's messages to where they belong: commands to the conversation, media and
 * metadata to the publication, control messages to the link. Confined to the channel's event loop.
 */
final class MessageRouter {
  /** Whose messages they are. */
  interface Host {
    /** What takes media now; null while nothing is published. */
    @Nullable PublicationInput publishing();

    /** When the bytes in hand were read. */
    long nowNs();

    /** The encoder's own name for itself, as sent; empty where it gave none. */
    void encoderNamed(String name);

    /** Tells the peer that its media is not taken, and disconnects it. */
    void refuseMedia(MediaFormatException reason);
  }

  private final RtmpLink link;
  private final PublisherCommands commands;
  private final Host host;

  MessageRouter(RtmpLink link, PublisherCommands commands, Host host) {
    this.link = link;
    this.commands = commands;
    this.host = host;
  }

  /**
   * Takes {@code body}.
   *
   * @param inner takes the messages of an aggregate
   */
  void route(int type, int messageStreamId, long timestampMs, ByteBuf body, MessageSink inner) {
    switch (type) {
      case MessageType.AUDIO, MessageType.VIDEO -> media(type, timestampMs, body);
      default -> {
        try {
          other(type, messageStreamId, timestampMs, body, inner);
        } finally {
          body.release();
        }
      }
    }
  }

  /** Borrows {@code body}. */
  private void other(
      int type, int messageStreamId, long timestampMs, ByteBuf body, MessageSink inner) {
    switch (type) {
      case MessageType.COMMAND_AMF0, MessageType.COMMAND_AMF3 ->
          commands.onCommand(RtmpCommand.read(type, body), messageStreamId);
      case MessageType.DATA_AMF0, MessageType.DATA_AMF3 -> data(type, timestampMs, body);
      case MessageType.AGGREGATE ->
          AggregateMessage.split(messageStreamId, timestampMs, body, inner);
      case MessageType.ACKNOWLEDGEMENT,
          MessageType.USER_CONTROL,
          MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE,
          MessageType.SET_PEER_BANDWIDTH ->
          link.onControl(type, body);
      default -> {} // shared objects, and types that are none of ours
    }
  }

  /** Takes {@code body}. */
  private void media(int type, long timestampMs, ByteBuf body) {
    PublicationInput to = host.publishing();
    if (to == null) {
      body.release(); // late, after an unpublish
      return;
    }
    try {
      to.media(type, timestampMs, host.nowNs(), body);
    } catch (MediaFormatException e) {
      host.refuseMedia(e);
    }
  }

  private void data(int type, long timestampMs, ByteBuf body) {
    PublicationInput to = host.publishing();
    if (to == null) {
      return;
    }
    try {
      host.encoderNamed(to.data(type, timestampMs, body));
    } catch (MediaFormatException e) {
      host.refuseMedia(e);
    }
  }
}
