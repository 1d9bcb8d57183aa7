/** The CPU that encoding may use, and what is given up where that is not enough. */
@NullMarked
package io.millrace.server.budget;

import org.jspecify.annotations.NullMarked;
