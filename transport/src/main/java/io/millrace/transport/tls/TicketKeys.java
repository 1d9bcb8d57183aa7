package io.millrace.transport.tls;

import io.netty.handler.codec.quic.SslSessionTicketKey;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys that session tickets are sealed with (RFC 8446 §4.6.1, RFC 5077 §5.5): the newest seals, the
 * older ones still open. Kept over a change of certificate, so that viewers resume. Without a file
 * they are lost at a restart, so that a stolen disk opens nothing; with one they survive it.
 *
 * <p>A key's name, which its tickets begin with, says which process has issued them:
 *
 * <pre>
 * key id 8, the first of the file's | mark of the process, random, 8
 * </pre>
 *
 * The name is under the ticket's MAC. So a server knows its own tickets, and takes early data with
 * no others (RFC 8446 §8.2): what was recorded before it started, or at another server that has the
 * same keys, is never executed here. Marks of other processes are learnt from the ClientHellos that
 * bring them, before the engine looks for the key; so their tickets resume sessions.
 *
 * <p>Thread-safe.
 */
final class TicketKeys {
  static final int KEPT = 3;

  /** After which {@link #rotate} is due; a file with an older key is rotated when it is read. */
  static final Duration LIFE = Duration.ofHours(6);

  /** By which servers that share a file may be apart in when they rotate. */
  private static final Duration SLACK = Duration.ofMinutes(10);

