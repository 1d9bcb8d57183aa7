package io.millrace.server.origin;

import static org.assertj.core.api.Assertions.assertThat;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import io.millrace.media.StreamKey;
import io.millrace.packager.Edge;
import io.millrace.packager.MediaObject;
import io.millrace.transport.Loops;
import io.millrace.transport.http.HttpLimits;
import io.millrace.transport.http.HttpServer;
import io.millrace.transport.http.HttpStats;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that wait for the live edge, over real sockets, with a real presentation behind. */
class LiveEdgeTest {
  private static final String FOLDER = "/live/show/720p/";
  private static final String PLAYLIST = FOLDER + "media.m3u8";
  private static final int LIMIT = 120;

  private final Loops loops = Loops.open(2, "edge-test");
  private final TestStream.Directory directory = new TestStream.Directory();
  private final TestStream stream = TestStream.inParts();
  private HttpServer server;
  private HttpClient client;
  private Origin origin;
  private int port;

  @BeforeEach
  void start() throws Exception {
    directory.streams.put(new StreamKey("live", "show"), stream);
    client = HttpClient.newHttpClient();
    start(PlaylistReload.PATIENCE);
  }

  private void start(Duration patience) throws Exception {
    Parking parking = new Parking(LIMIT, 100, Duration.ofMillis(20), System::nanoTime);
    origin = new Origin(directory, new Viewers(), InstantSource.system(), parking, patience);
    server = new HttpServer(loops, HttpLimits.DEFAULTS, origin, HttpStats.NONE);
    port = server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).getPort();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    loops.group().shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private HttpRequest request(String method, String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(30))
            .method(method, BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return request.build();
  }

  private HttpResponse<byte[]> get(String path, String... headers) throws Exception {
    return client.send(request("GET", path, headers), BodyHandlers.ofByteArray());
  }

  private CompletableFuture<HttpResponse<byte[]>> ask(String path, String... headers) {
    return client.sendAsync(request("GET", path, headers), BodyHandlers.ofByteArray());
  }

  private static <T> T answer(CompletableFuture<T> response) throws Exception {
    return response.get(20, TimeUnit.SECONDS);
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  private static String field(HttpResponse<?> response, String name) {
    return String.join("|", response.headers().allValues(name));
  }

  private static String find(String text, String regex) {
    Matcher matcher = Pattern.compile(regex).matcher(text);
    assertThat(matcher.find()).as("%s in %s", regex, text).isTrue();
    return matcher.group(matcher.groupCount());
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadlineNs = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("not in time: %s", what).isLessThan(deadlineNs);
      Thread.onSpinWait();
    }
  }

  private void awaitParked(int count) {
    await(count + " parked", () -> origin.parked() == count);
  }

  private Edge edge() {
    return stream.presentation.playlist("720p").edge();
  }

  /** Goes on to the middle of a segment. */
  private Edge amid(int segments) {
    stream.grown(segments);
    while (edge().openParts() != 1) {
      stream.step();
    }
    return edge();
  }

  /** What comes after the newest part. */
  private static String next(Edge edge) {
    return "?_HLS_msn=" + edge.openSequence() + "&_HLS_part=" + edge.openParts();
  }

  private void reach(long sequence, int part) {
    while (!edge().contains(sequence, part)) {
      stream.step();
    }
  }

  @Test
  void reloadIsAnsweredWhenItsPartIsThere() throws Exception {
    Edge before = amid(3);
    var response = ask(PLAYLIST + next(before));
    awaitParked(1);
    assertThat(response).isNotDone();
    reach(before.openSequence(), before.openParts());
    HttpResponse<byte[]> got = answer(response);
    assertThat(got.statusCode()).isEqualTo(200);
    assertThat(got.body()).isEqualTo(stream.presentation.media("720p").bytes());
    assertThat(field(got, "cache-control")).isEqualTo("public, max-age=12");
    assertThat(field(got, "etag")).isNotEmpty();
    assertThat(field(got, "access-control-allow-origin")).isEqualTo("*");
    awaitParked(0);
  }

