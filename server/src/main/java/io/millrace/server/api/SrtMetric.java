package io.millrace.server.api;

import io.millrace.server.metrics.Meter;

/** The statistics of SRT inputs that are metrics too. */
enum SrtMetric {
  RTT("msRTT", Meter.SRT_RTT, false, 1e-3),
  LATENCY("msRcvTsbPdDelay", Meter.SRT_LATENCY, false, 1e-3),
  PACKETS("pktRecv", Meter.SRT_PACKETS, true, 1),
  LOST("pktRcvLoss", Meter.SRT_LOST, true, 1),
  RESENT("pktRcvRetrans", Meter.SRT_RESENT, true, 1),
  DROPPED("pktRcvDrop", Meter.SRT_DROPPED, true, 1),
  UNDECRYPTED("pktRcvUndecrypt", Meter.SRT_UNDECRYPTED, true, 1);

  private final String statistic;
  private final Meter meter;
  private final boolean counter;
  private final double scale;

  SrtMetric(String statistic, Meter meter, boolean counter, double scale) {
    this.statistic = statistic;
    this.meter = meter;
    this.counter = counter;
    this.scale = scale;
  }

  /** Its name in libsrt. */
  String statistic() {
    return statistic;
  }

  Meter meter() {
    return meter;
  }

  boolean isCounter() {
    return counter;
  }

  /** From libsrt's unit to the metric's. */
  double scale() {
    return scale;
  }
}