  private static final Logger LOG = LoggerFactory.getLogger(TicketKeys.class);
  private static final String HMAC = "HmacSHA256";
  private static final byte[] FOR_QUIC_1 =
      "millrace quic ticket key 1".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] FOR_QUIC_2 =
      "millrace quic ticket key 2".getBytes(StandardCharsets.US_ASCII);

  /** Of other processes: servers that share keys, and this one's former lives. */
  static final int MAX_MARKS = 32;

  private static final int ID_BYTES = 8;
  private static final int MARK_BYTES = OpenSslSessionTicketKey.NAME_SIZE - ID_BYTES;

  /** Whose ticket one is. */
  enum Issuer {
    /** This process. */
    SELF,
    /** Another one with the same keys: it resumes a session. */
    OTHER,
    /** Nobody with keys from here. */
    NOBODY
  }

  private final SecureRandom random = new SecureRandom();
  private final byte[] mark = new byte[MARK_BYTES];
  private final List<byte[]> newestFirst = new ArrayList<>();
  private final @Nullable TicketKeyFile file;

  /** When the file was written that these keys are of. */
  private @Nullable Instant known;

  private boolean complained;

  /** The latest first; a mark that somebody has made up costs its place only. */
  private final ArrayDeque<byte[]> marks = new ArrayDeque<>();

  /** Keys of this process alone. */
  TicketKeys() {
    file = null;
    random.nextBytes(mark);
    add();
  }

  /**
   * Keys out of a file, which is made when there is none.
   *
   * @throws TlsCredentialsException when the file cannot be used, and why
   */
  TicketKeys(Path path, Instant now) {
    file = new TicketKeyFile(path);
    random.nextBytes(mark);
    try {
      boolean made = !file.exists();
      if (!made) {
        newestFirst.addAll(file.read());
      }
      if (made || file.written().plus(LIFE).isBefore(now)) {
        add();
        file.write(newestFirst);
      }
      known = file.written();
    } catch (IOException e) {
      throw new TlsCredentialsException(path + ": ticket keys cannot be read or written", e);
    }
  }

  /** Whose ticket begins with this name. */
  synchronized Issuer issuer(byte[] name) {
    boolean known =
        newestFirst.stream().anyMatch(key -> Arrays.equals(key, 0, ID_BYTES, name, 0, ID_BYTES));
    if (!known) {
      return Issuer.NOBODY;
    }
    return Arrays.equals(mark, Arrays.copyOfRange(name, ID_BYTES, name.length))
        ? Issuer.SELF
        : Issuer.OTHER;
  }

  /**
   * Opens tickets of another process from here on.
   *
   * @param name of one of them
   * @return true when {@link #newestFirst} has changed
   */
  synchronized boolean learn(byte[] name) {
    byte[] other = Arrays.copyOfRange(name, ID_BYTES, name.length);
    if (marks.stream().anyMatch(each -> Arrays.equals(each, other))) {
      return false;
    }
    marks.addFirst(other);
    if (marks.size() > MAX_MARKS) {
      marks.removeLast();
    }
    return true;
  }

  /**
   * Takes the keys of the file where another server has written it since: those that share a file
   * have the same keys. One that cannot be read is complained of once, and the keys stay.
   *
   * @return true when {@link #newestFirst} has changed
   */
  synchronized boolean follow() {
    if (file == null) {
      return false;
    }
    try {
      if (!file.exists() || file.written().equals(known)) {
        return false;
      }
      Instant written = file.written();
      List<byte[]> read = file.read();
      known = written;
      complained = false;
      if (Arrays.deepEquals(read.toArray(), newestFirst.toArray())) {
        return false;
      }
      newestFirst.clear();
      newestFirst.addAll(read);
      return true;
    } catch (IOException | TlsCredentialsException e) {
      if (!complained) {
        complained = true;
        LOG.atWarn()
            .addKeyValue("file", file.path())
            .addKeyValue("reason", e.toString())
            .log("ticket keys of another server cannot be read, ours are kept");
      }
      return false;
    }
  }

  /**
   * Seals with a new key from here on, and forgets the oldest. Where another server has done so in
   * the file that both share, its new key is the one.
   */
  synchronized void rotate(Instant now) {
    boolean _ = follow();
    if (known != null && known.plus(LIFE).minus(SLACK).isAfter(now)) {
      return;
    }
    add();
    if (file != null) {
      try {
        file.write(newestFirst);
        known = file.written();
      } catch (IOException e) {
        LOG.atWarn()
            .addKeyValue("file", file.path())
            .addKeyValue("reason", e.toString())
            .log("new ticket key not kept, viewers will not resume after a restart");
      }
    }
  }

  /** The first of them seals; after this process's own come those of others. */
  synchronized OpenSslSessionTicketKey[] newestFirst() {
    List<OpenSslSessionTicketKey> all = new ArrayList<>();
    newestFirst.forEach(key -> all.add(key(key, mark)));
    for (byte[] other : marks) {
      newestFirst.forEach(key -> all.add(key(key, other)));
    }
    return all.toArray(OpenSslSessionTicketKey[]::new);
  }

  /**
   * Keys for QUIC, one out of each of these by HMAC-SHA-256: a ticket that was given over TCP is
   * not one over QUIC, and who learns a key of one knows none of the other.
   */
  synchronized SslSessionTicketKey[] newestFirstForQuic() {
    return newestFirst.stream().map(TicketKeys::forQuic).toArray(SslSessionTicketKey[]::new);
  }

  private static SslSessionTicketKey forQuic(byte[] key) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(key, HMAC));
      byte[] first = mac.doFinal(FOR_QUIC_1);
      byte[] second = mac.doFinal(FOR_QUIC_2);
      return new SslSessionTicketKey(
          Arrays.copyOf(first, 16), Arrays.copyOfRange(first, 16, 32), Arrays.copyOf(second, 16));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e); // every Java has it
    }
  }

  private void add() {
    byte[] key = new byte[OpenSslSessionTicketKey.TICKET_KEY_SIZE];
    random.nextBytes(key);
    newestFirst.addFirst(key);
    if (newestFirst.size() > KEPT) {
      newestFirst.removeLast();
    }
  }

  private static OpenSslSessionTicketKey key(byte[] bytes, byte[] mark) {
    int hmac = OpenSslSessionTicketKey.NAME_SIZE;
    int aes = hmac + OpenSslSessionTicketKey.HMAC_KEY_SIZE;
    byte[] name = Arrays.copyOf(bytes, hmac);
    System.arraycopy(mark, 0, name, ID_BYTES, MARK_BYTES);
    return new OpenSslSessionTicketKey(
        name, Arrays.copyOfRange(bytes, hmac, aes), Arrays.copyOfRange(bytes, aes, bytes.length));
  }
}
