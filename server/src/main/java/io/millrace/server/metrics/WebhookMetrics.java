package io.millrace.server.metrics;

import io.millrace.server.webhook.Question.Action;
import io.millrace.server.webhook.WebhookStats;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Locale;

/** Counts questions to webhooks. A few label values, out of fixed sets. */
final class WebhookMetrics implements WebhookStats {
  private static final double[] SECONDS = {0.005, 0.02, 0.1, 0.5, 2, 10};
  private static final double NANOS = 1e-9;

  private final Counter requests;
  private final Counter remembered;
  private final Histogram seconds;

  WebhookMetrics(PrometheusRegistry registry) {
    requests = counter(Meter.WEBHOOK_REQUESTS, registry);
    remembered = counter(Meter.WEBHOOK_REMEMBERED, registry);
    Meter time = Meter.WEBHOOK_SECONDS;
    seconds =
        Histogram.builder()
            .name(time.id())
            .help(time.help())
            .labelNames(time.labelArray())
            .classicOnly()
            .classicUpperBounds(SECONDS)
            .register(registry);
  }

  @Override
  public void asked(Action action, Outcome outcome, long durationNs) {
    requests.labelValues(action.word(), outcome.name().toLowerCase(Locale.ROOT)).inc();
    seconds.labelValues(action.word()).observe(durationNs * NANOS);
  }

  @Override
  public void remembered(Action action) {
    remembered.labelValues(action.word()).inc();
  }

  private static Counter counter(Meter meter, PrometheusRegistry registry) {
    return Counter.builder()
        .name(meter.id())
        .help(meter.help())
        .labelNames(meter.labelArray())
        .register(registry);
  }
}
