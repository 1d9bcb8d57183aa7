package io.millrace.server.metrics;

import io.millrace.transport.tls.TlsStats;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** Counts handshakes. Every kind and result is there from the start, so that rates have a zero. */
final class TlsMetrics implements TlsStats {
  private final Map<Kind, CounterDataPoint> handshakes = new EnumMap<>(Kind.class);
  private final Map<Result, CounterDataPoint> earlyData = new EnumMap<>(Result.class);

  TlsMetrics(PrometheusRegistry registry) {
    Counter kinds = counter(Meter.TLS_HANDSHAKES, registry);
    for (Kind kind : Kind.values()) {
      handshakes.put(kind, kinds.labelValues(kind.name().toLowerCase(Locale.ROOT)));
    }
    Counter results = counter(Meter.TLS_EARLY_DATA, registry);
    for (Result result : Result.values()) {
      earlyData.put(result, results.labelValues(result.name().toLowerCase(Locale.ROOT)));
    }
  }

  @Override
  public void handshake(Kind kind) {
    CounterDataPoint point = handshakes.get(kind);
    if (point != null) {
      point.inc();
    }
  }

  @Override
  public void earlyData(Result result) {
    CounterDataPoint point = earlyData.get(result);
    if (point != null) {
      point.inc();
    }
  }

  private static Counter counter(Meter meter, PrometheusRegistry registry) {
    return Counter.builder()
        .name(meter.id())
        .help(meter.help())
        .labelNames(meter.labelArray())
        .register(registry);
  }
}
