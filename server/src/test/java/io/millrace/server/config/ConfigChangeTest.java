package io.millrace.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigChangeTest {
  private static Config config(String... sets) {
    return ConfigLoader.load(null, List.of(sets)).config();
  }

  @Test
  void theSameIsNoChange() {
    Config one = config("streams.live/a.publish.passphrase=0123456789");
    Config same = config("streams.live/a.publish.passphrase=0123456789");
    ConfigChange change = ConfigChange.between(one, one, same);
    assertThat(change.applied()).isEmpty();
    assertThat(change.needsRestart()).isEmpty();
    assertThat(change.next()).isEqualTo(one);
  }

  @Test
  void whatNeedsARestartIsNamedAndNotFollowedUntilThen() {
    Config old = config();
    Config read = config("listen.rtmp=:1999", "limits.viewers=5", "log.level=debug");
    ConfigChange change = ConfigChange.between(old, old, read);
    assertThat(change.applied()).containsExactly("log");
    assertThat(change.needsRestart()).containsExactly("listen.rtmp", "limits");
    assertThat(change.next().listen()).isEqualTo(old.listen());
    assertThat(change.next().limits()).isEqualTo(old.limits());
    assertThat(change.next().log()).isEqualTo(read.log());
    assertThat(ConfigChange.between(old, change.next(), read).needsRestart())
        .as("again")
        .containsExactly("listen.rtmp", "limits");
  }

  @Test
  void rulesAndLaddersAreNamed() {
    Config old = config("streams.live/a.grace=5s", "streams.live/b.grace=5s");
    Config read =
        config(
            "streams.live/a.grace=6s",
            "streams.live/b.grace=5s",
            "ladders.standard.budget.cpu=50%",
            "web.hsts=1d");
    assertThat(ConfigChange.between(old, old, read).applied())
        .containsExactly("web.hsts", "streams.live/a", "ladders.standard");
  }
}
