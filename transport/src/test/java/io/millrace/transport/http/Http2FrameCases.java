package io.millrace.transport.http;

import static io.millrace.transport.http.Http2Case.COMPRESSION_ERROR;
import static io.millrace.transport.http.Http2Case.FLOW_CONTROL_ERROR;
import static io.millrace.transport.http.Http2Case.FRAME_SIZE_ERROR;
import static io.millrace.transport.http.Http2Case.PROTOCOL_ERROR;
import static io.millrace.transport.http.Http2Case.answered;
import static io.millrace.transport.http.Http2Case.awaitEnd;
import static io.millrace.transport.http.Http2Case.bytes;
import static io.millrace.transport.http.Http2Case.connectionError;
import static io.millrace.transport.http.Http2Case.fields;
import static io.millrace.transport.http.Http2Case.get;
import static io.millrace.transport.http.Http2Case.goesOn;
import static io.millrace.transport.http.Http2Case.join;
import static io.millrace.transport.http.Http2Case.number;
import static io.millrace.transport.http.Http2Case.post;
import static io.millrace.transport.http.Http2Case.priority;
import static io.millrace.transport.http.Http2Case.setting;
import static io.millrace.transport.http.Http2Case.streamError;
import static io.millrace.transport.http.Http2Client.ACK;
import static io.millrace.transport.http.Http2Client.CONTINUATION;
import static io.millrace.transport.http.Http2Client.DATA;
import static io.millrace.transport.http.Http2Client.END_HEADERS;
import static io.millrace.transport.http.Http2Client.END_STREAM;
import static io.millrace.transport.http.Http2Client.GOAWAY;
import static io.millrace.transport.http.Http2Client.HAS_PRIORITY;
import static io.millrace.transport.http.Http2Client.HEADERS;
import static io.millrace.transport.http.Http2Client.PADDED;
import static io.millrace.transport.http.Http2Client.PING;
import static io.millrace.transport.http.Http2Client.PRIORITY;
import static io.millrace.transport.http.Http2Client.PUSH_PROMISE;
import static io.millrace.transport.http.Http2Client.RST_STREAM;
import static io.millrace.transport.http.Http2Client.SETTINGS;
import static io.millrace.transport.http.Http2Client.WINDOW_UPDATE;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.http.Http2Case.Outcome;
import io.millrace.transport.http.Http2Case.Script;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rules of frames: their sizes, the streams that they may be on, what is in them. */
final class Http2FrameCases {
  private static final int UNKNOWN = 0x16;
  private static final int WHOLE = END_STREAM | END_HEADERS;
  private static final int MAX_FRAME_BYTES = 1 << 14;
  private static final int ENABLE_PUSH = 0x2;
  private static final int MAX_CONCURRENT_STREAMS = 0x3;
  private static final int INITIAL_WINDOW_SIZE = 0x4;
  private static final int MAX_FRAME_SIZE = 0x5;

  private final List<Http2Case> cases = new ArrayList<>();

  static List<Http2Case> all() {
    Http2FrameCases rows = new Http2FrameCases();
    rows.format();
    rows.dataAndHeaders();
    rows.control();
    rows.settings();
    rows.windows();
    rows.continuations();
    return rows.cases;
  }

  private void row(String clause, String rule, Outcome outcome, Script script) {
    cases.add(new Http2Case("RFC 9113 §" + clause, rule, script, outcome));
  }

  private void frame(
      String clause, String rule, Outcome outcome, int type, int flags, int stream, byte[] bytes) {
    row(clause, rule, outcome, client -> client.send(type, flags, stream, bytes));
  }

