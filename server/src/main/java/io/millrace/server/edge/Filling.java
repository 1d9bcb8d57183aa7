package io.millrace.server.edge;

import io.millrace.transport.http.GrowingContent;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.Problem;
import io.millrace.transport.http.ReplyBody;
import io.millrace.transport.http.client.ClientCall;
import io.millrace.transport.http.client.ClientFailure;
import io.millrace.transport.http.client.ClientFailure.Kind;
import io.millrace.transport.http.client.ClientListener;
import io.millrace.transport.http.client.ReplyHead;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills one flight, from disk or from an origin: what comes is handed to viewers as it comes where
 * it is long or of unknown length, and as a whole else. What breaks off goes on where it ended, and
 * what no origin can be asked for is tried again for a while, then answered with what was kept.
 * Confined to the cache's loop but for {@link #start}.
 */
final class Filling implements ClientListener {
  private static final Logger LOG = LoggerFactory.getLogger(Filling.class);

  /** Up to here it is quicker to wait for all of it than to send it piece by piece. */
  private static final long SMALL_BYTES = 256 << 10;

  private static final int MAX_ERROR_BYTES = 16 << 10;
  private static final long NEGATIVE_NS = 1_000_000_000L;
  private static final long NEVER = Long.MIN_VALUE;

  /** A playlist that was waited for is also the newest one, for those who do not wait. */
  private static final long PLAIN_NS = 500_000_000L;

  private final EdgeCache cache;
  private final Flight flight;
  private final ObjectKey key;
  private final String via;
  private final boolean early;
  private final long startNs;
  private final Content content;
  private @Nullable Stored former;
  private @Nullable ReplyHead head;

  /** Viewers have its beginning already. */
  private boolean arriving;

  /** What comes of the reply under way is of no use; another one will be asked for. */
  private boolean ignoring;

  private boolean fromDisk;
  private boolean diskTried;
  private long brokenNs = NEVER;
  private boolean over;

  /**
   * @param via for the origin
   * @param early whether the first viewer asks with early data
   */
  Filling(EdgeCache cache, Flight flight, String via, boolean early) {
    this.cache = cache;
    this.flight = flight;
    this.key = flight.key;
    this.via = via;
    this.early = early;
    this.startNs = cache.nowNs();
    this.content = new Content(cache);
  }

  /** Asks; any thread, once. */
  void start() {
    former = cache.find(key.plain());
    ask();
  }

  private void ask() {
    DiskTier disk = cache.disk();
    if (disk != null && !diskTried && key.kind() == ObjectKey.Kind.MEDIA) {
      diskTried = true;
      ClientCall reading = disk.read(key, this);
      if (reading != null) {
        fromDisk = true;
        flight.fromDisk(true);
        flight.calling(reading);
        return;
      }
    }
    flight.calling(cache.fetcher().fetch(key, fields(), this));
  }

  private List<Header> fields() {
    List<Header> headers = new ArrayList<>();
    if (!key.coding().isEmpty()) {
      headers.add(new Header("accept-encoding", key.coding()));
    }
    Stored known = former;
    String etag = known == null || key.blocks() ? null : known.etag();
    ReplyHead first = head;
    if (arriving && first != null && content.sizeBytes() > 0) {
      headers.addAll(Resumption.fields(first, content.sizeBytes()));
    } else if (etag != null && !arriving) {
      headers.add(new Header("if-none-match", etag));
    }
    headers.add(new Header("via", via));
    if (early && !arriving) {
      headers.add(new Header("early-data", "1")); // RFC 8470 §5.1
    }
    return headers;
  }

  @Override
  public void head(ReplyHead reply) {
    if (over || ignoring) {
      return;
    }
    if (arriving) {
      resumed(reply);
      return;
    }
    head = reply;
    long lengthBytes = reply.lengthBytes();
    boolean media = key.kind() == ObjectKey.Kind.MEDIA && reply.status() == 200;
    if (media && (lengthBytes == ReplyBody.UNKNOWN || lengthBytes > SMALL_BYTES)) {
      arriving = true;
      flight.to(new Flight.State.Arriving(reply, new GrowingContent(content), lengthBytes));
    }
  }

