package io.millrace.transport.rtmp;

import io.millrace.media.MediaFormatException;
import io.millrace.transport.PublisherLimiter;
import io.millrace.transport.rtmp.PublishAuthorization.Answer.Decided;
import io.millrace.transport.rtmp.PublishAuthorization.Answer.Failed;
import io.millrace.transport.rtmp.amf.AmfException;
import io.millrace.transport.rtmp.wire.Printable;
import io.millrace.transport.rtmp.wire.RtmpProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One publisher's connection, from its first byte to its summary: what it is allowed to do when,
 * and how it ends. {@link SessionInput} has its bytes, {@link MessageRouter} knows where messages
 * go, {@link PublisherCommands} holds the conversation, {@link PublicationInput} the media.
 * Confined to the channel's event loop.
 *
 * <pre>
 *  HANDSHAKE ─► COMMANDS ─► AUTHORIZING ─► PUBLISHING ─► ENDED
 *                  ▲        (not reading)      │
 *                  └──────── unpublish ────────┘        any ─► ENDED
 * </pre>
 *
 * <p>A draining connection is asked to come back elsewhere where it has said that it can, goes on
 * publishing until it leaves or is closed, and may not begin another publication.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes, a failed close has closed
final class RtmpServerSession extends ChannelInboundHandlerAdapter
    implements ServerPublication.Owner,
        PublisherCommands.Host,
        SessionInput.Host,
        MessageRouter.Host {
  private static final Logger LOG = LoggerFactory.getLogger(RtmpServerSession.class);

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
  private final PublisherLimiter.Lease lease;
  private final Ticker ticker;

  private Phase phase = Phase.HANDSHAKE;
  private long nowNs;
  private boolean authenticated;
  private boolean draining;
  private @Nullable ServerPublication publication;
  private @Nullable PublicationInput input;
  private @Nullable EndReason ended;

  // Set in handlerAdded, before any other event.
  @SuppressWarnings("NullAway.Init")
  private ChannelHandlerContext ctx;

  @SuppressWarnings("NullAway.Init")
  private RtmpLink link;

  @SuppressWarnings("NullAway.Init")
  private SessionInput bytes;

  @SuppressWarnings("NullAway.Init")
  private PublisherCommands commands;

  @SuppressWarnings("NullAway.Init")
  private MessageRouter router;

  @SuppressWarnings("NullAway.Init")
  private SessionDeadline deadline;

  RtmpServerSession(
      SessionAccount account,
      RtmpSettings settings,
      RtmpPublishHandler handler,
      PublisherLimiter.Lease lease,
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
    bytes = new SessionInput(ctx.alloc(), link, this);
    commands = new PublisherCommands(link, settings, this);
    router = new MessageRouter(link, commands, this);
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
    return bytes.heldBytes();
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
    bytes.read(in);
  }

  @Override
  public void handshakeDone() {
    phase = Phase.COMMANDS;
    startAuthDeadline();
  }

  @Override
  public boolean paused() {
    return phase == Phase.AUTHORIZING;
  }

  @Override
  public boolean over() {
    return phase == Phase.ENDED;
  }

  @Override
  public void unreadable(RuntimeException cause) {
    switch (cause) {
      case RtmpProtocolException e -> brokenProtocol(e);
      case AmfException e -> brokenProtocol(e);
      default -> failed(cause);
    }
  }

  private void brokenProtocol(RuntimeException e) {
    end(EndReason.Kind.PROTOCOL_ERROR, String.valueOf(e.getMessage()));
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

  @Override
  public void message(int type, int messageStreamId, long timestampMs, ByteBuf body) {
    router.route(type, messageStreamId, timestampMs, body, bytes.sink());
  }

  @Override
  public @Nullable PublicationInput publishing() {
    return input;
  }

  @Override
  public long nowNs() {
    return nowNs;
  }

  @Override
  public void encoderNamed(String name) {
    account.encoder(Printable.of(name, SHOWN_LENGTH));
  }

  @Override
  public void refuseMedia(MediaFormatException e) {
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
    if (draining) {
      refuse(messageStreamId, PublishDecision.REJECTED, "the server takes no more publishers");
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
    PublishAuthorization.ask(
        handler, request, messageStreamId, ctx.channel().eventLoop(), this::decided);
  }

  private void decided(
      PublishRequest request, int messageStreamId, PublishAuthorization.Answer answer) {
    if (phase != Phase.AUTHORIZING) {
      return; // it left, or its time ran out
    }
    try {
      switch (answer) {
        case Decided(PublishDecision.Accept _) -> accept(request, messageStreamId);
        case Decided(PublishDecision.Reject(String code, String description)) ->
            refuse(messageStreamId, code, description);
        case Failed _ ->
            refuseWith(
                EndReason.Kind.INTERNAL_ERROR,
                messageStreamId,
                PublishDecision.REJECTED,
                "the server could not check the stream key");
      }
    } catch (PublishRefusedException e) {
      refuse(messageStreamId, e.decision().code(), e.decision().description());
    } catch (RuntimeException e) {
      failed(e);
    }
    bytes.resume();
    ctx.flush();
  }

  private void accept(PublishRequest request, int messageStreamId) {
    ServerPublication opened =
        new ServerPublication(
            request, commands.capabilities(), messageStreamId, ctx.channel().eventLoop(), this);
    publication = opened;
    nowNs = ticker.nanoTime();
    PublicationInput accepted = new PublicationInput(handler.opened(opened), nowNs);
    if (ended != null) {
      accepted.end(ended); // the handler has rejected or closed it meanwhile
      return;
    }
    input = accepted;
    authenticated = true;
    lease.decided();
    bytes.authenticated(settings.maxBufferedBytes());
    phase = Phase.PUBLISHING;
    updateAutoRead();
    commands.published(messageStreamId, request.stream().name());
    LOG.atDebug()
        .addKeyValue("session", account.sessionId())
        .addKeyValue("stream", request.stream())
        .log("publish accepted");
    checkIdle();
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
    switch (event) {
      case RtmpServer.Shutdown(String reason) -> shutdown(reason);
      case RtmpServer.Drain(String tcUrl, String description) -> drain(tcUrl, description);
      default -> {}
    }
    ctx.fireUserEventTriggered(event);
  }

  private void shutdown(String reason) {
    if (publication != null) {
      close(publication, reason);
    } else {
      end(EndReason.Kind.CLOSED_BY_SERVER, reason);
    }
  }

  private void drain(String tcUrl, String description) {
    draining = true;
    if (publication != null) {
      requestReconnect(publication, tcUrl, description);
    } else {
      end(EndReason.Kind.CLOSED_BY_SERVER, description);
    }
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
    bytes.release();
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
  public void requestReconnect(ServerPublication asked, String tcUrl, String description) {
    if (publication == asked && asked.capabilities().reconnect()) {
      commands.reconnectRequest(tcUrl, description);
      ctx.flush();
      LOG.atInfo()
          .addKeyValue("session", account.sessionId())
          .addKeyValue("stream", account.stream())
          .addKeyValue("reason", description)
          .log("publisher asked to reconnect");
    }
  }

  @Override
  public long bytesReceived() {
    return account.receivedBytes();
  }
}
