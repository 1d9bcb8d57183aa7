package io.millrace.loadtest.viewers;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Viewers who all begin to watch at the same moment: each asks for one object after the other, the
 * same for all.
 */
final class JoinScript implements Fleet.Script {
  private final List<ByteBuf> requests = new ArrayList<>();
  private final Map<Viewer, Integer> next = new ConcurrentHashMap<>();
  private final CountDownLatch joined;
  private final Queue<Long> doneNs = new ConcurrentLinkedQueue<>();

  JoinScript(List<String> targets, String host, int viewers) {
    for (String target : targets) {
      String text =
          "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nAccept-Encoding: gzip\r\n\r\n";
      requests.add(
          Unpooled.unreleasableBuffer(
              Unpooled.directBuffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII))));
    }
    this.joined = new CountDownLatch(viewers);
  }

  @Override
  public void begin(Viewer viewer) {}

  @Override
  public void answered(Viewer viewer, int status, long bodyBytes) {
    int index = next.getOrDefault(viewer, 0) + 1;
    next.put(viewer, index);
    if (index < requests.size()) {
      viewer.ask(requests.get(index).retainedDuplicate());
    } else {
      doneNs.add(System.nanoTime());
      joined.countDown();
    }
  }

  /**
   * Has everybody begin.
   *
   * @return how long it took each until it had everything, in order; fewer than there are viewers
   *     when some have not in time
   */
  long[] join(Fleet fleet, int limitS) throws InterruptedException {
    long startNs = System.nanoTime();
    fleet
        .viewers()
        .forEach(
            viewer -> viewer.execute(() -> viewer.ask(requests.getFirst().retainedDuplicate())));
    boolean _ = joined.await(limitS, TimeUnit.SECONDS);
    return doneNs.stream().mapToLong(at -> at - startNs).sorted().toArray();
  }
}
