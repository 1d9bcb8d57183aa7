package io.millrace.transport.http;

import static io.millrace.transport.http.Http2Case.CANCEL;
import static io.millrace.transport.http.Http2Case.PROTOCOL_ERROR;
import static io.millrace.transport.http.Http2Case.STREAM_CLOSED;
import static io.millrace.transport.http.Http2Case.answered;
import static io.millrace.transport.http.Http2Case.awaitEnd;
import static io.millrace.transport.http.Http2Case.connectionError;
import static io.millrace.transport.http.Http2Case.fields;
import static io.millrace.transport.http.Http2Case.get;
import static io.millrace.transport.http.Http2Case.goesOn;
import static io.millrace.transport.http.Http2Case.number;
import static io.millrace.transport.http.Http2Case.post;
import static io.millrace.transport.http.Http2Case.priority;
import static io.millrace.transport.http.Http2Case.streamError;
import static io.millrace.transport.http.Http2Client.CONTINUATION;
import static io.millrace.transport.http.Http2Client.DATA;
import static io.millrace.transport.http.Http2Client.END_HEADERS;
import static io.millrace.transport.http.Http2Client.END_STREAM;
import static io.millrace.transport.http.Http2Client.HEADERS;
import static io.millrace.transport.http.Http2Client.PRIORITY;
import static io.millrace.transport.http.Http2Client.RST_STREAM;
import static io.millrace.transport.http.Http2Client.WINDOW_UPDATE;

import io.millrace.transport.http.Http2Case.Outcome;
import io.millrace.transport.http.Http2Case.Script;
import java.util.ArrayList;
import java.util.List;

/**
 * Rules of a stream's life (RFC 9113 §5.1).
 *
 * <p>A frame on a stream that has ended is a stream's error here, also where the standard would end
 * the connection: a stream that this server has reset is not known any more either, and what a
 * client had under way for it is no reason to cut the others off.
 */
final class Http2StreamCases {
  private static final int WHOLE = END_STREAM | END_HEADERS;

  private final List<Http2Case> cases = new ArrayList<>();

  static List<Http2Case> all() {
    Http2StreamCases rows = new Http2StreamCases();
    rows.idle();
    rows.halfClosed();
    rows.reset();
    rows.closed();
    rows.identifiers();
    return rows.cases;
  }

  private void row(String clause, String rule, Outcome outcome, Script script) {
    cases.add(new Http2Case("RFC 9113 §" + clause, rule, script, outcome));
  }

  private void idle() {
    Outcome error = connectionError(PROTOCOL_ERROR);
    row("5.1", "idle: DATA", error, client -> client.send(DATA, END_STREAM, 1, new byte[1]));
    row("5.1", "idle: RST_STREAM", error, client -> client.send(RST_STREAM, 0, 1, number(CANCEL)));
    row(
        "5.1",
        "idle: WINDOW_UPDATE",
        error,
        client -> client.send(WINDOW_UPDATE, 0, 1, number(100)));
    row(
        "5.1",
        "idle: CONTINUATION",
        error,
        client -> client.send(CONTINUATION, END_HEADERS, 1, fields("x-test", "t")));
    row("5.1", "idle: PRIORITY", goesOn(), client -> client.send(PRIORITY, 0, 1, priority(0)));
  }

  private void halfClosed(String rule, Outcome outcome, Script then) {
    row(
        "5.1",
        "half-closed: " + rule,
        outcome,
        client -> {
          client.send(HEADERS, WHOLE, 1, get("/park"));
          then.run(client);
        });
  }

  private void halfClosed() {
    halfClosed(
        "DATA",
        streamError(1, STREAM_CLOSED),
        client -> client.send(DATA, END_STREAM, 1, new byte[1]));
    halfClosed(
        "HEADERS",
        streamError(1, STREAM_CLOSED, PROTOCOL_ERROR),
        client -> client.send(HEADERS, WHOLE, 1, get("/park")));
    halfClosed(
        "CONTINUATION",
        connectionError(PROTOCOL_ERROR),
        client -> client.send(CONTINUATION, END_HEADERS, 1, fields("x-test", "t")));
    halfClosed("WINDOW_UPDATE", goesOn(), client -> client.send(WINDOW_UPDATE, 0, 1, number(100)));
    halfClosed("PRIORITY", goesOn(), client -> client.send(PRIORITY, 0, 1, priority(0)));
    halfClosed("RST_STREAM", goesOn(), client -> client.send(RST_STREAM, 0, 1, number(CANCEL)));
  }

  private void reset(String rule, Outcome outcome, Script then) {
    row(
        "5.1",
        "reset: " + rule,
        outcome,
        client -> {
          client.send(HEADERS, END_HEADERS, 1, post("/park"));
          client.send(RST_STREAM, 0, 1, number(CANCEL));
          then.run(client);
        });
  }

  private void reset() {
    reset(
        "DATA",
        streamError(1, STREAM_CLOSED),
        client -> client.send(DATA, END_STREAM, 1, new byte[1]));
    reset(
        "HEADERS",
        streamError(1, STREAM_CLOSED),
        client -> client.send(HEADERS, WHOLE, 1, get("/")));
    reset(
        "CONTINUATION",
        connectionError(PROTOCOL_ERROR, STREAM_CLOSED),
        client -> client.send(CONTINUATION, END_HEADERS, 1, fields("x-test", "t")));
    reset("RST_STREAM", goesOn(), client -> client.send(RST_STREAM, 0, 1, number(CANCEL)));
    reset("WINDOW_UPDATE", goesOn(), client -> client.send(WINDOW_UPDATE, 0, 1, number(100)));
    reset("PRIORITY", goesOn(), client -> client.send(PRIORITY, 0, 1, priority(0)));
  }

  private void closed(String rule, Outcome outcome, Script then) {
    row(
        "5.1",
        "closed: " + rule,
        outcome,
        client -> {
          client.send(HEADERS, WHOLE, 1, get("/"));
          awaitEnd(client);
          then.run(client);
        });
  }

  private void closed() {
    closed(
        "DATA",
        streamError(1, STREAM_CLOSED),
        client -> client.send(DATA, END_STREAM, 1, new byte[1]));
    closed(
        "HEADERS",
        streamError(1, STREAM_CLOSED),
        client -> client.send(HEADERS, WHOLE, 1, get("/")));
    closed(
        "CONTINUATION",
        connectionError(PROTOCOL_ERROR, STREAM_CLOSED),
        client -> client.send(CONTINUATION, END_HEADERS, 1, fields("x-test", "t")));
    closed("WINDOW_UPDATE", goesOn(), client -> client.send(WINDOW_UPDATE, 0, 1, number(100)));
    closed("PRIORITY", goesOn(), client -> client.send(PRIORITY, 0, 1, priority(0)));
    closed("RST_STREAM", goesOn(), client -> client.send(RST_STREAM, 0, 1, number(CANCEL)));
    closed("another request", answered(3), client -> client.send(HEADERS, WHOLE, 3, get("/")));
  }

  private void identifiers() {
    row(
        "5.1.1",
        "clients open streams of odd numbers",
        connectionError(PROTOCOL_ERROR),
        client -> client.send(HEADERS, WHOLE, 2, get("/")));
    row(
        "5.1.1",
        "a new stream's number is the largest",
        streamError(3, STREAM_CLOSED),
        client -> {
          client.send(HEADERS, WHOLE, 5, get("/park"));
          client.send(HEADERS, WHOLE, 3, get("/park"));
        });
    row(
        "5.1.1",
        "numbers may be left out",
        answered(9),
        client -> client.send(HEADERS, WHOLE, 9, get("/")));
  }
}
