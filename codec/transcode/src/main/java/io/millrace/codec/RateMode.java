package io.millrace.codec;

/** How bits are spread over time. */
public enum RateMode {
  /** {@link #CBR} where no picture may be held back, {@link #VBR} otherwise. */
  PROFILE,
  /** As even as it can be: the rate holds over a second. */
  CBR,
  /** The rate on average, a quarter more over two seconds. */
  VBR,
  /** A quality, and the rate as its cap over a second: what is easy to encode costs less. */
  CAPPED_CRF
}
