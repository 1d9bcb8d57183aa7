package io.millrace.natives.svtav1;

/** A release of SVT-AV1, ordered by age. */
public record SvtAv1Version(int major, int minor, int patch) implements Comparable<SvtAv1Version> {
  @Override
  public int compareTo(SvtAv1Version other) {
    return Integer.compare(packed(), other.packed());
  }

  /** True for this release and every later one. */
  public boolean isAtLeast(int major, int minor) {
    return packed() >= new SvtAv1Version(major, minor, 0).packed();
  }

  private int packed() {
    return major << 16 | minor << 8 | patch;
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
