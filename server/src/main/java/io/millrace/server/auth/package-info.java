/** Who may publish: Argon2id key hashes, checked off the event loop and rate-limited by source. */
@NullMarked
package io.millrace.server.auth;

import org.jspecify.annotations.NullMarked;
