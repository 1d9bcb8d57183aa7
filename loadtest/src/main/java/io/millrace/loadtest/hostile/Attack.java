package io.millrace.loadtest.hostile;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * What one client does to a server, again and again.
 *
 * @param name of what it does, with its number where it has one
 * @param assault does it once
 */
record Attack(String name, Assault assault) {
  /** One connection, or some of them. */
  interface Assault {
    /**
     * Goes on until the server has put an end to it.
     *
     * @param server speaks HTTPS
     * @param path of something that it serves
     * @param goOn false when there is no more time
     * @return true when the server has ended it
     */
    boolean once(InetSocketAddress server, String path, BooleanSupplier goOn)
        throws IOException, InterruptedException;
  }

  /** All, in the order of what they begin with. */
  static List<Attack> all() {
    List<Attack> all = new ArrayList<>();
    all.addAll(Http2Attacks.ALL);
    all.addAll(Http1Attacks.ALL);
    all.addAll(HelloAttacks.ALL);
    all.addAll(Http3Attacks.ALL);
    return all;
  }

  /**
   * Does it again and again.
   *
   * @param time for how long
   * @param longest for how long where the server has not ended it once
   * @return how many times the server has ended it
   */
  int run(InetSocketAddress server, String path, Duration time, Duration longest)
      throws InterruptedException {
    long startNs = System.nanoTime();
    int ended = 0;
    while (true) {
      long limitNs = (ended == 0 ? longest : time).toNanos();
      BooleanSupplier goOn = () -> System.nanoTime() - startNs < limitNs;
      if (!goOn.getAsBoolean()) {
        return ended;
      }
      try {
        if (assault.once(server, path, goOn)) {
          ended++;
        }
      } catch (IOException e) {
        ended++; // let in no more, or cut off within the handshake
      }
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
