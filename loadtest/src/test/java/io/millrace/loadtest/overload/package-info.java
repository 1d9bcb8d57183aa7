@NullMarked
package io.millrace.loadtest.overload;

import org.jspecify.annotations.NullMarked;
