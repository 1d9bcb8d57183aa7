package io.millrace.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.edge.FakeExchange;
import io.millrace.transport.http.HttpHandler;
import io.millrace.transport.http.HttpReply;
import io.netty.channel.DefaultEventLoop;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SitePolicyTest {
  private static final HttpReply SHARED =
      HttpReply.of(200).with("access-control-allow-origin", "*").with("vary", "accept-encoding");
  private static final HttpHandler ROUTES =
      exchange -> {
        boolean _ = exchange.respond(exchange.path().equals("/plain") ? HttpReply.of(204) : SHARED);
      };

  private final DefaultEventLoop loop = new DefaultEventLoop();

  @AfterEach
  void stop() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private HttpReply ask(HttpHandler handler, FakeExchange exchange) {
    handler.handle(exchange);
    return exchange.answer();
  }

  private FakeExchange from(String origin) {
    return new FakeExchange(loop, "/live/show/master.m3u8").with("origin", origin);
  }

  private static String fields(HttpReply reply) {
    return reply.headers().toString();
  }

  @Test
  void withoutAPolicyNothingIsPutBetween() {
    assertThat(SitePolicy.around(ROUTES, Set.of(), Duration.ZERO)).isSameAs(ROUTES);
  }

  @Test
  void pagesOfTheListMayReadWithTheirCookiesAndOthersMayNot() {
    HttpHandler handler =
        SitePolicy.around(
            ROUTES, Set.of("https://tv.example", "http://localhost:3000"), Duration.ZERO);
    HttpReply listed = ask(handler, from("https://tv.example"));
    assertThat(listed.header("access-control-allow-origin")).isEqualTo("https://tv.example");
    assertThat(listed.header("access-control-allow-credentials")).isEqualTo("true");
    assertThat(fields(listed))
        .contains("accept-encoding", "value=Origin")
        .doesNotContain("value=*");
    for (String other :
        new String[] {"https://tv.example.evil", "http://tv.example", "null", "https://a"}) {
      HttpReply refused = ask(handler, from(other));
      assertThat(refused.header("access-control-allow-origin")).as(other).isNull();
      assertThat(refused.header("access-control-allow-credentials")).isNull();
      assertThat(fields(refused)).contains("value=Origin");
    }
    assertThat(ask(handler, new FakeExchange(loop, "/a")).header("access-control-allow-origin"))
        .isNull();
    assertThat(
            fields(
                ask(
                    handler,
                    new FakeExchange(loop, "/plain").with("origin", "https://tv.example"))))
        .as("an answer for the own pages")
        .doesNotContain("access-control");
    assertThat(SHARED.header("access-control-allow-origin")).isEqualTo("*");
  }

  @Test
  void browsersAreSentToTlsByTlsOnly() {
    HttpHandler handler = SitePolicy.around(ROUTES, Set.of(), Duration.ofDays(180));
    HttpReply secure = ask(handler, from("https://tv.example"));
    assertThat(secure.header("strict-transport-security")).isEqualTo("max-age=15552000");
    assertThat(secure.header("access-control-allow-origin")).isEqualTo("*");
    FakeExchange clear = from("https://tv.example").inTheClear();
    assertThat(ask(handler, clear).header("strict-transport-security")).isNull();
  }
}