  /** RFC 8216bis §6.2.5.2: it is taken for part 0 of the following segment. */
  @Test
  void partBehindTheLastOfItsSegmentIsTheFirstOfTheNext() throws Exception {
    long sequence = amid(3).openSequence();
    reach(sequence, 3);
    stream.boundary();
    assertThat(edge()).isEqualTo(new Edge(sequence + 1, 0));
    assertThat(get(PLAYLIST + "?_HLS_msn=" + sequence + "&_HLS_part=3").statusCode())
        .isEqualTo(200);
    var response = ask(PLAYLIST + "?_HLS_msn=" + sequence + "&_HLS_part=4");
    awaitParked(1);
    reach(sequence + 1, 0);
    HttpResponse<byte[]> got = answer(response);
    assertThat(text(got)).contains("URI=\"part-t-" + (sequence + 1) + "-0.m4s\",INDEP");
    assertThat(field(got, "cache-control")).isEqualTo("public, max-age=12");
  }

  @Test
  void reloadOfAWholeSegmentWaitsForAllOfIt() throws Exception {
    stream.grown(3);
    long sequence = edge().openSequence();
    var response = ask(PLAYLIST + "?_HLS_msn=" + sequence);
    awaitParked(1);
    reach(sequence, 1);
    assertThat(origin.parked()).isEqualTo(1);
    while (!edge().contains(sequence)) {
      stream.step();
    }
    assertThat(answer(response).statusCode()).isEqualTo(200);
  }

  /** VLC goes on from the length that a manifest expected of a segment. */
  @Test
  void aSegmentAskedForByItsExpectedStartIsTheOneThatIsMeant() throws Exception {
    stream.grown(4);
    byte[] whole = get(FOLDER + "seg-t-1440000.m4s").body();
    HttpResponse<byte[]> near = get(FOLDER + "seg-t-1444080.m4s");
    assertThat(near.statusCode()).isEqualTo(200);
    assertThat(near.body()).isEqualTo(whole);
    assertThat(field(near, "etag")).contains("seg-t-1440000.m4s");
    assertThat(get(FOLDER + "seg-t-1800000.m4s").statusCode()).isEqualTo(404);
  }

  /** hls.js without its low-latency mode asks for a segment by its last part. */
  @Test
  void whoAsksFarAheadForTheLastPartOfASegmentIsToldOfTheSegment() throws Exception {
    long sequence = amid(3).openSequence();
    String last = PLAYLIST + "?_HLS_msn=" + sequence + "&_HLS_part=3";
    var farAhead = ask(last);
    awaitParked(1);
    reach(sequence, 2);
    var oneByOne = ask(last);
    awaitParked(2);
    reach(sequence, 3);
    assertThat(edge()).isEqualTo(new Edge(sequence, 4));
    assertThat(answer(oneByOne).statusCode()).isEqualTo(200);
    var again = ask(last);
    awaitParked(2);
    assertThat(farAhead).isNotDone();
    stream.boundary();
    byte[] withSegment = stream.presentation.media("720p").bytes();
    assertThat(answer(farAhead).body()).isEqualTo(withSegment);
    assertThat(answer(again).body()).isEqualTo(withSegment);
    awaitParked(0);
  }

  @Test
  void aSourceThatStallsBehindTheLastPartDoesNotTakeItBack() throws Exception {
    server.close();
    start(Duration.ofMillis(500));
    long sequence = amid(3).openSequence();
    reach(sequence, 3);
    HttpResponse<byte[]> got = get(PLAYLIST + "?_HLS_msn=" + sequence + "&_HLS_part=3");
    assertThat(got.statusCode()).isEqualTo(200);
    assertThat(text(got)).contains("part-t-" + sequence + "-3.m4s");
  }

  @Test
  void segmentThatGoesOnBehindItsExpectedEndKeepsNobodyWaitingLongerThanAPart() throws Exception {
    long sequence = amid(3).openSequence();
    var farAhead = ask(PLAYLIST + "?_HLS_msn=" + sequence + "&_HLS_part=3");
    awaitParked(1);
    reach(sequence, 3);
    assertThat(farAhead).isNotDone();
    stream.goOn();
    assertThat(edge()).isEqualTo(new Edge(sequence, 5));
    assertThat(answer(farAhead).statusCode()).isEqualTo(200);
  }

  @Test
  void whatIsThereAlreadyIsAnsweredAtOnceAndNotKeptForLong() throws Exception {
    stream.grown(5);
    HttpResponse<byte[]> plain = get(PLAYLIST);
    HttpResponse<byte[]> old = get(PLAYLIST + "?_HLS_msn=1&_HLS_part=0");
    assertThat(old.body()).isEqualTo(plain.body());
    for (HttpResponse<byte[]> response : List.of(plain, old)) {
      assertThat(field(response, "cache-control")).isEqualTo("public, max-age=1");
    }
  }

