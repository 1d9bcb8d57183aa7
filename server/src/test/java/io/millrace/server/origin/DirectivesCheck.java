package io.millrace.server.origin;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.origin.Directives.MalformedDirectiveException;
import io.millrace.transport.http.QueryParameters;
import org.jspecify.annotations.Nullable;

/** What holds of a playlist's parameters and of what a client accepts, whatever they are. */
public final class DirectivesCheck {
  private DirectivesCheck() {}

  /**
   * @param accepted the value of {@code Accept-Encoding}
   */
  public static void check(QueryParameters query, @Nullable String accepted) {
    try {
      Directives directives = Directives.parse(query);
      assertThat(directives.sequence()).isGreaterThanOrEqualTo(Directives.NONE);
      assertThat(directives.part()).isGreaterThanOrEqualTo(Directives.NONE);
      assertThat(directives.blocks()).isEqualTo(query.first("_HLS_msn") != null);
    } catch (MalformedDirectiveException e) {
      assertThat(e.getMessage()).startsWith("_HLS_");
    }
    try {
      long seconds = StartOffsets.seconds(query);
      assertThat(seconds == StartOffsets.NONE).isEqualTo(query.first("_HLS_start_offset") == null);
    } catch (MalformedDirectiveException e) {
      assertThat(e.getMessage()).startsWith("_HLS_start_offset");
    }
    assertThat(ContentCoding.negotiate(accepted, false)).isNotEqualTo(ContentCoding.BR);
  }
}
