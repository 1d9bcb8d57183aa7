package io.millrace.loadtest.joins;

import io.millrace.loadtest.bench.Machine;
import io.millrace.loadtest.bench.MarkdownTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.Stream;

/** What joins took, as tables, and whether that is what early data promises. */
final class JoinsReport {
  private static final double MEDIAN = 0.5;
  private static final double MOST = 0.9;

  /** What a TCP join with early data has to save, and what one over QUIC may take, in RTT. */
  private static final double MIN_SAVED = 0.9;

  private static final double MAX_QUIC = 1.3;

  private final List<JoinCell> cells;
  private final List<Integer> roundTripsMs;
  private final int joins;

  JoinsReport(List<JoinCell> cells, List<Integer> roundTripsMs, int joins) {
    this.cells = cells;
    this.roundTripsMs = roundTripsMs;
    this.joins = joins;
  }

  String text() {
    return """
    %s

    Until the first byte of a part that was asked for at once: median ms, 90 %%, median in round trips (%d joins a cell)

    %s
    The newest part's first byte when the playlist is asked for first:

    %s
    The playlist's first byte of the same joins:

    %s
    Joins not by the wanted handshake, made again: %d
    """
        .formatted(
            Machine.describe(),
            joins,
            table(JoinCell::mediaMs),
            table(JoinCell::mediaAfterPlaylistMs),
            table(JoinCell::playlistMs),
            cells.stream().mapToInt(JoinCell::wrongHandshakes).sum());
  }

  private String table(ToDoubleBiFunction<JoinCell, Double> measure) {
    List<String> header = new ArrayList<>(List.of("protocol, handshake"));
    roundTripsMs.forEach(rtt -> header.addAll(List.of(rtt + " ms", "90 %", "RTT")));
    MarkdownTable table = new MarkdownTable(header.toArray(String[]::new));
    for (JoinCell row : of(roundTripsMs.getFirst()).toList()) {
      List<String> line = new ArrayList<>(List.of(row.title()));
      for (int rtt : roundTripsMs) {
        JoinCell cell = cell(row.protocol(), row.handshake(), rtt);
        double medianMs = measure.applyAsDouble(cell, MEDIAN);
        line.add(format("%.1f", medianMs));
        line.add(format("%.1f", measure.applyAsDouble(cell, MOST)));
        line.add(format("%.2f", medianMs / rtt));
      }
      table.row(line.toArray(String[]::new));
    }
    return table.toString();
  }

  private Stream<JoinCell> of(int roundTripMs) {
    return cells.stream().filter(cell -> cell.roundTripMs() == roundTripMs);
  }

  private JoinCell cell(JoinProtocol protocol, Handshake handshake, int roundTripMs) {
    return of(roundTripMs)
        .filter(cell -> cell.protocol() == protocol && cell.handshake() == handshake)
        .findFirst()
        .orElseThrow();
  }

  /** What is not as it should be. */
  List<String> failures() {
    List<String> failures = new ArrayList<>();
    for (int rtt : roundTripsMs) {
      for (JoinProtocol protocol : JoinProtocol.values()) {
        double early = cell(protocol, Handshake.EARLY, rtt).mediaMs(MEDIAN) / rtt;
        double resumed = cell(protocol, Handshake.RESUMED, rtt).mediaMs(MEDIAN) / rtt;
        if (resumed - early < MIN_SAVED) {
          failures.add(
              format(
                  "%s at %d ms: 0-RTT saves %.2f round trips",
                  protocol.title, rtt, resumed - early));
        }
        if (protocol == JoinProtocol.HTTP_3 && early > MAX_QUIC) {
          failures.add(format("HTTP/3 at %d ms: 0-RTT takes %.2f round trips", rtt, early));
        }
      }
    }
    return failures;
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
