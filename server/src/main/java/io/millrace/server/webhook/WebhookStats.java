package io.millrace.server.webhook;

import io.millrace.server.webhook.Question.Action;

/** Where questions are counted. Any thread. */
public interface WebhookStats {
  WebhookStats NONE =
      new WebhookStats() {
        @Override
        public void asked(Action action, Outcome outcome, long durationNs) {}

        @Override
        public void remembered(Action action) {}
      };

  /** What became of a question. */
  enum Outcome {
    ALLOWED,
    REFUSED,
    /** No answer in time. */
    TIMEOUT,
    /** No connection, or an answer that decides nothing. */
    FAILED,
    /** Not asked: more waited than may. */
    BUSY
  }

  /**
   * @param durationNs from the question on, waiting for a turn included
   */
  void asked(Action action, Outcome outcome, long durationNs);

  /** A question was answered without asking. */
  void remembered(Action action);
}
