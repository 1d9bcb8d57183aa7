/** The admin listener: health, metrics, and what the server is doing, as JSON. */
@NullMarked
package io.millrace.server.api;

import org.jspecify.annotations.NullMarked;
