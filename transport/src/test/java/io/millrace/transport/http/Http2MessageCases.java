package io.millrace.transport.http;

import static io.millrace.transport.http.Http2Case.COMPRESSION_ERROR;
import static io.millrace.transport.http.Http2Case.PROTOCOL_ERROR;
import static io.millrace.transport.http.Http2Case.answered;
import static io.millrace.transport.http.Http2Case.awaitEnd;
import static io.millrace.transport.http.Http2Case.bytes;
import static io.millrace.transport.http.Http2Case.connectionError;
import static io.millrace.transport.http.Http2Case.fields;
import static io.millrace.transport.http.Http2Case.get;
import static io.millrace.transport.http.Http2Case.join;
import static io.millrace.transport.http.Http2Case.post;
import static io.millrace.transport.http.Http2Case.streamError;
import static io.millrace.transport.http.Http2Client.DATA;
import static io.millrace.transport.http.Http2Client.END_HEADERS;
import static io.millrace.transport.http.Http2Client.END_STREAM;
import static io.millrace.transport.http.Http2Client.HEADERS;

import io.millrace.transport.http.Http2Case.Outcome;
import io.millrace.transport.http.Http2Case.Script;
import java.util.ArrayList;
import java.util.List;

/** Rules of requests (RFC 9113 §8) and of how their fields are packed (RFC 7541). */
final class Http2MessageCases {
  private static final int WHOLE = END_STREAM | END_HEADERS;
  private static final String[] GET = {
    ":method", "GET", ":scheme", "https", ":path", "/", ":authority", "localhost"
  };

  private final List<Http2Case> cases = new ArrayList<>();

  static List<Http2Case> all() {
    Http2MessageCases rows = new Http2MessageCases();
    rows.names();
    rows.pseudoFields();
    rows.content();
    rows.tables();
    rows.strings();
    return rows.cases;
  }

  private void row(String clause, String rule, Outcome outcome, Script script) {
    cases.add(new Http2Case(clause, rule, script, outcome));
  }

  private void block(String clause, String rule, Outcome outcome, byte[] block) {
    row(clause, rule, outcome, client -> client.send(HEADERS, WHOLE, 1, block));
  }

  private void malformed(String clause, String rule, String... namesAndValues) {
    block("RFC 9113 §" + clause, rule, streamError(1, PROTOCOL_ERROR), fields(namesAndValues));
  }

  private void malformedBehind(String clause, String rule, String name, String value) {
    block("RFC 9113 §" + clause, rule, streamError(1, PROTOCOL_ERROR), get("/", name, value));
  }

  private void names() {
    malformedBehind("8.2.1", "names are in lower case", "X-Test", "t");
    malformedBehind("8.2.1", "names have no space", "x test", "t");
    malformedBehind("8.2.1", "names have no control character", "x\u0001test", "t");
    malformedBehind("8.2.1", "names have no colon within", "x:test", "t");
    malformedBehind("8.2.1", "names are not empty", "", "t");
    malformedBehind("8.2.1", "values have no NUL", "x-test", "a\0b");
    malformedBehind("8.2.1", "values have no CR", "x-test", "a\rb");
    malformedBehind("8.2.1", "values have no LF", "x-test", "a\nb");
    malformedBehind("8.2.1", "values do not begin with a space", "x-test", " a");
    malformedBehind("8.2.1", "values do not end with a space", "x-test", "a ");
    malformedBehind("8.2.2", "connection is not a field", "connection", "keep-alive");
    malformedBehind("8.2.2", "keep-alive is not a field", "keep-alive", "timeout=5");
    malformedBehind("8.2.2", "proxy-connection is not a field", "proxy-connection", "close");
    malformedBehind("8.2.2", "transfer-encoding is not a field", "transfer-encoding", "chunked");
    malformedBehind("8.2.2", "upgrade is not a field", "upgrade", "h2c");
    malformedBehind("8.2.2", "te says nothing but trailers", "te", "trailers, deflate");
    block("RFC 9113 §8.2.2", "te may say trailers", answered(1), get("/", "te", "trailers"));
    block(
        "RFC 9113 §8.2.3",
        "cookies may be in pieces",
        answered(1),
        get("/", "cookie", "a=b", "cookie", "c=d"));
  }

