package io.millrace.server.ingest.obs;

import io.millrace.media.StreamKey;
import io.millrace.server.auth.PublishAttempt;
import io.millrace.server.auth.PublishVerdict;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpHandler;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.Problem;
import io.millrace.transport.rtmp.PublishRefusedException;
import io.millrace.transport.rtmp.PublishTarget;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /obs/multitrack} and {@code POST /obs/multitrack/APP}: OBS's {@code
 * GetClientConfiguration}. The request carries the stream key as the broadcaster has entered it,
 * {@code NAME?key=KEY}; the app is {@code live} unless the path says otherwise.
 *
 * <p>The key is checked as when publishing, and neither logged nor repeated. A refusal that the
 * broadcaster has to see is a status in an answer of 200: OBS shows nothing else.
 */
public final class MultitrackRoute implements HttpHandler {
  public static final String PATH = "/obs/multitrack";

  private static final Logger LOG = LoggerFactory.getLogger(MultitrackRoute.class);
  private static final String DEFAULT_APP = "live";
  private static final int MAX_NAME_LENGTH = 128;

  /** A host as in RFC 3986 §3.2.2, with a port or not. */
  private static final Pattern AUTHORITY =
      Pattern.compile("(\\[[0-9A-Fa-f:.]{2,45}\\]|[A-Za-z0-9._-]{1,253})(?::\\d{1,5})?");

  private final MultitrackPolicy policy;
  private final Map<String, InetSocketAddress> listeners;

  /**
   * @param listeners where {@code rtmp} and {@code rtmps} listen, those that do
   */
  public MultitrackRoute(MultitrackPolicy policy, Map<String, InetSocketAddress> listeners) {
    this.policy = policy;
    this.listeners = Map.copyOf(listeners);
  }

  /** Whether the path is this route's. */
  public static boolean matches(String path) {
    return path.equals(PATH) || path.startsWith(PATH + "/");
  }

  @Override
  public void handle(HttpExchange exchange) {
    exchange.route("obs_multitrack");
    if (!exchange.method().equals("POST")) {
      answer(
          exchange,
          Problem.reply(405, "Method not allowed", "This path takes POST").with("allow", "POST"));
      return;
    }
    ClientDescription client;
    try {
      client = ClientDescription.read(exchange.body());
    } catch (IOException e) {
      answer(exchange, Problem.reply(400, "Malformed request", "Not a configuration request"));
      return;
    }
    PublishTarget target;
    try {
      target = PublishTarget.parse(app(exchange), "", client.authentication(), MAX_NAME_LENGTH);
    } catch (PublishRefusedException e) {
      refuse(exchange, client, e.decision().description());
      return;
    }
    authorize(exchange, client, target);
  }

  private static String app(HttpExchange exchange) {
    String path = exchange.path();
    return path.length() > PATH.length() + 1 ? path.substring(PATH.length() + 1) : DEFAULT_APP;
  }

  private void authorize(HttpExchange exchange, ClientDescription client, PublishTarget target) {
    StreamLadder ladder = policy.ladder(target.stream());
    if (ladder == null) {
      refuse(exchange, client, "no stream of this server is called " + target.stream());
      return;
    }
    policy
        .authorize(
            new PublishAttempt(
                target.stream(),
                target.query(),
                exchange.remote().getAddress(),
                "obs",
                "",
                client.toString()))
        .whenComplete(
            (verdict, failure) -> decided(exchange, client, target.stream(), ladder, verdict));
  }

  private void decided(
      HttpExchange exchange,
      ClientDescription client,
      StreamKey stream,
      StreamLadder ladder,
      @Nullable PublishVerdict verdict) {
    if (verdict == null) {
      refuse(exchange, client, "the server could not check the stream key");
      return;
    }
    if (!verdict.allowed()) {
      refuse(exchange, client, verdict.text());
      return;
    }
    String host = host(exchange);
    if (host == null) {
      answer(exchange, Problem.reply(400, "Malformed request", "A Host field is needed"));
      return;
    }
    List<PublishEndpoint> endpoints = endpoints(exchange.secure(), host, stream.app());
    if (endpoints.isEmpty()) {
      refuse(exchange, client, "this server does not listen for RTMP");
      return;
    }
    Offer offer = Offer.make(client, ladder);
    LOG.atInfo()
        .addKeyValue("stream", stream)
        .addKeyValue("remote", exchange.remote().getAddress().getHostAddress())
        .addKeyValue("client", client)
        .addKeyValue("tracks", offer.video().size())
        .log("ladder offered to OBS");
    String configId = UUID.randomUUID().toString();
    json(exchange, ConfigurationJson.success(client, configId, endpoints, offer));
  }

  /** OBS takes the first. One in TLS only after TLS, as the certificate may be self-signed. */
  private List<PublishEndpoint> endpoints(boolean secure, String host, String app) {
    List<PublishEndpoint> endpoints = new ArrayList<>();
    for (String scheme : List.of("rtmp", "rtmps")) {
      InetSocketAddress listener = listeners.get(scheme);
      if (listener != null) {
        endpoints.add(
            new PublishEndpoint(
                scheme.toUpperCase(Locale.ROOT),
                "%s://%s:%d/%s".formatted(scheme, host, listener.getPort(), app)));
      }
    }
    return secure ? endpoints.reversed() : endpoints;
  }

  /** The host that the client has reached us by; null when it says none. */
  private static @Nullable String host(HttpExchange exchange) {
    String authority = exchange.headers().get("host");
    Matcher matcher = AUTHORITY.matcher(authority == null ? "" : authority);
    return matcher.matches() ? matcher.group(1) : null;
  }

  private static void refuse(HttpExchange exchange, ClientDescription client, String text) {
    json(exchange, ConfigurationJson.error(client.schemaVersion(), text));
  }

  private static void json(HttpExchange exchange, byte[] json) {
    answer(exchange, HttpReply.of(200, "application/json", json).with("cache-control", "no-store"));
  }

  private static void answer(HttpExchange exchange, HttpReply reply) {
    boolean _ = exchange.respond(reply);
  }
}
