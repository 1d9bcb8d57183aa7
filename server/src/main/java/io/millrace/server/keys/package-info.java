/**
 * Content keys of streams: made from a secret of this server or got from a key server (CPIX), and
 * given to players (W3C Encrypted Media Extensions, Clear Key).
 */
@NullMarked
package io.millrace.server.keys;

import org.jspecify.annotations.NullMarked;