  private void pseudoFields() {
    malformedBehind("8.3", "unknown pseudo fields", ":test", "t");
    malformedBehind("8.3", "pseudo fields of replies", ":status", "200");
    malformed(
        "8.3",
        "pseudo fields behind others",
        ":method",
        "GET",
        ":scheme",
        "https",
        "x-test",
        "t",
        ":path",
        "/",
        ":authority",
        "localhost");
    malformedBehind("8.3.1", "two :method", ":method", "GET");
    malformedBehind("8.3.1", "two :scheme", ":scheme", "https");
    malformedBehind("8.3.1", "two :path", ":path", "/");
    malformedBehind("8.3.1", "two :authority", ":authority", "localhost");
    malformed("8.3.1", "no :method", ":scheme", "https", ":path", "/", ":authority", "a");
    malformed("8.3.1", "no :scheme", ":method", "GET", ":path", "/", ":authority", "a");
    malformed("8.3.1", "no :path", ":method", "GET", ":scheme", "https", ":authority", "a");
    malformed(
        "8.3.1",
        "an empty :path",
        ":method",
        "GET",
        ":scheme",
        "https",
        ":path",
        "",
        ":authority",
        "a");
    malformed(
        "8.5",
        "CONNECT with :path",
        ":method",
        "CONNECT",
        ":scheme",
        "https",
        ":path",
        "/",
        ":authority",
        "a");
    block(
        "RFC 9113 §8.3.1",
        "host may stand for :authority",
        answered(1),
        fields(":method", "GET", ":scheme", "https", ":path", "/", "host", "localhost"));
    row(
        "RFC 9113 §8.1",
        "no pseudo fields in trailers",
        streamError(1, PROTOCOL_ERROR),
        client -> {
          client.send(HEADERS, END_HEADERS, 1, post("/"));
          client.send(DATA, 0, 1, new byte[1]);
          client.send(HEADERS, WHOLE, 1, fields(":method", "GET"));
        });
  }

  private void content() {
    row(
        "RFC 9113 §8.1",
        "a request may have trailers",
        answered(1),
        client -> {
          client.send(HEADERS, END_HEADERS, 1, post("/"));
          client.send(DATA, 0, 1, new byte[1]);
          client.send(HEADERS, WHOLE, 1, fields("x-test", "t"));
        });
    row(
        "RFC 9113 §8.1",
        "trailers end the stream",
        streamError(1, PROTOCOL_ERROR),
        client -> {
          client.send(HEADERS, END_HEADERS, 1, post("/"));
          client.send(DATA, 0, 1, new byte[1]);
          client.send(HEADERS, END_HEADERS, 1, fields("x-test", "t"));
        });
    content("content-length that DATA goes beyond", "1", 1, 1);
    content("content-length that DATA falls short of", "3", 1, 1);
    content("content-length that one DATA goes beyond", "1", 2, 0);
    block(
        "RFC 9113 §8.1.1",
        "content-length without content",
        streamError(1, PROTOCOL_ERROR),
        post("/", "content-length", "1"));
    block(
        "RFC 9113 §8.1.1",
        "content-length that is no number",
        streamError(1, PROTOCOL_ERROR),
        post("/", "content-length", "x"));
    block(
        "RFC 9113 §8.1.1",
        "two values of content-length",
        streamError(1, PROTOCOL_ERROR),
        post("/", "content-length", "0", "content-length", "1"));
    block("RFC 9113 §8.1.1", "content-length 0", answered(1), post("/", "content-length", "0"));
  }

