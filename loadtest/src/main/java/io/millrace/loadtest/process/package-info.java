/** Programs beside this one, and the files they leave. */
@NullMarked
package io.millrace.loadtest.process;

import org.jspecify.annotations.NullMarked;
