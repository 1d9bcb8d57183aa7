/** {@code millrace plan}: what the configured ladders cost on this machine, and what fits. */
@NullMarked
package io.millrace.server.plan;

import org.jspecify.annotations.NullMarked;
