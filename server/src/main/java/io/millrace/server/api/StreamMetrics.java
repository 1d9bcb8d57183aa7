package io.millrace.server.api;

import io.millrace.codec.EncoderOptions;
import io.millrace.codec.ladder.RungStats;
import io.millrace.codec.ladder.TranscoderStats;
import io.millrace.codec.ladder.WorkerStats;
import io.millrace.packager.PackagingStats;
import io.millrace.packager.RenditionInfo;
import io.millrace.server.budget.CpuUse;
import io.millrace.server.live.PushStats;
import io.millrace.server.metrics.Meter;
import io.millrace.server.record.RecordingStats;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The streams as metrics, read off the same view as the API at each scrape: what belongs to a
 * stream is gone with it, and nothing is counted twice.
 */
public final class StreamMetrics implements MultiCollector {
  private static final List<String> STATES = List.of("live", "interrupted", "ended");
  private static final double NANOS = 1e-9;

  private final AdminView view;

  public StreamMetrics(AdminView view) {
    this.view = view;
  }

  @Override
  public MetricSnapshots collect() {
    Points points = new Points();
    List<StreamDetail> streams = view.streams();
    for (String state : STATES) {
      long count = streams.stream().filter(stream -> stream.state().equals(state)).count();
      points.gauge(Meter.STREAMS, count, state);
    }
    points.gauge(Meter.SESSIONS, view.sessions().size());
    streams.forEach(stream -> add(points, stream));
    return points.snapshots();
  }

  private static void add(Points points, StreamDetail stream) {
    String key = stream.key().toString();
    points.gauge(Meter.STREAM_VIEWERS, stream.viewers(), key);
    points.counter(Meter.STREAM_RECONNECTS, stream.reconnects(), key);
    PackagingStats packaging = stream.packaging();
    points.counter(Meter.STREAM_RENDERS, packaging.documents(), key);
    points.counter(Meter.STREAM_RENDERING, packaging.renderingNs() * NANOS, key);
    points.counter(Meter.STREAM_PACKAGING, packaging.packagingNs() * NANOS, key);
    for (SessionDetail publisher : stream.publishers()) {
      String input = publisher.input().name().toLowerCase(Locale.ROOT);
      points.counter(Meter.STREAM_IN, publisher.bytesReceived(), key, input);
      for (SrtMetric metric : SrtMetric.values()) {
        Number figure = publisher.statistics().get(metric.statistic());
        if (figure != null) {
          points.add(metric, figure.doubleValue() * metric.scale(), key, input);
        }
      }
    }
    points.counter(Meter.STREAM_SWITCHES, stream.inputs().switches(), key);
    points.counter(Meter.STREAM_SIGNAL_LOSSES, stream.inputs().signalLosses(), key);
    points.counter(Meter.STREAM_FILLED, stream.inputs().filled().toMillis() / 1000.0, key);
    for (RenditionInfo rendition : stream.renditions()) {
      String name = rendition.name();
      points.gauge(Meter.RENDITION_BITRATE, rendition.averageBitrateBps(), key, name);
      points.counter(Meter.RENDITION_SEGMENTS, rendition.segments(), key, name);
      points.counter(Meter.RENDITION_GAPS, rendition.gaps(), key, name);
    }
    addPushes(points, key, stream.pushes());
    RecordingStats recording = stream.recording();
    if (recording != null) {
      points.counter(Meter.RECORDING_BYTES, recording.bytes(), key);
      points.counter(Meter.RECORDING_LOST, recording.lostSeconds(), key);
      points.counter(Meter.RECORDING_ERRORS, recording.errors(), key);
      points.gauge(Meter.RECORDING_FAILED, recording.failed() ? 1 : 0, key);
    }
    WorkerStats worker = stream.worker();
    if (worker != null) {
      points.counter(Meter.WORKER_CPU, worker.cpuNs() * NANOS, key);
      points.gauge(Meter.WORKER_RESIDENT, worker.rssBytes(), key);
      points.gauge(Meter.WORKER_PAUSED, worker.state() == WorkerStats.State.PAUSED ? 1 : 0, key);
      new TreeMap<>(worker.restarts())
          .forEach((reason, count) -> points.counter(Meter.WORKER_RESTARTS, count, key, reason));
    }
    TranscoderStats transcoder = stream.transcoder();
    if (transcoder == null) {
      return;
    }
    points.counter(Meter.DECODER_DAMAGED, transcoder.samplesDamaged(), key);
    CpuUse decoder = stream.cpu().decoder();
    points.gauge(Meter.DECODER_CORES, decoder.measuredCores(), key);
    decoder.predictedCores().ifPresent(cores -> points.gauge(Meter.DECODER_PREDICTED, cores, key));
    for (RungStats rung : transcoder.rungs()) {
      points.gauge(Meter.ENCODER_SPEED, rung.realTimeFactor(), key, rung.name());
      points.gauge(Meter.ENCODER_PAUSED, rung.paused() ? 1 : 0, key, rung.name());
      points.gauge(Meter.ENCODER_HALF_RATE, rung.halfRate() ? 1 : 0, key, rung.name());
      if (rung.crf() != EncoderOptions.UNSET) {
        points.gauge(Meter.ENCODER_CRF, rung.crf(), key, rung.name());
      }
      if (rung.vmaf() != EncoderOptions.UNSET) {
        points.gauge(Meter.ENCODER_VMAF, rung.vmaf(), key, rung.name());
      }
      CpuUse cpu = stream.cpu().rungs().get(rung.name());
      if (cpu != null) {
        points.gauge(Meter.ENCODER_CORES, cpu.measuredCores(), key, rung.name());
        cpu.predictedCores()
            .ifPresent(cores -> points.gauge(Meter.ENCODER_PREDICTED, cores, key, rung.name()));
      }
      points.counter(Meter.ENCODER_CPU, rung.encodeCpuNs() * NANOS, key, rung.name());
      points.counter(Meter.ENCODER_FRAMES, rung.picturesOut(), key, rung.name());
      points.counter(Meter.ENCODER_DROPPED, rung.picturesDropped(), key, rung.name());
    }
  }