  private void content(String rule, String length, int first, int second) {
    row(
        "RFC 9113 §8.1.1",
        rule,
        streamError(1, PROTOCOL_ERROR),
        client -> {
          client.send(HEADERS, END_HEADERS, 1, post("/", "content-length", length));
          if (second > 0) {
            client.send(DATA, 0, 1, new byte[first]);
          }
          client.send(DATA, END_STREAM, 1, new byte[second > 0 ? second : first]);
        });
  }

  private void tables() {
    Outcome broken = connectionError(COMPRESSION_ERROR);
    block("RFC 7541 §6.1", "no field has the index 0", broken, join(get("/"), bytes(0x80)));
    block("RFC 7541 §2.3.3", "an index beyond both tables", broken, join(get("/"), bytes(0xff, 0)));
    block(
        "RFC 7541 §2.3.3",
        "a name's index beyond both tables",
        broken,
        join(get("/"), bytes(0x7f, 0x10, 1, 'x')));
    block(
        "RFC 7541 §5.1",
        "a number that has no end",
        broken,
        join(get("/"), bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1)));
    block(
        "RFC 7541 §4.2",
        "the table's size changes at the beginning only",
        broken,
        join(get("/"), bytes(0x20)));
    block(
        "RFC 7541 §6.3",
        "the table does not grow over its limit",
        broken,
        join(bytes(0x3f, 0xe2, 0x1f), get("/"))); // 4097
    block("RFC 7541 §6.3", "the table may be emptied", answered(1), join(bytes(0x20), get("/")));
    block(
        "RFC 7541 §6.2.3",
        "a literal that is never indexed",
        answered(1),
        join(get("/"), bytes(0x10, 1, 'x', 1, 'y')));
    row(
        "RFC 7541 §2.3.2",
        "a field out of the table",
        answered(3),
        client -> {
          client.send(HEADERS, WHOLE, 1, join(get("/"), bytes(0x40, 1, 'x', 1, 'y')));
          awaitEnd(client);
          client.frames.clear();
          client.send(HEADERS, WHOLE, 3, join(get("/"), bytes(0x80 | 62)));
        });
    row(
        "RFC 7541 §4.4",
        "a field larger than the table empties it",
        connectionError(COMPRESSION_ERROR),
        client -> {
          byte[] small = join(bytes(0x20 | 31, 64 - 31), get("/"), bytes(0x40, 1, 'x', 1, 'y'));
          client.send(HEADERS, WHOLE, 1, small);
          awaitEnd(client);
          byte[] large = new byte[3 + 100];
          java.util.Arrays.fill(large, (byte) 'z');
          System.arraycopy(bytes(0x40, 1, 'x'), 0, large, 0, 3);
          large = join(bytes(0x40, 1, 'x', 100), java.util.Arrays.copyOfRange(large, 3, 103));
          client.send(HEADERS, WHOLE, 3, join(get("/"), large, bytes(0x80 | 62)));
        });
  }

  /** Behind a literal field's name (RFC 7541 §5.2). */
  private static byte[] huffman(int... value) {
    return join(fields(GET), bytes(0x00, 1, 'x', 0x80 | value.length), bytes(value));
  }

  private void strings() {
    Outcome broken = connectionError(COMPRESSION_ERROR);
    // "a" is 00011, and the rest ones.
    block("RFC 7541 §5.2", "Huffman coding", answered(1), huffman(0x1f));
    block("RFC 7541 §5.2", "padding of 8 bits", broken, huffman(0x1f, 0xff));
    block("RFC 7541 §5.2", "padding of zeros", broken, huffman(0x18));
    block("RFC 7541 §5.2", "EOS in a string", broken, huffman(0x1f, 0xff, 0xff, 0xff, 0xff, 0xff));
    block(
        "RFC 7541 §5.2",
        "a string longer than its block",
        broken,
        join(get("/"), bytes(0x00, 1, 'x', 5, 'y')));
  }
}
