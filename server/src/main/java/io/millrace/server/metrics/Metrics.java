package io.millrace.server.metrics;

import io.millrace.server.webhook.WebhookStats;
import io.millrace.transport.http.HttpStats;
import io.millrace.transport.tls.TlsStats;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** The server's metrics, of which there is one set per server. Thread-safe. */
public final class Metrics {
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ExpositionFormats formats = ExpositionFormats.init();
  private final HttpMetrics http = new HttpMetrics(registry);
  private final TlsMetrics tls = new TlsMetrics(registry);
  private final WebhookMetrics webhooks = new WebhookMetrics(registry);

  /** A scrape: the text and its media type. */
  @SuppressWarnings("ArrayRecordComponent") // given away with the record, compared by nobody
  public record Page(String contentType, byte[] text) {}

  public Metrics(String version) {
    ProcessMetrics.register(registry, version);
  }

  /**
   * Where the connections of one listener are counted.
   *
   * @param listener {@code public} or {@code admin}
   */
  public HttpStats http(String listener) {
    return http.listener(listener);
  }

  /** Where the handshakes of HTTPS are counted. */
  public TlsStats tls() {
    return tls;
  }

  /** Where questions to webhooks are counted. */
  public WebhookStats webhooks() {
    return webhooks;
  }

  /** Reads {@code value} at each scrape; it must be fast and safe from any thread. */
  public void gauge(Meter meter, DoubleSupplier value) {
    registry.register(
        GaugeWithCallback.builder()
            .name(meter.id())
            .help(meter.help())
            .callback(callback -> callback.call(value.getAsDouble()))
            .build());
  }

  /** Reads {@code value}, which never falls, at each scrape. */
  public void counter(Meter meter, DoubleSupplier value) {
    registry.register(
        CounterWithCallback.builder()
            .name(meter.id())
            .help(meter.help())
            .callback(callback -> callback.call(value.getAsDouble()))
            .build());
  }

  /**
   * Reads counters that differ in one label.
   *
   * @param values by the label's value
   */
  public void counters(Meter meter, Map<String, DoubleSupplier> values) {
    registry.register(
        CounterWithCallback.builder()
            .name(meter.id())
            .help(meter.help())
            .labelNames(meter.labelArray())
            .callback(
                callback ->
                    values.forEach((label, value) -> callback.call(value.getAsDouble(), label)))
            .build());
  }

  /** Asks {@code collector} at each scrape. */
  public void register(MultiCollector collector) {
    registry.register(collector);
  }

  /**
   * Everything, in Prometheus's text format or in OpenMetrics, whichever is asked for.
   *
   * @param accept the value of {@code Accept}
   */
  public Page scrape(@Nullable String accept) {
    boolean openMetrics = accept != null && accept.contains("application/openmetrics-text");
    ExpositionFormatWriter writer =
        openMetrics
            ? formats.getOpenMetricsTextFormatWriter()
            : formats.getPrometheusTextFormatWriter();
    ByteArrayOutputStream text = new ByteArrayOutputStream(16 * 1024);
    try {
      writer.write(text, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return new Page(writer.getContentType(), text.toByteArray());
  }
}