  private void format() {
    frame("4.1", "a frame of an unknown type is ignored", goesOn(), UNKNOWN, 0, 0, new byte[8]);
    frame("4.1", "undefined flags are ignored", goesOn(), PING, UNKNOWN, 0, new byte[8]);
    frame("4.1", "the reserved bit is ignored", goesOn(), PING, 0, 1 << 31, new byte[8]);
    row(
        "4.2",
        "a frame of 2^14 bytes is taken",
        answered(1),
        client -> {
          client.send(HEADERS, END_HEADERS, 1, post("/"));
          client.send(DATA, END_STREAM, 1, new byte[MAX_FRAME_BYTES]);
        });
    row(
        "4.2",
        "DATA of more bytes is not",
        connectionError(FRAME_SIZE_ERROR),
        client -> {
          client.send(HEADERS, END_HEADERS, 1, post("/"));
          client.send(DATA, END_STREAM, 1, new byte[MAX_FRAME_BYTES + 1]);
        });
    frame(
        "4.2",
        "HEADERS of more bytes are not",
        connectionError(FRAME_SIZE_ERROR),
        HEADERS,
        WHOLE,
        1,
        Arrays.copyOf(get("/"), MAX_FRAME_BYTES + 1));
    frame(
        "4.3",
        "a broken field block ends the connection",
        connectionError(COMPRESSION_ERROR),
        HEADERS,
        WHOLE,
        1,
        bytes(0x40, 0x01, 'x', 0x7f));
    row(
        "4.3",
        "PRIORITY does not come between a field block's frames",
        connectionError(PROTOCOL_ERROR),
        client -> {
          client.send(HEADERS, END_STREAM, 1, get("/"));
          client.send(PRIORITY, 0, 1, priority(0));
        });
    row(
        "4.3",
        "HEADERS of another stream do not come between them",
        connectionError(PROTOCOL_ERROR),
        client -> {
          client.send(HEADERS, END_STREAM, 1, get("/"));
          client.send(HEADERS, WHOLE, 3, get("/"));
        });
    row(
        "5.5",
        "a frame of an unknown type does not come between them",
        connectionError(PROTOCOL_ERROR),
        client -> {
          client.send(HEADERS, END_STREAM, 1, get("/"));
          client.send(UNKNOWN, 0, 0, new byte[8]);
        });
  }

  private void dataAndHeaders() {
    frame(
        "6.1",
        "DATA is not on stream 0",
        connectionError(PROTOCOL_ERROR),
        DATA,
        END_STREAM,
        0,
        new byte[4]);
    row(
        "6.1",
        "padding is not content",
        answered(1),
        client -> {
          client.send(HEADERS, END_HEADERS, 1, post("/", "content-length", "2"));
          client.send(DATA, END_STREAM | PADDED, 1, bytes(3, 'o', 'k', 0, 0, 0));
        });
    row(
        "6.1",
        "padding is not longer than DATA",
        connectionError(PROTOCOL_ERROR),
        client -> {
          client.send(HEADERS, END_HEADERS, 1, post("/"));
          client.send(DATA, END_STREAM | PADDED, 1, bytes(6, 'o', 'k', 0, 0, 0));
        });
    frame(
        "6.2",
        "HEADERS are not on stream 0",
        connectionError(PROTOCOL_ERROR),
        HEADERS,
        WHOLE,
        0,
        get("/"));
    frame(
        "6.2",
        "HEADERS may be padded",
        answered(1),
        HEADERS,
        WHOLE | PADDED,
        1,
        join(bytes(2), get("/"), bytes(0, 0)));
    frame(
        "6.2",
        "padding is not longer than HEADERS",
        connectionError(PROTOCOL_ERROR),
        HEADERS,
        WHOLE | PADDED,
        1,
        bytes(5, 0x82, 0x87, 0x84));
    frame(
        "6.2",
        "HEADERS may have a priority",
        answered(1),
        HEADERS,
        WHOLE | HAS_PRIORITY,
        1,
        join(priority(0), get("/")));
    frame(
        "5.3.2",
        "HEADERS do not depend on their own stream (RFC 7540 §5.3.1)",
        connectionError(PROTOCOL_ERROR),
        HEADERS,
        WHOLE | HAS_PRIORITY,
        1,
        join(priority(1), get("/")));
    frame(
        "8.4",
        "a client does not push",
        connectionError(PROTOCOL_ERROR),
        PUSH_PROMISE,
        END_HEADERS,
        1,
        join(number(2), get("/")));
  }

