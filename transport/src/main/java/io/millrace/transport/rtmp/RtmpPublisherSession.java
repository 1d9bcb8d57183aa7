package io.millrace.transport.rtmp;

import io.millrace.transport.rtmp.amf.AmfException;
import io.millrace.transport.rtmp.amf.AmfValue;
import io.millrace.transport.rtmp.wire.ChunkLimits;
import io.millrace.transport.rtmp.wire.ChunkReader;
import io.millrace.transport.rtmp.wire.ClientHandshake;
import io.millrace.transport.rtmp.wire.MessageType;
import io.millrace.transport.rtmp.wire.Printable;
import io.millrace.transport.rtmp.wire.RtmpProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The connection of one {@link RtmpPublisher}. Confined to the channel's event loop but for the
 * methods that say otherwise.
 *
 * <pre>
 *  handshake ─► connect ─► releaseStream, FCPublish, createStream ─► publish ─► media
 * </pre>
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes, a failed close has closed
final class RtmpPublisherSession extends ChannelInboundHandlerAdapter {
  /** A server has nothing long to say to a publisher. */
  private static final ChunkLimits LIMITS = new ChunkLimits(64 << 10, 128 << 10);

  private static final int CONNECT_TRANSACTION = 1;
  private static final int CREATE_STREAM_TRANSACTION = 4;
  private static final int PUBLISH_TRANSACTION = 5;
  private static final int UNPUBLISH_TRANSACTION = 6;
  private static final int SHOWN_LENGTH = 200;
  private static final int MAX_CAUSES = 8;
  private static final Duration UNPUBLISH_PATIENCE = Duration.ofSeconds(2);

  private final RtmpTarget target;
  private final RtmpPublisherSettings settings;
  private final ClientHandshake handshake = new ClientHandshake();
  private final CompletableFuture<Void> published = new CompletableFuture<>();
  private final CompletableFuture<EndReason> ended = new CompletableFuture<>();
  private final AtomicLong pendingBytes = new AtomicLong();
  private final AtomicReference<@Nullable CompletableFuture<Void>> writable =
      new AtomicReference<>();

  private final CompletableFuture<ReconnectRequest> reconnectRequested = new CompletableFuture<>();

  private volatile RtmpCapabilities serverCapabilities = RtmpCapabilities.NONE;
  private int messageStreamId;
  private boolean unpublishing;
  private @Nullable ScheduledFuture<?> deadline;

  // Set in handlerAdded, before any other event.
  @SuppressWarnings("NullAway.Init")
  private volatile ChannelHandlerContext ctx;

  @SuppressWarnings("NullAway.Init")
  private RtmpLink link;

  @SuppressWarnings("NullAway.Init")
  private ChunkReader reader;

  RtmpPublisherSession(RtmpTarget target, RtmpPublisherSettings settings) {
    this.target = target;
    this.settings = settings;
  }

  /** From any thread. */
  CompletableFuture<Void> published() {
    return published;
  }

  /** From any thread. */
  CompletableFuture<EndReason> ended() {
    return ended;
  }

  /** From any thread. */
  CompletableFuture<ReconnectRequest> reconnectRequested() {
    return reconnectRequested;
  }

  /** From any thread. */
  RtmpCapabilities serverCapabilities() {
    return serverCapabilities;
  }

  /** From any thread, once published. */
  EventLoop eventLoop() {
    return ctx.channel().eventLoop();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    this.ctx = ctx;
    link = new RtmpLink(ctx);
    reader = new ChunkReader(ctx.alloc(), LIMITS);
  }

  // ---- beginning

