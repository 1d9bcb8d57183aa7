package io.millrace.loadtest.srt;

/** Whose sender a measurement uses, towards both receivers. */
enum SenderKind {
  /** {@code srt-live-transmit}, fed by UDP. */
  LIBSRT("libsrt"),
  /** {@link io.millrace.transport.srt.SrtCaller}, in the load generator. */
  MILLRACE("millrace");

  private final String label;

  SenderKind(String label) {
    this.label = label;
  }

  @Override
  public String toString() {
    return label;
  }
}
