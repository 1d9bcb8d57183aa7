package io.millrace.codec.ladder;

import io.millrace.codec.RecordingSink;
import io.millrace.codec.VideoEncoders;
import io.millrace.codec.svtav1.SvtAv1Engines;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Runs a ladder in memory and keeps what comes out. */
final class LadderRun implements RungSinks, TranscoderListener, AutoCloseable {
  static final Engines ENGINES =
      new Engines(SvtAv1Engines.select(null, SvtAv1Engines.Preference.BUNDLED));
  static final Duration LIMIT = Duration.ofSeconds(60);

  final Map<String, RecordingSink> sinks = new LinkedHashMap<>();
  final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  final LadderPlan plan;
  final Transcoder transcoder;

  LadderRun(
      Ladder ladder,
      TrackFormat.Video source,
      VideoEncoders encoders,
      TranscoderSettings settings) {
    this.plan = LadderPlan.resolve(ladder, source);
    this.transcoder = new Transcoder("live/test", plan, this, encoders, settings, this);
  }

  /** Runs a whole clip and waits for every rung's end. */
  static LadderRun of(Ladder ladder, List<TrackEvent> events) {
    TrackFormat.Video source =
        events.stream()
            .filter(TrackEvent.Format.class::isInstance)
            .map(event -> ((TrackEvent.Format) event).format())
            .filter(TrackFormat.Video.class::isInstance)
            .map(TrackFormat.Video.class::cast)
            .findFirst()
            .orElseThrow();
    try (LadderRun run = new LadderRun(ladder, source, ENGINES, TranscoderSettings.OFFLINE)) {
      run.feed(events);
      run.awaitEnds();
      return run;
    }
  }

  void feed(List<TrackEvent> events) {
    events.forEach(event -> transcoder.accept(event.retain()));
  }

  void awaitEnds() {
    sinks.values().forEach(sink -> sink.awaitEnd(LIMIT));
  }

  RecordingSink sink(String rung) {
    return sinks.get(rung);
  }

  @Override
  public TrackSink video(PlannedRung rung) {
    return sinks.computeIfAbsent(rung.rung().name(), name -> new RecordingSink());
  }

  @Override
  public TrackSink audio(AudioRung rung) {
    return sinks.computeIfAbsent("audio", name -> new RecordingSink());
  }

  @Override
  public void rungFailed(String rung, Throwable cause) {
    failures.add(rung + ": " + cause);
  }

  @Override
  public void sourceFailed(Throwable cause) {
    failures.add("source: " + cause);
  }

  @Override
  public void close() {
    transcoder.close();
  }
}
