package io.millrace.transport.rtmp;

/** Refuses a publisher out of {@link RtmpPublishHandler#opened}. */
public final class PublishRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient PublishDecision.Reject decision;

  public PublishRefusedException(PublishDecision.Reject decision) {
    super(decision.description(), null, false, false);
    this.decision = decision;
  }

  public PublishDecision.Reject decision() {
    return decision;
  }
}