  private void resumed(ReplyHead reply) {
    ReplyHead first = head;
    if (first == null) {
      return;
    }
    switch (Resumption.of(first, reply, content.sizeBytes())) {
      case Resumption.From(long offset) -> content.resumeFrom(offset);
      case Resumption.Complete() -> {
        ignoring = true;
        whole(first, cache.nowNs());
      }
      case Resumption.NotYet() -> {
        if (mayTryAgain(cache.nowNs())) {
          tryAgain();
        } else {
          fail(unreachable(502, "The origin broke off"));
        }
      }
      case Resumption.Different() -> fail(unreachable(502, "The origin's answer makes no sense"));
    }
  }

  @Override
  public void data(byte[] chunk) {
    ReplyHead reply = head;
    if (over || ignoring || reply == null) {
      return;
    }
    if (reply.status() != 200 && content.sizeWith(chunk) > MAX_ERROR_BYTES) {
      return;
    }
    if (arriving
        && reply.lengthBytes() != ReplyBody.UNKNOWN
        && content.sizeWith(chunk) > reply.lengthBytes()) {
      fail(unreachable(502, "The origin's answer makes no sense"));
      return;
    }
    if (!content.add(chunk)) {
      LOG.atWarn()
          .addKeyValue("path", key.path())
          .addKeyValue("bytes", content.sizeBytes())
          .log("no memory for what comes from an origin; see edge.memory");
      fail(EdgeCache.busy("More is being fetched than there is memory for"));
      return;
    }
    brokenNs = NEVER;
    if (arriving) {
      content.grown(GrowingContent.State.GROWING);
    }
  }

  @Override
  public void ended() {
    ReplyHead reply = head;
    if (over || ignoring || reply == null) {
      return;
    }
    long nowNs = cache.nowNs();
    switch (reply.status()) {
      case 200 -> {
        boolean all =
            reply.lengthBytes() == ReplyBody.UNKNOWN || reply.lengthBytes() == content.sizeBytes();
        if (all) {
          whole(reply, nowNs);
        } else {
          failed(new ClientFailure(Kind.BROKEN, "fewer bytes than announced"));
        }
      }
      case 304 -> unchanged(reply, nowNs);
      case 404 -> {
        if (!recovers(nowNs)) {
          Stored none = Stored.of(reply, content.joined(), nowNs, NEGATIVE_NS);
          cache.keep(key, none);
          land(new Flight.State.Done(none, false));
        }
      }
      case 425 -> land(new Flight.State.TooEarly());
      default -> {
        Stored usable = Origins.isFailure(reply) ? usable(nowNs) : null;
        if (usable != null) {
          land(new Flight.State.Done(usable, true));
        } else if (reply.status() != 503 || !recovers(nowNs)) {
          land(new Flight.State.Failed(error(reply)));
        }
      }
    }
  }

  private void whole(ReplyHead reply, long nowNs) {
    Freshness freshness = Freshness.of(reply);
    boolean kept =
        freshness.storable()
            && content.sizeBytes() <= cache.settings().largestKeptBytes()
            && (freshness.forNs() > 0 || reply.field("etag") != null);
    ReplyBody body = kept || !arriving ? content.joined() : content.pieces();
    Stored stored = Stored.of(reply, body, nowNs, freshness.forNs());
    if (kept) {
      cache.keep(key, stored);
      if (key.blocks()) {
        cache.keep(key.plain(), stored.freshFor(Math.min(freshness.forNs(), PLAIN_NS)));
      }
    } else if (freshness.storable() && !fromDisk) {
      cache.spill(key, stored);
    }
    if (arriving) {
      content.grown(GrowingContent.State.COMPLETE);
    }
    land(new Flight.State.Done(stored, false));
  }

  private void unchanged(ReplyHead reply, long nowNs) {
    Stored known = former;
    if (known == null) {
      land(new Flight.State.Failed(unreachable(502, "The origin's answer makes no sense")));
      return;
    }
    Stored renewed = known.renewed(reply, nowNs, Freshness.of(reply).forNs());
    cache.keep(key, renewed);
    land(new Flight.State.Done(renewed, false));
  }

