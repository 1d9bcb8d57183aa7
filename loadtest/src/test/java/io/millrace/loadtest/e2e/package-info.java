/**
 * End to end: programs that broadcasters use push into a running server, and what viewers get is
 * fetched and checked by code that shares nothing with the packager.
 */
@NullMarked
package io.millrace.loadtest.e2e;

import org.jspecify.annotations.NullMarked;
