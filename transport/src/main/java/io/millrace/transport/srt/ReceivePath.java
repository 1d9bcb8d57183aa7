package io.millrace.transport.srt;

import io.netty.channel.EventLoop;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How datagrams get from a socket to its {@link SrtPort}. */
enum ReceivePath {
  /** By a {@link DirectReader}; the kernel may join datagrams of one sender (UDP_GRO). */
  JOINED,
  /** By a {@link DirectReader}, each datagram by itself. */
  DIRECT,
  /** By Netty's channel, which makes objects of each. Everywhere. */
  CHANNEL;

  /** For comparisons, and for whom the first choice fails: the name of one of them. */
  private static final String PROPERTY = "millrace.srt.receive";

  private static final Logger LOG = LoggerFactory.getLogger(ReceivePath.class);
  private static final AtomicBoolean LOGGED = new AtomicBoolean();

  /** The best one, unless the property says another. */
  static ReceivePath wanted() {
    String name = System.getProperty(PROPERTY, JOINED.name()).toUpperCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(path -> path.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    PROPERTY + " is none of " + Arrays.toString(values())));
  }

  /** This one where sockets of {@code loop} can have it, else {@link #CHANNEL}, told once. */
  ReceivePath on(EventLoop loop) {
    if (this == CHANNEL) {
      return CHANNEL;
    }
    String whyNot = UdpChannels.isEpoll(loop) ? Libc.whyNot() : "the event loops have no epoll";
    if (whyNot == null) {
      return this;
    }
    toldOnce(whyNot);
    return CHANNEL;
  }

  /** Says in the log why datagrams are read the long way. */
  static void toldOnce(String why) {
    if (LOGGED.compareAndSet(false, true)) {
      LOG.atInfo().addKeyValue("reason", why).log("srt receives by netty, some more CPU a packet");
    }
  }
}
