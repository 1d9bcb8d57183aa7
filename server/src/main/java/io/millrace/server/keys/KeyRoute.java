package io.millrace.server.keys;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.media.StreamKey;
import io.millrace.packager.crypt.ContentKey;
import io.millrace.packager.crypt.KeyAddress;
import io.millrace.server.origin.StreamDirectory;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Gives the keys of a live stream to its players:
 *
 * <pre>
 * POST /APP/NAME/keys          a licence request of Clear Key, answered with its licence
 * GET  /APP/NAME/keys?kid=KID  a licence for one key
 * GET  /APP/NAME/keys/KID      the key, 16 bytes (HLS, KEYFORMAT "identity")
 * </pre>
 *
 * Licences are the JSON of W3C Encrypted Media Extensions §9.1.4. Only keys of that stream, up to
 * the crypto period behind the present; never kept by a cache.
 */
public final class KeyRoute {
  private static final Pattern PATH =
      Pattern.compile("/([^/]+)/([^/]+)/keys(?:/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))?");
  private static final int MAX_KIDS = 32;
  private static final int MAX_BODY_BYTES = 8_192;
  private static final int KID_BYTES = 16;
  private static final String ALLOWED = "GET, HEAD, POST, OPTIONS";
  private static final JsonFactory JSON = new JsonFactory();
  private static final List<Header> HEADERS =
      List.of(
          new Header("access-control-allow-origin", "*"),
          new Header("access-control-allow-methods", ALLOWED),
          new Header("access-control-allow-headers", "Content-Type"),
          new Header("cross-origin-resource-policy", "cross-origin"),
          new Header("x-content-type-options", "nosniff"),
          new Header("cache-control", "no-store"));

  private final StreamDirectory directory;
  private final ContentKeys keys;

  public KeyRoute(StreamDirectory directory, ContentKeys keys) {
    this.directory = directory;
    this.keys = keys;
  }

  /** True for a path that this route answers. */
  public static boolean matches(String path) {
    return path.contains("/keys") && PATH.matcher(path).matches(); // most paths have none of it
  }

  /**
   * Where playlists and manifests send players.
   *
   * @param base scheme and host, or empty
   */
  static KeyAddress address(StreamKey stream, String base) {
    String license = base + "/" + stream + "/keys";
    return new KeyAddress(license, license + "/");
  }

  /** Answers; not for paths that do not match. */
  public void handle(HttpExchange exchange) {
    exchange.route("keys");
    Matcher path = PATH.matcher(exchange.path());
    if (!path.matches()) {
      throw new IllegalArgumentException(exchange.path());
    }
    StreamKey stream = new StreamKey(path.group(1), path.group(2));
    switch (exchange.method()) {
      case "GET", "HEAD", "POST" -> answer(exchange, reply(exchange, stream, path.group(3)));
      case "OPTIONS" -> answer(exchange, HttpReply.of(204).with("allow", ALLOWED));
      default ->
          answer(
              exchange,
              Problem.reply(405, "Method not allowed", "Keys are asked for with GET and POST")
                  .with("allow", ALLOWED));
    }
  }

  private HttpReply reply(HttpExchange exchange, StreamKey stream, @Nullable String kid) {
    ContentKeys.Given given = directory.find(stream) == null ? null : keys.given(stream);
    if (given == null) {
      return Problem.reply(404, "Not found", "No live stream " + stream + " gives keys");
    }
    boolean post = exchange.method().equals("POST");
    List<UUID> wanted;
    try {
      wanted =
          post
              ? request(exchange.body())
              : List.of(UUID.fromString(kid == null ? "" + exchange.query().first("kid") : kid));
    } catch (IOException | IllegalArgumentException _) {
      return Problem.reply(400, "Malformed request", "Not a licence request of Clear Key");
    }
    List<ContentKey> found = new ArrayList<>();
    for (UUID each : wanted) {
      OptionalLong period = given.keys().periodOf(each);
      if (period.isPresent()
          && period.getAsLong() >= 0
          && period.getAsLong() <= given.newestPeriod()) {
        found.add(given.keys().find(period.getAsLong()));
      }
    }
    if (found.isEmpty()) {
      return Problem.reply(404, "Not found", "The stream has no such key");
    }
    return kid != null && !post
        ? HttpReply.of(200, "application/octet-stream", found.getFirst().key())
        : HttpReply.of(200, "application/json", license(found));
  }

  /** {@code {"kids":["base64url", …], "type":"temporary"}}. */
  private static List<UUID> request(byte[] body) throws IOException {
    if (body.length > MAX_BODY_BYTES) {
      throw new IOException("request of " + body.length + " bytes");
    }
    List<UUID> kids = new ArrayList<>();
    try (JsonParser json = JSON.createParser(body)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("no object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean isKids = json.currentName().equals("kids");
        if (json.nextToken() == JsonToken.START_ARRAY && isKids) {
          while (json.nextToken() == JsonToken.VALUE_STRING) {
            kids.add(kid(json.getText()));
          }
        } else {
          json.skipChildren();
        }
      }
    }
    if (kids.isEmpty() || kids.size() > MAX_KIDS) {
      throw new IOException(kids.size() + " keys");
    }
    return kids;
  }

  private static UUID kid(String base64) throws IOException {
    byte[] bytes = Base64.getUrlDecoder().decode(base64);
    if (bytes.length != KID_BYTES) {
      throw new IOException("a key's name has 16 bytes");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    return new UUID(in.getLong(), in.getLong());
  }

  private static byte[] license(List<ContentKey> keys) {
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeArrayFieldStart("keys");
      for (ContentKey key : keys) {
        UUID kid = key.kid();
        ByteBuffer name = ByteBuffer.allocate(KID_BYTES);
        name.putLong(kid.getMostSignificantBits()).putLong(kid.getLeastSignificantBits());
        json.writeStartObject();
        json.writeStringField("kty", "oct");
        json.writeStringField("kid", base64.encodeToString(name.array()));
        json.writeStringField("k", base64.encodeToString(key.key()));
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeStringField("type", "temporary");
      json.writeEndObject();
    } catch (IOException e) {
      throw new AssertionError("writes to memory", e);
    }
    return out.toByteArray();
  }

  private static void answer(HttpExchange exchange, HttpReply reply) {
    boolean _ = exchange.respond(reply.with(HEADERS));
  }
}
