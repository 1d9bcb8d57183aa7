package io.millrace.server.origin;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.StreamKey;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpHandler;
import io.millrace.transport.http.HttpProtocol;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.QueryParameters;
import io.millrace.transport.http.RequestHeaders;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EarlyPolicyTest {
  private static final HttpHandler OK = exchange -> exchange.respond(HttpReply.of(200));

  private static int status(HttpHandler handler, Request request) {
    handler.handle(request);
    return request.status;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/watch/a",
        "/watch/live/a",
        "/ui/watch.js",
        "/ui/vendor/hls.min.js",
        "/live/a/master.m3u8",
        "/live/a/manifest.mpd",
        "/live/a/thumb.jpg",
        "/live/a/storyboard.vtt",
        "/live/a/storyboard-x-5-0-1.jpg",
        "/live/a/360p/media.m3u8",
        "/live/a/360p/init-1.mp4",
        "/live/a/360p/12.3.m4s",
        "/live/a/en/12.vtt",
        "/t/abc.def/live/a/master.m3u8",
        "/t/abc.def/live/a/360p/media.m3u8"
      })
  void whatIsReadMayComeEarly(String path) {
    HttpHandler policy = EarlyPolicy.publicRoutes(OK);
    assertThat(status(policy, new Request("GET", path, true))).isEqualTo(200);
    assertThat(status(policy, new Request("HEAD", path, true))).isEqualTo(200);
    assertThat(status(policy, new Request("GET", path, false, "early-data", "1"))).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /live/a/master.m3u8",
    "OPTIONS, /live/a/master.m3u8",
    "PUT, /live/a/360p/12.m4s",
    "POST, /obs/multitrack",
    "GET, /live/a/keys",
    "POST, /live/a/keys",
    "GET, /live/a/keys/3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "GET, /streams.json",
    "GET, /time",
    "GET, /live/a/360p/x.key",
    "GET, /live/a/360p/",
    "GET, /t/abc.def/live/a/keys",
    "GET, /live/a/b/c/d.m4s"
  })
  void everythingElseMayNot(String method, String path) {
    HttpHandler policy = EarlyPolicy.publicRoutes(OK);
    Request early = new Request(method, path, true);
    assertThat(status(policy, early)).isEqualTo(425);
    assertThat(early.route).isEqualTo("too_early");
    assertThat(early.fields()).contains("cache-control: no-store");
    assertThat(status(policy, new Request(method, path, false, "early-data", "1"))).isEqualTo(425);
    assertThat(status(policy, new Request(method, path, false))).isEqualTo(200);
  }

  /** RFC 8470 §5.1: an invalid field counts as one of value 1. */
  @Test
  void anyEarlyDataFieldCounts() {
    HttpHandler policy = EarlyPolicy.publicRoutes(OK);
    assertThat(status(policy, new Request("POST", "/", false, "early-data", "no"))).isEqualTo(425);
  }

  @Test
  void adminIsReadEarlyAndChangesNothing() {
    HttpHandler policy = EarlyPolicy.safeMethods(OK);
    assertThat(status(policy, new Request("GET", "/metrics", true))).isEqualTo(200);
    assertThat(status(policy, new Request("DELETE", "/api/v1/sessions/1", true))).isEqualTo(425);
    assertThat(status(policy, new Request("POST", "/api/v1/x", false, "early-data", "1")))
        .isEqualTo(425);
    assertThat(status(policy, new Request("DELETE", "/api/v1/sessions/1", false))).isEqualTo(200);
  }

  @Test
  void aViewerCountsWithTheFirstRequestThatIsNoReplay() {
    TestStream.Directory directory = new TestStream.Directory();
    TestStream stream = new TestStream();
    stream.grown(2);
    StreamKey key = new StreamKey("live", "show");
    directory.streams.put(key, stream);
    AtomicLong nowNs = new AtomicLong();
    Viewers viewers = new Viewers(nowNs::get);
    Origin origin = new Origin(directory, viewers, InstantSource.system());
    HttpHandler policy = EarlyPolicy.publicRoutes(origin);
    String path = "/live/show/nothing/1.m4s";
    assertThat(status(policy, new Request("GET", path, true))).isEqualTo(404);
    assertThat(status(policy, new Request("GET", path, false, "early-data", "1"))).isEqualTo(404);
    assertThat(viewers.count(key)).isZero();
    assertThat(status(policy, new Request("GET", path, false))).isEqualTo(404);
    nowNs.addAndGet(Duration.ofMillis(1_001).toNanos()); // counts are a second old at most
    assertThat(viewers.count(key)).isOne();
  }

  /** A request that keeps its answer. */
  private static final class Request implements HttpExchange {
    private final String method;
    private final String path;
    private final boolean early;
    private final RequestHeaders headers;
    private String route = "";
    private int status;
    private HttpReply reply = HttpReply.of(500);

    /**
     * @param field name and value of a header field, or nothing
     */
    Request(String method, String path, boolean early, String... field) {
      this.method = method;
      this.path = path;
      this.early = early;
      this.headers = name -> field.length > 0 && field[0].equals(name) ? field[1] : null;
    }

    String fields() {
      StringBuilder text = new StringBuilder();
      for (HttpReply.Header header : reply.headers()) {
        text.append(header.name()).append(": ").append(header.value()).append('\n');
      }
      return text.toString();
    }

    @Override
    public String method() {
      return method;
    }

    @Override
    public String path() {
      return path;
    }

    @Override
    public QueryParameters query() {
      return QueryParameters.NONE;
    }

    @Override
    public RequestHeaders headers() {
      return headers;
    }

    @Override
    public byte[] body() {
      return new byte[0];
    }

    @Override
    public InetSocketAddress remote() {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    }

    @Override
    public boolean secure() {
      return true;
    }

    @Override
    public HttpProtocol protocol() {
      return HttpProtocol.HTTP_2;
    }

    @Override
    public boolean early() {
      return early;
    }

    @Override
    public boolean respond(HttpReply answer) {
      reply = answer;
      status = answer.status();
      return true;
    }

    @Override
    public void onCancel(Runnable action) {}

    @Override
    public boolean cancelled() {
      return false;
    }

    @Override
    public void route(String name) {
      route = name;
    }

    @Override
    public int inFlight() {
      return 1;
    }

    @Override
    public ScheduledExecutorService executor() {
      throw new UnsupportedOperationException();
    }
  }
}
