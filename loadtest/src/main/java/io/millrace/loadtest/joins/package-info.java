/** How long it takes to begin to watch, over networks with a delay. */
@NullMarked
package io.millrace.loadtest.joins;

import org.jspecify.annotations.NullMarked;
