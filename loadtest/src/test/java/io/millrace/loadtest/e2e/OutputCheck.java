package io.millrace.loadtest.e2e;

import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * What has to hold of everything that a server shows at the end of any test: playlists and
 * manifests are read as the standards have it, by these tests and by parsers of others, and they
 * agree; the media is what is said of it.
 */
final class OutputCheck {
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** Tests take publishers away for longer than any hole that is an error elsewhere. */
  private static final Duration HOLE = Duration.ofSeconds(30);

  private final RunningServer server;
  private final Optional<Parsers> parsers = Parsers.find();
  private final List<String> problems = new ArrayList<>();
  private boolean encrypted;

  private OutputCheck(RunningServer server) {
    this.server = server;
  }

  /** One line for each thing that is wrong. */
  static List<String> of(RunningServer server) {
    OutputCheck check = new OutputCheck(server);
    for (Object stream :
        Json.list(Json.object(Web.text(server.http("/streams.json"))).get("streams"))) {
      check.stream("/" + Json.object(stream).get("path"));
    }
    return check.problems;
  }

  private void stream(String path) {
    URI master = server.http(path + "/master.m3u8");
    Optional<String> text = load(master);
    if (text.isEmpty()) {
      return; // it has not begun
    }
    encrypted = false;
    HlsPlaylist.Master listed = HlsPlaylist.master(master, text.get());
    compare("master", master, Facts.master(listed), text.get(), Set.of());
    listed.variants().forEach(variant -> media(variant.uri()));
    for (HlsPlaylist.Rendition rendition : listed.renditions()) {
      if (rendition.uri() != null) {
        media(rendition.uri());
      }
    }
    URI manifest = server.http(path + "/manifest.mpd");
    load(manifest)
        .ifPresent(
            xml -> {
              DashManifest read =
                  DashManifest.parse(manifest, xml.getBytes(StandardCharsets.UTF_8));
              // mpd-parser says of a representation what it says in one of its periods.
              boolean changes = read.representations().stream().anyMatch(it -> it.period() > 0);
              compare(
                  "mpd",
                  manifest,
                  Facts.manifest(read),
                  xml,
                  changes ? Set.of("representation") : Set.of());
            });
    if (encrypted) {
      return; // nobody has keys here
    }
    HlsClient client = new HlsClient(master);
    client.reload();
    boolean begun = client.tracks().stream().noneMatch(track -> track.segments().isEmpty());
    if (begun) {
      Conformance.check(client, HOLE).forEach(problem -> problems.add(path + ": " + problem));
    }
  }

  /** Whole, and as a delta update. */
  private void media(URI uri) {
    for (String query : List.of("", "?_HLS_skip=YES", "?_HLS_skip=v2")) {
      URI asked = URI.create(uri + query);
      load(asked)
          .ifPresent(
              text -> {
                encrypted |= text.contains("#EXT-X-KEY:");
                List<String> own = Facts.media(HlsPlaylist.media(asked, text));
                compare("media", asked, own, text, Set.of());
              });
    }
  }

  private void compare(String kind, URI uri, List<String> own, String text, Set<String> ignored) {
    parsers.ifPresent(
        others ->
            problems.addAll(Facts.differences(uri, own, others.read(kind, uri, text), ignored)));
  }

  private static Optional<String> load(URI uri) {
    try {
      HttpResponse<byte[]> response =
          Web.ask(uri).orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).join();
      return response.statusCode() == 200
          ? Optional.of(new String(response.body(), StandardCharsets.UTF_8))
          : Optional.empty();
    } catch (CompletionException e) {
      return Optional.empty(); // it waits for a stream that has not begun
    }
  }
}
