package io.millrace.transport.rtmp;

import io.millrace.media.MediaFormatException;
import io.millrace.transport.rtmp.amf.AmfException;
import io.millrace.transport.rtmp.wire.ChunkLimits;
import io.millrace.transport.rtmp.wire.ChunkReader;
import io.millrace.transport.rtmp.wire.MessageSink;
import io.millrace.transport.rtmp.wire.MessageType;
import io.millrace.transport.rtmp.wire.Printable;
import io.millrace.transport.rtmp.wire.RtmpProtocolException;
import io.millrace.transport.rtmp.wire.ServerHandshake;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.DecoderException;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One publisher's connection, from its first byte to its summary. Confined to the channel's event
 * loop.
 *
 * <pre>
 *  HANDSHAKE ─► COMMANDS ─► AUTHORIZING ─► PUBLISHING ─► ENDED
 *                  ▲        (not reading)      │
 *                  └──────── unpublish ────────┘        any ─► ENDED
 * </pre>
 *
 * <p>Until a publish is accepted a connection holds at most {@link #MAX_UNAUTHENTICATED_BYTES}:
 * unfinished messages up to {@link #UNAUTHENTICATED_LIMITS}, and what was read while the answer to
 * the publish is awaited.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes, a failed close has closed
final class RtmpServerSession extends ChannelInboundHandlerAdapter
    implements ServerPublication.Owner, PublisherCommands.Host {
  private static final Logger LOG = LoggerFactory.getLogger(RtmpServerSession.class);

  static final int MAX_UNAUTHENTICATED_BYTES = 64 << 10;
  static final ChunkLimits UNAUTHENTICATED_LIMITS = new ChunkLimits(16 << 10, 16 << 10);
  private static final int MAX_UNAUTHENTICATED_MESSAGES = 256;

  /** An error has this long to reach a peer that is still sending; a reset would overtake it. */
  private static final Duration LINGER = Duration.ofSeconds(1);

  private static final int SHOWN_LENGTH = 200;

  private enum Phase {
    HANDSHAKE,
    COMMANDS,
    AUTHORIZING,
    PUBLISHING,
    ENDED
  }

  private final SessionAccount account;
  private final RtmpSettings settings;
  private final RtmpPublishHandler handler;
  private final ConnectionLimiter.Lease lease;
  private final Ticker ticker;

  private final MessageSink sink = this::onMessage;

  private Phase phase = Phase.HANDSHAKE;
  private @Nullable ServerHandshake handshake = new ServerHandshake();
  private long nowNs;
  private int unauthenticatedMessages;
  private boolean authenticated;
  private boolean reading;

  /** What was read and not looked at yet because the answer to a publish is awaited. */
  private final HeldInput held =
      new HeldInput(MAX_UNAUTHENTICATED_BYTES - UNAUTHENTICATED_LIMITS.maxHeldBytes());

  private @Nullable ServerPublication publication;
  private @Nullable PublicationInput input;
  private @Nullable EndReason ended;

  // Set in handlerAdded, before any other event.
  @SuppressWarnings("NullAway.Init")
  private ChannelHandlerContext ctx;

  @SuppressWarnings("NullAway.Init")
  private RtmpLink link;

  @SuppressWarnings("NullAway.Init")
  private ChunkReader reader;

  @SuppressWarnings("NullAway.Init")
  private PublisherCommands commands;

  @SuppressWarnings("NullAway.Init")
  private SessionDeadline deadline;

  RtmpServerSession(
      SessionAccount account,
      RtmpSettings settings,
      RtmpPublishHandler handler,
      ConnectionLimiter.Lease lease,
      Ticker ticker) {
    this.account = account;
    this.settings = settings;
    this.handler = handler;
    this.lease = lease;
    this.ticker = ticker;
    this.nowNs = ticker.nanoTime();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    this.ctx = ctx;
    link = new RtmpLink(ctx);
    reader = new ChunkReader(ctx.alloc(), UNAUTHENTICATED_LIMITS);
    commands = new PublisherCommands(link, settings, this);
    deadline = new SessionDeadline(ctx.executor());
    deadline.set(
        settings.handshakeDeadline(),
        () ->
            end(
                EndReason.Kind.TIMEOUT,
                "no RTMP handshake within " + settings.handshakeDeadline().toMillis() + " ms"));
  }

  /** Memory that this connection holds of the peer's bytes. */
  int heldBytes() {
    return reader.heldBytes() + held.bytes();
  }

  // ---- reading

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    nowNs = ticker.nanoTime();
    if (phase == Phase.ENDED) {
      in.release();
      return;
    }
    account.received(in.readableBytes());
    if (phase == Phase.AUTHORIZING) {
      hold(in, /* first= */ false);
      return;
    }
    read(in);
  }

  /** Takes {@code in}. */
  private void read(ByteBuf in) {
    reading = true;
    try {
      while (in.isReadable() && phase != Phase.ENDED && phase != Phase.AUTHORIZING) {
        if (!readSome(in)) {
          break;
        }
      }
    } catch (RtmpProtocolException | AmfException e) {
      end(EndReason.Kind.PROTOCOL_ERROR, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      failed(e);
    } finally {
      reading = false;
      if (phase == Phase.AUTHORIZING && in.isReadable()) {
        hold(in, /* first= */ true);
      } else {
        in.release();
      }
    }
  }

  /**
   * Takes {@code in}.
   *
   * @param first whether it comes before what is held already
   */
  private void hold(ByteBuf in, boolean first) {
    if (!held.add(in, first)) {
      end(EndReason.Kind.PROTOCOL_ERROR, "sends without waiting for the answer to its publish");
    }
  }

  /** Whether there may be more to read. */
  private boolean readSome(ByteBuf in) {
    if (handshake != null) {
      ByteBuf reply = handshake.read(in);
      if (reply.isReadable()) {
        link.raw(reply);
      }
      if (handshake.isDone()) {
        handshake = null;
        phase = Phase.COMMANDS;
        startAuthDeadline();
      }
      return true;
    }
    int before = in.readableBytes();
    boolean message = reader.readMessage(in, sink);
    link.received(before - in.readableBytes());
    if (!authenticated && link.receivedBytes() > MAX_UNAUTHENTICATED_BYTES) {
      throw new RtmpProtocolException(
          "more than " + MAX_UNAUTHENTICATED_BYTES + " bytes before a publish");
    }
    return message;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (phase != Phase.ENDED) {
      link.acknowledge();
    }
    ctx.flush();
    ctx.fireChannelReadComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    updateAutoRead();
    ctx.fireChannelWritabilityChanged();
  }

  /** Who does not read our answers is not read either; after the end the rest is discarded. */
  private void updateAutoRead() {
    ctx.channel()
        .config()
        .setAutoRead(
            phase == Phase.ENDED || (phase != Phase.AUTHORIZING && ctx.channel().isWritable()));
  }

  // ---- messages

  /** Takes {@code body}. */
  private void onMessage(int type, int messageStreamId, long timestampMs, ByteBuf body) {
    if (!authenticated && ++unauthenticatedMessages > MAX_UNAUTHENTICATED_MESSAGES) {
      body.release();
      throw new RtmpProtocolException(
          "more than " + MAX_UNAUTHENTICATED_MESSAGES + " messages before a publish");
    }
    switch (type) {
      case MessageType.AUDIO, MessageType.VIDEO -> onMedia(type, timestampMs, body);
      default -> {
        try {
          onOther(type, messageStreamId, timestampMs, body);
        } finally {
          body.release();
        }
      }
    }
  }

  /** Borrows {@code body}. */
  private void onOther(int type, int messageStreamId, long timestampMs, ByteBuf body) {
    switch (type) {
      case MessageType.COMMAND_AMF0, MessageType.COMMAND_AMF3 ->
          commands.onCommand(RtmpCommand.read(type, body), messageStreamId);
      case MessageType.DATA_AMF0, MessageType.DATA_AMF3 -> onData(type, body);
      case MessageType.AGGREGATE ->
          AggregateMessage.split(messageStreamId, timestampMs, body, sink);
      case MessageType.ACKNOWLEDGEMENT,
          MessageType.USER_CONTROL,
          MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE,
          MessageType.SET_PEER_BANDWIDTH ->
          link.onControl(type, body);
      default -> {} // shared objects, and types that are none of ours
    }
  }

  /** Takes {@code body}. */
  private void onMedia(int type, long timestampMs, ByteBuf body) {
    PublicationInput to = input;
    if (to == null) {
      body.release(); // late, after an unpublish
      return;
    }
    try {
      to.media(type, timestampMs, nowNs, body);
    } catch (MediaFormatException e) {
      refuseMedia(e);
    }
  }

  private void onData(int type, ByteBuf body) {
    PublicationInput to = input;
    if (to == null) {
      return;
    }
    try {
      account.encoder(Printable.of(to.data(type, body), SHOWN_LENGTH));
    } catch (MediaFormatException e) {
      refuseMedia(e);
    }
  }

  private void refuseMedia(MediaFormatException e) {
    EndReason.Kind kind =
        switch (e.kind()) {
          case MALFORMED -> EndReason.Kind.PROTOCOL_ERROR;
          case UNSUPPORTED -> EndReason.Kind.REJECTED;
        };
    refuseWith(kind, publishedOn(), PublishDecision.REJECTED, messageOf(e));
  }

  private static String messageOf(Exception e) {
    return Printable.of(String.valueOf(e.getMessage()), SHOWN_LENGTH);
  }

  // ---- publishing

  @Override
  public void publishRequested(PublishTarget target, int messageStreamId) {
    if (phase == Phase.PUBLISHING) {
      refuse(
          messageStreamId,
          PublishDecision.BAD_NAME,
          "this connection already publishes " + account.stream());
      return;
    }
    authorize(target, messageStreamId);
  }

  @Override
  public void unpublishRequested() {
    PublicationInput ending = input;
    if (ending == null) {
      return;
    }
    commands.unpublished(publishedOn(), account.stream() + " is now unpublished.");
    phase = Phase.COMMANDS;
    closePublication(ending, EndReason.of(EndReason.Kind.CLEAN, "unpublished"));
    startAuthDeadline();
  }

  @Override
  public void refuse(int messageStreamId, String code, String description) {
    refuseWith(EndReason.Kind.REJECTED, messageStreamId, code, description);
  }

  private void authorize(PublishTarget target, int messageStreamId) {
    phase = Phase.AUTHORIZING;
    PublishRequest request = account.request(target, commands.encoder());
    updateAutoRead();
    CompletionStage<PublishDecision> answer = handler.authorize(request);
    answer.whenComplete(
        (decision, failure) -> {
          EventLoop loop = ctx.channel().eventLoop();
          if (loop.inEventLoop()) {
            decided(request, messageStreamId, decision, failure);
          } else {
            loop.execute(() -> decided(request, messageStreamId, decision, failure));
          }
        });
  }

  private void decided(
      PublishRequest request,
      int messageStreamId,
      @Nullable PublishDecision decision,
      @Nullable Throwable failure) {
    if (phase != Phase.AUTHORIZING) {
      return; // it left, or its time ran out
    }
    try {
      act(decision, failure, request, messageStreamId);
    } catch (RuntimeException e) {
      failed(e);
    }
    if (!reading) {
      readHeld();
      ctx.flush();
    }
  }

  private void act(
      @Nullable PublishDecision decision,
      @Nullable Throwable failure,
      PublishRequest request,
      int messageStreamId) {
    switch (decision) {
      case PublishDecision.Accept() -> {
        try {
          accept(request, messageStreamId);
        } catch (PublishRefusedException e) {
          refuse(messageStreamId, e.decision().code(), e.decision().description());
        }
      }
      case PublishDecision.Reject(String code, String description) ->
          refuse(messageStreamId, code, description);
      case null -> {
        LOG.atWarn()
            .addKeyValue("session", account.sessionId())
            .setCause(failure)
            .log("authorisation failed");
        refuseWith(
            EndReason.Kind.INTERNAL_ERROR,
            messageStreamId,
            PublishDecision.REJECTED,
            "the server could not check the stream key");
      }
    }
  }

  private void accept(PublishRequest request, int messageStreamId) {
    ServerPublication opened =
        new ServerPublication(request, messageStreamId, ctx.channel().eventLoop(), this);
    publication = opened;
    nowNs = ticker.nanoTime();
    PublicationInput accepted = new PublicationInput(handler.opened(opened), nowNs);
    if (ended != null) {
      accepted.end(ended); // the handler has rejected or closed it meanwhile
      return;
    }
    input = accepted;
    authenticated = true;
    lease.authenticated();
    reader.limits(new ChunkLimits(ChunkLimits.MAX_MESSAGE_BYTES, settings.maxBufferedBytes()));
    phase = Phase.PUBLISHING;
    updateAutoRead();
    commands.published(messageStreamId, request.stream().name());
    LOG.atDebug()
        .addKeyValue("session", account.sessionId())
        .addKeyValue("stream", request.stream())
        .log("publish accepted");
    checkIdle();
  }

  private void readHeld() {
    for (ByteBuf in = held.poll(); in != null; in = held.poll()) {
      if (phase == Phase.ENDED) {
        in.release();
      } else {
        read(in);
      }
      if (phase == Phase.AUTHORIZING) {
        return;
      }
    }
  }

  private void closePublication(PublicationInput ending, EndReason reason) {
    input = null;
    publication = null;
    account.addMessages(ending);
    try {
      ending.end(reason);
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("session", account.sessionId())
          .setCause(e)
          .log("listener's end failed");
    }
  }

  private int publishedOn() {
    return publication == null ? 0 : publication.messageStreamId();
  }

  // ---- deadlines

  private void startAuthDeadline() {
    deadline.set(
        settings.authDeadline(),
        () -> {
          if (authenticated) {
            end(EndReason.Kind.CLEAN, "unpublished, and did not publish again");
          } else {
            end(
                EndReason.Kind.TIMEOUT,
                "no accepted publish within " + settings.authDeadline().toMillis() + " ms");
          }
        });
  }

  private void checkIdle() {
    PublicationInput watched = input;
    if (watched == null) {
      return;
    }
    Duration quiet = Duration.ofNanos(ticker.nanoTime() - watched.lastMediaNs());
    Duration left = settings.idleDeadline().minus(quiet);
    if (left.isPositive()) {
      deadline.set(left, this::checkIdle);
      return;
    }
    refuseWith(
        EndReason.Kind.TIMEOUT,
        publishedOn(),
        PublishDecision.REJECTED,
        "no complete audio or video message for %d ms, slow or stalled publisher"
            .formatted(quiet.toMillis()));
  }

  // ---- ending

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (authenticated && input == null) {
      end(EndReason.Kind.CLEAN, "unpublished");
    } else {
      end(EndReason.Kind.DISCONNECTED, "connection closed by the peer");
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof RtmpServer.Shutdown(String reason)) {
      if (publication != null) {
        close(publication, reason);
      } else {
        end(EndReason.Kind.CLOSED_BY_SERVER, reason);
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    switch (cause) {
      case SSLException e -> end(EndReason.Kind.PROTOCOL_ERROR, "TLS: " + messageOf(e));
      case DecoderException e -> end(EndReason.Kind.PROTOCOL_ERROR, "TLS: " + messageOf(e));
      case IOException e -> end(EndReason.Kind.DISCONNECTED, messageOf(e));
      default -> failed(cause);
    }
  }

  private void failed(Throwable cause) {
    if (phase != Phase.ENDED) {
      LOG.atError()
          .addKeyValue("session", account.sessionId())
          .setCause(cause)
          .log("session failed");
      refuseWith(
          EndReason.Kind.INTERNAL_ERROR,
          publishedOn(),
          PublishDecision.REJECTED,
          "internal error in the server");
    }
  }

  /** Tells the peer an error, then ends. */
  private void refuseWith(
      EndReason.Kind kind, int messageStreamId, String code, String description) {
    if (phase == Phase.ENDED) {
      return;
    }
    commands.error(messageStreamId, code, description);
    finish(EndReason.of(kind, description));
    closeAfterLinger();
  }

  /**
   * The peer may be in the middle of a frame: a close with unread input would reset the connection
   * before the peer sees why. What it still sends is read and discarded.
   */
  private void closeAfterLinger() {
    ctx.flush();
    ctx.executor().schedule(() -> ctx.close(), LINGER.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void end(EndReason.Kind kind, String text) {
    if (phase == Phase.ENDED) {
      return;
    }
    finish(EndReason.of(kind, text));
    ctx.flush();
    ctx.close();
  }

  /** Everything that an end entails but the closing of the channel. */
  private void finish(EndReason reason) {
    phase = Phase.ENDED;
    ended = reason;
    deadline.cancel();
    reader.release();
    held.release();
    handshake = null;
    if (input != null) {
      closePublication(input, reason);
    }
    publication = null;
    updateAutoRead();
    if (account.stream() == null) {
      account.encoder(commands.encoder());
    }
    RtmpSessionSummary summary =
        account.close(reason, authenticated, link.sentBytes(), ticker.nanoTime());
    try {
      handler.sessionEnded(summary);
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("session", account.sessionId())
          .setCause(e)
          .log("sessionEnded failed");
    }
  }

  @Override
  public void reject(ServerPublication rejected, String code, String description) {
    if (publication == rejected) {
      refuse(rejected.messageStreamId(), code, description);
    }
  }

  @Override
  public void close(ServerPublication closed, String reason) {
    if (publication == closed) {
      commands.unpublished(closed.messageStreamId(), reason);
      finish(EndReason.of(EndReason.Kind.CLOSED_BY_SERVER, reason));
      closeAfterLinger();
    }
  }

  @Override
  public long bytesReceived() {
    return account.receivedBytes();
  }
}
