package io.millrace.server;

import io.millrace.media.StreamKey;
import io.millrace.server.api.AdminView;
import io.millrace.server.api.LadderEdit;
import io.millrace.server.api.ReloadResult;
import io.millrace.server.api.SessionDetail;
import io.millrace.server.api.StreamDetail;
import io.millrace.server.budget.BudgetService;
import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventSink;
import io.millrace.server.event.EventType;
import io.millrace.server.live.ActiveStream;
import io.millrace.server.live.InputRole;
import io.millrace.server.live.Publisher;
import io.millrace.server.live.StreamRegistry;
import io.millrace.server.live.SubtitlePost;
import io.millrace.server.origin.Viewers;
import io.millrace.server.record.RecordingService;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The live streams and their publishers as an operator sees them. */
final class LiveAdmin implements AdminView {
  private static final Logger LOG = LoggerFactory.getLogger(LiveAdmin.class);

  private final StreamRegistry registry;
  private final Viewers viewers;
  private final RecordingService recordings;
  private final BudgetService budget;
  private final BooleanSupplier ready;
  private final LadderEdit ladders;
  private final EventSink events;
  private final Supplier<CompletionStage<ReloadResult>> reload;

  LiveAdmin(
      StreamRegistry registry,
      Viewers viewers,
      RecordingService recordings,
      BudgetService budget,
      BooleanSupplier ready,
      LadderEdit ladders,
      EventSink events,
      Supplier<CompletionStage<ReloadResult>> reload) {
    this.registry = registry;
    this.viewers = viewers;
    this.recordings = recordings;
    this.budget = budget;
    this.ready = ready;
    this.ladders = ladders;
    this.events = events;
    this.reload = reload;
  }

  @Override
  public boolean ready() {
    return ready.getAsBoolean();
  }

  @Override
  public List<StreamDetail> streams() {
    return registry.all().stream()
        .map(this::detail)
        .sorted(Comparator.comparing(stream -> stream.key().toString()))
        .toList();
  }

  @Override
  public @Nullable StreamDetail stream(StreamKey key) {
    ActiveStream stream = registry.find(key);
    return stream == null ? null : detail(stream);
  }

  @Override
  public List<SessionDetail> sessions() {
    return registry.all().stream()
        .flatMap(stream -> stream.publishers().stream().map(one -> session(stream, one)))
        .sorted(Comparator.comparing(SessionDetail::since))
        .toList();
  }

  @Override
  public boolean disconnect(String sessionId) {
    for (ActiveStream stream : registry.all()) {
      for (Publisher publisher : stream.publishers()) {
        if (publisher.sessionId().equals(sessionId)) {
          events.say(
              LOG,
              EventNote.info(
                      EventType.PUBLISH_ENDED, stream.key(), "an operator disconnects a publisher")
                  .with("session", sessionId)
                  .with("reason", "ended by an operator"));
          publisher.close("ended by an operator");
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public LadderEdit ladders() {
    return ladders;
  }

  @Override
  public CompletionStage<ReloadResult> reload() {
    return reload.get();
  }

  @Override
  public @Nullable CompletionStage<SubtitlePost.Result> subtitles(
      StreamKey key, SubtitlePost post) {
    ActiveStream stream = registry.find(key);
    return stream == null ? null : stream.subtitles(post);
  }

  private StreamDetail detail(ActiveStream stream) {
    return new StreamDetail(
        stream.key(),
        stream.state().name().toLowerCase(Locale.ROOT),
        stream.since(),
        stream.reconnects(),
        viewers.count(stream.key()),
        stream.publishers().stream().map(publisher -> session(stream, publisher)).toList(),
        stream.inputs(),
        stream.presentation().renditions(),
        stream.outputs().leftOut(),
        stream.presentation().stats(),
        stream.outputs().transcoderStats(),
        budget.cpu(stream.key()),
        stream.outputs().worker(),
        recordings.stats(stream.key()),
        stream.pushes());
  }

  private static SessionDetail session(ActiveStream stream, Publisher publisher) {
    InputRole role = stream.roleOf(publisher);
    return new SessionDetail(
        publisher.sessionId(),
        publisher.protocol(),
        publisher.remote(),
        stream.key(),
        publisher.encoder(),
        publisher.since(),
        publisher.bytesReceived(),
        role == null ? InputRole.MAIN : role,
        publisher.sessionId().equals(stream.inputs().onAirSession()),
        publisher.transportStatistics());
  }
}
