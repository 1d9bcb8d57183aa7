package io.millrace.loadtest.viewers;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Low-latency viewers: each asks for the next part's playlist, is parked by the server, and asks
 * for the one after that as soon as it is answered.
 */
final class ParkedScript implements Fleet.Script {
  private final String path;
  private final String headers;
  private final int partsPerSegment;
  private final PartPosition first;
  private final Map<PartPosition, ByteBuf> requests = new ConcurrentHashMap<>();
  private final Queue<Map<PartPosition, Arrivals>> ofLoops = new ConcurrentLinkedQueue<>();
  private final FastThreadLocal<Map<PartPosition, Arrivals>> ofLoop =
      new FastThreadLocal<>() {
        @Override
        protected Map<PartPosition, Arrivals> initialValue() {
          Map<PartPosition, Arrivals> made = new ConcurrentHashMap<>();
          ofLoops.add(made);
          return made;
        }
      };

  /**
   * @param path of the media playlist
   * @param host for the Host header
   * @param first what the first viewers ask for; those that connect later ask for what is newest
   *     then
   */
  ParkedScript(String path, String host, int partsPerSegment, PartPosition first) {
    this.path = path;
    this.headers = " HTTP/1.1\r\nHost: " + host + "\r\nAccept-Encoding: gzip\r\n\r\n";
    this.partsPerSegment = partsPerSegment;
    this.first = first;
  }

  @Override
  public void begin(Viewer viewer) {
    ask(viewer, newest());
  }

  @Override
  public void answered(Viewer viewer, int status, long bodyBytes) {
    PartPosition got = viewer.wanted;
    if (got == null) {
      return;
    }
    ofLoop.get().computeIfAbsent(got, _ -> new Arrivals()).add(System.nanoTime());
    ask(viewer, got.next(partsPerSegment));
  }

  private void ask(Viewer viewer, PartPosition wanted) {
    viewer.wanted = wanted;
    viewer.ask(requests.computeIfAbsent(wanted, this::request).retainedDuplicate());
  }

  /** The same bytes for every viewer; some hundred in a run. */
  private ByteBuf request(PartPosition wanted) {
    String text = "GET " + path + wanted.directives() + headers;
    return Unpooled.unreleasableBuffer(
        Unpooled.directBuffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII)));
  }

  private PartPosition newest() {
    PartPosition newest = first;
    for (PartPosition asked : requests.keySet()) {
      newest = asked.compareTo(newest) > 0 ? asked : newest;
    }
    return newest;
  }

  /** What came for each update, all loops together; when nothing is on the way any more. */
  Map<PartPosition, Arrivals> arrivals() {
    Map<PartPosition, Arrivals> all = new TreeMap<>();
    ofLoops.forEach(
        map ->
            map.forEach(
                (position, arrivals) ->
                    all.computeIfAbsent(position, _ -> new Arrivals()).addAll(arrivals)));
    return all;
  }
}
