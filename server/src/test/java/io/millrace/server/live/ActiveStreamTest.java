package io.millrace.server.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.Ladder;
import io.millrace.media.StreamKey;
import io.millrace.server.config.Failover;
import io.millrace.server.config.StreamPolicy.OnConflict;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ActiveStreamTest {
  private static final StreamKey KEY = new StreamKey("live", "a");
  private final EventLoop loop = new DefaultEventLoop();
  private final StreamRegistry registry = new StreamRegistry();

  @AfterEach
  void stop() throws InterruptedException {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
  }

  @Test
  void aBusyNameStaysWithItsPublisher() {
    FakePublisher first = new FakePublisher("1");
    FakePublisher second = new FakePublisher("2");
    assertThat(claim(first, OnConflict.REJECT)).isNotNull();
    assertThat(claim(second, OnConflict.REJECT)).isNull();
    assertThat(first.closed).isNull();
  }

  @Test
  void aPublisherThatHasGoneSilentGivesItsNameUp() {
    FakePublisher first = new FakePublisher("1");
    ActiveStream stream = claim(first, OnConflict.REJECT);
    first.lastMediaNanos -= TimeUnit.SECONDS.toNanos(4);
    FakePublisher second = new FakePublisher("2");
    assertThat(claim(second, OnConflict.REJECT)).isSameAs(stream);
    assertThat(stream.publishers()).containsExactly(second);
    assertThat(stream.reconnects()).isEqualTo(1);
  }

  @Test
  void takeoverGivesTheStreamToTheSecondPublisher() throws Exception {
    FakePublisher first = new FakePublisher("1");
    FakePublisher second = new FakePublisher("2");
    ActiveStream stream = claim(first, OnConflict.TAKEOVER);
    loop.submit(() -> stream.begin(first)).sync();
    assertThat(claim(second, OnConflict.TAKEOVER)).isSameAs(stream);
    loop.submit(() -> stream.begin(second)).sync();
    loop.submit(() -> stream.end(first, "taken over")).sync();
    assertThat(stream.state()).isEqualTo(ActiveStream.State.LIVE);
    assertThat(stream.publishers()).containsExactly(second);
  }

  @Test
  void withoutAPublisherTheStreamEndsAfterItsGracePeriod() throws Exception {
    FakePublisher first = new FakePublisher("1");
    ActiveStream stream = claim(first, OnConflict.REJECT);
    loop.submit(() -> stream.begin(first)).sync();
    loop.submit(() -> stream.end(first, "connection lost")).sync();
    assertThat(stream.state()).isEqualTo(ActiveStream.State.INTERRUPTED);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (stream.state() != ActiveStream.State.ENDED && System.nanoTime() < deadline) {
      loop.submit(() -> {}).sync();
    }
    assertThat(stream.state()).isEqualTo(ActiveStream.State.ENDED);
    ActiveStream next = claim(new FakePublisher("2"), OnConflict.REJECT);
    assertThat(next).isNotNull().isNotSameAs(stream);
    assertThat(registry.find(KEY)).isSameAs(next);
  }

  @Test
  void aPublisherThatComesBackInTimeKeepsTheStream() throws Exception {
    FakePublisher first = new FakePublisher("1");
    ActiveStream stream = claim(first, OnConflict.REJECT);
    loop.submit(() -> stream.begin(first)).sync();
    loop.submit(() -> stream.end(first, "connection lost")).sync();
    FakePublisher second = new FakePublisher("2");
    assertThat(claim(second, OnConflict.REJECT)).isSameAs(stream);
    loop.submit(() -> stream.begin(second)).sync();
    assertThat(stream.state()).isEqualTo(ActiveStream.State.LIVE);
  }

  private static StreamOutputs outputs(StreamKey key, EventLoop loop, StreamSettings settings) {
    return new StreamOutputs(
        key,
        loop,
        settings,
        (encoder, account) -> {
          throw new AssertionError("nothing is encoded here");
        });
  }

  private ActiveStream claim(FakePublisher publisher, OnConflict onConflict) {
    StreamSettings settings =
        new StreamSettings(
            onConflict,
            Failover.DEFAULT,
            null,
            Duration.ofMillis(300),
            Duration.ofSeconds(2),
            Duration.ZERO,
            Duration.ofSeconds(30),
            "source",
            new Ladder(List.of(), AudioRung.PASSTHROUGH));
    return registry.claim(
        KEY,
        publisher,
        key ->
            new ActiveStream(
                key,
                loop,
                settings,
                registry,
                ActiveStreamTest::outputs,
                (rule, formats, samples) -> {
                  throw new AssertionError("nothing is covered here");
                },
                StreamClock.SYSTEM));
  }

  private static final class FakePublisher extends PublisherStub {
    private volatile long lastMediaNanos = System.nanoTime();

    FakePublisher(String id) {
      super(id);
    }

    @Override
    public long lastMediaNanos() {
      return lastMediaNanos;
    }
  }
}
