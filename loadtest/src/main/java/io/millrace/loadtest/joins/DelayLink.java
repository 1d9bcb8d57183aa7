package io.millrace.loadtest.joins;

import io.millrace.loadtest.process.ManagedProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A network with a delay, on one machine and without the kernel's netem: what this machine sends to
 * {@link #far} comes back to it {@code delay} later, with source and destination exchanged.
 *
 * <pre>
 * client  near:c → far:s                        server  near:s → far:c
 *            └── TUN ── delay ── far:c → near:s ──┘        └── TUN ── delay ── far:s → near:c (client)
 * </pre>
 *
 * <p>So a client that connects to {@code far} speaks to the server that listens on {@code near},
 * both by the kernel's own TCP and UDP, and every packet takes half a round trip, the SYN included.
 * Checksums are sums: exchanging two addresses leaves them right. The addresses are those for
 * benchmarks (RFC 2544 §C.2.2); each far one has a round trip of its own, so that what the kernel
 * remembers of one path is not used on another.
 *
 * <p>Nothing is lost, reordered or paced; the queue is bounded.
 */
final class DelayLink implements AutoCloseable {
  private static final String NETWORK = "198.18.0.";
  private static final int FIRST_FAR = 2;
  private static final int MTU_BYTES = 1_500;
  private static final int MAX_HELD_PACKETS = 100_000;
  private static final int POLL_MS = 50;
  private static final Duration COMMAND_LIMIT = Duration.ofSeconds(10);

  /** RFC 791 §3.1. */
  private static final int IPV4_HEADER_BYTES = 20;

  private static final int SOURCE = 12;
  private static final int DESTINATION = 16;
  private static final int ADDRESS_BYTES = 4;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Held(byte[] packet, long dueNs) {}

  private final Tun tun;
  private final List<Integer> roundTripsMs;
  private final List<Queue<Held>> held;
  private final AtomicInteger heldPackets = new AtomicInteger();
  private final AtomicLong dropped = new AtomicLong();
  private final Thread reader;
  private final Thread writer;
  private volatile boolean closed;

  private DelayLink(Tun tun, List<Integer> roundTripsMs) {
    this.tun = tun;
    this.roundTripsMs = List.copyOf(roundTripsMs);
    this.held = roundTripsMs.stream().<Queue<Held>>map(_ -> new ConcurrentLinkedQueue<>()).toList();
    this.reader = Thread.ofPlatform().name("delay-in").daemon().unstarted(this::read);
    this.writer = Thread.ofPlatform().name("delay-out").daemon().unstarted(this::write);
  }

  /**
   * Makes the interface and gives it its addresses.
   *
   * @param roundTripsMs of the far addresses
   * @throws IOException when the system does not let us
   */
  static DelayLink open(List<Integer> roundTripsMs) throws IOException, InterruptedException {
    String name = "mr" + ProcessHandle.current().pid();
    Tun tun = Tun.open(name, MTU_BYTES + 100);
    try {
      ip("address", "add", NETWORK + "1/24", "dev", name);
      ip("link", "set", "dev", name, "mtu", "" + MTU_BYTES, "txqueuelen", "10000", "up");
    } catch (IOException | InterruptedException e) {
      tun.close();
      throw e;
    }
    DelayLink link = new DelayLink(tun, roundTripsMs);
    link.reader.start();
    link.writer.start();
    return link;
  }

  private static void ip(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    var _ = ManagedProcess.output(COMMAND_LIMIT, Path.of("").toAbsolutePath(), command);
  }

  /** Where the server listens. */
  static String near() {
    return NETWORK + "1";
  }

  /** Where clients find the server that listens on {@link #near}, over the n-th round trip. */
  InetAddress far(int index) throws IOException {
    return InetAddress.getByName(NETWORK + (FIRST_FAR + index));
  }

  /** Packets that found the queue full, or the system did not take. */
  long dropped() {
    return dropped.get();
  }

  private void read() {
    while (!closed) {
      byte[] packet = tun.read(POLL_MS);
      int path = path(packet);
      if (path < 0) {
        continue;
      }
      if (heldPackets.incrementAndGet() > MAX_HELD_PACKETS) {
        heldPackets.decrementAndGet();
        dropped.incrementAndGet();
        continue;
      }
      exchangeAddresses(packet);
      long delayNs = roundTripsMs.get(path) * 1_000_000L / 2;
      held.get(path).add(new Held(packet, System.nanoTime() + delayNs));
      LockSupport.unpark(writer);
    }
  }

  /** Which far address a packet goes to; negative for what is none of ours, as IPv6's. */
  private int path(byte[] packet) {
    if (packet.length < IPV4_HEADER_BYTES || packet[0] >> 4 != 4) {
      return -1;
    }
    int path = (packet[DESTINATION + ADDRESS_BYTES - 1] & 0xff) - FIRST_FAR;
    return path < roundTripsMs.size() ? path : -1;
  }

  static void exchangeAddresses(byte[] packet) {
    for (int i = 0; i < ADDRESS_BYTES; i++) {
      byte source = packet[SOURCE + i];
      packet[SOURCE + i] = packet[DESTINATION + i];
      packet[DESTINATION + i] = source;
    }
  }

  private void write() {
    while (!closed) {
      long nextNs = Long.MAX_VALUE;
      for (Queue<Held> path : held) {
        nextNs = Math.min(nextNs, release(path));
      }
      if (nextNs > 0) {
        LockSupport.parkNanos(this, Math.min(nextNs, POLL_MS * 1_000_000L));
      }
    }
  }

  /** Passes on what is due; returns how long the next one has, at most. */
  private long release(Queue<Held> path) {
    for (Held head = path.peek(); head != null; head = path.peek()) {
      long waitNs = head.dueNs() - System.nanoTime();
      if (waitNs > 0) {
        return waitNs;
      }
      path.remove();
      heldPackets.decrementAndGet();
      if (!tun.write(head.packet())) {
        dropped.incrementAndGet();
      }
    }
    return Long.MAX_VALUE;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(writer);
    try {
      reader.join();
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return; // still in use; it goes with the process
    }
    tun.close();
  }
}
