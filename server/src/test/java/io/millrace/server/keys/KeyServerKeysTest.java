package io.millrace.server.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.packager.bmff.Box;
import io.millrace.packager.bmff.ProtectionSystemBox;
import io.millrace.packager.crypt.ClearKeys;
import io.millrace.packager.crypt.ContentKey;
import io.millrace.packager.crypt.KeyAddress;
import io.millrace.packager.crypt.Protection;
import io.millrace.packager.crypt.Scheme;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A key server that answers, is slow, is wrong, or stays away. */
class KeyServerKeysTest {
  private static final UUID SYSTEM = UUID.fromString("edef8ba9-79d6-4ace-a3c8-27dcd51d21ed");
  private static final byte[] KEY = "sixteen bytes ok".getBytes(UTF_8);
  private final ClearKeys names = new ClearKeys(new byte[32], "live/show");
  private final CpixRequest request = new CpixRequest("live/show", Scheme.CBCS, List.of(SYSTEM));
  private final List<String> asked = new ArrayList<>();
  private final List<CompletableFuture<byte[]>> answers = new ArrayList<>();
  private final Deque<Runnable> later = new ArrayDeque<>();
  private final List<Long> pausesMs = new ArrayList<>();
  private final KeyServerKeys keys =
      new KeyServerKeys(
          document -> {
            asked.add(document);
            CompletableFuture<byte[]> answer = new CompletableFuture<>();
            answers.add(answer);
            return answer;
          },
          pauseMs -> {
            pausesMs.add(pauseMs);
            return later::add;
          },
          "keys.example",
          request,
          names,
          true);

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static byte[] document(UUID kid, String more) {
    byte[] pssh = Box.toBytes(List.of(new ProtectionSystemBox(SYSTEM, List.of(), new byte[] {7})));
    return """
    <?xml version="1.0" encoding="UTF-8"?>
    <c:CPIX xmlns:c="urn:dashif:org:cpix" xmlns:p="urn:ietf:params:xml:ns:keyprov:pskc">
      <c:ContentKeyList>
        <c:ContentKey kid="%s" explicitIV="%s">
          <c:Data><p:Secret><p:PlainValue>%s</p:PlainValue></p:Secret></c:Data>
        </c:ContentKey>
      </c:ContentKeyList>
      <c:DRMSystemList>
        <c:DRMSystem kid="%s" systemId="%s">
          <c:PSSH>%s</c:PSSH>
          <c:HLSSignalingData playlist="media">%s</c:HLSSignalingData>
        </c:DRMSystem>
      </c:DRMSystemList>%s
    </c:CPIX>
    """
        .strip()
        .formatted(
            kid,
            base64(new byte[16]),
            base64(KEY),
            kid,
            SYSTEM,
            base64(pssh),
            base64(
                "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://x\"\n#EXT-X-ENDLIST\n".getBytes(UTF_8)),
            more)
        .getBytes(UTF_8);
  }

  @Test
  void aKeyIsAskedForByNameAndReadWithEverythingItBrings() {
    keys.prepare(7);
    keys.prepare(7);
    assertThat(asked).hasSize(1);
    assertThat(asked.getFirst())
        .contains(names.kid(7).toString(), "index=\"7\"", SYSTEM.toString(), "live/show");
    assertThat(keys.find(7)).isNull();
    answers.getFirst().complete(document(names.kid(7), ""));
    ContentKey key = keys.find(7);
    assertThat(key.key()).isEqualTo(KEY);
    assertThat(key.iv()).isEqualTo(new byte[16]);
    assertThat(key.systems()).hasSize(1);
    assertThat(key.systems().getFirst().id()).isEqualTo(SYSTEM);
    assertThat(key.systems().getFirst().hlsMedia())
        .isEqualTo("#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://x\"\n");
  }

  @Test
  void aServerThatStaysAwayIsAskedEverMoreSeldomAndNeverForEver() {
    keys.prepare(1);
    for (int i = 0; i < 6; i++) {
      answers.get(i).completeExceptionally(new java.io.IOException("refused"));
      if (i < 5) {
        later.remove().run();
      }
    }
    assertThat(pausesMs).containsExactly(1_000L, 2_000L, 4_000L, 8_000L, 16_000L);
    assertThat(later).isEmpty();
    keys.prepare(1);
    answers.getLast().complete(document(names.kid(1), ""));
    assertThat(keys.find(1)).isNotNull();
  }

