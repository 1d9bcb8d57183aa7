package io.millrace.codec;

/** What becomes of a rung whose device is not there. */
public enum Fallback {
  /** It does not start. */
  FAIL,
  /** It is encoded by the codec's software, and everything that names its engine says so. */
  SOFTWARE
}
