package io.millrace.loadtest.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code openssl s_client}: a viewer that can send TLS 1.3 early data.
 *
 * @param alpn {@code http/1.1} or {@code h2}
 * @param folder for sessions and requests
 */
record OpensslClient(Tool openssl, String alpn, Path folder) {
  private static final Duration LIMIT = Duration.ofSeconds(15);

  static OpensslClient require(String alpn, Path folder) {
    return new OpensslClient(Tool.require("openssl"), alpn, folder);
  }

  private Path session() {
    return folder.resolve("session-" + alpn.replace('/', '-') + ".pem");
  }

  /**
   * Connects without a ticket, asks, and keeps the ticket that it is given.
   *
   * @param expected in the reply
   * @return all that it printed
   */
  String first(int port, byte[] request, String expected) {
    List<String> arguments = arguments(port);
    arguments.addAll(List.of("-sess_out", session().toString()));
    try (Program client = Program.start(openssl.with(arguments))) {
      client.write(request);
      return finish(client, expected);
    }
  }

  /**
   * Connects with the ticket, and sends the request as early data.
   *
   * @param expected in the reply
   * @return all that it printed: session, whether early data was accepted, reply
   */
  String early(int port, byte[] request, String expected) {
    try (Program client = startEarly(port, request)) {
      return finish(client, expected);
    }
  }

  /** As {@link #early}, and does not wait. */
  Program startEarly(int port, byte[] request) {
    Path file = folder.resolve("early.bin");
    try {
      Files.write(file, request);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> arguments = arguments(port);
    arguments.addAll(List.of("-sess_in", session().toString(), "-early_data", file.toString()));
    return Program.start(openssl.with(arguments));
  }

  /**
   * Waits for the reply and whether early data was accepted, then ends the client.
   *
   * @return all that it printed
   */
  static String finish(Program client, String expected) {
    Await.until(
        "a reply with " + expected,
        LIMIT,
        () -> {
          String text = client.allText();
          if (!client.isAlive() && !text.contains(expected)) {
            throw new AssertionError("openssl ended:\n" + text);
          }
          return text.contains(expected) && text.contains("Early data was");
        });
    client.closeInput();
    client.await(LIMIT);
    return client.allText();
  }

  private List<String> arguments(int port) {
    return new ArrayList<>(
        List.of(
            "s_client",
            "-connect",
            "127.0.0.1:" + port,
            "-servername",
            "localhost",
            "-tls1_3",
            "-alpn",
            alpn));
  }
}
