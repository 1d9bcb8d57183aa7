package io.millrace.server.origin;

import io.millrace.packager.Document;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.ReplyBody;
import io.millrace.transport.http.Representation;
import java.util.ArrayList;
import java.util.List;

/** Replies with a document in the coding that the client takes. */
final class Texts {
  private final Compressor compressor;

  Texts(Compressor compressor) {
    this.compressor = compressor;
  }

  /** The reply to a GET or HEAD, conditional ones too. */
  HttpReply reply(HttpExchange exchange, Document document, Header... more) {
    ContentCoding wanted =
        ContentCoding.negotiate(exchange.headers().get("accept-encoding"), compressor.brotli());
    ContentCoding coding = Compressor.effective(document, wanted);
    List<Header> headers = new ArrayList<>(List.of(more));
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
            false)
        .reply(exchange.method(), exchange.headers());
  }
}