  @Test
  void aStreamKeepsItsKeyUntilTheNextOneIsThere() {
    Protection protection =
        new Protection(Scheme.CBCS, Duration.ofSeconds(10), keys, KeyAddress.ELSEWHERE);
    Instant epoch = Instant.ofEpochSecond(1_000);
    assertThat(protection.keyOf(new Boundary(0, 0, epoch, false))).isNull();
    assertThat(asked).as("this period and the next").hasSize(2);
    answers.get(0).complete(document(names.kid(100), ""));
    ContentKey first = protection.keyOf(new Boundary(1, 2 * 360_000, epoch, false));
    assertThat(first.kid()).isEqualTo(names.kid(100));
    assertThat(protection.keyOf(new Boundary(6, 12 * 360_000, epoch, false))).isSameAs(first);
    answers.get(1).complete(document(names.kid(101), ""));
    assertThat(protection.keyOf(new Boundary(6, 12 * 360_000, epoch, false)))
        .as("another rendition, the same interval")
        .isSameAs(first);
    assertThat(protection.keyOf(new Boundary(7, 14 * 360_000, epoch, false)).kid())
        .isEqualTo(names.kid(101));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<x/>",
        "<c:CPIX xmlns:c=\"urn:dashif:org:cpix\"/>",
        "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><x>&e;</x>",
        "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><x>&b;</x>"
      })
  void documentsThatAreNoAnswerAreRefusedWithoutQuotingThem(String text) {
    assertThatThrownBy(() -> CpixResponse.read(text.getBytes(UTF_8), names.kid(1), new byte[16]))
        .isInstanceOf(KeyServerException.class)
        .hasMessageNotContaining("aaaa");
  }

  @Test
  void keysOfAnotherSizeAndHugeDocumentsAreRefused() {
    byte[] good = document(names.kid(1), "");
    String shortKey = new String(good, UTF_8).replace(base64(KEY), base64(new byte[8]));
    assertThatThrownBy(
            () -> CpixResponse.read(shortKey.getBytes(UTF_8), names.kid(1), new byte[16]))
        .hasMessage("key of 8 bytes");
    byte[] huge = document(names.kid(1), " ".repeat(CpixResponse.MAXIMUM_BYTES));
    assertThatThrownBy(() -> CpixResponse.read(huge, names.kid(1), new byte[16]))
        .isInstanceOf(KeyServerException.class);
    assertThatThrownBy(() -> CpixResponse.read(good, names.kid(2), new byte[16]))
        .hasMessageContaining("no key");
  }

  @Test
  void documentsArePostedWithCredentialsAndAnswersAreBounded() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    List<String> seen = new ArrayList<>();
    byte[] answer = document(names.kid(3), "");
    server.createContext(
        "/cpix",
        exchange -> {
          seen.add(exchange.getRequestMethod());
          seen.add(exchange.getRequestHeaders().getFirst("Authorization"));
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.createContext(
        "/huge",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (var body = exchange.getResponseBody()) {
            body.write(new byte[2 * CpixResponse.MAXIMUM_BYTES]);
          }
        });
    server.start();
    try (KeyServerClient client = new KeyServerClient()) {
      String base = "http://user:pw@127.0.0.1:" + server.getAddress().getPort();
      byte[] got = client.post(URI.create(base + "/cpix"), "<x/>").get(10, TimeUnit.SECONDS);
      assertThat(got).isEqualTo(answer);
      assertThat(seen).containsExactly("POST", "Basic dXNlcjpwdw==");
      assertThat(client.post(URI.create(base + "/huge"), "<x/>"))
          .failsWithin(Duration.ofSeconds(10));
      assertThat(client.post(URI.create(base + "/none"), "<x/>"))
          .failsWithin(Duration.ofSeconds(10))
          .withThrowableThat()
          .withMessageContaining("status 404");
    } finally {
      server.stop(0);
    }
  }
}
