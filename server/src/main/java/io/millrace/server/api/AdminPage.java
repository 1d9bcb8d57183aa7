package io.millrace.server.api;

import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.ReplyBody;
import io.millrace.transport.http.Representation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/** The page for operators: three files, read once. */
final class AdminPage {
  private static final Map<String, String> TYPES =
      Map.of(
          "index.html", "text/html; charset=utf-8",
          "admin.css", "text/css; charset=utf-8",
          "admin.js", "text/javascript; charset=utf-8");
  private static final List<Header> FIELDS =
      List.of(
          new Header("cache-control", "no-cache"),
          new Header("x-content-type-options", "nosniff"),
          new Header("referrer-policy", "no-referrer"),
          new Header(
              "content-security-policy",
              "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                  + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"));

  private final Map<String, Representation> files;

  AdminPage() {
    files =
        TYPES.entrySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    Map.Entry::getKey, entry -> load(entry.getKey(), entry.getValue())));
  }

  HttpReply find(String name, HttpExchange exchange) {
    Representation file = files.get(name);
    return file == null
        ? AdminRoutes.notFound()
        : file.reply(exchange.method(), exchange.headers());
  }

  private static Representation load(String name, String type) {
    try (InputStream in =
        AdminPage.class.getResourceAsStream("/io/millrace/server/admin/" + name)) {
      if (in == null) {
        throw new IllegalStateException("not in this build: " + name);
      }
      byte[] bytes = in.readAllBytes();
      CRC32C hash = new CRC32C();
      hash.update(bytes);
      String etag = '"' + HexFormat.of().toHexDigits(hash.getValue(), 8) + '"';
      return new Representation(type, ReplyBody.of(bytes), etag, null, FIELDS, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
