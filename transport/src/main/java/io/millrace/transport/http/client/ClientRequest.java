package io.millrace.transport.http.client;

import io.millrace.transport.http.HttpReply.Header;
import java.time.Duration;
import java.util.List;

/**
 * A GET.
 *
 * @param target origin-form, percent-encoded: {@code /live/show/media.m3u8?_HLS_msn=4}
 * @param headers more fields; {@code host} and the protocol's own are added
 * @param headWithin from handing over to the reply's head; longer for what a server holds back
 *     until it is there
 */
public record ClientRequest(String target, List<Header> headers, Duration headWithin) {
  public ClientRequest {
    headers = List.copyOf(headers);
  }
}
