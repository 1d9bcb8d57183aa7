package io.millrace.transport.srt;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.PublisherLimiter;
import io.millrace.transport.SourceBuckets;
import io.millrace.transport.TokenBucket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LimitsTest {
  private static final long MINUTE_US = 60_000_000;
  private static final InetSocketAddress ADDRESS = new InetSocketAddress("192.0.2.1", 5000);

  @Test
  void cookieIsGoodForThisMinuteAndTheNext() {
    CookieBaker baker = new CookieBaker(new byte[CookieBaker.SECRET_BYTES]);
    int cookie = baker.bake(ADDRESS, MINUTE_US);
    assertThat(baker.isGood(cookie, ADDRESS, MINUTE_US)).isTrue();
    assertThat(baker.isGood(cookie, ADDRESS, 2 * MINUTE_US - 1)).isTrue();
    assertThat(baker.isGood(cookie, ADDRESS, 3 * MINUTE_US - 1)).isTrue();
    assertThat(baker.isGood(cookie, ADDRESS, 3 * MINUTE_US)).isFalse();
    assertThat(baker.isGood(cookie, ADDRESS, MINUTE_US - 1)).isFalse();
  }

  @Test
  void cookieIsBoundToAddressPortAndSecret() {
    CookieBaker baker = new CookieBaker(new byte[CookieBaker.SECRET_BYTES]);
    int cookie = baker.bake(ADDRESS, 0);
    assertThat(baker.isGood(cookie, new InetSocketAddress("192.0.2.1", 5001), 0)).isFalse();
    assertThat(baker.isGood(cookie, new InetSocketAddress("192.0.2.2", 5000), 0)).isFalse();
    assertThat(baker.isGood(cookie, new InetSocketAddress("2001:db8::1", 5000), 0)).isFalse();
    byte[] other = new byte[CookieBaker.SECRET_BYTES];
    other[0] = 1;
    assertThat(new CookieBaker(other).isGood(cookie, ADDRESS, 0)).isFalse();
    Set<Integer> cookies = new HashSet<>();
    for (int port = 1; port <= 1000; port++) {
      cookies.add(baker.bake(new InetSocketAddress("192.0.2.1", port), 0));
    }
    assertThat(cookies).hasSizeGreaterThan(990);
  }

  @Test
  void bucketGivesSoManyASecond() {
    TokenBucket bucket = new TokenBucket(10, 0);
    int taken = 0;
    for (int i = 0; i < 100; i++) {
      taken += bucket.take(0) ? 1 : 0;
    }
    assertThat(taken).isEqualTo(10);
    assertThat(bucket.take(99_999)).isFalse();
    assertThat(bucket.take(100_000)).isTrue();
    assertThat(bucket.take(100_000)).isFalse();
    for (int i = 0; i < 100; i++) {
      taken += bucket.take(60_000_000) ? 1 : 0;
    }
    assertThat(taken).isEqualTo(20);
  }

  @Test
  void everySourceHasABucketOfItsOwn() throws Exception {
    SourceBuckets buckets = new SourceBuckets(3, 42, 0);
    InetAddress flood = InetAddress.getByName("192.0.2.1");
    int taken = 0;
    for (int i = 0; i < 1_000; i++) {
      taken += buckets.take(flood, 0) ? 1 : 0;
    }
    assertThat(taken).isEqualTo(3);
    assertThat(buckets.take(InetAddress.getByName("192.0.2.2"), 0)).isTrue();
    assertThat(buckets.take(flood, 333_000)).isFalse();
    assertThat(buckets.take(flood, 334_000)).isTrue();
    assertThat(buckets.take(flood, 334_000)).isFalse();
  }

  @Test
  void anIpv6NetworkIsOneSource() throws Exception {
    SourceBuckets buckets = new SourceBuckets(2, 42, 0);
    assertThat(buckets.take(InetAddress.getByName("2001:db8:0:1::1"), 0)).isTrue();
    assertThat(buckets.take(InetAddress.getByName("2001:db8:0:1:ffff::2"), 0)).isTrue();
    assertThat(buckets.take(InetAddress.getByName("2001:db8:0:1::3"), 0)).isFalse();
    assertThat(buckets.take(InetAddress.getByName("2001:db8:0:2::1"), 0)).isTrue();
    byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, (byte) 192, 0, 2, 1};
    InetAddress wrapped = Inet6Address.getByAddress(null, mapped, -1);
    assertThat(wrapped).isInstanceOf(Inet6Address.class);
    assertThat(buckets.take(wrapped, 0)).isTrue();
    assertThat(buckets.take(InetAddress.getByName("192.0.2.1"), 0)).isTrue();
    assertThat(buckets.take(wrapped, 0)).as("the same address, written twice").isFalse();
  }

  /** More sources than there are places: each newcomer is let in, and the table does not grow. */
  @Test
  void manySourcesLockNobodyOut() throws Exception {
    SourceBuckets buckets = new SourceBuckets(1, 42, 0);
    byte[] address = {10, 0, 0, 0};
    for (int i = 0; i < 100_000; i++) {
      address[1] = (byte) (i >> 16);
      address[2] = (byte) (i >> 8);
      address[3] = (byte) i;
      assertThat(buckets.take(InetAddress.getByAddress(address), i)).isTrue();
    }
  }

  /** Some hundred sources at once do not push each other out of their places. */
  @Test
  void aFewHundredSourcesAreToldApart() throws Exception {
    int again = 0;
    SourceBuckets buckets = new SourceBuckets(1, 42, 0);
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 200; i++) {
        InetAddress source = InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) i});
        again += buckets.take(source, round) && round == 1 ? 1 : 0;
      }
    }
    assertThat(again).as("sources that got a second bucket").isLessThan(10);
  }

  @Test
  void placesAreCountedByAddressAndInAll() throws Exception {
    PublisherLimiter limiter = new PublisherLimiter(3, 2);
    InetAddress one = InetAddress.getByName("2001:db8:0:1::1");
    InetAddress sameNet = InetAddress.getByName("2001:db8:0:1:ffff::2");
    InetAddress other = InetAddress.getByName("192.0.2.1");
    PublisherLimiter.Lease first = limiter.tryAcquire(one);
    PublisherLimiter.Lease second = limiter.tryAcquire(sameNet);
    assertThat(limiter.tryAcquire(one)).isNull();
    assertThat(limiter.connections()).isEqualTo(2);
    first.decided();
    first.decided();
    PublisherLimiter.Lease third = limiter.tryAcquire(one);
    assertThat(third).isNotNull();
    assertThat(limiter.tryAcquire(other)).isNull();
    assertThat(limiter.refused()).isEqualTo(2);
    first.release();
    first.release();
    second.release();
    third.release();
    assertThat(limiter.connections()).isZero();
    assertThat(limiter.addresses()).isZero();
  }
}
