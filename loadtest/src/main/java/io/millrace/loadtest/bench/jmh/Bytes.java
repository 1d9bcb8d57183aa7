package io.millrace.loadtest.bench.jmh;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Adds megabytes a second to a benchmark's result, beside operations a second. */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class Bytes {
  /** Work done, in 10⁶ bytes; JMH divides it by the time. */
  public double megabytes;
}
