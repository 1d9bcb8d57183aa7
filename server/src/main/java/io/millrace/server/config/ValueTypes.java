package io.millrace.server.config;

import io.millrace.media.LanguageTag;
import io.millrace.media.Rational;
import io.millrace.server.auth.Argon2Hash;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kinds of value that configuration keys have. Units are part of the text: {@code 2s}. */
final class ValueTypes {
  private static final int MAX_NUMBER_DIGITS = 18;
  private static final Pattern NUMBER =
      Pattern.compile("([0-9]{1," + MAX_NUMBER_DIGITS + "}(?:\\.[0-9]{1,9})?)([A-Za-z%]*)");
  private static final Pattern LOUDNESS = Pattern.compile("-[0-9]{1,2}(?:\\.[0-9]{1,2})?");
  private static final Pattern FRACTION = Pattern.compile("([0-9]{1,6})/([0-9]{1,6})");
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})");
  private static final Pattern IPV6 = Pattern.compile("\\[([0-9A-Fa-f:.]{2,45}(?:%[\\w.-]+)?)]");
  private static final Pattern PART = Pattern.compile("[A-Za-z0-9._*-]{1,128}");

  private static final Map<String, BigDecimal> DURATION_UNITS_MS =
      Map.of(
          "ms", BigDecimal.ONE,
          "s", BigDecimal.valueOf(1_000),
          "m", BigDecimal.valueOf(60_000),
          "h", BigDecimal.valueOf(3_600_000),
          "d", BigDecimal.valueOf(86_400_000));
  private static final Map<String, BigDecimal> RATE_UNITS_BPS =
      Map.of(
          "", BigDecimal.ONE,
          "k", BigDecimal.valueOf(1_000),
          "M", BigDecimal.valueOf(1_000_000));
  private static final Map<String, BigDecimal> SIZE_UNITS_BYTES =
      Map.of(
          "", BigDecimal.ONE,
          "KiB", BigDecimal.valueOf(1 << 10),
          "MiB", BigDecimal.valueOf(1 << 20),
          "GiB", BigDecimal.valueOf(1 << 30));
  private static final Map<String, BigDecimal> STORAGE_UNITS_BYTES =
      Map.of(
          "MiB", BigDecimal.valueOf(1L << 20),
          "GiB", BigDecimal.valueOf(1L << 30),
          "TiB", BigDecimal.valueOf(1L << 40));

  private static final Map<String, BigDecimal> MILLIS = Map.of("", BigDecimal.valueOf(1_000));

  private ValueTypes() {}

  /** {@code 200ms}, {@code 2s}, {@code 30m}, {@code 1h}; whole milliseconds. */
  static ValueType<Duration> duration(String from, String to) {
    long minMs = scaled(from, DURATION_UNITS_MS);
    long maxMs = scaled(to, DURATION_UNITS_MS);
    return ValueType.of(
        "a duration from " + from + " to " + to + " (ms, s, m, h, d)",
        text -> Duration.ofMillis(inRange(scaled(text, DURATION_UNITS_MS), minMs, maxMs)));
  }

  /** As {@link #duration}; {@code off} and {@code 0} are zero. */
  static ValueType<Duration> durationOrOff(String from, String to) {
    ValueType<Duration> duration = duration(from, to);
    return ValueType.of(
        duration.rule() + ", or off",
        text ->
            text.equals("off") || text.equals("0") ? Duration.ZERO : duration.reader().read(text));
  }

  /** {@code 700k}, {@code 2.5M}: bits a second. */
  static ValueType<Long> bitrate(String from, String to) {
    long min = scaled(from, RATE_UNITS_BPS);
    long max = scaled(to, RATE_UNITS_BPS);
    return ValueType.of(
        "a bit rate from " + from + " to " + to + " (bits a second; k, M)",
        text -> inRange(scaled(text, RATE_UNITS_BPS), min, max));
  }

  /** {@code 64KiB}, {@code 16MiB}: bytes, at most what an int holds. */
  static ValueType<Integer> sizeBytes(String from, String to) {
    long min = scaled(from, SIZE_UNITS_BYTES);
    long max = scaled(to, SIZE_UNITS_BYTES);
    return ValueType.of(
        "a size from " + from + " to " + to + " (bytes; KiB, MiB, GiB)",
        text -> Math.toIntExact(inRange(scaled(text, SIZE_UNITS_BYTES), min, max)));
  }

  /** {@code 500MiB}, {@code 2TiB}: bytes on a disk. */
  static ValueType<Long> storage(String from, String to) {
    long min = scaled(from, STORAGE_UNITS_BYTES);
    long max = scaled(to, STORAGE_UNITS_BYTES);
    return ValueType.of(
        "a size from " + from + " to " + to + " (MiB, GiB, TiB)",
        text -> inRange(scaled(text, STORAGE_UNITS_BYTES), min, max));
  }

  /** Printable ASCII without spaces that no message repeats. */
  static ValueType<String> secretText() {
    return matching("1 to 256 printable characters without spaces", "[!-~]{1,256}").kept();
  }

  static ValueType<URI> httpUrl() {
    return ValueType.of(
        "an http:// or https:// URL without user, query and fragment",
        text -> {
          URI uri = URI.create(text);
          String scheme = uri.getScheme();
          if (scheme == null
              || uri.getHost() == null
              || uri.getUserInfo() != null
              || uri.getQuery() != null
              || uri.getFragment() != null
              || !List.of("http", "https").contains(scheme)) {
            throw new IllegalArgumentException();
          }
          return uri;
        });
  }

  static ValueType<Integer> integer(int min, int max) {
    return ValueType.of(
        "a whole number from " + min + " to " + max,
        text -> Math.toIntExact(inRange(scaled(text, Map.of("", BigDecimal.ONE)), min, max)));
  }

  /** {@code -23}, {@code -16.5}: LUFS. */
  static ValueType<Double> loudness(int min, int max) {
    return ValueType.of(
        "a loudness from " + min + " to " + max + " (LUFS)",
        text -> {
          if (!LOUDNESS.matcher(text).matches()) {
            throw new IllegalArgumentException();
          }
          double lufs = Double.parseDouble(text);
          if (lufs < min || lufs > max) {
            throw new IllegalArgumentException();
          }
          return lufs;
        });
  }

  static ValueType<Integer> percent(int min, int max) {
    return ValueType.of(
        "a share from " + min + "% to " + max + "%",
        text -> Math.toIntExact(inRange(scaled(text, Map.of("%", BigDecimal.ONE)), min, max)));
  }

  static ValueType<Boolean> flag() {
    Map<String, Boolean> words = new LinkedHashMap<>();
    words.put("true", true);
    words.put("false", false);
    return choice(words);
  }

  /** One of the constants, written in lower case. */
  static <E extends Enum<E>> ValueType<E> choice(Class<E> type) {
    Map<String, E> words = new LinkedHashMap<>();
    for (E constant : type.getEnumConstants()) {
      words.put(constant.name().toLowerCase(Locale.ROOT), constant);
    }
    return choice(words);
  }

  /** One of {@code words}; iteration order is the order of the documentation. */
  static <T> ValueType<T> choice(Map<String, T> words) {
    List<String> names = List.copyOf(words.keySet());
    return new ValueType<>(
        (names.size() == 1 ? "" : "one of ") + String.join(", ", names),
        names,
        false,
        text -> {
          T value = words.get(text);
          if (value == null) {
            throw new IllegalArgumentException(text);
          }
          return value;
        });
  }

  /** {@code HOST:PORT}, {@code [IPv6]:PORT}, {@code :PORT}, or {@code off} (empty). */
  static ValueType<Optional<Endpoint>> endpoint() {
    return ValueType.of(
        "HOST:PORT, :PORT or off (port 0 to 65535, 0 picks a free one; IPv6 as [::1]:PORT)",
        ValueTypes::readEndpoint);
  }

  /** As {@link #endpoint}, with {@code /udp} behind it. */
  static ValueType<Optional<Endpoint>> udpEndpoint() {
    return ValueType.of(
        "HOST:PORT/udp, :PORT/udp or off (port 0 to 65535)",
        text -> readEndpoint(text.endsWith("/udp") ? text.substring(0, text.length() - 4) : text));
  }

  private static Optional<Endpoint> readEndpoint(String text) {
    if (text.equals("off")) {
      return Optional.empty();
    }
    int colon = text.lastIndexOf(':');
    if (colon < 0 || !text.substring(colon + 1).matches("[0-9]{1,5}")) {
      throw new IllegalArgumentException(text);
    }
    int port = (int) inRange(Integer.parseInt(text.substring(colon + 1)), 0, 65_535);
    String host = text.substring(0, colon);
    Matcher ipv6 = IPV6.matcher(host);
    if (ipv6.matches()) {
      return Optional.of(new Endpoint(ipv6.group(1), port));
    }
    if (!host.isEmpty() && !HOST.matcher(host).matches()) {
      throw new IllegalArgumentException(text);
    }
    return Optional.of(new Endpoint(host, port));
  }

  /** A path; relative ones count from the working directory. */
  static ValueType<Path> path() {
    return ValueType.of(
        "a path",
        text -> {
          if (text.isBlank()) {
            throw new IllegalArgumentException(text);
          }
          return Path.of(text);
        });
  }

  static ValueType<StreamPattern> streamPattern() {
    return ValueType.of(
        "APP/NAME (letters, digits, . _ - and * for any run of them)",
        text -> {
          int slash = text.indexOf('/');
          String app = text.substring(0, Math.max(0, slash));
          String name = text.substring(slash + 1);
          if (!PART.matcher(app).matches() || !PART.matcher(name).matches()) {
            throw new IllegalArgumentException(text);
          }
          return new StreamPattern(app, name);
        });
  }

  /** A name that is also part of URLs. */
  static ValueType<String> name() {
    return matching("a name of 1 to 32 of a-z, 0-9, - and _", "[a-z0-9][a-z0-9_-]{0,31}");
  }

  /** In its canonical form. */
  static ValueType<String> languageTag() {
    return ValueType.of(
        "a language tag of RFC 5646 (en, pt-BR)",
        text -> {
          String tag = LanguageTag.parse(text);
          if (tag == null) {
            throw new IllegalArgumentException(text);
          }
          return tag;
        });
  }

  static ValueType<String> matching(String rule, String regex) {
    Pattern pattern = Pattern.compile(regex);
    return ValueType.of(
        rule,
        text -> {
          if (!pattern.matcher(text).matches()) {
            throw new IllegalArgumentException(text);
          }
          return text;
        });
  }

  static ValueType<Argon2Hash> argon2Hash() {
    return ValueType.of(
            "an Argon2id hash ($argon2id$v=19$m=…; make one with: millrace secret hash, and quote it: it has commas)",
            Argon2Hash::parse)
        .kept();
  }

  static ValueType<Passphrase> passphrase() {
    return ValueType.of(
            "a passphrase of "
                + Passphrase.MIN_CHARACTERS
                + " to "
                + Passphrase.MAX_CHARACTERS
                + " printable ASCII characters",
            text -> {
              if (!text.matches("[ -~]{10,79}")) {
                throw new IllegalArgumentException();
              }
              return new Passphrase(text);
            })
        .kept();
  }

  static ValueType<URI> srtUrl() {
    return ValueType.of(
            "an srt://HOST:PORT URL",
            text -> {
              URI uri = URI.create(text);
              if (!"srt".equals(uri.getScheme()) || uri.getHost() == null || uri.getPort() <= 0) {
                throw new IllegalArgumentException();
              }
              return uri;
            })
        .kept();
  }

  static ValueType<URI> webUrl() {
    return ValueType.of(
            "an https:// or http:// URL",
            text -> {
              URI uri = URI.create(text);
              String scheme = uri.getScheme();
              if (scheme == null
                  || uri.getHost() == null
                  || !List.of("https", "http").contains(scheme)) {
                throw new IllegalArgumentException();
              }
              return uri;
            })
        .kept();
  }

  static ValueType<UUID> uuid() {
    return ValueType.of(
        "an identifier such as 1077efec-c0b2-4d02-ace3-3c1e52e2fb4b",
        text -> {
          if (text.length() != 36) {
            throw new IllegalArgumentException(text);
          }
          return UUID.fromString(text);
        });
  }

  static ValueType<PushUrl> pushUrl() {
    return ValueType.of(
            "an rtmp:// or rtmps:// URL (rtmp[s]://HOST[:PORT]/APP/KEY) without user and fragment",
            PushUrl::parse)
        .kept();
  }

  /** As a server prints that of its own certificate at the start. */
  static ValueType<String> fingerprint() {
    return matching("a SHA-256 fingerprint (AB:CD:…, 32 bytes)", "[0-9A-F]{2}(?::[0-9A-F]{2}){31}");
  }

  /** {@code 30}, {@code 30000/1001}, and the decimals that stand for NTSC rates: {@code 29.97}. */
  static ValueType<Rational> frameRate() {
    Map<String, Rational> ntsc =
        Map.of(
            "23.976", new Rational(24_000, 1_001),
            "23.98", new Rational(24_000, 1_001),
            "29.97", new Rational(30_000, 1_001),
            "59.94", new Rational(60_000, 1_001));
    return ValueType.of(
        "a frame rate from 1 to 240 (30, 29.97 or 30000/1001)",
        text -> {
          Rational known = ntsc.get(text);
          if (known != null) {
            return known;
          }
          Matcher fraction = FRACTION.matcher(text);
          Rational rate =
              fraction.matches()
                  ? new Rational(
                      Integer.parseInt(fraction.group(1)), Integer.parseInt(fraction.group(2)))
                  : new Rational(Math.toIntExact(scaled(text, MILLIS)), 1_000);
          inRange(rate.numerator(), rate.denominator(), 240L * rate.denominator());
          return rate;
        });
  }

  private static long scaled(String text, Map<String, BigDecimal> units) {
    Matcher number = NUMBER.matcher(text);
    BigDecimal unit = number.matches() ? units.get(number.group(2)) : null;
    if (unit == null) {
      throw new IllegalArgumentException(text);
    }
    return new BigDecimal(number.group(1)).multiply(unit).longValueExact();
  }

  private static long inRange(long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(value + " is not within " + min + " to " + max);
    }
    return value;
  }
}
