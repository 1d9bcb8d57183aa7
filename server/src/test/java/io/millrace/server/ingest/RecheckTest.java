package io.millrace.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.StreamKey;
import io.millrace.server.auth.PublishAttempt;
import io.millrace.server.auth.PublishVerdict;
import io.millrace.server.auth.PublishVerdict.Kind;
import io.millrace.server.config.Passphrase;
import io.millrace.server.event.EventSink;
import io.millrace.server.live.Publisher;
import io.millrace.server.live.StreamSettings;
import io.netty.channel.DefaultEventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RecheckTest {
  private static final PublishAttempt ATTEMPT =
      new PublishAttempt(
          new StreamKey("live", "show"),
          Map.of(),
          InetAddress.ofLiteral("127.0.0.1"),
          "rtmp",
          "",
          "");

  private final DefaultEventLoop loop = new DefaultEventLoop();
  private final BlockingQueue<CompletableFuture<PublishVerdict>> asked =
      new LinkedBlockingQueue<>();
  private final CompletableFuture<String> closed = new CompletableFuture<>();

  @AfterEach
  void stop() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private PublishPolicy policy(Duration every) {
    return new PublishPolicy() {
      @Override
      public CompletionStage<PublishVerdict> authorize(PublishAttempt attempt) {
        throw new AssertionError();
      }

      @Override
      public Duration recheck(StreamKey stream) {
        return every;
      }

      @Override
      public CompletionStage<PublishVerdict> recheckNow(PublishAttempt attempt) {
        CompletableFuture<PublishVerdict> verdict = new CompletableFuture<>();
        asked.add(verdict);
        return verdict;
      }

      @Override
      public @Nullable Passphrase passphrase(StreamKey stream) {
        return null;
      }

      @Override
      public boolean trustsPassphrase(StreamKey stream) {
        return false;
      }

      @Override
      public @Nullable StreamSettings settings(StreamKey key) {
        return null;
      }
    };
  }

  private final class OnAir implements Publisher {
    @Override
    public String sessionId() {
      return "rtmp-1";
    }

    @Override
    public String protocol() {
      return "rtmp";
    }

    @Override
    public InetSocketAddress remote() {
      return new InetSocketAddress(1);
    }

    @Override
    public String encoder() {
      return "";
    }

    @Override
    public Instant since() {
      return Instant.EPOCH;
    }

    @Override
    public long bytesReceived() {
      return 0;
    }

    @Override
    public long lastMediaNanos() {
      return 0;
    }

    @Override
    public void close(String reason) {
      closed.complete(reason);
    }
  }

  private Runnable start(Duration every) throws Exception {
    return loop.submit(
            () -> Recheck.start(policy(every), ATTEMPT, new OnAir(), loop, EventSink.NONE))
        .get();
  }

  @Test
  void onlyANoEndsAPublisher() throws Exception {
    Runnable _ = start(Duration.ofMillis(5));
    asked.take().complete(PublishVerdict.ALLOWED);
    asked.take().complete(new PublishVerdict(Kind.UNAVAILABLE, "down"));
    asked.take().completeExceptionally(new IllegalStateException("down"));
    CompletableFuture<PublishVerdict> last = asked.take();
    assertThat(closed).isNotDone();
    last.complete(new PublishVerdict(Kind.FORBIDDEN, "the event is over"));
    assertThat(closed.get()).isEqualTo("the event is over");
  }

  @Test
  void nobodyIsAskedAboutWhoHasEnded() throws Exception {
    Runnable stop = start(Duration.ofMillis(5));
    CompletableFuture<PublishVerdict> open = asked.take();
    loop.submit(stop).get();
    open.complete(new PublishVerdict(Kind.FORBIDDEN, "too late"));
    loop.submit(() -> {}).get();
    assertThat(closed).isNotDone();
    assertThat(asked).isEmpty();
  }

  @Test
  void withoutAnIntervalNobodyIsAsked() throws Exception {
    Runnable stop = start(Duration.ZERO);
    loop.submit(stop).get();
    assertThat(asked).isEmpty();
  }
}