  /** From any thread. */
  void connectFailed(String reason) {
    fail(EndReason.of(EndReason.Kind.DISCONNECTED, reason), "");
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    deadline =
        ctx.executor()
            .schedule(
                () ->
                    end(
                        EndReason.Kind.TIMEOUT,
                        "not published within " + settings.connectDeadline().toMillis() + " ms"),
                settings.connectDeadline().toNanos(),
                TimeUnit.NANOSECONDS);
    if (!target.secure()) {
      begin();
    }
    ctx.fireChannelActive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent tls) {
      if (tls.isSuccess()) {
        begin();
      } else {
        end(EndReason.Kind.PROTOCOL_ERROR, shown(tlsFailure(tls.cause())));
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  /** The certificate's fault is said by whoever has checked it, some causes deep. */
  private static String tlsFailure(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
      if (cause instanceof CertificateException) {
        return "TLS: the server's certificate is not trusted: " + cause.getMessage();
      }
      cause = cause.getCause();
    }
    return "TLS: " + failure.getMessage();
  }

  private void begin() {
    link.raw(handshake.begin());
    ctx.flush();
  }

  private void connect() {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("app", target.app());
    properties.put("type", "nonprivate");
    properties.put("flashVer", settings.encoder());
    properties.put("tcUrl", target.tcUrl());
    settings.capabilities().write(properties);
    command(0, "connect", CONNECT_TRANSACTION, properties);
  }

  private void createStream() {
    link.setChunkSize(settings.outChunkBytes());
    command(0, "releaseStream", 2, AmfValue.Null.INSTANCE, target.name());
    command(0, "FCPublish", 3, AmfValue.Null.INSTANCE, target.name());
    command(0, "createStream", CREATE_STREAM_TRANSACTION, AmfValue.Null.INSTANCE);
  }

  private void command(int streamId, Object... values) {
    link.values(RtmpLink.COMMAND_CHUNK_STREAM, MessageType.COMMAND_AMF0, streamId, values);
  }

  // ---- reading

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      while (in.isReadable() && !ended.isDone()) {
        if (!handshake.isDone()) {
          ByteBuf reply = handshake.read(in);
          if (reply.isReadable()) {
            link.raw(reply);
          }
          if (handshake.isDone()) {
            connect();
          }
          continue;
        }
        int before = in.readableBytes();
        boolean more = reader.readMessage(in, this::onMessage);
        link.received(before - in.readableBytes());
        if (!more) {
          break;
        }
      }
    } catch (RtmpProtocolException | AmfException e) {
      end(EndReason.Kind.PROTOCOL_ERROR, shown(e.getMessage()));
    } finally {
      in.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (!ended.isDone()) {
      link.acknowledge();
    }
    ctx.flush();
    ctx.fireChannelReadComplete();
  }

  /** Takes {@code body}. */
  private void onMessage(int type, int streamId, long timestampMs, ByteBuf body) {
    try {
      switch (type) {
        case MessageType.COMMAND_AMF0, MessageType.COMMAND_AMF3 ->
            onCommand(RtmpCommand.read(type, body));
        default -> link.onControl(type, body);
      }
    } finally {
      body.release();
    }
  }

  private void onCommand(RtmpCommand command) {
    switch (command.name()) {
      case "_result" -> onResult(command);
      case "_error" -> onError(command);
      case "onStatus" -> onStatus(command.argument(0).asProperties());
      case "close" -> end(EndReason.Kind.CLOSED_BY_SERVER, "closed by the server");
      default -> {} // onFCPublish, onBWDone
    }
  }

  private void onResult(RtmpCommand command) {
    switch ((int) command.transactionId()) {
      case CONNECT_TRANSACTION -> {
        Map<String, AmfValue> said = new LinkedHashMap<>(command.commandObject());
        said.putAll(command.argument(0).asProperties());
        serverCapabilities = RtmpCapabilities.read(said);
        createStream();
      }
      case CREATE_STREAM_TRANSACTION -> {
        messageStreamId = (int) command.argument(0).asNumber(1);
        command(
            messageStreamId,
            "publish",
            PUBLISH_TRANSACTION,
            AmfValue.Null.INSTANCE,
            target.name(),
            "live");
      }
      default -> {} // releaseStream, FCPublish
    }
  }

  private void onError(RtmpCommand command) {
    switch ((int) command.transactionId()) {
      case CONNECT_TRANSACTION, CREATE_STREAM_TRANSACTION, PUBLISH_TRANSACTION ->
          refused(command.argument(0).asProperties());
      default -> {} // servers that do not know releaseStream or FCPublish
    }
  }

  private void onStatus(Map<String, AmfValue> status) {
    String code = text(status, "code");
    String level = text(status, "level");
    if (code.equals("NetStream.Publish.Start")) {
      if (deadline != null) {
        deadline.cancel(false);
      }
      published.complete(null);
    } else if (code.equals("NetConnection.Connect.ReconnectRequest")) {
      reconnectRequested.complete(
          ReconnectRequest.of(target, text(status, "tcUrl"), text(status, "description")));
    } else if (level.equals("error")) {
      refused(status);
    } else if (code.equals("NetStream.Unpublish.Success")) {
      end(
          unpublishing ? EndReason.Kind.CLEAN : EndReason.Kind.CLOSED_BY_SERVER,
          shown(text(status, "description")));
    }
  }

  private void refused(Map<String, AmfValue> status) {
    String code = shown(text(status, "code"));
    String description = shown(text(status, "description"));
    boolean later = published.isDone() && !code.isEmpty();
    fail(
        EndReason.of(EndReason.Kind.REJECTED, later ? code + ": " + description : description),
        code);
  }