  private void control() {
    frame("6.3", "PRIORITY of an idle stream", goesOn(), PRIORITY, 0, 7, priority(0));
    frame(
        "6.3",
        "PRIORITY is not on stream 0",
        connectionError(PROTOCOL_ERROR),
        PRIORITY,
        0,
        0,
        priority(1));
    row(
        "6.3",
        "PRIORITY has 5 bytes",
        streamError(1, FRAME_SIZE_ERROR),
        client -> {
          client.send(HEADERS, END_HEADERS, 1, post("/park"));
          client.send(PRIORITY, 0, 1, new byte[4]);
        });
    frame(
        "6.4",
        "RST_STREAM is not on stream 0",
        connectionError(PROTOCOL_ERROR),
        RST_STREAM,
        0,
        0,
        number(8));
    row(
        "6.4",
        "RST_STREAM has 4 bytes",
        connectionError(FRAME_SIZE_ERROR),
        client -> {
          client.send(HEADERS, END_HEADERS, 1, post("/park"));
          client.send(RST_STREAM, 0, 1, new byte[3]);
        });
    row(
        "7",
        "RST_STREAM with an unknown code is a reset",
        goesOn(),
        client -> {
          client.send(HEADERS, END_HEADERS, 1, post("/park"));
          client.send(RST_STREAM, 0, 1, number(0xff));
        });
    frame("6.7", "an answer to no PING is ignored", goesOn(), PING, ACK, 0, new byte[8]);
    frame("6.7", "PING is on stream 0", connectionError(PROTOCOL_ERROR), PING, 0, 1, new byte[8]);
    frame("6.7", "PING has 8 bytes", connectionError(FRAME_SIZE_ERROR), PING, 0, 0, new byte[6]);
    frame(
        "6.8", "GOAWAY is on stream 0", connectionError(PROTOCOL_ERROR), GOAWAY, 0, 1, new byte[8]);
    frame(
        "6.8", "GOAWAY has 8 bytes", connectionError(FRAME_SIZE_ERROR), GOAWAY, 0, 0, new byte[7]);
    row(
        "6.8",
        "requests from before GOAWAY are answered",
        answered(1),
        client -> {
          client.send(HEADERS, END_HEADERS, 1, post("/"));
          client.send(GOAWAY, 0, 0, new byte[8]);
          client.send(DATA, END_STREAM, 1, new byte[1]);
        });
  }

  private void settings() {
    frame(
        "6.5",
        "an acknowledgement is empty",
        connectionError(FRAME_SIZE_ERROR),
        SETTINGS,
        ACK,
        0,
        setting(MAX_CONCURRENT_STREAMS, 1));
    frame(
        "6.5",
        "SETTINGS are on stream 0",
        connectionError(PROTOCOL_ERROR),
        SETTINGS,
        0,
        1,
        setting(MAX_CONCURRENT_STREAMS, 1));
    frame(
        "6.5",
        "SETTINGS have a multiple of 6 bytes",
        connectionError(FRAME_SIZE_ERROR),
        SETTINGS,
        0,
        0,
        new byte[3]);
    refusedSetting("ENABLE_PUSH is 0 or 1", PROTOCOL_ERROR, ENABLE_PUSH, 2);
    refusedSetting("windows end at 2^31-1", FLOW_CONTROL_ERROR, INITIAL_WINDOW_SIZE, 1L << 31);
    refusedSetting(
        "frames are not shorter than 2^14", PROTOCOL_ERROR, MAX_FRAME_SIZE, (1 << 14) - 1);
    refusedSetting("frames are not longer than 2^24-1", PROTOCOL_ERROR, MAX_FRAME_SIZE, 1 << 24);
    frame("6.5.2", "unknown settings are ignored", goesOn(), SETTINGS, 0, 0, setting(0xff, 1));
    row(
        "6.5.3",
        "SETTINGS are acknowledged, and the last of a name counts",
        goesOn(),
        client -> {
          byte[] two = join(setting(INITIAL_WINDOW_SIZE, 100), setting(INITIAL_WINDOW_SIZE, 1));
          client.send(SETTINGS, 0, 0, two);
          client.send(HEADERS, WHOLE, 1, get("/"));
          Http2Client.Frame data = client.await(DATA);
          assertThat(data.payload()).hasSize(1);
        });
  }

  private void refusedSetting(String rule, int code, int identifier, long value) {
    frame("6.5.2", rule, connectionError(code), SETTINGS, 0, 0, setting(identifier, value));
  }

