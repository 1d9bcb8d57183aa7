package io.millrace.transport.tls;

import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import java.util.function.BooleanSupplier;

/**
 * Whether a connection that was let in with early data is still before the client's Finished.
 *
 * <p>That is asked of the handshake as a whole ({@code SSL_in_init}), not of the early data in it
 * ({@code SSL_in_early_data}): EndOfEarlyData is protected by the early keys alone (RFC 8446 §4.5),
 * so it can be recorded and replayed with what came before it. Only the Finished proves that the
 * peer is there. Confined to the connection's event loop.
 */
final class EarlyPhase implements BooleanSupplier {
  private final ReferenceCountedOpenSslEngine engine;
  private boolean over;

  EarlyPhase(ReferenceCountedOpenSslEngine engine) {
    this.engine = engine;
  }

  @Override
  public boolean getAsBoolean() {
    if (!over) {
      long ssl = engine.sslPointer();
      // 0 once the engine is destroyed: what is still in hand then was not proven by a Finished.
      over = ssl != 0 && !BoringSsl.isHandshaking(ssl);
    }
    return !over;
  }
}
