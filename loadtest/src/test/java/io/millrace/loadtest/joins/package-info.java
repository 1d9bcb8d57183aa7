@NullMarked
package io.millrace.loadtest.joins;

import org.jspecify.annotations.NullMarked;
