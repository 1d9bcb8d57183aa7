package io.millrace.server.api;

import java.util.List;
import java.util.Locale;

/**
 * The statistics of an SRT input as metrics: all of them, by libsrt's names. {@code pktRcvLoss} is
 * {@code millrace_srt_pkt_rcv_loss_total}; where libsrt counts in another unit than Prometheus asks
 * for, the unit in its name gives way to the base unit: {@code msRTT} is {@code
 * millrace_srt_rtt_seconds}, {@code mbpsRecvRate} is {@code
 * millrace_srt_recv_rate_bits_per_second}.
 */
enum SrtMetric {
  MS_TIME_STAMP("msTimeStamp", Kind.GAUGE, "Time since the start of the connection"),
  PKT_SENT("pktSent", Kind.COUNTER, "Data packets sent, those sent again included"),
  PKT_SENT_UNIQUE("pktSentUnique", Kind.COUNTER, "Data packets sent for the first time"),
  PKT_RETRANS("pktRetrans", Kind.COUNTER, "Data packets sent again"),
  PKT_SND_LOSS("pktSndLoss", Kind.COUNTER, "Packets that the peer reported as lost, each time"),
  PKT_SND_DROP(
      "pktSndDrop", Kind.COUNTER, "Packets dropped as too old to be sent, or without room"),
  PKT_RECV("pktRecv", Kind.COUNTER, "Data packets received, whatever became of them"),
  PKT_RECV_UNIQUE("pktRecvUnique", Kind.COUNTER, "Data packets received that were of use"),
  PKT_RCV_LOSS("pktRcvLoss", Kind.COUNTER, "Packets found missing when a later one came"),
  PKT_RCV_RETRANS(
      "pktRcvRetrans", Kind.COUNTER, "Packets received that the peer marked as sent again"),
  PKT_RCV_DROP(
      "pktRcvDrop",
      Kind.COUNTER,
      "Packets never delivered: missing when a later one was due, or without room"),
  PKT_RCV_BELATED("pktRcvBelated", Kind.COUNTER, "Packets that came after their place was passed"),
  PKT_RCV_DUPLICATE("pktRcvDuplicate", Kind.COUNTER, "Packets that were there already"),
  PKT_RCV_UNDECRYPT("pktRcvUndecrypt", Kind.COUNTER, "Packets that could not be decrypted"),
  PKT_RCV_OUT_OF_WINDOW(
      "pktRcvOutOfWindow", Kind.COUNTER, "Packets refused for a number far ahead"),
  PKT_RCV_INVALID(
      "pktRcvInvalid", Kind.COUNTER, "Control packets refused as malformed or impossible"),
  PKT_SENT_ACK("pktSentACK", Kind.COUNTER, "Acknowledgements sent"),
  PKT_RECV_ACK("pktRecvACK", Kind.COUNTER, "Acknowledgements received"),
  PKT_SENT_NAK("pktSentNAK", Kind.COUNTER, "Loss reports sent"),
  PKT_RECV_NAK("pktRecvNAK", Kind.COUNTER, "Loss reports received"),
  BYTE_SENT("byteSent", Kind.COUNTER, "Bytes of data packets sent"),
  BYTE_SENT_UNIQUE("byteSentUnique", Kind.COUNTER, "Bytes of data packets sent for the first time"),
  BYTE_RETRANS("byteRetrans", Kind.COUNTER, "Bytes of data packets sent again"),
  BYTE_SND_DROP(
      "byteSndDrop", Kind.COUNTER, "Bytes dropped as too old to be sent, or without room"),
  BYTE_RECV("byteRecv", Kind.COUNTER, "Bytes of data packets received"),
  BYTE_RECV_UNIQUE(
      "byteRecvUnique", Kind.COUNTER, "Bytes of data packets received that were of use"),
  BYTE_RCV_LOSS("byteRcvLoss", Kind.COUNTER, "Bytes found missing, estimated"),
  BYTE_RCV_DROP("byteRcvDrop", Kind.COUNTER, "Bytes never delivered, estimated"),
  BYTE_RCV_UNDECRYPT("byteRcvUndecrypt", Kind.COUNTER, "Bytes that could not be decrypted"),
  PKT_RCV_AVG_BELATED_MS(
      "pktRcvAvgBelatedMs", Kind.GAUGE, "How late belated packets were on average"),
  PKT_REORDER_DISTANCE("pktReorderDistance", Kind.GAUGE, "Largest reordering seen"),
  PKT_REORDER_TOLERANCE(
      "pktReorderTolerance", Kind.GAUGE, "Reordering waited for before a loss is reported"),
  PKT_FLOW_WINDOW("pktFlowWindow", Kind.GAUGE, "Packets that the peer has room for"),
  PKT_FLIGHT_SIZE("pktFlightSize", Kind.GAUGE, "Packets sent and not acknowledged"),
  US_PKT_SND_PERIOD("usPktSndPeriod", Kind.GAUGE, "Least time between two packets sent"),
  MS_RTT("msRTT", Kind.GAUGE, "Smoothed round trip time"),
  MS_RTT_VAR("msRTTVar", Kind.GAUGE, "Variance of the round trip time"),
  MBPS_SEND_RATE("mbpsSendRate", Kind.GAUGE, "Sending rate of the last second"),
  MBPS_RECV_RATE("mbpsRecvRate", Kind.GAUGE, "Receiving rate of the last second"),
  MBPS_BANDWIDTH("mbpsBandwidth", Kind.GAUGE, "Link capacity, estimated from packet pairs"),
  MBPS_MAX_BW("mbpsMaxBW", Kind.GAUGE, "What pacing lets through; 0 without a limit"),
  BYTE_MSS("byteMSS", Kind.GAUGE, "Largest IP packet"),
  PKT_SND_BUF("pktSndBuf", Kind.GAUGE, "Packets in the send buffer"),
  BYTE_SND_BUF("byteSndBuf", Kind.GAUGE, "Bytes in the send buffer"),
  MS_SND_BUF("msSndBuf", Kind.GAUGE, "Time that the send buffer spans"),
  MS_SND_TSB_PD_DELAY("msSndTsbPdDelay", Kind.GAUGE, "The peer's latency"),
  PKT_RCV_BUF("pktRcvBuf", Kind.GAUGE, "Packets waiting for their time"),
  BYTE_RCV_BUF("byteRcvBuf", Kind.GAUGE, "Bytes waiting for their time"),
  MS_RCV_BUF("msRcvBuf", Kind.GAUGE, "Time that the receive buffer spans"),
  MS_RCV_TSB_PD_DELAY("msRcvTsbPdDelay", Kind.GAUGE, "The own latency"),
  US_DRIFT(
      "usDrift",
      Kind.GAUGE,
      "Clock drift corrected so far, positive when the peer's clock is slow");

