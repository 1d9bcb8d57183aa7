package io.millrace.loadtest.joins;

import io.millrace.loadtest.viewers.LiveServer;
import io.millrace.transport.Loops;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The joins of one protocol and one kind of handshake over one round trip, one after another. */
final class JoinCell {
  private static final int ATTEMPTS = 3;

  /** What viewers watch. */
  record Target(LiveServer server, InetSocketAddress address) {}

  private final JoinProtocol protocol;
  private final Handshake handshake;
  private final int roundTripMs;
  private final List<Long> mediaUs = new ArrayList<>();
  private final List<Long> playlistUs = new ArrayList<>();
  private final List<Long> mediaAfterPlaylistUs = new ArrayList<>();
  private int wrongHandshakes;

  JoinCell(JoinProtocol protocol, Handshake handshake, int roundTripMs) {
    this.protocol = protocol;
    this.handshake = handshake;
    this.roundTripMs = roundTripMs;
  }

  /**
   * Makes as many joins that begin with a media file as joins that begin with a playlist.
   *
   * @param loops borrowed
   * @throws IOException when one fails, or is not by the wanted handshake several times in a row
   */
  void run(Loops loops, Target target, int joins) throws IOException, InterruptedException {
    try (JoinClient client = protocol.client(loops, handshake)) {
      if (handshake != Handshake.FULL) {
        var _ = join(client, target, false, "viewer");
      }
      for (int i = 0; i < joins; i++) {
        mediaUs.add(wanted(client, target, false, i).mediaUs());
        JoinClient.Join both = wanted(client, target, true, i);
        playlistUs.add(both.firstUs());
        mediaAfterPlaylistUs.add(both.mediaUs());
      }
    }
  }

  /** A handshake may lack its ticket, when the last one came late. */
  private JoinClient.Join wanted(
      JoinClient client, Target target, boolean playlistFirst, int number)
      throws IOException, InterruptedException {
    for (int i = 0; i < ATTEMPTS; i++) {
      String name =
          handshake == Handshake.FULL ? "viewer-" + number + "-" + i + playlistFirst : "viewer";
      JoinClient.Join join = join(client, target, playlistFirst, name);
      if (join.kind() == handshake.kind) {
        return join;
      }
      wrongHandshakes++;
    }
    throw new IOException(protocol.title + " does not come to a " + handshake.title + " handshake");
  }

  private JoinClient.Join join(JoinClient client, Target target, boolean playlistFirst, String name)
      throws IOException, InterruptedException {
    String path = playlistFirst ? LiveServer.PLAYLIST : newestPart(target.server());
    Conversation conversation = new Conversation(path, playlistFirst);
    return client.join(target.address(), name, conversation, 2L * roundTripMs + 20);
  }

  /** Asked for over the loopback, before the join begins. */
  private static String newestPart(LiveServer server) throws IOException, InterruptedException {
    String text = new String(server.playlist(), StandardCharsets.UTF_8);
    String part = Conversation.newestPart(text);
    if (part == null) {
      throw new IOException("no part in the playlist:\n" + text);
    }
    return URI.create(LiveServer.PLAYLIST).resolve(part).toString();
  }

  String title() {
    return protocol.title + ", " + handshake.title;
  }

  JoinProtocol protocol() {
    return protocol;
  }

  Handshake handshake() {
    return handshake;
  }

  int roundTripMs() {
    return roundTripMs;
  }

  int wrongHandshakes() {
    return wrongHandshakes;
  }

  /** Until the first byte of a media file that was asked for at once. */
  double mediaMs(double share) {
    return quantileMs(mediaUs, share);
  }

  /** Until the first byte of the playlist. */
  double playlistMs(double share) {
    return quantileMs(playlistUs, share);
  }

  /** Until the first byte of the media file that the playlist named. */
  double mediaAfterPlaylistMs(double share) {
    return quantileMs(mediaAfterPlaylistUs, share);
  }

  /** By nearest rank. */
  private static double quantileMs(List<Long> valuesUs, double share) {
    List<Long> sorted = valuesUs.stream().sorted().toList();
    int rank = (int) Math.ceil(share * sorted.size());
    return sorted.get(Math.clamp(rank - 1, 0, sorted.size() - 1)) / 1_000.0;
  }
}
