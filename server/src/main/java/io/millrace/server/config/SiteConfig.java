package io.millrace.server.config;

import java.time.Duration;
import java.util.List;

/**
 * What browsers are told with answers.
 *
 * @param corsOrigins pages that may read answers, with credentials; empty: any page, without
 * @param hsts how long browsers are to come by TLS alone; zero: nothing is said
 */
public record SiteConfig(List<String> corsOrigins, Duration hsts) {
  public static final SiteConfig DEFAULT = new SiteConfig(List.of(), Duration.ZERO);

  public SiteConfig {
    corsOrigins = List.copyOf(corsOrigins);
  }
}
