@NullMarked
package io.millrace.transport;

import org.jspecify.annotations.NullMarked;
