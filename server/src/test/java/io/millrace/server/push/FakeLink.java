package io.millrace.server.push;

import io.millrace.media.flv.AudioTag;
import io.millrace.media.flv.VideoTag;
import io.millrace.transport.rtmp.EndReason;
import io.millrace.transport.rtmp.RtmpCapabilities;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A server that notes what it is sent, and reads as much of it as it is told to. */
final class FakeLink implements PushLink {
  /** What came: {@code meta}, {@code video 40 key}, {@code video 73}, {@code audio 41}, … */
  final List<String> heard = new ArrayList<>();

  final CompletableFuture<EndReason> ended = new CompletableFuture<>();
  RtmpCapabilities capabilities = RtmpCapabilities.NONE;
  boolean reads = true;
  boolean answersUnpublish = true;
  boolean unpublished;
  boolean aborted;
  long pendingBytes;
  Map<String, Object> metadata = Map.of();

  @Override
  public boolean video(long timestampMs, ByteBuf body) {
    switch (VideoTag.parse(body)) {
      case VideoTag.SequenceStart start -> heard.add("video configuration " + start.codec());
      case VideoTag.CodedFrames frames ->
          heard.add("video " + timestampMs + (frames.key() ? " key" : ""));
      case VideoTag.Metadata _, VideoTag.SequenceEnd _, VideoTag.Command _ -> {}
    }
    return take(body);
  }

  @Override
  public boolean audio(long timestampMs, ByteBuf body) {
    switch (AudioTag.parse(body)) {
      case AudioTag.SequenceStart start -> heard.add("audio configuration " + start.codec());
      case AudioTag.CodedFrames _ -> heard.add("audio " + timestampMs);
      case AudioTag.SequenceEnd _, AudioTag.MultichannelConfig _ -> {}
    }
    return take(body);
  }

  private boolean take(ByteBuf body) {
    pendingBytes += reads ? 0 : body.readableBytes();
    body.release();
    return true;
  }

  @Override
  public boolean metadata(Map<String, Object> said) {
    metadata = said;
    heard.add("meta");
    return true;
  }

  @Override
  public RtmpCapabilities serverCapabilities() {
    return capabilities;
  }

  @Override
  public long pendingBytes() {
    return pendingBytes;
  }

  @Override
  public CompletionStage<EndReason> ended() {
    return ended;
  }

  @Override
  public CompletionStage<EndReason> unpublish() {
    unpublished = true;
    if (answersUnpublish) {
      ended.complete(new EndReason(EndReason.Kind.CLEAN, "unpublished"));
    }
    return ended;
  }

  @Override
  public CompletionStage<EndReason> abort() {
    aborted = true;
    ended.complete(new EndReason(EndReason.Kind.DISCONNECTED, "aborted"));
    return ended;
  }

  /** Reads what has come. */
  void catchUp() {
    reads = true;
    pendingBytes = 0;
  }

  /** Without messages of sound. */
  List<String> pictures() {
    return heard.stream().filter(message -> !message.startsWith("audio")).toList();
  }
}
