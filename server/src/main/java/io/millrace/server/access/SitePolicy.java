package io.millrace.server.access;

import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpHandler;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which pages may read answers (CORS), and whether browsers are to come by TLS alone from now on
 * (HSTS, RFC 6797). Answers are shared by everyone, so what is different for one is put on here,
 * last. Thread-safe.
 *
 * <p>Without a list of origins any page may read, and no credentials are taken: the answers' own
 * {@code *} stays. With one, a page of it may, with its cookies, and others may not (WHATWG Fetch
 * §3.3); answers say that they differ by origin, for the caches between.
 */
public final class SitePolicy implements HttpHandler {
  private static final String ALLOW_ORIGIN = "access-control-allow-origin";

  private final HttpHandler next;
  private final Set<String> origins;
  private final @Nullable Header hsts;

  private SitePolicy(HttpHandler next, Set<String> origins, @Nullable Header hsts) {
    this.next = next;
    this.origins = Set.copyOf(origins);
    this.hsts = hsts;
  }

  /**
   * Puts a policy around routes; the routes themselves where there is none.
   *
   * @param origins of pages that may read, as browsers write them; empty: all
   * @param hsts for how long; zero: nothing is said
   */
  public static HttpHandler around(HttpHandler next, Set<String> origins, Duration hsts) {
    if (origins.isEmpty() && hsts.isZero()) {
      return next;
    }
    Header header =
        hsts.isZero()
            ? null
            : new Header("strict-transport-security", "max-age=" + hsts.toSeconds());
    return new SitePolicy(next, origins, header);
  }

  @Override
  public void handle(HttpExchange exchange) {
    next.handle(new Policed(exchange));
  }

  private final class Policed extends ForwardingExchange {
    Policed(HttpExchange of) {
      super(of);
    }

    @Override
    public boolean respond(HttpReply reply) {
      return super.respond(adapt(reply, headers().get("origin"), secure()));
    }
  }

  /** RFC 6797 §7.2: over TLS only. */
  private HttpReply adapt(HttpReply reply, @Nullable String origin, boolean secure) {
    HttpReply adapted =
        !origins.isEmpty() && reply.header(ALLOW_ORIGIN) != null ? forOrigin(reply, origin) : reply;
    return hsts != null && secure ? adapted.with(List.of(hsts)) : adapted;
  }

  private HttpReply forOrigin(HttpReply reply, @Nullable String origin) {
    List<Header> fields = new ArrayList<>(reply.headers().size() + 2);
    for (Header field : reply.headers()) {
      if (!field.name().equals(ALLOW_ORIGIN)) {
        fields.add(field);
      }
    }
    fields.add(new Header("vary", "Origin"));
    if (origin != null && origins.contains(origin)) {
      fields.add(new Header(ALLOW_ORIGIN, origin));
      fields.add(new Header("access-control-allow-credentials", "true"));
    }
    return new HttpReply(reply.status(), fields, reply.body());
  }
}
