/**
 * How log events become lines: one an event, {@code key=value} or JSON, without control characters
 * and without secrets.
 */
@NullMarked
package io.millrace.server.log;

import org.jspecify.annotations.NullMarked;
