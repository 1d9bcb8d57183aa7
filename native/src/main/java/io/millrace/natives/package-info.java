@NullMarked
package io.millrace.natives;

import org.jspecify.annotations.NullMarked;
