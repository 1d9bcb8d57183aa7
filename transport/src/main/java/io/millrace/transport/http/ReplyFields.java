package io.millrace.transport.http;

import io.millrace.transport.http.HttpReply.Header;
import io.netty.handler.codec.Headers;

/** A reply's fields as HTTP/2 (RFC 9113 §8.3.2) and HTTP/3 (RFC 9114 §4.3.2) send them. */
final class ReplyFields {
  /** Those that every reply has beside its own. */
  static final int MORE = 5;

  private ReplyFields() {}

  /** Fills {@code head}, which is returned. */
  static <H extends Headers<CharSequence, CharSequence, H>> H fill(
      H head, HttpReply reply, Peer peer) {
    head.set(":status", Integer.toString(reply.status()));
    for (Header header : reply.headers()) {
      head.add(header.name(), header.value());
    }
    head.set("date", peer.core.date());
    head.set("server", HttpServer.NAME);
    if (peer.altSvc != null) {
      head.set("alt-svc", peer.altSvc);
    }
    long sizeBytes = reply.body().sizeBytes();
    if (reply.status() != 204 && reply.status() != 304 && sizeBytes != ReplyBody.UNKNOWN) {
      head.set("content-length", Long.toString(sizeBytes));
    }
    return head;
  }
}
