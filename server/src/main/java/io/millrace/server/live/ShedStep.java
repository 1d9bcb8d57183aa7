package io.millrace.server.live;

/** One thing of a stream's encoding that is given up under overload. */
public sealed interface ShedStep {
  /** A rung is not encoded. */
  record Pause(String rung) implements ShedStep {
    @Override
    public String toString() {
      return rung + " pauses";
    }
  }

  /** What all rungs of a stream that are encoded do. */
  enum All implements ShedStep {
    /** One preset faster than they are. */
    FASTER("faster presets"),
    /** Every second picture. */
    HALF_RATE("half the frame rate");

    private final String words;

    All(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }
}
