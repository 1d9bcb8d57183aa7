package io.millrace.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.Ladder;
import io.millrace.media.MediaFormatException;
import io.millrace.media.StreamKey;
import io.millrace.server.config.Failover;
import io.millrace.server.config.StreamPolicy.OnConflict;
import io.millrace.server.live.ActiveStream;
import io.millrace.server.live.StreamClock;
import io.millrace.server.live.StreamOutputs;
import io.millrace.server.live.StreamRegistry;
import io.millrace.server.live.StreamSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Payloads from one event loop, here the test's thread, to another. */
@Timeout(60)
class StreamFeedTest {
  private static final int PAYLOADS = 20_000;

  private final EventLoop loop = new DefaultEventLoop();
  private final List<String> session = new CopyOnWriteArrayList<>();

  /** On the stream's loop only. */
  private final List<Integer> taken = new ArrayList<>();

  private final StreamFeed feed =
      new StreamFeed(
          new ActiveStream(
              new StreamKey("live", "a"),
              loop,
              new StreamSettings(
                  OnConflict.REJECT,
                  Failover.DEFAULT,
                  null,
                  Duration.ofSeconds(30),
                  Duration.ofSeconds(2),
                  Duration.ofMillis(200),
                  Duration.ofSeconds(30),
                  "source",
                  new Ladder(List.of(), AudioRung.PASSTHROUGH)),
              new StreamRegistry(),
              (key, on, settings) ->
                  new StreamOutputs(
                      key,
                      on,
                      settings,
                      (encoder, account) -> {
                        throw new AssertionError("nothing is encoded here");
                      }),
              (rule, formats, samples) -> {
                throw new AssertionError("nothing is covered here");
              },
              StreamClock.SYSTEM),
          new StreamFeed.Session() {
            @Override
            public String sessionId() {
              return "1";
            }

            @Override
            public void reject(String text) {
              session.add("rejected: " + text);
            }

            @Override
            public void close(String reason) {
              session.add("closed: " + reason);
            }
          },
          this::take);

  private void take(ByteBuf payload) {
    assertThat(loop.inEventLoop()).isTrue();
    int number = payload.readInt();
    payload.release();
    if (number < 0) {
      throw MediaFormatException.unsupported("a negative number");
    }
    taken.add(number);
  }

  private static ByteBuf payload(int number) {
    return Unpooled.buffer().writeInt(number);
  }

  @AfterEach
  void stop() throws InterruptedException {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
  }

  @Test
  void payloadsKeepTheirOrderAndTasksComeBehindThem() throws Exception {
    List<Integer> early = new CopyOnWriteArrayList<>();
    for (int i = 0; i < PAYLOADS; i++) {
      feed.payload(payload(i));
      if (i % 37 == 0) {
        int given = i + 1;
        Runnable check =
            () -> {
              if (taken.size() < given) {
                early.add(given);
              }
            };
        assertThat(feed.run(0, check)).isTrue();
      }
    }
    List<Integer> got = loop.submit(() -> List.copyOf(taken)).get(10, TimeUnit.SECONDS);
    assertThat(got).isEqualTo(IntStream.range(0, PAYLOADS).boxed().toList());
    assertThat(early).as("tasks that ran before a payload in front of them").isEmpty();
    assertThat(session).isEmpty();
  }

  @Test
  void whatIsNotTakenEndsTheSessionAndNothingElse() throws Exception {
    IntStream.of(1, -1, 2).forEach(number -> feed.payload(payload(number)));
    assertThat(loop.submit(() -> List.copyOf(taken)).get(10, TimeUnit.SECONDS))
        .containsExactly(1, 2);
    assertThat(session).singleElement().asString().startsWith("rejected: ");
  }

  @Test
  void aPayloadForALoopThatIsGoneIsReleased() throws Exception {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    ByteBuf payload = payload(1);
    feed.payload(payload);
    assertThat(payload.refCnt()).isZero();
    assertThat(session).containsExactly("closed: server is shutting down");
  }
}
