package io.millrace.server.origin;

import io.millrace.packager.Document;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.ReplyBody;
import io.millrace.transport.http.Representation;
import io.millrace.transport.http.RequestHeaders;
import java.util.ArrayList;
import java.util.List;

/**
 * Replies with a document in the coding that the client takes. Unless a request is conditional its
 * reply is the same object as everybody's. Thread-safe.
 */
final class Texts {
  private static final List<String> CONDITIONS =
      List.of("if-none-match", "if-modified-since", "if-match", "if-unmodified-since");

  private final Compressor compressor;

  Texts(Compressor compressor) {
    this.compressor = compressor;
  }

  /** The coding that a client is answered in. */
  ContentCoding coding(HttpExchange exchange) {
    return ContentCoding.negotiate(exchange.headers().get("accept-encoding"), compressor.brotli());
  }

  /**
   * The reply to a GET or HEAD, conditional ones too.
   *
   * @param more fields; a list that is kept and used again, since it is told from others by
   *     identity
   */
  HttpReply reply(HttpExchange exchange, Document document, List<Header> more) {
    return reply(exchange, coding(exchange), document, more);
  }

  /** As above, in a coding that was chosen before. */
  HttpReply reply(
      HttpExchange exchange, ContentCoding wanted, Document document, List<Header> more) {
    ContentCoding coding = Compressor.effective(document, wanted);
    if (isConditional(exchange.headers())) {
      return representation(document, coding, more).reply(exchange.method(), exchange.headers());
    }
    return compressor.shared(
        document,
        coding,
        more,
        () -> representation(document, coding, more).reply("GET", RequestHeaders.NONE));
  }

  private static boolean isConditional(RequestHeaders headers) {
    for (String condition : CONDITIONS) {
      if (headers.has(condition)) {
        return true;
      }
    }
    return false;
  }

  private Representation representation(
      Document document, ContentCoding coding, List<Header> more) {
    List<Header> headers = new ArrayList<>(more);
    headers.add(new Header("vary", "Accept-Encoding"));
    if (coding != ContentCoding.IDENTITY) {
      headers.add(new Header("content-encoding", coding.token()));
    }
    return new Representation(
        document.contentType(),
        ReplyBody.of(compressor.encode(document, coding)),
        coding.etag(document.etag()),
        null,
        headers,
        false);
  }
}
