package io.millrace.media;

/**
 * A positive fraction in lowest terms: a frame rate (30000/1001) or a sample aspect ratio (4/3).
 */
public record Rational(int numerator, int denominator) {
  public static final Rational ONE = new Rational(1, 1);

  public Rational {
    if (numerator <= 0 || denominator <= 0) {
      throw new IllegalArgumentException(
          "not a positive fraction: " + numerator + "/" + denominator);
    }
    int divisor = gcd(numerator, denominator);
    numerator /= divisor;
    denominator /= divisor;
  }

  public double toDouble() {
    return (double) numerator / denominator;
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  @Override
  public String toString() {
    return denominator == 1 ? Integer.toString(numerator) : numerator + "/" + denominator;
  }
}
