package io.millrace.transport.tls;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a listener for viewers does TLS. Immutable.
 *
 * @param engine wanted; where it is not available the JDK does the work, and the log says so
 * @param earlyData take early data where the engine can
 * @param ticketKeysFile see {@link TicketKeyFile}; null for keys of this process alone
 * @param register shared with other servers; null for one of this process
 * @param staples OCSP responses that are shown with certificates, where the engine can
 * @param stats told of every handshake
 */
public record TlsSettings(
    TlsEngine engine,
    boolean earlyData,
    @Nullable Path ticketKeysFile,
    @Nullable ReplayRegister register,
    Staples staples,
    TlsStats stats) {
  /** BoringSSL with early data, and nothing kept over a restart. */
  public static final TlsSettings DEFAULTS =
      new TlsSettings(TlsEngine.BORINGSSL, true, null, null, Staples.NONE, TlsStats.NONE);

  public TlsSettings withEngine(TlsEngine other) {
    return new TlsSettings(other, earlyData, ticketKeysFile, register, staples, stats);
  }

  public TlsSettings withEarlyData(boolean on) {
    return new TlsSettings(engine, on, ticketKeysFile, register, staples, stats);
  }

  public TlsSettings withTicketKeysFile(@Nullable Path file) {
    return new TlsSettings(engine, earlyData, file, register, staples, stats);
  }

  public TlsSettings withRegister(@Nullable ReplayRegister shared) {
    return new TlsSettings(engine, earlyData, ticketKeysFile, shared, staples, stats);
  }

  public TlsSettings withStaples(Staples shown) {
    return new TlsSettings(engine, earlyData, ticketKeysFile, register, shown, stats);
  }

  public TlsSettings withStats(TlsStats told) {
    return new TlsSettings(engine, earlyData, ticketKeysFile, register, staples, told);
  }
}
