/**
 * Who may play: playback tokens, checked before any route looks at a request. The only algorithm is
 * HMAC-SHA-256, so a token cannot choose a weaker one.
 */
@NullMarked
package io.millrace.server.access;

import org.jspecify.annotations.NullMarked;
