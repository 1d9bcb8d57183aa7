/** Many parked viewers of one rendition, and a peer that serves them a file. */
@NullMarked
package io.millrace.loadtest.viewers;

import org.jspecify.annotations.NullMarked;
