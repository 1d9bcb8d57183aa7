package io.millrace.server.worker;

import io.millrace.codec.VideoEncoders;
import io.millrace.codec.ladder.Engines;
import io.millrace.codec.svtav1.SvtAv1Engines;
import io.millrace.codec.worker.Wire;
import io.millrace.codec.worker.WorkerSession;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * A worker process: {@code millrace worker}, started by a server. Ends when the connection or its
 * standard input does, without any ado: the kernel frees everything.
 */
public final class WorkerMain {
  /** An encoder does not return; anything but 0 means a failure. */
  static final int STUCK = 70;

  private WorkerMain() {}

  /**
   * @param args the server's socket; or {@code --train}, which works for a moment on its own, for
   *     the cache of loaded classes
   */
  public static void main(String[] args) {
    int code;
    try {
      code = args.length == 1 ? start(args[0]) : 2;
    } catch (IOException | RuntimeException | LinkageError e) {
      System.err.println("worker failed: " + e);
      code = 1;
    }
    System.err.flush();
    if (args.length == 1 && args[0].equals("--train")) {
      System.exit(code); // the cache is written on the way out
    }
    Runtime.getRuntime().halt(code);
  }

  private static int start(String argument) throws IOException {
    return argument.equals("--train") ? Training.run() : work(Path.of(argument));
  }

  /**
   * Works for the server that listens there, which has given this process its token.
   *
   * @return the exit code
   */
  public static int work(Path socket) throws IOException {
    leaveSignalsToTheServer();
    byte[] token = token(System.in);
    Thread.ofPlatform().name("server").daemon().start(() -> awaitEnd(System.in));
    warmUp();
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    WorkerSession session = new WorkerSession(channel, token, WorkerMain::encoders);
    return switch (session.run()) {
      case DISCONNECTED -> 0;
      case STUCK -> STUCK;
      case FAILED -> 1;
    };
  }

  /** FFmpeg's libraries take longer to load than all the rest. */
  private static void warmUp() {
    SvtAv1Engines.select(null, SvtAv1Engines.Preference.BUNDLED).close();
  }

  /**
   * A terminal and a service manager send them to every process of a server; the server drains, and
   * workers end when it lets go of them.
   */
  private static void leaveSignalsToTheServer() {
    for (String name : List.of("INT", "TERM", "HUP")) {
      try {
        Signal.handle(new Signal(name), SignalHandler.SIG_IGN);
      } catch (IllegalArgumentException e) {
        // The JVM was told to leave it alone.
      }
    }
  }

  static VideoEncoders encoders(@Nullable String svtAv1Library) {
    return new Engines(
        SvtAv1Engines.select(
            svtAv1Library == null ? null : Path.of(svtAv1Library),
            SvtAv1Engines.Preference.NEWEST));
  }

  /** A line of hexadecimal digits. */
  private static byte[] token(InputStream in) throws IOException {
    byte[] line = in.readNBytes(2 * Wire.TOKEN_BYTES + 1);
    String digits = new String(line, StandardCharsets.US_ASCII).strip();
    if (digits.length() != 2 * Wire.TOKEN_BYTES) {
      throw new IOException("no token on standard input: workers are started by a server");
    }
    return HexFormat.of().parseHex(digits);
  }

  /** The server never writes anything more. */
  private static void awaitEnd(InputStream in) {
    try {
      while (in.read() >= 0) {
        // Whatever it is, it is not the end.
      }
    } catch (IOException e) {
      // Neither is it there any more.
    }
    Runtime.getRuntime().halt(0);
  }
}