  @Test
  void aHundredWaitersCostOneRenderAndOneCompressionForEachCoding() throws Exception {
    Edge before = amid(14);
    get(PLAYLIST);
    List<CompletableFuture<HttpResponse<byte[]>>> responses = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      String path = PLAYLIST + next(before) + "&token=" + i + "&CMCD=sid%3D%22" + i + "%22";
      String coding = i % 2 == 0 ? "gzip" : "gzip, deflate, br";
      responses.add(ask(path, "Accept-Encoding", coding));
    }
    awaitParked(100);
    long compressions = origin.compressions();
    long renders = stream.presentation.stats().documents();
    reach(before.openSequence(), before.openParts());
    Set<String> tags = new HashSet<>();
    for (var response : responses) {
      tags.add(field(answer(response), "etag"));
    }
    int codings = Brotli4jLoader.isAvailable() ? 2 : 1;
    assertThat(tags).hasSize(codings);
    assertThat(origin.compressions() - compressions).isEqualTo(codings);
    assertThat(stream.presentation.stats().documents() - renders).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "_HLS_part=0,                        _HLS_part needs _HLS_msn",
    "_HLS_msn=-1,                        _HLS_msn is not a number",
    "_HLS_msn=,                          _HLS_msn is not a number",
    "_HLS_msn=%2B5,                      _HLS_msn is not a number",
    "_HLS_msn=1e3,                       _HLS_msn is not a number",
    "_HLS_msn=99999999999999999999,      _HLS_msn is not a number",
    "_HLS_msn=9223372036854775807,       _HLS_msn is more than 2 beyond",
    "_HLS_msn=6,                         _HLS_msn is more than 2 beyond",
    "_HLS_msn=1&_HLS_part=-1,            _HLS_part is not a number",
    "_HLS_msn=1&_HLS_part=2147483648,    _HLS_part is not a number",
    "_HLS_msn=4&_HLS_part=99,            Advance Part Limit",
    "_HLS_msn=5&_HLS_part=99,            Advance Part Limit",
  })
  void nonsenseIsRefusedWithAReason(String query, String reason) throws Exception {
    while (edgeSequence() < 4) {
      stream.step();
    }
    HttpResponse<byte[]> response = get(PLAYLIST + "?" + query);
    assertThat(response.statusCode()).as(text(response)).isEqualTo(400);
    assertThat(field(response, "content-type")).isEqualTo("application/problem+json");
    assertThat(field(response, "cache-control")).isEqualTo("no-store");
    assertThat(field(response, "access-control-allow-origin")).isEqualTo("*");
    assertThat(text(response)).contains(reason);
    assertThat(origin.parked()).isZero();
  }

  private long edgeSequence() {
    var playlist = stream.presentation.playlist("720p");
    return playlist == null ? -1 : playlist.edge().openSequence();
  }

  @Test
  void deltaUpdateLeavesOldSegmentsOut() throws Exception {
    amid(15);
    String whole = text(get(PLAYLIST));
    String unknown = text(get(PLAYLIST + "?_HLS_skip=v3"));
    assertThat(unknown).isEqualTo(whole);
    for (String skip : List.of("YES", "v2")) {
      String delta = text(get(PLAYLIST + "?_HLS_skip=" + skip));
      assertThat(delta).contains("#EXT-X-SKIP:SKIPPED-SEGMENTS=");
      assertThat(delta.contains("RECENTLY-REMOVED-DATERANGES")).isEqualTo(skip.equals("v2"));
      assertThat(delta.length()).isLessThan(whole.length());
    }
    Edge before = edge();
    var waiting = ask(PLAYLIST + next(before) + "&_HLS_skip=YES");
    awaitParked(1);
    reach(before.openSequence(), before.openParts());
    assertThat(text(answer(waiting))).contains("#EXT-X-SKIP:SKIPPED-SEGMENTS=");
  }

  @ParameterizedTest
  @CsvSource({
    "-12,   -12.000000",
    "7,     7.000000",
    "-4.75, -4.000000",
    "0,     0.000000",
  })
  void whoWantsToBeginElsewhereGetsTheSamePlaylistWithAStart(String offset, String told)
      throws Exception {
    amid(4);
    for (String path : List.of(PLAYLIST, "/live/show/master.m3u8")) {
      HttpResponse<byte[]> plain = get(path);
      HttpResponse<byte[]> moved = get(path + "?_HLS_start_offset=" + offset);
      String tag = "#EXT-X-START:TIME-OFFSET=" + told + ",PRECISE=YES\n";
      assertThat(text(moved)).isEqualTo(text(plain).replace("#EXTM3U\n", "#EXTM3U\n" + tag));
      assertThat(field(moved, "etag")).isNotEqualTo(field(plain, "etag"));
      assertThat(text(get(path))).as("for others").isEqualTo(text(plain));
    }
  }

  @Test
  void aStartIsMadeAndCompressedOnceForAllWhoWantIt() throws Exception {
    amid(15);
    String gzip = "gzip";
    get(PLAYLIST + "?_HLS_start_offset=-8", "accept-encoding", gzip);
    long renders = stream.presentation.stats().documents();
    long compressions = origin.compressions();
    for (int i = 0; i < 5; i++) {
      get(PLAYLIST + "?token=" + i + "&_HLS_start_offset=-8." + i, "accept-encoding", gzip);
    }
    assertThat(stream.presentation.stats().documents()).isEqualTo(renders);
    assertThat(origin.compressions()).isEqualTo(compressions);
  }

  @Test
  void aPlayerThatWaitsHasBegunAlready() throws Exception {
    Edge before = amid(4);
    var waiting = ask(PLAYLIST + next(before) + "&_HLS_start_offset=-8");
    awaitParked(1);
    reach(before.openSequence(), before.openParts());
    assertThat(text(answer(waiting))).doesNotContain("EXT-X-START");
  }

  @ParameterizedTest
  @CsvSource({"x", "''", "1e3", "--1", "604801", "-99999999999999999999"})
  void anOffsetThatIsNoneIsRefused(String offset) throws Exception {
    amid(4);
    for (String path : List.of(PLAYLIST, "/live/show/master.m3u8")) {
      HttpResponse<byte[]> response = get(path + "?_HLS_start_offset=" + offset);
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(text(response)).contains("_HLS_start_offset is seconds");
    }
  }

  @Test
  void theEndIsToldAtOnce() throws Exception {
    var next = ask(PLAYLIST + next(amid(3)));
    var later = ask(PLAYLIST + "?_HLS_msn=" + (edge().openSequence() + 1) + "&_HLS_part=0");
    awaitParked(2);
    stream.presentation.close();
    assertThat(answer(next).statusCode()).isEqualTo(200);
    assertThat(text(answer(later))).contains("#EXT-X-ENDLIST");
    assertThat(text(get(PLAYLIST + "?_HLS_msn=3&_HLS_part=7"))).contains("#EXT-X-ENDLIST");
  }

  @Test
  void stallIsAnsweredBeforeThePlayerGivesUp() throws Exception {
    server.close();
    start(Duration.ofMillis(150));
    HttpResponse<byte[]> response = get(PLAYLIST + next(amid(3)));
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(field(response, "retry-after")).isEqualTo("1");
    assertThat(field(response, "cache-control")).isEqualTo("no-store");
    awaitParked(0);
  }

  @Test
  void clientThatLeavesWaitsNoMore() throws Exception {
    stream.grown(3);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      String get = "GET " + PLAYLIST + next(edge()) + " HTTP/1.1\r\nHost: x\r\n\r\n";
      socket.getOutputStream().write(get.getBytes(StandardCharsets.US_ASCII));
      awaitParked(1);
    }
    awaitParked(0);
  }

  @Test
  void moreWaitersThanThereIsRoomForAreTurnedAway() throws Exception {
    Edge before = amid(3);
    List<CompletableFuture<HttpResponse<byte[]>>> waiting = new ArrayList<>();
    for (int i = 0; i < LIMIT; i++) {
      waiting.add(ask(PLAYLIST + next(before)));
    }
    awaitParked(LIMIT);
    HttpResponse<byte[]> refused = get(PLAYLIST + next(before));
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(field(refused, "retry-after")).isEqualTo("1");
    reach(before.openSequence(), before.openParts());
    for (var response : waiting) {
      assertThat(answer(response).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void renditionThatIsNotThereIs404AtOnceAndOneThatGoesAnswersItsWaiters() throws Exception {
    stream.grown(3);
    assertThat(get("/live/show/1080p/media.m3u8?_HLS_msn=4&_HLS_part=0").statusCode())
        .isEqualTo(404);
    var response = ask(PLAYLIST + next(edge()));
    awaitParked(1);
    stream.presentation.remove("720p");
    assertThat(answer(response).statusCode()).isEqualTo(404);
  }

  @Test
  void reloadOfAStreamThatIsNotReadyWaitsForItFirst() throws Exception {
    var response = ask(PLAYLIST + "?_HLS_msn=1&_HLS_part=0");
    await("waiting", () -> origin.waiting() == 1);
    stream.grown(3);
    assertThat(answer(response).statusCode()).isEqualTo(200);
  }

  private String hint() throws Exception {
    return find(text(get(PLAYLIST)), "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"([^\"]+)\"");
  }

  @Test
  void hintedPartIsAnsweredWhenItIsSealed() throws Exception {
    amid(3);
    String hint = hint();
    var response = ask(FOLDER + hint);
    var range = ask(FOLDER + hint, "Range", "bytes=8-11");
    awaitParked(2);
    assertThat(stream.presentation.object("720p", hint)).isNull();
    while (stream.presentation.object("720p", hint) == null) {
      stream.step();
    }
    HttpResponse<byte[]> got = answer(response);
    assertThat(got.statusCode()).isEqualTo(200);
    assertThat(got.body()).isEqualTo(bytes(stream.presentation.object("720p", hint)));
    assertThat(field(got, "content-length")).isEqualTo("" + got.body().length);
    assertThat(field(got, "cache-control")).isEqualTo("public, max-age=31536000, immutable");
    assertThat(field(got, "content-type")).isEqualTo("video/mp4");
    assertThat(answer(range).statusCode()).isEqualTo(206);
    assertThat(get(FOLDER + hint).body()).isEqualTo(got.body());
  }

  private static byte[] bytes(MediaObject object) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    object.parts().forEach(all::writeBytes);
    return all.toByteArray();
  }

  @Test
  void headOfAHintedPartDoesNotWait() throws Exception {
    stream.grown(3);
    HttpResponse<byte[]> head =
        client.send(request("HEAD", FOLDER + hint()), BodyHandlers.ofByteArray());
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(field(head, "content-length")).isEmpty();
  }

  @Test
  void hintThatIsNotKeptIs404() throws Exception {
    stream.grown(3);
    var response = ask(FOLDER + hint());
    awaitParked(1);
    stream.presentation.remove("720p");
    assertThat(answer(response).statusCode()).isEqualTo(404);
  }

  @Test
  void hintOfASourceThatStallsIs503() throws Exception {
    server.close();
    start(Duration.ofMillis(150));
    stream.grown(3);
    assertThat(get(FOLDER + hint()).statusCode()).isEqualTo(503);
  }

  @Test
  void growingSegmentIsSentPartByPartAndIsItsPartsByteForByte() throws Exception {
    Edge before = amid(3);
    String segment = "seg-t-" + before.openSequence() * 720_000 + ".m4s";
    HttpResponse<InputStream> response =
        client.send(request("GET", FOLDER + segment), BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(field(response, "content-length")).isEmpty();
    InputStream in = response.body();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int part = 0; part < 4; part++) {
      reach(before.openSequence(), part);
      String name = "part-t-" + before.openSequence() + "-" + part + ".m4s";
      byte[] sealed = bytes(stream.presentation.object("720p", name));
      assertThat(in.readNBytes(sealed.length)).as(name).isEqualTo(sealed);
      all.writeBytes(sealed);
    }
    while (!edge().contains(before.openSequence())) {
      stream.step();
    }
    assertThat(in.readAllBytes()).isEmpty();
    assertThat(get(FOLDER + segment).body()).isEqualTo(all.toByteArray());
  }

  @Test
  void segmentThatIsGivenUpBreaksOff() throws Exception {
    String segment = "seg-t-" + amid(3).openSequence() * 720_000 + ".m4s";
    HttpResponse<InputStream> response =
        client.send(request("GET", FOLDER + segment), BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    stream.presentation.remove("720p");
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> response.body().readAllBytes())
        .isInstanceOf(java.io.IOException.class);
  }

  @Test
  void mediaThatNeverWasOrIsFarAheadIs404() throws Exception {
    stream.grown(3);
    for (String name :
        List.of("part-t-99-0.m4s", "part-t-1-77.m4s", "seg-t-999999999.m4s", "gap-t-1.m4s")) {
      assertThat(get(FOLDER + name).statusCode()).as(name).isEqualTo(404);
    }
  }
}