  /**
   * An origin that has just come back may not have its publishers again, or no picture of them:
   * until it has, it is asked again, and viewers see what there was.
   *
   * @return false where that is not so, or patience is at its end
   */
  private boolean recovers(long nowNs) {
    Stored usable = usable(nowNs);
    long sinceNs =
        usable != null ? usable.storedNs() : nowNs - cache.settings().patience(key).toNanos();
    if (!cache.fetcher().troubledSince(key.stream(), sinceNs)) {
      return false;
    }
    boolean shown = usable != null && !key.blocks();
    if (!shown && mayTryAgain(nowNs)) {
      tryAgain();
      return true;
    }
    if (usable != null) {
      land(new Flight.State.Done(usable, true));
    }
    return usable != null;
  }

  private HttpReply error(ReplyHead reply) {
    List<Header> fields = new ArrayList<>(Stored.fields(reply));
    String contentType = reply.field("content-type");
    if (contentType != null && contentType.equals(Problem.CONTENT_TYPE)) {
      fields.add(new Header("content-type", contentType));
      return new HttpReply(reply.status(), fields, content.joined());
    }
    return Problem.reply(reply.status(), "Origin's answer", "The origin answered with an error")
        .with(EdgeRoutes.CORS);
  }

  @Override
  public void failed(ClientFailure failure) {
    if (over || ignoring) {
      return;
    }
    if (fromDisk) {
      fromDisk = false;
      flight.fromDisk(false);
      begin();
      return;
    }
    long nowNs = cache.nowNs();
    Stored usable = usable(nowNs);
    boolean shown = usable != null && !key.blocks();
    if (!shown && mayTryAgain(nowNs)) {
      tryAgain();
      return;
    }
    if (arriving) {
      fail(unreachable(502, "The origin broke off"));
      return;
    }
    if (usable != null) {
      land(new Flight.State.Done(usable, true));
    } else if (failure.kind() == Kind.TIMEOUT) {
      land(new Flight.State.Failed(unreachable(504, "The origin did not answer in time")));
    } else if (failure.kind() == Kind.BUSY) {
      land(new Flight.State.Failed(EdgeCache.busy("Too much is being fetched already")));
    } else {
      land(new Flight.State.Failed(unreachable(502, "No origin can be reached")));
    }
  }

  /** A reload is held for as long as its viewer expects to wait; media for an absence. */
  private boolean mayTryAgain(long nowNs) {
    if (brokenNs == NEVER) {
      brokenNs = nowNs;
    }
    long sinceNs = key.blocks() ? startNs : brokenNs;
    return nowNs - sinceNs < cache.settings().patience(key).toNanos();
  }

  private void tryAgain() {
    ignoring = true;
    flight.giveUp();
    var _ =
        cache
            .loop()
            .schedule(this::begin, cache.settings().retry().toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Asks, for what is still missing. */
  private void begin() {
    if (over || flight.isClosed()) {
      return;
    }
    ignoring = false;
    if (!arriving) {
      head = null;
      content.clear();
    }
    ask();
  }

  /** What was kept of it, if it may be shown. */
  private @Nullable Stored usable(long nowNs) {
    if (key.kind() != ObjectKey.Kind.LIST) {
      return null;
    }
    Stored known = cache.find(key.plain());
    known = known == null ? former : known;
    known = known == null ? cache.find(key.full()) : known;
    return known != null && known.isUsable(nowNs, cache.settings().stale().toNanos())
        ? known
        : null;
  }

  private static HttpReply unreachable(int status, String detail) {
    return Problem.reply(status, status == 504 ? "Origin is slow" : "Origin unreachable", detail)
        .with("retry-after", "1")
        .with(EdgeRoutes.CORS);
  }

  private void fail(HttpReply reply) {
    flight.giveUp();
    if (arriving) {
      content.grown(GrowingContent.State.ABANDONED);
    }
    land(new Flight.State.Failed(reply));
  }

  private void land(Flight.State end) {
    over = true;
    cache.land(flight, end);
    content.clear();
  }

  /** Everybody has left. */
  void drop() {
    over = true;
    content.clear();
  }
}
