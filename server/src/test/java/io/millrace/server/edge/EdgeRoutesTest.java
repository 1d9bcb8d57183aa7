package io.millrace.server.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.edge.EdgeStats.Result;
import io.millrace.server.edge.FakeOrigin.Asked;
import io.millrace.transport.http.GrowingContent;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.ReplyBody;
import io.millrace.transport.http.client.ClientFailure.Kind;
import io.netty.channel.DefaultEventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What viewers get and what an origin is asked, with an origin that a test plays itself. */
class EdgeRoutesTest {
  private static final long MIB = 1 << 20;
  private static final String PLAYLIST = "/live/show/720p/media.m3u8";
  private static final String PART = "/live/show/720p/part-1-0.m4s";

  private final List<DefaultEventLoop> loops =
      List.of(new DefaultEventLoop(), new DefaultEventLoop(), new DefaultEventLoop());
  private final ScheduledExecutorService loop = loops.getFirst();
  private final FakeOrigin origin = new FakeOrigin(loop);
  private final EdgeStats stats = new EdgeStats();
  private final AtomicLong skippedNs = new AtomicLong();
  private EdgeCache cache = cache(16 * MIB, Duration.ZERO);
  private EdgeRoutes routes = routes();
  private int viewers;

  private EdgeCache cache(long memoryBytes, Duration hold) {
    EdgeSettings settings =
        new EdgeSettings(memoryBytes, Duration.ofSeconds(30), hold, Duration.ofMillis(5), null);
    return new EdgeCache(
        settings, origin, loop, () -> System.nanoTime() + skippedNs.get(), stats, null);
  }

  private EdgeRoutes routes() {
    return new EdgeRoutes(
        cache,
        exchange -> exchange.respond(HttpReply.of(200, "t/p", "own".getBytes())),
        (app, name) -> name.equals("mine"));
  }

  @AfterEach
  void stop() {
    loops.forEach(each -> each.shutdownGracefully(0, 1, TimeUnit.SECONDS));
  }

  private FakeExchange exchange(String target) {
    return new FakeExchange(loops.get(viewers++ % loops.size()), target);
  }

  private FakeExchange ask(FakeExchange exchange) {
    exchange.executor().execute(() -> routes.handle(exchange));
    return exchange;
  }

  private FakeExchange ask(String target) {
    return ask(exchange(target));
  }

  private static HttpReply await(FakeExchange exchange) throws Exception {
    return exchange.reply.get(20, TimeUnit.SECONDS);
  }

