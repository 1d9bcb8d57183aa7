package io.millrace.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class PublisherLimiterTest {
  @Test
  void unauthenticatedConnectionsAreCountedByAddress() throws Exception {
    PublisherLimiter limiter = new PublisherLimiter(100, 2);
    InetAddress a = InetAddress.getByName("192.0.2.1");
    InetAddress b = InetAddress.getByName("192.0.2.2");
    PublisherLimiter.Lease first = limiter.tryAcquire(a);
    PublisherLimiter.Lease second = limiter.tryAcquire(a);
    assertThat(limiter.tryAcquire(a)).isNull();
    assertThat(limiter.tryAcquire(b)).isNotNull();
    first.decided();
    assertThat(limiter.tryAcquire(a)).isNotNull();
    second.release();
    second.release();
    first.release();
    assertThat(limiter.tryAcquire(a)).isNotNull();
    assertThat(limiter.refused()).isEqualTo(1);
    assertThat(limiter.connections()).isEqualTo(3);
  }

  @Test
  void connectionsAreCountedInAll() throws Exception {
    PublisherLimiter limiter = new PublisherLimiter(2, 10);
    PublisherLimiter.Lease first = limiter.tryAcquire(InetAddress.getByName("192.0.2.1"));
    PublisherLimiter.Lease second = limiter.tryAcquire(InetAddress.getByName("192.0.2.2"));
    assertThat(limiter.tryAcquire(InetAddress.getByName("192.0.2.3"))).isNull();
    first.decided();
    assertThat(limiter.tryAcquire(InetAddress.getByName("192.0.2.3"))).isNull();
    first.release();
    second.release();
    assertThat(limiter.connections()).isZero();
    assertThat(limiter.addresses()).isZero();
  }

  @Test
  void addressesOfOneIpv6NetworkCountAsOne() throws Exception {
    PublisherLimiter limiter = new PublisherLimiter(10, 1);
    assertThat(limiter.tryAcquire(InetAddress.getByName("2001:db8:1:2::1"))).isNotNull();
    assertThat(limiter.tryAcquire(InetAddress.getByName("2001:db8:1:2:ffff::9"))).isNull();
    assertThat(limiter.tryAcquire(InetAddress.getByName("2001:db8:1:3::1"))).isNotNull();
  }
}