  enum Kind {
    COUNTER,
    GAUGE
  }

  static final List<String> LABELS = List.of("stream", "input");

  private final String statistic;
  private final Kind kind;
  private final String help;
  private final String id;
  private final double scale;

  SrtMetric(String statistic, Kind kind, String help) {
    this.statistic = statistic;
    this.kind = kind;
    this.help = help;
    String name = statistic;
    String unit = "";
    double toBase = 1;
    if (name.startsWith("ms")) {
      name = name.substring(2);
      unit = "_seconds";
      toBase = 1e-3;
    } else if (name.endsWith("Ms")) {
      name = name.substring(0, name.length() - 2);
      unit = "_seconds";
      toBase = 1e-3;
    } else if (name.startsWith("us")) {
      name = name.substring(2);
      unit = "_seconds";
      toBase = 1e-6;
    } else if (name.startsWith("mbps")) {
      name = name.substring(4);
      unit = "_bits_per_second";
      toBase = 1e6;
    }
    this.id = "millrace_srt_" + snake(name) + unit;
    this.scale = toBase;
  }

  private static String snake(String camel) {
    return camel
        .replaceAll("([A-Z]+)([A-Z][a-z])", "$1_$2")
        .replaceAll("([a-z])([A-Z])", "$1_$2")
        .toLowerCase(Locale.ROOT);
  }

  /** Its name in libsrt, where there is one. */
  String statistic() {
    return statistic;
  }

  /** The name, without {@code _total}. */
  String id() {
    return id;
  }

  String help() {
    return help + " (" + statistic + ")";
  }

  boolean isCounter() {
    return switch (kind) {
      case COUNTER -> true;
      case GAUGE -> false;
    };
  }

  /** From libsrt's unit to the metric's. */
  double scale() {
    return scale;
  }
}