  private void windows() {
    frame(
        "6.9",
        "the connection's window grows by 1 at least",
        connectionError(PROTOCOL_ERROR),
        WINDOW_UPDATE,
        0,
        0,
        number(0));
    row(
        "6.9",
        "a stream's window grows by 1 at least",
        streamError(1, PROTOCOL_ERROR),
        client -> {
          client.send(HEADERS, END_HEADERS, 1, post("/park"));
          client.send(WINDOW_UPDATE, 0, 1, number(0));
        });
    frame(
        "6.9",
        "WINDOW_UPDATE has 4 bytes",
        connectionError(FRAME_SIZE_ERROR),
        WINDOW_UPDATE,
        0,
        0,
        new byte[3]);
    row(
        "6.9.1",
        "the connection's window ends at 2^31-1",
        connectionError(FLOW_CONTROL_ERROR),
        client -> {
          client.send(WINDOW_UPDATE, 0, 0, number(Integer.MAX_VALUE));
          client.send(WINDOW_UPDATE, 0, 0, number(Integer.MAX_VALUE));
        });
    row(
        "6.9.1",
        "a stream's window ends at 2^31-1",
        connectionError(FLOW_CONTROL_ERROR),
        client -> {
          client.send(HEADERS, END_HEADERS, 1, post("/park"));
          client.send(WINDOW_UPDATE, 0, 1, number(Integer.MAX_VALUE));
          client.send(WINDOW_UPDATE, 0, 1, number(Integer.MAX_VALUE));
        });
    row(
        "6.9.2",
        "what waits for a window is sent when SETTINGS open it",
        goesOn(),
        client -> {
          client.send(SETTINGS, 0, 0, setting(INITIAL_WINDOW_SIZE, 0));
          client.send(HEADERS, WHOLE, 1, get("/"));
          client.await(HEADERS);
          client.send(PING, 0, 0, new byte[8]);
          client.await(PING);
          assertThat(Http2Case.first(client, DATA)).isNull();
          client.send(SETTINGS, 0, 0, setting(INITIAL_WINDOW_SIZE, 100));
          awaitEnd(client);
        });
    row(
        "6.9.2",
        "SETTINGS do not bring a window over 2^31-1",
        connectionError(FLOW_CONTROL_ERROR),
        client -> {
          client.send(HEADERS, END_HEADERS, 1, post("/park"));
          client.send(WINDOW_UPDATE, 0, 1, number(Integer.MAX_VALUE - 65_535));
          client.send(SETTINGS, 0, 0, setting(INITIAL_WINDOW_SIZE, 65_536));
        });
  }

  private void continuations() {
    row(
        "6.10",
        "a field block may be in several frames",
        answered(1),
        client -> {
          byte[] block = get("/", "x-test", "t");
          client.send(HEADERS, END_STREAM, 1, Arrays.copyOf(block, 3));
          client.send(CONTINUATION, 0, 1, Arrays.copyOfRange(block, 3, 9));
          client.send(CONTINUATION, END_HEADERS, 1, Arrays.copyOfRange(block, 9, block.length));
        });
    row(
        "6.10",
        "nothing else comes behind CONTINUATION",
        connectionError(PROTOCOL_ERROR),
        client -> {
          client.send(HEADERS, 0, 1, post("/"));
          client.send(CONTINUATION, 0, 1, fields("x-test", "t"));
          client.send(DATA, END_STREAM, 1, new byte[1]);
        });
    row(
        "6.10",
        "CONTINUATION is not on stream 0",
        connectionError(PROTOCOL_ERROR),
        client -> {
          client.send(HEADERS, END_STREAM, 1, get("/"));
          client.send(CONTINUATION, END_HEADERS, 0, fields("x-test", "t"));
        });
    row(
        "6.10",
        "CONTINUATION is on the stream of its HEADERS",
        connectionError(PROTOCOL_ERROR),
        client -> {
          client.send(HEADERS, END_STREAM, 1, get("/"));
          client.send(CONTINUATION, END_HEADERS, 3, fields("x-test", "t"));
        });
    row(
        "6.10",
        "CONTINUATION does not come behind whole HEADERS",
        connectionError(PROTOCOL_ERROR),
        client -> {
          client.send(HEADERS, END_HEADERS, 1, post("/park"));
          client.send(CONTINUATION, END_HEADERS, 1, fields("x-test", "t"));
        });
    row(
        "6.10",
        "CONTINUATION does not come behind the last one",
        connectionError(PROTOCOL_ERROR),
        client -> {
          client.send(HEADERS, 0, 1, post("/park"));
          client.send(CONTINUATION, END_HEADERS, 1, fields("x-test", "t"));
          client.send(CONTINUATION, END_HEADERS, 1, fields("x-test", "t"));
        });
    row(
        "6.10",
        "CONTINUATION does not come behind DATA",
        connectionError(PROTOCOL_ERROR),
        client -> {
          client.send(HEADERS, END_HEADERS, 1, post("/park"));
          client.send(DATA, 0, 1, new byte[1]);
          client.send(CONTINUATION, END_HEADERS, 1, fields("x-test", "t"));
        });
    row(
        "6.10",
        "CONTINUATION ends nothing that is idle",
        connectionError(PROTOCOL_ERROR),
        client -> {
          client.send(HEADERS, WHOLE, 1, get("/"));
          awaitEnd(client);
          client.send(CONTINUATION, END_HEADERS, 3, fields("x-test", "t"));
        });
  }
}
