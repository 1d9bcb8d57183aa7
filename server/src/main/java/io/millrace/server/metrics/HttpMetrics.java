package io.millrace.server.metrics;

import io.millrace.transport.http.CloseReason;
import io.millrace.transport.http.HttpProtocol;
import io.millrace.transport.http.HttpStats;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts what happens on HTTP connections. */
final class HttpMetrics {
  private static final double[] SECONDS = {0.001, 0.005, 0.02, 0.1, 0.5, 2, 10};
  private static final double NANOS = 1e-9;

  private final Gauge connections;
  private final Counter opened;
  private final Counter refused;
  private final Counter closed;
  private final Counter reset;
  private final Counter requests;
  private final Counter incomplete;
  private final Counter bytes;
  private final Histogram seconds;

  HttpMetrics(PrometheusRegistry registry) {
    Meter open = Meter.HTTP_CONNECTIONS;
    connections =
        Gauge.builder()
            .name(open.id())
            .help(open.help())
            .labelNames(open.labelArray())
            .register(registry);
    opened = counter(Meter.HTTP_OPENED, registry);
    refused = counter(Meter.HTTP_REFUSED, registry);
    closed = counter(Meter.HTTP_CLOSED, registry);
    reset = counter(Meter.HTTP_RESET, registry);
    requests = counter(Meter.HTTP_REQUESTS, registry);
    incomplete = counter(Meter.HTTP_INCOMPLETE, registry);
    bytes = counter(Meter.HTTP_BYTES, registry);
    Meter time = Meter.HTTP_SECONDS;
    seconds =
        Histogram.builder()
            .name(time.id())
            .help(time.help())
            .labelNames(time.labelArray())
            .classicOnly()
            .classicUpperBounds(SECONDS)
            .register(registry);
  }

  private record Kind(String route, HttpProtocol protocol, int status) {}

  /** Found once, as looking one up costs as much as counting does. */
  private record Points(
      CounterDataPoint requests, CounterDataPoint bytes, DistributionDataPoint seconds) {}

  HttpStats listener(String listener) {
    return new HttpStats() {
      /** A few dozen: routes, protocols and status codes are fixed sets. */
      private final Map<Kind, Points> known = new ConcurrentHashMap<>();

      private Points points(Kind kind) {
        return new Points(
            requests.labelValues(
                listener, kind.route, kind.protocol.label(), Integer.toString(kind.status)),
            bytes.labelValues(listener, kind.route),
            seconds.labelValues(listener, kind.route));
      }

      @Override
      public void connectionOpened() {
        opened.labelValues(listener).inc();
        connections.labelValues(listener).inc();
      }

      @Override
      public void connectionRefused(String limit) {
        refused.labelValues(listener, limit).inc();
      }

      @Override
      public void connectionClosed(CloseReason reason) {
        connections.labelValues(listener).dec();
        closed.labelValues(listener, reason.label()).inc();
      }

      @Override
      public void streamAborted(CloseReason reason) {
        reset.labelValues(listener, reason.label()).inc();
      }

      @Override
      public void exchangeDone(
          String route,
          HttpProtocol protocol,
          int status,
          long bodyBytes,
          boolean complete,
          long durationNs) {
        Points points = known.computeIfAbsent(new Kind(route, protocol, status), this::points);
        points.requests.inc();
        points.bytes.inc(bodyBytes);
        points.seconds.observe(durationNs * NANOS);
        if (!complete) {
          incomplete.labelValues(listener, route).inc();
        }
      }
    };
  }

  private static Counter counter(Meter meter, PrometheusRegistry registry) {
    return Counter.builder()
        .name(meter.id())
        .help(meter.help())
        .labelNames(meter.labelArray())
        .register(registry);
  }
}