  /** Targets may differ by their keys alone, which no label shows: they are counted apart. */
  private static void addPushes(Points points, String key, List<PushStats> pushes) {
    Map<String, Integer> seen = new HashMap<>();
    for (PushStats push : pushes) {
      int number = seen.merge(push.target(), 1, Integer::sum);
      String target = number == 1 ? push.target() : push.target() + " (" + number + ")";
      points.gauge(Meter.PUSH_LIVE, push.state() == PushStats.State.LIVE ? 1 : 0, key, target);
      points.counter(Meter.PUSH_BYTES, push.bytes(), key, target);
      points.counter(Meter.PUSH_DROPPED, push.droppedSamples(), key, target);
      points.counter(Meter.PUSH_CONNECTIONS, push.connections(), key, target);
      points.counter(Meter.PUSH_FAILURES, push.failures(), key, target);
    }
  }

  /** Data points by metric, each metric once. */
  private static final class Points {
    private final Map<String, GaugeSnapshot.Builder> gauges = new LinkedHashMap<>();
    private final Map<String, CounterSnapshot.Builder> counters = new LinkedHashMap<>();

    void gauge(Meter meter, double value, String... labels) {
      gauge(meter.id(), meter.help(), value, labels(meter.labels(), labels));
    }

    void counter(Meter meter, double value, String... labels) {
      counter(meter.id(), meter.help(), value, labels(meter.labels(), labels));
    }

    void add(SrtMetric metric, double value, String... labels) {
      Labels named = labels(SrtMetric.LABELS, labels);
      if (metric.isCounter()) {
        counter(metric.id(), metric.help(), value, named);
      } else {
        gauge(metric.id(), metric.help(), value, named);
      }
    }

    private void gauge(String id, String help, double value, Labels labels) {
      gauges
          .computeIfAbsent(id, name -> GaugeSnapshot.builder().name(name).help(help))
          .dataPoint(
              GaugeSnapshot.GaugeDataPointSnapshot.builder().value(value).labels(labels).build());
    }

    private void counter(String id, String help, double value, Labels labels) {
      counters
          .computeIfAbsent(id, name -> CounterSnapshot.builder().name(name).help(help))
          .dataPoint(
              CounterSnapshot.CounterDataPointSnapshot.builder()
                  .value(value)
                  .labels(labels)
                  .build());
    }

    MetricSnapshots snapshots() {
      MetricSnapshots.Builder all = MetricSnapshots.builder();
      gauges.values().forEach(builder -> all.metricSnapshot(builder.build()));
      counters.values().forEach(builder -> all.metricSnapshot(builder.build()));
      return all.build();
    }

    private static Labels labels(List<String> names, String... values) {
      return values.length == 0 ? Labels.EMPTY : Labels.of(names.toArray(String[]::new), values);
    }
  }
}