  private static String text(FakeExchange exchange) throws Exception {
    return FakeExchange.text(await(exchange));
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadlineNs = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("not in time: %s", what).isLessThan(deadlineNs);
      Thread.onSpinWait();
    }
  }

  private void awaitCount(Result result, long count) {
    await(count + " " + result, () -> stats.count(result) == count);
  }

  private void skip(Duration time) {
    skippedNs.addAndGet(time.toNanos());
  }

  @Test
  void aThousandViewersOfOneReloadCostOneRequest() throws Exception {
    List<FakeExchange> all = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      all.add(ask(PLAYLIST + "?_HLS_msn=7&_HLS_part=2&CMCD=sid%3D" + i + "&token=t" + i));
    }
    await("all wait", () -> cache.waiting() == 1_000);
    Asked asked = origin.next();
    assertThat(asked.key.target()).isEqualTo(PLAYLIST + "?_HLS_msn=7&_HLS_part=2");
    asked.answer("playlist 7.2", 12);
    for (FakeExchange each : all) {
      assertThat(text(each)).isEqualTo("playlist 7.2");
      assertThat(await(each)).isSameAs(await(all.getFirst()));
    }
    assertThat(text(ask(PLAYLIST + "?_HLS_msn=007&_HLS_part=2"))).isEqualTo("playlist 7.2");
    assertThat(origin.all).hasSize(1);
    awaitCount(Result.MISS, 1);
    awaitCount(Result.JOINED, 999);
    awaitCount(Result.HIT, 1);
    assertThat(cache.waiting()).isZero();
    assertThat(cache.flights()).isZero();
  }

  @Test
  void viewersOfGrowingMediaShareItWhileItGrows() throws Exception {
    FakeExchange first = ask(PART);
    Asked asked = origin.next();
    asked.head(200, "content-type", "video/mp4", "cache-control", "max-age=100", "etag", "\"x\"");
    asked.data("one ");
    HttpReply reply = await(first);
    assertThat(reply.body()).isInstanceOf(ReplyBody.Growing.class);
    FakeExchange second = ask(PART);
    ReplyBody.Growing growing = (ReplyBody.Growing) await(second).body();
    assertThat(growing.content()).isSameAs(((ReplyBody.Growing) reply.body()).content());
    asked.data("two");
    asked.end();
    await("all of it", () -> FakeExchange.text(reply).equals("one two"));
    await("landed", () -> cache.flights() == 0);
    FakeExchange ranged = ask(exchange(PART).with("range", "bytes=4-6"));
    assertThat(text(ranged)).isEqualTo("one two");
    assertThat(origin.all).hasSize(1);
  }

  @Test
  void rangesAreAnsweredFromTheWholeObject() throws Exception {
    FakeExchange waiting = ask(exchange(PART).with("range", "bytes=2-3"));
    origin.next().answer("abcdef", 100);
    HttpReply reply = await(waiting);
    assertThat(reply.status()).isEqualTo(206);
    assertThat(FakeExchange.text(reply)).isEqualTo("cd");
    assertThat(reply.header("content-range")).isEqualTo("bytes 2-3/6");
    assertThat(
            await(ask(exchange(PART).with("if-none-match", "\"" + "abcdef".hashCode() + "\"")))
                .status())
        .isEqualTo(304);
    assertThat(origin.all).hasSize(1);
  }

  @Test
  void aLongObjectIsHandedOnBeforeItIsWhole() throws Exception {
    FakeExchange plain = ask(PART);
    FakeExchange ranged = ask(exchange(PART).with("range", "bytes=399999-399999"));
    Asked asked = origin.next();
    asked.head(
        200, "content-length", "400000", "cache-control", "max-age=9", "accept-ranges", "bytes");
    asked.data(new byte[100_000]);
    assertThat(await(plain).body()).isInstanceOf(ReplyBody.Growing.class);
    assertThat(await(plain).body().sizeBytes()).isEqualTo(400_000);
    assertThat(await(ask(exchange(PART).method("HEAD"))).body().sizeBytes()).isEqualTo(400_000);
    HttpReply there = await(ask(exchange(PART).with("range", "bytes=10-19")));
    assertThat(there.header("content-range")).isEqualTo("bytes 10-19/400000");
    assertThat(ranged.answer()).isNull();
    asked.data(new byte[300_000]);
    asked.end();
    assertThat(await(ranged).status()).isEqualTo(206);
  }

  @Test
  void theLastToLeaveEndsTheRequestAndNobodyBefore() throws Exception {
    FakeExchange first = ask(PART);
    Asked asked = origin.next();
    FakeExchange second = ask(PART);
    await("both wait", () -> cache.waiting() == 2);
    first.leave();
    await("one waits", () -> cache.waiting() == 1);
    assertThat(asked.cancelled).isFalse();
    second.leave();
    await("cancelled", () -> asked.cancelled);
    await("no flight", () -> cache.flights() == 0);
    FakeExchange third = ask(PART);
    origin.next().answer("part", 100);
    assertThat(text(third)).isEqualTo("part");
    assertThat(stats.cancellations()).isEqualTo(1);
  }

  @Test
  void whatHasExpiredIsAskedForByItsTag() throws Exception {
    FakeExchange first = ask(PLAYLIST);
    origin.next().answer("playlist", 1);
    assertThat(text(first)).isEqualTo("playlist");
    skip(Duration.ofMillis(1_500));
    FakeExchange second = ask(PLAYLIST);
    Asked asked = origin.next();
    assertThat(asked.header("if-none-match")).isEqualTo("\"" + "playlist".hashCode() + "\"");
    asked.head(304, "cache-control", "public, max-age=1");
    asked.end();
    assertThat(text(second)).isEqualTo("playlist");
    assertThat(text(ask(PLAYLIST))).isEqualTo("playlist");
    assertThat(origin.all).hasSize(2);
  }

  @Test
  void playlistsOutliveTheirOriginForAWhile() throws Exception {
    FakeExchange before = ask(PLAYLIST + "?_HLS_msn=3");
    origin.next().answer("up to 3", 12);
    assertThat(text(before)).isEqualTo("up to 3");
    origin.always(asked -> asked.fail(Kind.CONNECT));
    skip(Duration.ofSeconds(20));
    FakeExchange plain = ask(PLAYLIST);
    assertThat(text(plain)).isEqualTo("up to 3");
    assertThat(await(plain).header("cache-control")).isEqualTo("no-store");
    assertThat(text(ask(PLAYLIST + "?_HLS_msn=4&_HLS_part=0"))).isEqualTo("up to 3");
    awaitCount(Result.STALE, 2);
    skip(Duration.ofSeconds(20));
    HttpReply reply = await(ask(PLAYLIST));
    assertThat(reply.status()).isEqualTo(502);
    assertThat(FakeExchange.text(reply)).contains("No origin can be reached");
    assertThat(reply.header("access-control-allow-origin")).isEqualTo("*");
  }

  @Test
  void anOriginThatComesBackWithoutItsStreamIsGivenTime() throws Exception {
    FakeExchange before = ask(PLAYLIST);
    origin.next().answer("playlist", 1);
    assertThat(text(before)).isEqualTo("playlist");
    skip(Duration.ofSeconds(5));
    origin.always(
        asked -> {
          asked.head(404, "content-type", "t/p");
          asked.end();
        });
    origin.troubled = true;
    assertThat(text(ask(PLAYLIST))).isEqualTo("playlist");
    origin.troubled = false;
    assertThat(await(ask(PLAYLIST)).status()).isEqualTo(404);
  }

  @Test
  void aReloadIsTriedAgainWhileItsOriginIsAway() throws Exception {
    cache = cache(16 * MIB, Duration.ofSeconds(20));
    routes = routes();
    FakeExchange viewer = ask(PLAYLIST + "?_HLS_msn=3");
    origin.next().fail(Kind.BROKEN);
    origin.next().fail(Kind.CONNECT);
    origin.next().answer("up to 3", 12);
    assertThat(text(viewer)).isEqualTo("up to 3");
  }

  @Test
  void mediaIsTriedAgainWhileItsOriginIsAway() throws Exception {
    patient();
    FakeExchange viewer = ask(PART);
    origin.next().fail(Kind.CONNECT);
    origin.next().fail(Kind.TIMEOUT);
    Asked back = origin.next();
    back.head(404, "content-type", "t/p"); // it has not read its window yet
    back.end();
    origin.next().answer("part", 100);
    assertThat(text(viewer)).isEqualTo("part");
  }

  private void patient() {
    cache = cache(16 * MIB, Duration.ofSeconds(20));
    routes = routes();
  }

  @Test
  void aReloadIsTriedAgainWhileItsStreamComesBack() throws Exception {
    FakeExchange before = ask(PLAYLIST + "?_HLS_msn=3");
    origin.next().answer("up to 3", 12);
    assertThat(text(before)).isEqualTo("up to 3");
    FakeExchange reload = ask(PLAYLIST + "?_HLS_msn=4");
    origin.troubled = true;
    Asked missing = origin.next();
    missing.head(404, "content-type", "t/p");
    missing.end();
    assertThat(text(reload)).as("without patience").isEqualTo("up to 3");
    FakeExchange stalled = ask(PLAYLIST + "?_HLS_msn=4");
    Asked notYet = origin.next();
    notYet.head(503, "server", "Millrace", "content-type", "t/p");
    notYet.end();
    assertThat(text(stalled)).isEqualTo("up to 3");
    patient();
    FakeExchange patient = ask(PLAYLIST + "?_HLS_msn=5");
    for (int status : new int[] {404, 503}) {
      Asked asked = origin.next();
      asked.head(status, "server", "Millrace", "content-type", "t/p");
      asked.end();
    }
    origin.next().answer("up to 5", 12);
    assertThat(text(patient)).isEqualTo("up to 5");
  }

  @Test
  void aDeltaMayBeAnsweredWithTheWholeFromBefore() throws Exception {
    FakeExchange before = ask(PLAYLIST + "?_HLS_msn=3");
    origin.next().answer("up to 3", 12);
    assertThat(text(before)).isEqualTo("up to 3");
    origin.always(asked -> asked.fail(Kind.CONNECT));
    assertThat(text(ask(PLAYLIST + "?_HLS_msn=4&_HLS_part=1&_HLS_skip=YES"))).isEqualTo("up to 3");
  }

  /** Has half of a growing part arrive, then breaks off; the request for the rest. */
  private Asked brokenOff(String... more) throws Exception {
    Asked asked = origin.next();
    List<String> fields = new ArrayList<>(List.of(more));
    fields.addAll(List.of("cache-control", "max-age=1000", "etag", "\"x\""));
    asked.head(200, fields.toArray(String[]::new));
    asked.data("one ");
    asked.fail(Kind.BROKEN);
    Asked rest = origin.next();
    assertThat(rest.header("range")).isEqualTo("bytes=4-");
    assertThat(rest.header("if-range")).isEqualTo("\"x\"");
    return rest;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          206 | bytes 4-6/7  | two
          206 | bytes 2-6/*  | e two
          200 |              | one two
          """)
  void whatBreaksOffGoesOnWhereItEnded(int status, String range, String body) throws Exception {
    patient();
    FakeExchange viewer = ask(PART);
    Asked rest = brokenOff();
    HttpReply reply = await(viewer);
    assertThat(FakeExchange.text(reply)).isEqualTo("one ");
    rest.fail(Kind.CONNECT); // still away
    Asked back = origin.next();
    assertThat(back.header("range")).isEqualTo("bytes=4-");
    back.head(status, "content-range", range == null ? "" : range, "etag", "\"x\"");
    back.data(body);
    back.end();
    await("landed", () -> cache.flights() == 0);
    assertThat(FakeExchange.text(reply)).isEqualTo("one two");
    assertThat(((ReplyBody.Growing) reply.body()).content().growth().state())
        .isEqualTo(GrowingContent.State.COMPLETE);
    assertThat(text(ask(PART))).as("kept").isEqualTo("one two");
    assertThat(cache.heldBytes()).isLessThan(4_096);
  }

  @Test
  void whatBrokeOffBehindItsLastByteIsComplete() throws Exception {
    patient();
    FakeExchange viewer = ask(PART);
    Asked rest = brokenOff();
    rest.head(416, "content-range", "bytes */4", "content-type", "application/problem+json");
    rest.data("{not of the content}");
    rest.end();
    await("landed", () -> cache.flights() == 0);
    assertThat(text(viewer)).isEqualTo("one ");
    assertThat(text(ask(PART))).isEqualTo("one ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          206 | bytes 5-6/7  | "x"
          206 | bytes 4-6/8  | "x"
          206 | bytes 4-6/7  | "y"
          206 | nonsense     | "x"
          200 | -            | "y"
          416 | bytes */9    | -
          """)
  void otherContentIsNotPutBehindWhatThereWas(int status, String range, String etag)
      throws Exception {
    patient();
    FakeExchange viewer = ask(PART);
    Asked rest = brokenOff("content-length", "300007");
    assertThat(await(viewer).status()).isEqualTo(200);
    rest.head(status, "content-range", range.replace("/7", "/300007"), "etag", etag);
    await("given up", () -> cache.flights() == 0);
    assertThat(((ReplyBody.Growing) await(viewer).body()).content().growth().state())
        .isEqualTo(GrowingContent.State.ABANDONED);
    assertThat(rest.cancelled).isTrue();
  }

  @Test
  void fewerBytesThanAnnouncedAreNotAllOfIt() throws Exception {
    FakeExchange viewer = ask(PART);
    Asked asked = origin.next();
    asked.head(200, "content-length", "400000", "cache-control", "max-age=9");
    asked.data(new byte[300_000]);
    assertThat(await(viewer).body().sizeBytes()).isEqualTo(400_000);
    asked.end();
    Asked rest = origin.next();
    assertThat(rest.header("range")).isEqualTo("bytes=300000-");
    skip(Duration.ofSeconds(31));
    rest.fail(Kind.CONNECT);
    await("given up", () -> cache.flights() == 0);
    assertThat(((ReplyBody.Growing) await(viewer).body()).content().growth().state())
        .isEqualTo(GrowingContent.State.ABANDONED);
    FakeExchange small = ask(PART);
    Asked again = origin.next();
    again.head(200, "content-length", "10", "cache-control", "max-age=9");
    again.data("five.");
    again.end();
    Asked third = origin.next();
    assertThat(small.answer()).isNull();
    skip(Duration.ofSeconds(31));
    third.fail(Kind.CONNECT);
    assertThat(await(small).status()).isEqualTo(502);
  }

  @Test
  void ageCountsFromWhereItWasMade() throws Exception {
    FakeExchange first = ask(PART);
    Asked asked = origin.next();
    asked.head(200, "content-length", "4", "cache-control", "max-age=1000", "age", "100");
    asked.data("part");
    asked.end();
    assertThat(await(first).header("age")).isEqualTo("100");
    skip(Duration.ofSeconds(50));
    assertThat(await(ask(PART)).header("age")).isIn("150", "151");
    skip(Duration.ofSeconds(851));
    FakeExchange late = ask(PART);
    assertThat(origin.next().key.target()).isEqualTo(PART);
    assertThat(late.answer()).isNull();
  }

  @Test
  void whatIsNotThereIsAskedForOnceASecond() throws Exception {
    origin.always(
        asked -> {
          asked.head(404, "content-type", "application/problem+json", "cache-control", "no-store");
          asked.data("{}");
          asked.end();
        });
    for (int i = 0; i < 5; i++) {
      assertThat(await(ask("/live/none/master.m3u8")).status()).isEqualTo(404);
    }
    assertThat(origin.all).hasSize(1);
    skip(Duration.ofMillis(1_100));
    assertThat(await(ask("/live/none/master.m3u8")).status()).isEqualTo(404);
    assertThat(origin.all).hasSize(2);
  }

  @Test
  void memoryIsBoundedUnderAScanOfTenTimesItsSize() throws Exception {
    int objectBytes = 100_000;
    long memoryBytes = 16 * MIB;
    origin.always(
        asked -> {
          asked.head(200, "content-length", "" + objectBytes, "cache-control", "max-age=1000");
          asked.data(new byte[objectBytes]);
          asked.end();
        });
    long most = 0;
    for (int i = 0; i < 10 * memoryBytes / objectBytes; i++) {
      assertThat(await(ask("/live/show/720p/segment-" + i + ".m4s")).status()).isEqualTo(200);
      most = Math.max(most, cache.heldBytes());
    }
    assertThat(most).isBetween(memoryBytes / 2, memoryBytes);
    assertThat(stats.evictions()).isGreaterThan(1_000);
  }

  @Test
  void anObjectThatIsTooLargeToKeepPassesThrough() throws Exception {
    origin.always(
        asked -> {
          asked.head(200, "content-length", "2000000", "cache-control", "max-age=1000");
          asked.data(new byte[2_000_000]);
          asked.end();
        });
    for (int i = 1; i <= 2; i++) {
      FakeExchange viewer = ask(PART);
      HttpReply reply = await(viewer);
      await("all of it", () -> FakeExchange.text(reply).length() == 2_000_000);
      await("landed", () -> cache.flights() == 0 && cache.heldBytes() == 0);
      assertThat(origin.all).hasSize(i);
    }
  }

  @Test
  void whatHasNoRoomWhileItArrivesIsRefused() throws Exception {
    FakeExchange viewer = ask(PART);
    Asked asked = origin.next();
    asked.head(200, "content-length", "100", "cache-control", "max-age=1000");
    asked.data(new byte[(int) (5 * MIB)]);
    assertThat(await(viewer).status()).isEqualTo(503);
    await("cancelled", () -> asked.cancelled);
    assertThat(cache.heldBytes()).isZero();
  }

  @Test
  void earlyDataIsMarkedAndRefusedOnlyToThoseWhoSentIt() throws Exception {
    FakeExchange early = ask(exchange(PART).asEarlyData());
    Asked asked = origin.next();
    assertThat(asked.header("early-data")).isEqualTo("1");
    FakeExchange late = ask(PART);
    await("both wait", () -> cache.waiting() == 2);
    asked.head(425);
    asked.end();
    assertThat(await(early).status()).isEqualTo(425);
    Asked again = origin.next();
    assertThat(again.header("early-data")).isNull();
    again.answer("part", 100);
    assertThat(text(late)).isEqualTo("part");
  }

  @Test
  void edgesInACircleAreNoticed() throws Exception {
    FakeExchange first = ask(PART);
    Asked asked = origin.next();
    FakeExchange back = ask(exchange(PART).with("via", asked.header("via")));
    assertThat(await(back).status()).isEqualTo(508);
    FakeExchange other = ask(exchange("/live/show/x").with("via", "1.1 another"));
    assertThat(origin.next().header("via")).startsWith("1.1 another, 1.1 millrace-");
    assertThat(first.answer()).isNull();
    assertThat(other.answer()).isNull();
  }

  @Test
  void errorsOfTheOriginArePassedOn() throws Exception {
    origin.always(
        asked -> {
          asked.head(
              503,
              "content-type",
              "application/problem+json",
              "server",
              "Millrace",
              "retry-after",
              "1",
              "x-internal",
              "10.0.0.1");
          asked.data("{\"detail\":\"stalled\"}");
          asked.end();
        });
    HttpReply reply = await(ask(PLAYLIST));
    assertThat(reply.status()).isEqualTo(503);
    assertThat(FakeExchange.text(reply)).contains("stalled");
    assertThat(reply.header("retry-after")).isEqualTo("1");
    assertThat(reply.header("x-internal")).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /live/show/720p/media.m3u8?x=1&_HLS_part=1&_HLS_msn=2&_HLS_skip=YES | /live/show/720p/media.m3u8?_HLS_msn=2&_HLS_part=1&_HLS_skip=YES
          /live/show/720p/media.m3u8?_HLS_skip=nonsense                       | /live/show/720p/media.m3u8
          /live/show/720p/media.m3u8?_HLS_start_offset=-30                    | /live/show/720p/media.m3u8?_HLS_start_offset=-30
          /live/show/master.m3u8?betaCodecSuggestion=avc&token=t              | /live/show/master.m3u8?codec=h264
          /live/show/manifest.mpd?end=2026-11-28T16:00:00%2B01:00             | /live/show/manifest.mpd?end=2026-11-28T16:00:00%2B01:00
          /live/show/720p/seg%20%25.m4s?start=1                               | /live/show/720p/seg%20%25.m4s
          """)
  void onlyWhatMakesADifferenceReachesTheOrigin(String asked, String reaches) throws Exception {
    FakeExchange viewer = ask(asked);
    assertThat(origin.next().key.target()).isEqualTo(reaches);
    assertThat(viewer.answer()).isNull();
  }

  @Test
  void codingsAreThree() throws Exception {
    ask(exchange(PLAYLIST).with("accept-encoding", "gzip, deflate, br, zstd"));
    assertThat(origin.next().header("accept-encoding")).isEqualTo("br");
    ask(exchange(PLAYLIST).with("accept-encoding", "deflate, gzip;q=0.5"));
    assertThat(origin.next().header("accept-encoding")).isEqualTo("gzip");
    ask(exchange(PLAYLIST).with("accept-encoding", "zstd"));
    assertThat(origin.next().header("accept-encoding")).isNull();
    ask(exchange(PART).with("accept-encoding", "br"));
    assertThat(origin.next().header("accept-encoding")).isNull();
  }

  @Test
  void nonsenseIsAnsweredHere() throws Exception {
    assertThat(await(ask(PLAYLIST + "?_HLS_msn=x")).status()).isEqualTo(400);
    assertThat(await(ask("/live/show/master.m3u8?start=" + "1".repeat(41))).status())
        .isEqualTo(400);
    assertThat(origin.all).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/",
    "/time",
    "/watch/show",
    "/watch/live/show",
    "/ui/vendor/x.js",
    "/live/mine/720p/x"
  })
  void whatIsTheServersOwnIsNotAskedFor(String path) throws Exception {
    assertThat(text(ask(path))).isEqualTo("own");
    assertThat(text(ask(exchange("/live/show/keys").method("POST")))).isEqualTo("own");
    assertThat(origin.all).isEmpty();
  }
}