  private static String text(Map<String, AmfValue> status, String name) {
    return status.getOrDefault(name, AmfValue.Null.INSTANCE).asText("");
  }

  private static String shown(@Nullable String text) {
    return Printable.of(String.valueOf(text), SHOWN_LENGTH);
  }

  // ---- sending

  /** Takes {@code body}. From any thread. */
  boolean send(int chunkStreamId, int type, long timestampMs, ByteBuf body) {
    int bytes = body.readableBytes();
    if (ended.isDone()
        || !published.isDone()
        || pendingBytes.get() + bytes > settings.maxPendingBytes()) {
      body.release();
      return false;
    }
    pendingBytes.addAndGet(bytes);
    onLoop(
        () -> {
          if (ended.isDone() || unpublishing) {
            body.release();
            sent(bytes);
            return;
          }
          link.message(chunkStreamId, type, messageStreamId, timestampMs & 0xFFFF_FFFFL, body);
          // Completes behind the message's own buffers.
          ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> sent(bytes));
        });
    return true;
  }

  /** From any thread. */
  boolean sendMetadata(Map<String, Object> metadata) {
    if (ended.isDone() || !published.isDone()) {
      return false;
    }
    onLoop(
        () -> {
          if (!ended.isDone() && !unpublishing) {
            link.values(
                RtmpLink.AUDIO_CHUNK_STREAM,
                MessageType.DATA_AMF0,
                messageStreamId,
                "@setDataFrame",
                "onMetaData",
                new AmfValue.EcmaArray(AmfValue.fromPlain(metadata).asProperties()));
            ctx.flush();
          }
        });
    return true;
  }

  /** From any thread. */
  long pendingBytes() {
    return pendingBytes.get();
  }

  /** From any thread. */
  CompletableFuture<Void> whenWritable() {
    if (isWritable()) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> mine = new CompletableFuture<>();
    CompletableFuture<Void> waiting =
        writable.updateAndGet(current -> current == null ? mine : current);
    wakeIfWritable(); // it may have become so in between
    return waiting == null ? mine : waiting;
  }

  private boolean isWritable() {
    return ended.isDone() || pendingBytes.get() < settings.maxPendingBytes() / 4;
  }

  private void sent(int bytes) {
    pendingBytes.addAndGet(-bytes);
    wakeIfWritable();
  }

  private void wakeIfWritable() {
    if (isWritable()) {
      CompletableFuture<Void> waiting = writable.getAndSet(null);
      if (waiting != null) {
        waiting.complete(null);
      }
    }
  }

  private void onLoop(Runnable action) {
    EventLoop loop = eventLoop();
    if (loop.inEventLoop()) {
      action.run();
    } else {
      loop.execute(action);
    }
  }

  // ---- ending

  /** From any thread. */
  void unpublish() {
    onLoop(
        () -> {
          if (ended.isDone() || unpublishing) {
            return;
          }
          unpublishing = true;
          command(0, "FCUnpublish", UNPUBLISH_TRANSACTION, AmfValue.Null.INSTANCE, target.name());
          command(0, "deleteStream", 0, AmfValue.Null.INSTANCE, messageStreamId);
          // Closes when the server has answered. A close with its answer unread would reset the
          // connection, and the server would lose what it has not read yet.
          ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> closeAfterPatience());
        });
  }

  private void closeAfterPatience() {
    ctx.executor()
        .schedule(
            () -> end(EndReason.Kind.CLEAN, "unpublished"),
            UNPUBLISH_PATIENCE.toNanos(),
            TimeUnit.NANOSECONDS);
  }

  /** From any thread. */
  void abort() {
    onLoop(() -> end(EndReason.Kind.DISCONNECTED, "aborted"));
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (unpublishing) {
      end(EndReason.Kind.CLEAN, "unpublished");
    } else {
      end(EndReason.Kind.DISCONNECTED, "connection closed by the server");
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!unpublishing) {
      end(EndReason.Kind.DISCONNECTED, shown(cause.getMessage()));
    }
  }

  private void end(EndReason.Kind kind, String text) {
    fail(EndReason.of(kind, text), "");
  }

  private void fail(EndReason reason, String code) {
    if (!ended.complete(reason)) {
      return;
    }
    published.completeExceptionally(new RtmpPublishException(reason, code));
    wakeIfWritable();
    ChannelHandlerContext open = ctx;
    if (open != null) {
      reader.release();
      if (deadline != null) {
        deadline.cancel(false);
      }
      open.close();
    }
  }
}
