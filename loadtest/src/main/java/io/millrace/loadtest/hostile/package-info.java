/** Clients that do harm, as fast as a server lets them, and honest viewers beside them. */
@NullMarked
package io.millrace.loadtest.hostile;

import org.jspecify.annotations.NullMarked;
