package io.millrace.server.config;

import io.millrace.server.access.PlayKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may play a stream.
 *
 * @param tokens whether a playback token is needed
 * @param keys that tokens are signed with, the one for new tokens first; not empty where they are
 *     needed
 * @param webhook is asked as well; null: nobody is
 */
public record PlayPolicy(boolean tokens, List<PlayKey> keys, @Nullable WebhookConfig webhook) {
  /** Everybody may. */
  public static final PlayPolicy OPEN = new PlayPolicy(false, List.of());

  /** Without a webhook. */
  public PlayPolicy(boolean tokens, List<PlayKey> keys) {
    this(tokens, keys, null);
  }

  public PlayPolicy {
    keys = List.copyOf(keys);
  }

  /** False where everybody may. */
  public boolean asks() {
    return tokens || webhook != null;
  }
}
